//! A ping of the client gets no pong.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion};
use crate::core::Now;

/// A ping of the client gets no pong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PingIgnored {}

impl Mischief for PingIgnored {
    const ABOUT: &str = "does not answer a ping";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion == Occasion::Ping
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::Ignore
    }
}
