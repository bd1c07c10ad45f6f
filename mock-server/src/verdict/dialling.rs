//! How a client dials after failures. Four handshakes in a row that fail, or lead to a socket that
//! dies within ten seconds, make a row; in it the waits must not all be short, and not all alike.
//! It ignores anything shorter, because one quick retry is good manners.

use std::collections::{BTreeMap, VecDeque};

use super::{Finding, bound, secs};
use crate::faults::Endpoint;
use crate::journal::{Entry, Record};

pub(super) const BACKOFF: &str = "backoff";

/// Waits that are looked at together.
const ROW: usize = 4;
/// A row of waits that are all shorter than this is hammering.
const SHORT_MS: u64 = 1000;
/// Waits that differ by less than this part of them are alike: no jitter.
const ALIKE_PARTS: u64 = 50;
/// A socket that lived this long was a success.
const STABLE_MS: u64 = 10_000;

#[derive(Debug, Default)]
struct Dialler {
    last_ms: Option<u64>,
    /// The last of them, one less than a row.
    waits: VecDeque<u64>,
    opened_ms: Option<u64>,
    is_accused: bool,
}

#[derive(Debug, Default)]
pub(super) struct Dialling {
    guests: BTreeMap<String, Dialler>,
}

impl Dialling {
    pub(super) fn observe(&mut self, record: &Record, found: &mut Vec<Finding>) {
        let Some(guest) = record.entry.guest() else { return };
        match &record.entry {
            Entry::Request { endpoint: Some(Endpoint::Socket), .. } => {
                bound(&mut self.guests);
                let dialler = self.guests.entry(guest.to_owned()).or_default();
                if let Some(text) = dialler.dials(record.at_ms) {
                    let (at_ms, seq) = (record.at_ms, record.seq);
                    let guest = Some(guest.to_owned());
                    found.push(Finding { oracle: BACKOFF, at_ms, seq, guest, text });
                }
            }
            Entry::SocketOpened { .. } => {
                self.guests.entry(guest.to_owned()).or_default().opened_ms = Some(record.at_ms);
            }
            Entry::SocketClosed { .. } => {
                let Some(dialler) = self.guests.get_mut(guest) else { return };
                let opened = dialler.opened_ms.take().unwrap_or(record.at_ms);
                if record.at_ms.saturating_sub(opened) >= STABLE_MS {
                    *dialler = Dialler::default();
                } else {
                    // The wait counts from the end of the socket, not from the last dial.
                    dialler.last_ms = Some(record.at_ms);
                }
            }
            _ => {}
        }
    }
}

impl Dialler {
    fn dials(&mut self, at_ms: u64) -> Option<String> {
        if self.opened_ms.is_some() {
            return None;
        }
        if let Some(last) = self.last_ms.replace(at_ms) {
            self.waits.push_back(at_ms.saturating_sub(last));
        }
        if self.waits.len() < ROW {
            return None;
        }
        let row: Vec<u64> = self.waits.iter().copied().collect();
        self.waits.pop_front();
        let (least, most) = (row.iter().min()?, row.iter().max()?);
        let shown = row.iter().map(|wait| secs(*wait)).collect::<Vec<_>>().join(", ");
        let text = if *most < SHORT_MS {
            format!("{ROW} waits in a row shorter than 1 s: {shown}")
        } else if most - least < most / ALIKE_PARTS {
            format!("{ROW} waits in a row alike, without jitter: {shown}")
        } else {
            return None;
        };
        (!std::mem::replace(&mut self.is_accused, true)).then_some(text)
    }
}
