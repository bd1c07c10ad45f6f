//! A plan and its text are one: what is written is read as the same plan.

use holdline_sim::plan::generate::{Cast, Options, generate};
use holdline_sim::plan::{PLAN_VERSION, Plan, TABS_MAX, bundled};
use proptest::prelude::*;

fn plan(name: &str, text: &str) -> Plan {
    Plan::parse(name, text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn assert_comes_back(plan: &Plan) -> String {
    let text = plan.to_toml();
    let again = Plan::parse(&plan.title, &text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(&again, plan, "{text}");
    assert_eq!(again.to_toml(), text);
    text
}

#[test]
fn every_bundled_scenario_comes_back() {
    for (name, text) in bundled::SCENARIOS {
        assert_comes_back(&plan(name, text));
    }
}

/// Every kind of fault, with everything about it that is not usual.
const FAULTS: &[&str] = &[
    "kind = \"partition\"\nfor = \"1500ms\"\nlink = \"proxy-cloud\"\nway = \"up\"",
    "kind = \"partition\"\nway = \"down\"",
    "kind = \"hold\"\nfor = \"1h 30m\"",
    "kind = \"latency\"\nlatency = \"90s\"\njitter = \"1ms\"",
    "kind = \"loss\"\npercent = 90",
    "kind = \"rst\"",
    "kind = \"refuse\"\nhost = \"proxy\"",
    "kind = \"swallow-handshake\"\nfor = \"2s\"",
    "kind = \"idle-cut\"\nafter = \"60s\"\nhow = \"silence\"",
    "kind = \"slice\"\nbytes = 7",
    "kind = \"coalesce\"\nwait = \"20ms\"",
    "kind = \"crash\"\nhost = \"client\"\nfor = \"3s\"",
    "kind = \"restart\"\nfor = \"5s\"\ncode = 1006",
    "kind = \"answer\"\non = \"any\"\nstatus = 429\nretry-after = \"date 30s\"\nnth = 2\ncount = 3",
    "kind = \"answer\"\non = \"history\"\nstatus = 503\nretry-after = \"a \\\"word\\\"\"",
    "kind = \"ack-lost-before-accept\"\nnth = 3\ncount = 2",
    "kind = \"ack-lost-after-accept\"",
    "kind = \"ack-delayed\"\nby = \"7s\"\nnth = 4",
    "kind = \"ack-doubled\"\ncount = 9",
    "kind = \"swallow-upgrade\"",
    "kind = \"close\"\ncode = 4401",
    "kind = \"expire-tokens\"",
    "kind = \"forget-guests\"",
    "kind = \"clock-jump\"\nby = \"1h\"",
];

#[test]
fn every_fault_comes_back_with_its_kind() {
    for fault in FAULTS {
        let fault = fault.replace("\"90s\"", "\"3s\"");
        let text = format!("title = \"A\"\nstory = \"B\"\n[[fault]]\nat = \"1s\"\n{fault}\n");
        let plan = plan("fault", &text);
        let written = assert_comes_back(&plan);
        let kind = format!("kind = \"{}\"\n", plan.faults[0].kind());
        assert!(fault.contains(kind.trim_end()) && written.contains(&kind), "{written}");
    }
}

#[test]
fn a_plan_is_written_as_a_person_would_write_it() {
    let text = "\
title = \"A\"
story = \"B\"
seed = 7

[settings]
jitter = \"1500ms\"
quiet-within = \"2m\"

[browser]
tabs = 3
store-delay = \"250us\"

[[step]]
at = \"3s\"
do = \"send\"
tab = \"B\"
count = 2
every = \"90s\"

[[fault]]
kind = \"partition\"
at = \"1500ms\"
for = \"1h\"

[expect]
failed = 0
";
    let text = text.replace("jitter = \"1500ms\"", "jitter = \"500ms\"");
    assert_eq!(plan("written", &text).to_toml(), text);
}

#[test]
fn everything_that_a_plan_can_change_comes_back() {
    let text = "\
title = \"A \\\"quoted\\\" title\"
story = \"\"\"
Two lines,
and a \\\\ in them.\"\"\"
seed = 18446744073709551615
[settings]
latency = \"0s\"
lasts = \"24h\"
[cloud]
strict = false
token-ttl = \"90s\"
messages-per-second = 9
[client]
buffer-messages = 3
buffer-bytes = 4000
ttl = \"1ms\"
max-attempts = 2
[browser]
[[step]]
at = \"0s\"
do = \"agent\"
bytes = 64
[expect]
state = \"terminal\"
notice = \"a\\nb\"
";
    assert!(assert_comes_back(&plan("all", text)).contains("\n[browser]\n"));
}

#[test]
fn a_plan_may_say_its_version_and_a_newer_one_is_refused_before_anything_else() {
    let of = |version: &str| {
        let text = format!("title = \"A\"\nstory = \"B\"\nversion = {version}\nwonder = true\n");
        Plan::parse("new.toml", &text).unwrap_err().to_string()
    };
    let newer = of(&(PLAN_VERSION + 1).to_string());
    assert!(newer.starts_with("new.toml:3: version = 2 is of a newer holdline"), "{newer}");
    assert!(newer.contains("up to version 1"), "{newer}");
    assert!(of("0").contains("the first was 1"));
    assert!(of("\"1\"").contains("version is a number"));
    assert!(of("99999999999999999999999").contains("of a newer holdline"));
    assert!(of("1").contains("unknown field `wonder`"));
    let absent = plan("old", "title = \"A\"\nstory = \"B\"\n");
    assert_eq!(plan("said", "version = 1\ntitle = \"A\"\nstory = \"B\"\n"), absent);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn random_tab_lives_come_back(seed: u64) {
        let cast = Cast::Tabs { least: 1, most: TABS_MAX };
        assert_comes_back(&generate(seed, &Options { cast, ..Options::default() }));
    }
}
