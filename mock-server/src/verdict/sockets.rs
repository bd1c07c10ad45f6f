//! Whether a guest keeps to one socket. A second is allowed for a hand-over.

use std::collections::BTreeMap;

use super::{Finding, secs};
use crate::journal::{Entry, Record};

pub(super) const ONE_SOCKET: &str = "one-socket";

const HANDOVER_MS: u64 = 1000;

#[derive(Debug, Default)]
struct Guest {
    open: usize,
    /// Since when there are two, and at which entry.
    doubled: Option<(u64, u64)>,
}

#[derive(Debug, Default)]
pub(super) struct Sockets {
    guests: BTreeMap<String, Guest>,
}

impl Sockets {
    pub(super) fn observe(&mut self, record: &Record, found: &mut Vec<Finding>) {
        match &record.entry {
            Entry::SocketOpened { guest, .. } => {
                let guest = self.guests.entry(guest.clone()).or_default();
                guest.open += 1;
                if guest.open == 2 {
                    guest.doubled = Some((record.at_ms, record.seq));
                }
            }
            Entry::SocketClosed { guest, .. } => {
                let Some(all) = self.guests.get_mut(guest) else { return };
                all.open = all.open.saturating_sub(1);
                if all.open == 1
                    && let Some(since) = all.doubled.take()
                {
                    found.extend(too_long(guest, since, record.at_ms));
                }
                if all.open == 0 {
                    self.guests.remove(guest);
                }
            }
            _ => {}
        }
    }

    /// Guests that have two by now.
    pub(super) fn doubled(&self, now_ms: u64) -> Vec<Finding> {
        let all = self.guests.iter();
        all.filter_map(|(guest, all)| too_long(guest, all.doubled?, now_ms)).collect()
    }
}

fn too_long(guest: &str, (since_ms, seq): (u64, u64), until_ms: u64) -> Option<Finding> {
    let lasted = until_ms.saturating_sub(since_ms);
    (lasted > HANDOVER_MS).then(|| Finding {
        oracle: ONE_SOCKET,
        at_ms: since_ms,
        seq,
        guest: Some(guest.to_owned()),
        text: format!("two sockets were open for {}; a hand-over may take 1 s", secs(lasted)),
    })
}
