//! A message of the agent comes late; later ones may overtake it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion};
use crate::core::{Delivery, Now};

/// A message of the agent comes late; later ones may overtake it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InboundDelayed {
    /// How much later.
    #[serde(with = "super::span")]
    pub by: Duration,
}

impl Mischief for InboundDelayed {
    const ABOUT: &str = "sends the agent's message late";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion == Occasion::Agent
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::Handle(Delivery { delay: self.by, ..Delivery::default() })
    }
}
