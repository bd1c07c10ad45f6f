//! A message of the agent is in the history and never reaches this socket.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion};
use crate::core::Now;

/// A message of the agent is in the history and never reaches this socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InboundDropped {}

impl Mischief for InboundDropped {
    const ABOUT: &str = "loses the agent's message on its way";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion == Occasion::Agent
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::Ignore
    }
}
