//! The server-side oracles: what a client in any language is held to, judged while it happens, so
//! that a journal that forgets makes no difference.
//!
//! They are not the oracles of the simulation. Those read a client's own log (typed, delivered,
//! shown), which no server ever sees; held against half a log they would accuse or be silent for
//! the wrong reasons. What is judged here is only what passes the server, and where that leaves
//! two readings the kinder one is taken.
//!
//! | file | oracles |
//! |---|---|
//! | `messages` | no-loss, no-duplicate, in-order |
//! | `waits` | retry-after |
//! | `dialling` | backoff |
//! | `sockets` | one-socket |

mod dialling;
mod messages;
mod sockets;
mod waits;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::journal::Record;

/// Findings kept for each oracle; more of the same teach nobody anything.
const MAX_FINDINGS: usize = 100;

/// Whom an oracle watches at a time; beyond, somebody is forgotten, and judged anew from there on.
const MAX_WATCHED: usize = 10_000;

/// Makes room for one more.
fn bound<K: Ord, V>(watched: &mut BTreeMap<K, V>) {
    if watched.len() >= MAX_WATCHED {
        watched.pop_first();
    }
}

/// One broken promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Finding {
    pub(crate) oracle: &'static str,
    pub(crate) at_ms: u64,
    /// The journal entry that it shows at.
    pub(crate) seq: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) guest: Option<String>,
    /// One sentence with the message, the moment and the limit.
    pub(crate) text: String,
}

/// An oracle: its name, when it holds, and whether it reads the clock.
pub(crate) struct Oracle {
    pub(crate) id: &'static str,
    pub(crate) holds_when: &'static str,
    /// It compares the client's time with the cloud's, which must run alike.
    pub(crate) is_timed: bool,
}

/// Every oracle, in the order in which they are explained.
pub(crate) const ORACLES: [Oracle; 6] = [
    Oracle {
        id: messages::NO_LOSS,
        holds_when: "a message that arrived and was not accepted, for a reason that may pass, is sent again within 30 s",
        is_timed: false,
    },
    Oracle {
        id: messages::NO_DUPLICATE,
        holds_when: "a message whose acknowledgement was lost is sent again under its own id",
        is_timed: false,
    },
    Oracle {
        id: messages::IN_ORDER,
        holds_when: "messages are accepted in the order in which they were first sent",
        is_timed: false,
    },
    Oracle {
        id: waits::RETRY_AFTER,
        holds_when: "no request goes out before the time that the server named",
        is_timed: true,
    },
    Oracle {
        id: dialling::BACKOFF,
        holds_when: "after failures a client dials neither at once nor in lockstep",
        is_timed: true,
    },
    Oracle {
        id: sockets::ONE_SOCKET,
        holds_when: "no guest has two sockets open for more than a second",
        is_timed: true,
    },
];

/// All oracles of one world.
#[derive(Default)]
pub(crate) struct Oracles {
    messages: messages::Messages,
    waits: waits::Waits,
    dialling: dialling::Dialling,
    sockets: sockets::Sockets,
    found: Vec<Finding>,
}

impl Oracles {
    /// `wall` is what the cloud's own clock showed when the entry was written.
    pub(crate) fn observe(&mut self, record: &Record, wall: Duration) {
        let mut found = Vec::new();
        self.messages.observe(record, &mut found);
        self.waits.observe(record, wall, &mut found);
        self.dialling.observe(record, &mut found);
        self.sockets.observe(record, &mut found);
        for finding in found {
            let of_oracle = self.found.iter().filter(|known| known.oracle == finding.oracle);
            if of_oracle.count() < MAX_FINDINGS {
                self.found.push(finding);
            }
        }
    }

    /// Everything found so far, and what shows by the mere passing of time.
    pub(crate) fn findings(&self, now_ms: u64) -> Vec<Finding> {
        let mut all = self.found.clone();
        all.extend(self.messages.lost(now_ms).into_iter().take(MAX_FINDINGS));
        all.extend(self.sockets.doubled(now_ms));
        all.sort_by_key(|finding| (finding.at_ms, finding.seq));
        all
    }
}

/// `4.2 s`
fn secs(millis: u64) -> String {
    let text = format!("{}.{:03}", millis / 1000, millis % 1000);
    format!("{} s", text.trim_end_matches('0').trim_end_matches('.'))
}
