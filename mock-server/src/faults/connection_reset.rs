//! A connection is accepted and reset at once. Only connections; strikes for all tenants.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion};
use crate::core::Now;

/// A connection is accepted and reset at once. Only connections; strikes for all tenants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConnectionReset {}

impl Mischief for ConnectionReset {
    const ABOUT: &str = "resets a connection as soon as it is accepted";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion == Occasion::Connection
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::Close(1006)
    }
}
