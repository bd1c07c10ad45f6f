//! From a seed to a plan: a pure function of the seed and the [`Options`], by integers alone.
//!
//! - [`options`]: who is cast, and which kinds of faults may come.
//! - `dice`: everything that is drawn.
//! - `single`: one client: what its user and the agent do; `swarm` and `faults`: what goes wrong.
//! - `tabs`: the lives of one to sixteen tabs.
//!
//! Every kind of thing is switched on or off for each seed and has a rate of its own: plans in which
//! everything happens at once rarely get far enough into anything. It refuses what no client could
//! survive: at the end the user is there and everything is healed, so that whatever is still missing
//! then is the client's fault.

mod dice;
mod faults;
pub mod options;
mod single;
mod swarm;
mod tabs;

pub use options::{Cast, Kinds, Options};

use self::dice::Dice;
use super::Plan;

/// Rises with every change of what a seed gives.
pub const GENERATOR_VERSION: u32 = 1;

/// The plan of a seed. The same seed and options give the same plan, and it passes every check.
#[must_use]
pub fn generate(seed: u64, options: &Options) -> Plan {
    match options.cast {
        Cast::Single => single::plan(seed, options.kinds),
        Cast::Tabs { least, most } => tabs::plan(seed, (least, most), options.kinds),
    }
}
