//! A plan: what happens, written down explicitly in TOML.
//!
//! - [`Plan`]: cast, settings, steps and faults with their times, expectations.
//! - [`BrowserSettings`]: what the browser of a plan with tabs can and cannot do.
//! - [`fault`]: every fault a plan can name; [`fault_kind`] names their kinds.
//! - [`generate`]: random plans, from a seed.
//! - [`load`]: from a file to a checked plan; every error names file, line and what is allowed.
//!   `source` keeps the lines, `check`, `overlap` and `tabs` know what no run can do.
//! - `write`: and back from a plan to the text that is read as the same plan.
//! - [`bundled`]: the scenarios that come with the command.
//!
//! A plan is explicit to the last fault: nothing in it is drawn from its seed, which feeds only
//! ids, jitter, loss and packet delays.

pub mod bundled;
mod check;
pub mod fault;
pub mod fault_kind;
pub mod generate;
mod kind;
pub mod load;
mod overlap;
mod source;
mod steps;
mod tabs;
pub mod write;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use fault::Fault;
pub use fault_kind::FaultKind;
pub use holdline_browser::{BrowserSettings, FrozenChannel, TABS_MAX};
pub use load::PlanError;
pub use steps::{Do, Step};

use holdline_net::duration::{optional, plain, text};

/// The version of the format that this build reads: `version` in a plan's head, 1 if it is absent.
pub const PLAN_VERSION: u32 = 1;

/// Everything that is to happen in one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Plan {
    /// One line.
    pub title: String,
    /// One paragraph: what happens and what must come of it.
    pub story: String,
    /// Feeds ids, jitter, loss and delays. Default 1.
    #[serde(default = "one")]
    pub seed: u64,
    /// The network and the length of the phases.
    #[serde(default)]
    pub settings: Settings,
    /// The mock cloud.
    #[serde(default)]
    pub cloud: CloudSettings,
    /// The client.
    #[serde(default)]
    pub client: ClientSettings,
    /// The browser on the client's machine; without it, the machine runs one client.
    #[serde(default)]
    pub browser: Option<BrowserSettings>,
    /// What people do.
    #[serde(default, rename = "step")]
    pub steps: Vec<Step>,
    /// What goes wrong.
    #[serde(default, rename = "fault")]
    pub faults: Vec<Fault>,
    /// What must have come of it, beside the invariants.
    #[serde(default)]
    pub expect: Expect,
}

/// The network and the length of the phases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// One-way delay of each of the two links. Default 10 ms.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub latency: Duration,
    /// Up to this much more, per packet. Default none.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub jitter: Duration,
    /// After the last step and fault, the run goes on at least to this moment. Default 0.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub lasts: Duration,
    /// After all faults are healed, everything must be delivered and quiet within this. Default
    /// 60 s: four times the longest wait between two tries.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub quiet_within: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            latency: Duration::from_millis(10),
            jitter: Duration::ZERO,
            lasts: Duration::ZERO,
            quiet_within: Duration::from_mins(1),
        }
    }
}

/// What a plan may change about the mock cloud; absent means the mock's own default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct CloudSettings {
    /// Whether a socket needs the guest token.
    pub strict: Option<bool>,
    /// Life of a guest token.
    #[serde(with = "optional")]
    pub token_ttl: Option<Duration>,
    /// Whether the agent's messages have ids. Without them each still has its place in the
    /// conversation.
    pub agent_ids: Option<bool>,
    /// Messages a second and session.
    pub messages_per_second: Option<u32>,
}

/// What a plan may change about the client; absent means the client's own default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ClientSettings {
    /// Messages the outbox holds.
    pub buffer_messages: Option<usize>,
    /// Bytes of text the outbox holds.
    pub buffer_bytes: Option<usize>,
    /// Life of an undelivered message.
    #[serde(with = "optional")]
    pub ttl: Option<Duration>,
    /// Tries in a row before the client gives up; absent means never.
    pub max_attempts: Option<u32>,
    /// So many of the agent's messages the application throws at when it is first given them: a bug
    /// of the application, not of the client. Default none.
    pub app_throws: Option<u32>,
}

/// Numbers that a run must end with. Absent means: not looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Expect {
    /// Messages reported delivered.
    pub delivered: Option<usize>,
    /// Messages reported failed.
    pub failed: Option<usize>,
    /// Messages the cloud refused; 0 means that the client kept under every limit by itself.
    pub refused: Option<usize>,
    /// Agent messages shown.
    pub shown: Option<usize>,
    /// Sockets that the client opened in all; 1 means that the same connection survived.
    pub sockets: Option<usize>,
    /// Guests created in all; 1 means that the conversation was kept.
    pub guests: Option<usize>,
    /// How often a tab took the lead, over all tabs.
    pub leaders: Option<usize>,
    /// Tabs that reported that the browser lacks something.
    pub degraded: Option<usize>,
    /// A state that the client must have reported, as its text begins.
    pub state: Option<String>,
    /// A notice that the client must have reported, as its text begins.
    pub notice: Option<String>,
}

impl Plan {
    /// When the last step or fault is over.
    #[must_use]
    pub fn script_end(&self) -> Duration {
        let steps = self.steps.iter().map(Step::end);
        let faults = self.faults.iter().map(Fault::end);
        steps.chain(faults).max().unwrap_or_default().max(self.settings.lasts)
    }
}

fn one() -> u64 {
    1
}
