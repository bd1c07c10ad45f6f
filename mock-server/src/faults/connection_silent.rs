//! A connection is accepted and never answered. Only connections; strikes for all tenants.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion};
use crate::core::Now;

/// A connection is accepted and never answered. Only connections; strikes for all tenants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConnectionSilent {}

impl Mischief for ConnectionSilent {
    const ABOUT: &str = "accepts a connection and never answers on it";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion == Occasion::Connection
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::Ignore
    }
}
