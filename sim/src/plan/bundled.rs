//! The scenarios that come with the command, so that it plays them from any folder.

use super::{Plan, PlanError};

/// Names its files, relative to `fixtures/scenarios`, in the order they are played.
macro_rules! scenarios {
    ($($name:literal),+ $(,)?) => {
        /// Name and text of every bundled scenario.
        pub const SCENARIOS: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../../fixtures/scenarios/", $name, ".toml")))),+
        ];
    };
}

scenarios![
    "calm",
    "partition-5s",
    "partition-2m",
    "partition-one-way",
    "swallowed-handshake",
    "idle-cut-fin",
    "idle-cut-rst",
    "idle-cut-silence",
    "429-guest-creation",
    "429-flush-seconds",
    "429-flush-date",
    "429-flush-absent",
    "429-flush-absurd",
    "503-at-start",
    "ack-lost-before-accept",
    "ack-lost-after-accept",
    "token-expires-in-outage",
    "token-dies-early",
    "rest-broken",
    "restart-1001",
    "restart-1006",
    "loss-5-percent",
    "offline-100",
    "buffer-full",
    "expiry",
    "kicked-1008",
    "agent-during-outage",
    "idle-day",
    "tabs-three-open",
    "tabs-focus-faster-than-broadcast",
    "tabs-focus-moves-on",
    "tabs-focus-while-connecting",
    "tabs-alt-tab",
    "tabs-leader-closes",
    "tabs-leader-crashes",
    "tabs-leader-freezes-told",
    "tabs-leader-freezes-silent",
    "tabs-leader-cached",
    "tabs-leave-while-connecting",
    "tabs-machine-crashes",
    "tabs-leader-dies-mid-write",
    "tabs-leader-reloads",
    "tabs-type-during-handover",
    "tabs-agent-during-handover",
    "tabs-ack-lost-then-crash",
    "tabs-token-expires-five",
    "tabs-all-reload",
    "tabs-worker-killed",
    "tabs-quota-exceeded",
    "tabs-private-mode",
    "tabs-no-locks",
    "tabs-no-channel",
    "tabs-insecure-origin",
    "tabs-store-upgrade",
    "tabs-sixteen",
    "tabs-partition-during-handover",
    "tabs-429-flapping",
    "tabs-greeting",
    "tabs-opened-late",
    "tabs-asleep",
    "tabs-site-data-cleared",
];

/// The bundled scenario of that name.
#[must_use]
pub fn scenario(name: &str) -> Option<Result<Plan, PlanError>> {
    let (name, text) = SCENARIOS.iter().find(|(known, _)| *known == name)?;
    Some(Plan::parse(name, text))
}
