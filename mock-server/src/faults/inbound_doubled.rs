//! A message of the agent comes twice.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion};
use crate::core::{Delivery, Now};

/// A message of the agent comes twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InboundDoubled {}

impl Mischief for InboundDoubled {
    const ABOUT: &str = "sends the agent's message twice";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion == Occasion::Agent
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::Handle(Delivery { copies: 2, ..Delivery::default() })
    }
}
