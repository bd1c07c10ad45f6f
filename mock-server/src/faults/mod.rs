//! What can go wrong on purpose. A fault refuses to be random by itself: a rule names the occurrence
//! it hits, or the seed of its dice.
//!
//! | file | idea |
//! |---|---|
//! | `kinds` | the table of faults: a fault is added with a file there and a line in it |
//! | `kind` | what each kind says about itself |
//! | `occasion` | what a fault can strike, and the endpoints |
//! | `outcome`, `distortion` | what it makes of that |
//! | `rule` | a fault and when it strikes, read and written |
//! | `board` | whose turn it is |
//! | `layer` | the layer of faults around the core |
//! | `storms` | named sets of rules |

mod board;
mod distortion;
mod kind;
mod kinds;
mod layer;
mod occasion;
mod outcome;
mod retry_after;
mod rule;
pub(crate) mod span;
mod storms;

use std::time::Duration;

pub use board::FaultId;
pub(crate) use board::{Armed, Board};
pub use distortion::Distortion;
pub use kind::{FaultInfo, FieldInfo};
use kind::{FieldValue, fault};
pub use kinds::*;
pub use layer::{Action, FaultLayer};
pub use occasion::Endpoint;
pub(crate) use occasion::Occasion;
use occasion::{
    AGENT_MESSAGES, BODIES, CONNECTIONS, FRAMES, GRANTS, HANDSHAKES, HTTP, MESSAGES, PINGS,
    PREFLIGHTS, REQUESTS, SOCKET_MESSAGES,
};
use outcome::DROPPED;
pub(crate) use outcome::Outcome;
pub use outcome::{Delivery, Reply};
pub use retry_after::RetryAfter;
pub use rule::{FaultError, FaultRule, RULE_FIELDS};
pub(crate) use storms::{STORMS, Storm};

/// 9999-12-31, the last day an HTTP date can name (RFC 9110 5.6.7 has four digits of year).
pub(crate) const LAST_DATE: Duration = Duration::from_hours(70_389_504);

impl Fault {
    /// What becomes of what it strikes.
    pub(crate) fn decide(&self, now: crate::core::Now) -> Outcome {
        self.kind().decide(now)
    }

    /// Whether it is about connections, which belong to no tenant yet.
    pub(crate) fn is_of_connections(&self) -> bool {
        self.info().occasions.contains(&Occasion::Connection)
    }
}
