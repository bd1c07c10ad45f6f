//! Every bundled scenario, played whole: the story it tells is snapshot, and it passes.
//!
//! A snapshot here is the ASCII diagram: read it like code when it changes
//! (`cargo insta review`).

use std::time::Duration;

use holdline_sim::plan::{Plan, bundled};
use holdline_sim::subjects::holdline::Holdline;
use holdline_sim::trace::diagram::{WIDTH, diagram};
use holdline_sim::world::run::{BackendKind, Run, RunError, run};

fn plan(name: &str) -> Plan {
    bundled::scenario(name).expect("it is bundled").expect("it is a plan")
}

fn play(name: &str) -> Run {
    run(&plan(name), &Holdline, BackendKind::Event).expect("the event backend carries everything")
}

/// One test per scenario, so that one failure names one story.
macro_rules! stories {
    ($($test:ident = $name:literal),+ $(,)?) => {
        $(#[test]
        fn $test() {
            let run = play($name);
            let diagram = diagram(&run.events);
            assert!(diagram.lines().all(|line| line.len() <= WIDTH), "a line is too long");
            insta::assert_snapshot!($name, diagram);
            assert!(run.violations.is_empty(), "{:#?}", run.violations);
        })+

        /// The ticking backend agrees wherever its TCP can carry the story.
        mod ticking {
            $(#[test]
            fn $test() {
                super::agrees_on_tick($name);
            })+
        }

        #[test]
        fn every_bundled_scenario_has_a_story_here() {
            let known: Vec<&str> = bundled::SCENARIOS.iter().map(|(name, _)| *name).collect();
            assert_eq!(known, [$($name),+]);
        }
    };
}

stories! {
    calm = "calm",
    partition_5s = "partition-5s",
    partition_2m = "partition-2m",
    partition_one_way = "partition-one-way",
    swallowed_handshake = "swallowed-handshake",
    idle_cut_fin = "idle-cut-fin",
    idle_cut_rst = "idle-cut-rst",
    idle_cut_silence = "idle-cut-silence",
    guest_creation_429 = "429-guest-creation",
    flush_429_seconds = "429-flush-seconds",
    flush_429_date = "429-flush-date",
    flush_429_absent = "429-flush-absent",
    flush_429_absurd = "429-flush-absurd",
    start_503 = "503-at-start",
    ack_lost_before_accept = "ack-lost-before-accept",
    ack_lost_after_accept = "ack-lost-after-accept",
    token_expires_in_outage = "token-expires-in-outage",
    token_dies_early = "token-dies-early",
    rest_broken = "rest-broken",
    restart_1001 = "restart-1001",
    restart_1006 = "restart-1006",
    loss_5_percent = "loss-5-percent",
    offline_100 = "offline-100",
    buffer_full = "buffer-full",
    expiry = "expiry",
    kicked_1008 = "kicked-1008",
    agent_during_outage = "agent-during-outage",
    idle_day = "idle-day",
    tabs_three_open = "tabs-three-open",
    tabs_focus_faster_than_broadcast = "tabs-focus-faster-than-broadcast",
    tabs_focus_moves_on = "tabs-focus-moves-on",
    tabs_focus_while_connecting = "tabs-focus-while-connecting",
    tabs_alt_tab = "tabs-alt-tab",
    tabs_leader_closes = "tabs-leader-closes",
    tabs_leader_crashes = "tabs-leader-crashes",
    tabs_leader_freezes_told = "tabs-leader-freezes-told",
    tabs_leader_freezes_silent = "tabs-leader-freezes-silent",
    tabs_leader_cached = "tabs-leader-cached",
    tabs_leave_while_connecting = "tabs-leave-while-connecting",
    tabs_machine_crashes = "tabs-machine-crashes",
    tabs_leader_dies_mid_write = "tabs-leader-dies-mid-write",
    tabs_leader_reloads = "tabs-leader-reloads",
    tabs_type_during_handover = "tabs-type-during-handover",
    tabs_agent_during_handover = "tabs-agent-during-handover",
    tabs_ack_lost_then_crash = "tabs-ack-lost-then-crash",
    tabs_token_expires_five = "tabs-token-expires-five",
    tabs_all_reload = "tabs-all-reload",
    tabs_worker_killed = "tabs-worker-killed",
    tabs_quota_exceeded = "tabs-quota-exceeded",
    tabs_private_mode = "tabs-private-mode",
    tabs_no_locks = "tabs-no-locks",
    tabs_no_channel = "tabs-no-channel",
    tabs_insecure_origin = "tabs-insecure-origin",
    tabs_store_upgrade = "tabs-store-upgrade",
    tabs_sixteen = "tabs-sixteen",
    tabs_partition_during_handover = "tabs-partition-during-handover",
    tabs_429_flapping = "tabs-429-flapping",
    tabs_greeting = "tabs-greeting",
    tabs_opened_late = "tabs-opened-late",
    tabs_asleep = "tabs-asleep",
    tabs_site_data_cleared = "tabs-site-data-cleared",
}

#[test]
fn every_scenario_has_its_paragraph() {
    for (name, _) in bundled::SCENARIOS {
        let story = plan(name).story;
        assert!(story.trim().len() > 100, "{name}: a story is a paragraph");
        assert!(!story.trim().contains("\n\n"), "{name}: a story is one paragraph");
    }
}

/// Scenarios that the ticking backend does not play here, and why.
const NOT_ON_TICK: &[(&str, &str)] = &[
    ("loss-5-percent", "turmoil's TCP does not repeat a lost segment"),
    ("idle-day", "86 million ticks take minutes; ten idle minutes are in idle-cut-*"),
    ("partition-5s", "turmoil's TCP never recovers a stream: the socket cannot survive"),
];

fn agrees_on_tick(name: &str) {
    if NOT_ON_TICK.iter().any(|(skipped, _)| *skipped == name) {
        return;
    }
    let run = run(&plan(name), &Holdline, BackendKind::Tick).expect("carried");
    assert!(run.violations.is_empty(), "{:#?}", run.violations);
}

#[test]
fn what_the_ticking_backend_cannot_carry_is_refused_or_shows() {
    let refused = run(&plan("loss-5-percent"), &Holdline, BackendKind::Tick);
    assert!(matches!(refused, Err(RunError::Net(_))), "{refused:?}");
    let mut plan = plan("partition-5s");
    plan.expect.sockets = None;
    let survived = run(&plan, &Holdline, BackendKind::Tick).expect("carried");
    assert!(survived.violations.is_empty(), "only the socket is lost: {:#?}", survived.violations);
}

#[test]
fn the_same_plan_gives_the_same_hash_and_another_seed_another() {
    let (first, second) = (play("partition-2m"), play("partition-2m"));
    assert_eq!(first.hash, second.hash);
    assert_eq!(first.events, second.events);
    let mut other = plan("partition-2m");
    other.seed = 99;
    let other = run(&other, &Holdline, BackendKind::Event).expect("carried");
    assert_ne!(first.hash, other.hash, "the seed feeds the waits");
    assert!(other.violations.is_empty(), "{:#?}", other.violations);
}

#[test]
fn the_hash_is_the_same_on_a_loaded_machine_and_on_any_thread() {
    let quiet = play("restart-1006").hash;
    let hashes: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..6).map(|_| scope.spawn(|| play("restart-1006").hash)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    assert!(hashes.iter().all(|hash| *hash == quiet), "{quiet}: {hashes:?}");
}

#[test]
fn a_panic_in_a_task_is_a_crash_and_not_a_pass() {
    use std::rc::Rc;

    use holdline_net::Program;
    use holdline_sim::subjects::{PageProgram, Setting, Subject};

    struct Broken;
    impl Subject for Broken {
        fn name(&self) -> &'static str {
            "broken"
        }
        fn page(&self) -> PageProgram {
            Rc::new(|_, _| Box::pin(std::future::ready(())))
        }
        fn program(&self, _: Setting) -> Program {
            Rc::new(|_| {
                Box::pin(async {
                    tokio::task::spawn_local(async { panic!("a task of the client broke") });
                    std::future::pending::<()>().await;
                })
            })
        }
    }
    for backend in [BackendKind::Event, BackendKind::Tick] {
        let crashed = run(&plan("calm"), &Broken, backend).expect_err("it panicked");
        assert!(crashed.to_string().contains("a task of the client broke"), "{crashed}");
    }
}

#[test]
fn seeds_beyond_the_bundled_one_pass_too() {
    for name in
        ["partition-2m", "partition-one-way", "restart-1001", "loss-5-percent", "429-flush-date"]
    {
        for seed in 2..12 {
            let mut plan = plan(name);
            plan.seed = seed;
            let run = run(&plan, &Holdline, BackendKind::Event).expect("carried");
            assert!(run.violations.is_empty(), "{name}, seed {seed}: {:#?}", run.violations);
            assert!(run.virtual_time < Duration::from_secs(600), "{name}, seed {seed}");
        }
    }
}
