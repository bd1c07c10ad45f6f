//! The same plan gives the same audit hash in another process, whatever is logged beside it.

use serde_json::Value;

use super::harness::{done, holdline};

const SCENARIOS: [&str; 8] = [
    "calm",
    "partition-2m",
    "429-flush-date",
    "ack-lost-after-accept",
    "token-expires-in-outage",
    "restart-1006",
    "loss-5-percent",
    "offline-100",
];

fn played(log: Option<&str>) -> Vec<Value> {
    let mut command = holdline(&["run", "--json"]);
    command.args(SCENARIOS).envs(log.map(|log| ("RUST_LOG", log)));
    let done = done(&mut command);
    assert_eq!(log.is_some(), !done.err.is_empty(), "what is logged goes to standard error");
    let mut runs = done.json();
    for run in &mut runs {
        let wall = run.as_object_mut().unwrap().remove("wall_us");
        assert!(wall.is_some_and(|wall| wall.is_u64()), "the wall time alone may differ");
    }
    runs
}

#[test]
fn two_processes_agree_even_when_one_of_them_logs_everything() {
    let once = played(None);
    assert_eq!(once.len(), SCENARIOS.len());
    assert!(once.iter().all(|run| run["audit_hash"].is_string()), "{once:?}");
    assert_eq!(once, played(None));
    assert_eq!(once, played(Some("debug")));
}
