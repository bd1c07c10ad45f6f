//! What the article about tabs gets wrong, and what shows that this client does not.
//!
//! Article 004 coordinates tabs with a channel, focus events and a store of processed ids. Reading
//! its code brings up 31 defects; each has a row here: a scenario that would end otherwise, a test,
//! or the reason why it cannot exist in this workspace. A row with a mutant has more: a client with
//! the article's logic, in `tests/mutants.toml`, that is red in that scenario.
//!
//! This file only holds the map to the ground: every name in it exists. It judges no client.

use std::path::{Path, PathBuf};

use holdline_sim::plan::bundled;

use self::Shown::{Nothing, Scenario, Test};

/// What shows that a defect is not there.
enum Shown {
    /// A bundled scenario.
    Scenario(&'static str),
    /// A file and a test in it.
    Test(&'static str, &'static str),
    /// There is nothing to show, because.
    Nothing(&'static str),
}

struct Row {
    defect: &'static str,
    /// What the article's client does.
    does: &'static str,
    shown: &'static [Shown],
    /// Clients that do it.
    mutants: &'static [&'static str],
}

const fn row(
    defect: &'static str,
    does: &'static str,
    shown: &'static [Shown],
    mutants: &'static [&'static str],
) -> Row {
    Row { defect, does, shown, mutants }
}

const WORKER: &str = "sim/browser/tests/it/storage/worker.rs";
const DATABASES: &str = "sim/browser/tests/it/storage/databases.rs";
const TRANSACTIONS: &str = "sim/browser/tests/it/storage/transactions.rs";
const STORE: &str = "sim/browser/tests/it/storage/store.rs";
const BY_EXAMPLE: &str = "client/tests/it/coordinator/by_example.rs";
const BY_PROPERTY: &str = "client/tests/it/coordinator/by_property.rs";

const DEFECTS: &[Row] = &[
    row(
        "B1",
        "never creates the store of processed ids, so that no message is ever shown",
        &[Scenario("tabs-three-open")],
        &[],
    ),
    row(
        "B2",
        "hangs when the store is upgraded while an old tab is open",
        &[
            Scenario("tabs-store-upgrade"),
            Test(STORE, "it_gives_way_to_an_upgrade_and_opens_again"),
            Test(DATABASES, "an_upgrade_waits_until_the_old_connection_is_closed"),
        ],
        &[],
    ),
    row(
        "B3",
        "marks a message as processed before it is shown",
        &[Scenario("tabs-leader-dies-mid-write")],
        &["marked-before-shown"],
    ),
    row(
        "B4",
        "takes the success of a request for a commit",
        &[
            Scenario("tabs-leader-dies-mid-write"),
            Test(TRANSACTIONS, "success_comes_before_commit_and_quota_takes_it_back"),
        ],
        &["accepted-before-saved"],
    ),
    row(
        "B5",
        "shows messages without an id in one tab only",
        &[
            Test(BY_EXAMPLE, "messages_without_an_id_are_each_shown_in_every_tab"),
            Test("client/tests/it/inbound.rs", "unnumbered_messages_are_deduplicated_by_id"),
        ],
        &[],
    ),
    row(
        "B6",
        "never forgets an id, and goes deaf when there is no more room",
        &[
            Scenario("tabs-quota-exceeded"),
            Test(
                "client/tests/it/waits.rs",
                "what_was_seen_is_remembered_for_thirty_days_and_in_bounded_number",
            ),
            Test(WORKER, "processed_ids_are_forgotten_after_30_days"),
        ],
        &["full-means-deaf"],
    ),
    row(
        "B7",
        "reports a duplicate as a failure and does not show the message",
        &[
            Scenario("tabs-agent-during-handover"),
            Test(BY_PROPERTY, "two_tabs_agree_after_any_schedule"),
        ],
        &["no-dedupe"],
    ),
    row(
        "B8",
        "tells the other tabs after the mark, and never if that fails",
        &[
            Scenario("tabs-leader-dies-mid-write"),
            Test(BY_PROPERTY, "three_tabs_agree_after_any_schedule"),
        ],
        &["marked-before-shown"],
    ),
    row(
        "B9",
        "connects in every tab",
        &[Scenario("tabs-three-open"), Scenario("tabs-all-reload")],
        &["every-tab-connects"],
    ),
    row(
        "B10",
        "keeps the socket of the first tab, whose focus is never looked at",
        &[Scenario("tabs-three-open")],
        &["old-tab-keeps-its-socket"],
    ),
    row(
        "B11",
        "lets a late word of lost focus dismiss the new leader",
        &[Scenario("tabs-focus-faster-than-broadcast")],
        &["late-blur-fires-the-new-leader"],
    ),
    row(
        "B12",
        "has no epoch, so that two tabs own the connection",
        &[Scenario("tabs-leader-freezes-silent"), Scenario("tabs-sixteen")],
        &["lost-lock-unnoticed"],
    ),
    row(
        "B13",
        "keeps the socket of a tab that was left while it connected",
        &[Scenario("tabs-leave-while-connecting")],
        &["old-tab-keeps-its-socket"],
    ),
    row(
        "B14",
        "opens a second socket when the focus returns while the first is opened",
        &[Scenario("tabs-focus-while-connecting")],
        &[],
    ),
    row(
        "B15",
        "disconnects whenever the window loses the focus",
        &[Scenario("tabs-alt-tab"), Scenario("tabs-429-flapping")],
        &["blur-disconnects"],
    ),
    row(
        "B16",
        "does not try again when a connection at focus fails",
        &[Scenario("tabs-partition-during-handover")],
        &["gives-up-after-five"],
    ),
    row(
        "B17",
        "loses what the agent writes while the connection moves",
        &[Scenario("tabs-agent-during-handover")],
        &["no-gap-fetch"],
    ),
    row("B18", "listens only after it has connected", &[Scenario("tabs-greeting")], &[]),
    row(
        "B19",
        "shows an empty chat in a tab that is opened later",
        &[Scenario("tabs-opened-late")],
        &["payloads-not-stored"],
    ),
    row(
        "B20",
        "knows nothing of frozen pages and of the back/forward cache",
        &[
            Scenario("tabs-asleep"),
            Scenario("tabs-leader-cached"),
            Scenario("tabs-leader-freezes-told"),
        ],
        &["pageshow-unheard"],
    ),
    row(
        "B21",
        "waits for a focus event when the leader has died",
        &[Scenario("tabs-leader-crashes"), Scenario("tabs-leader-freezes-silent")],
        &["silent-leader-never-doubted"],
    ),
    row(
        "B22",
        "has a guest per tab, because nobody reads the token that is shared",
        &[Scenario("tabs-three-open")],
        &["token-not-shared"],
    ),
    row(
        "B23",
        "refreshes in all tabs at once, and the last writer wins",
        &[
            Scenario("tabs-token-expires-five"),
            Test(WORKER, "an_older_token_never_replaces_a_newer_one"),
        ],
        &[],
    ),
    row(
        "B24",
        "asks for ever, without a pause, while the server says 429 with a date",
        &[Scenario("tabs-429-flapping"), Scenario("429-flush-date")],
        &["retry-after-integers-only"],
    ),
    row(
        "B25",
        "has a worker that is of no use after its first restart",
        &[
            Scenario("tabs-worker-killed"),
            Test(WORKER, "it_is_killed_when_idle_and_restarts_without_install"),
            Test(WORKER, "killed_in_mid_write_it_neither_answers_nor_leaves_half"),
        ],
        &[],
    ),
    row(
        "B26",
        "ends where it promises to degrade",
        &[
            Scenario("tabs-private-mode"),
            Scenario("tabs-insecure-origin"),
            Scenario("tabs-no-locks"),
            Scenario("tabs-no-channel"),
        ],
        &["no-store-no-chat"],
    ),
    row("B27", "gives up after one 503 at the start", &[Scenario("503-at-start")], &[]),
    row(
        "B28",
        "cannot send from a tab without the connection, or while it moves",
        &[Scenario("tabs-type-during-handover")],
        &["followers-cannot-send"],
    ),
    row(
        "B29",
        "shows what comes on the socket before what is still on the channel",
        &[
            Scenario("tabs-focus-faster-than-broadcast"),
            Test(BY_PROPERTY, "three_tabs_agree_after_any_schedule"),
        ],
        &[],
    ),
    row(
        "B30",
        "has no name for a tab that outlives its page, and so no tie-break",
        &[
            Scenario("tabs-leader-reloads"),
            Test("sim/browser/tests/it/browser/window.rs", "tabs_have_the_letters_a_to_p"),
        ],
        &[],
    ),
    row(
        "B31",
        "carries an OAuth token in the page, and needs a package that does not exist",
        &[Nothing("the client has a guest's token and no other, and is built from this workspace")],
        &[],
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn every_defect_has_a_row() {
    let rows: Vec<&str> = DEFECTS.iter().map(|row| row.defect).collect();
    let all: Vec<String> = (1..=31).map(|number| format!("B{number}")).collect();
    assert_eq!(rows, all);
    for Row { defect, does, shown, .. } in DEFECTS {
        assert!(!does.is_empty() && !shown.is_empty(), "{defect} is shown by nothing");
    }
}

#[test]
fn every_scenario_and_test_exists() {
    for Row { defect, shown, .. } in DEFECTS {
        for shown in *shown {
            match shown {
                Scenario(name) => {
                    let known = bundled::SCENARIOS.iter().any(|(known, _)| known == name);
                    assert!(known, "{defect}: no scenario is called {name}");
                }
                Test(file, name) => {
                    let text = std::fs::read_to_string(root().join(file));
                    let text = text.unwrap_or_else(|error| panic!("{defect}: {file}: {error}"));
                    let head = format!("fn {name}(");
                    assert!(text.contains(&head), "{defect}: {file} has no test {name}");
                }
                Nothing(why) => assert!(!why.is_empty(), "{defect}: why is there nothing?"),
            }
        }
    }
}

#[test]
fn every_mutant_exists() {
    let list = std::fs::read_to_string(root().join("tests/mutants.toml")).expect("the list");
    for Row { defect, mutants: named, .. } in DEFECTS {
        for name in *named {
            let known = list.lines().any(|line| line == format!("name = \"{name}\""));
            assert!(known, "{defect}: no mutant is called {name}");
        }
    }
}

#[test]
fn every_scenario_of_many_tabs_belongs_to_a_row_or_to_the_bounds() {
    // These show what good tabs do beyond what the article gets wrong.
    const BEYOND: [&str; 5] = [
        "tabs-leader-closes",
        "tabs-ack-lost-then-crash",
        "tabs-focus-moves-on",
        "tabs-site-data-cleared",
        "tabs-machine-crashes",
    ];
    let named = |name: &str| {
        let mut shown = DEFECTS.iter().flat_map(|row| row.shown);
        shown.any(|shown| matches!(shown, Scenario(known) if *known == name))
    };
    let tabs = bundled::SCENARIOS.iter().map(|(name, _)| *name).filter(|n| n.starts_with("tabs-"));
    for name in tabs {
        assert!(named(name) != BEYOND.contains(&name), "{name} is in both places, or in none");
    }
}
