//! A ping is answered with another payload (RFC 6455 5.5.3 wants the same).

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// A ping is answered with another payload (RFC 6455 5.5.3 wants the same).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PongWrong {}

impl Mischief for PongWrong {
    const ABOUT: &str = "answers a ping with another payload";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion == Occasion::Ping
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::WrongPong)
    }
}
