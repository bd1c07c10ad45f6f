//! Plans with a browser, played whole: what the world does with tabs, whatever the client makes of it.

use holdline_sim::plan::Plan;
use holdline_sim::subjects::holdline::Holdline;
use holdline_sim::trace::conditions::BrowserChange;
use holdline_sim::trace::event::Life;
use holdline_sim::trace::reports::Notice;
use holdline_sim::trace::{Frame, Kind, Lane};
use holdline_sim::world::run::{BackendKind, Run, run};

const A: Lane = Lane::Tab(0);
const B: Lane = Lane::Tab(1);

/// A plan of these lines.
fn plan(lines: &str) -> Plan {
    let text = format!("title = \"tabs\"\nstory = \"what the steps say\"\n{lines}");
    Plan::parse("a test's plan", &text).expect("it is a plan")
}

fn step(at: &str, what: &str, tab: &str) -> String {
    let tab = if tab.is_empty() { String::new() } else { format!("tab = \"{tab}\"\n") };
    format!("[[step]]\nat = \"{at}\"\ndo = \"{what}\"\n{tab}")
}

fn play(plan: &Plan) -> Run {
    run(plan, &Holdline, BackendKind::Event).expect("the event backend carries everything")
}

fn passes(lines: &str) -> Run {
    let run = play(&plan(lines));
    assert!(run.violations.is_empty(), "{:#?}", run.violations);
    run
}

fn lives(run: &Run, tab: Lane) -> Vec<Life> {
    let of_tab = run.events.iter().filter(|event| event.lane == tab);
    of_tab
        .filter_map(|event| if let Kind::Life { life } = event.kind { Some(life) } else { None })
        .collect()
}

fn count(run: &Run, matches: impl Fn(&Kind) -> bool) -> usize {
    run.events.iter().filter(|event| matches(&event.kind)).count()
}

fn world(run: &Run) -> Vec<String> {
    let worlds = run.events.iter().filter_map(|event| match &event.kind {
        Kind::World { what } => Some(what.to_string()),
        _ => None,
    });
    worlds.collect()
}

#[test]
fn the_first_tab_is_focused_at_the_beginning_and_a_run_that_is_over_crashes_none() {
    let run = passes("[browser]\ntabs = 2");
    assert_eq!(lives(&run, A), [Life::Opened, Life::Shown, Life::Focused]);
    assert_eq!(lives(&run, B), [Life::Opened]);
    assert_eq!(count(&run, |kind| *kind == Kind::ShutDown), 2);
}

#[test]
fn what_sleeps_at_the_end_is_closed_and_not_woken() {
    let steps = [step("1s", "focus", "B"), step("2s", "freeze", "A"), step("2s", "cache", "C")];
    let run = passes(&format!("[browser]\ntabs = 3\n{}", steps.concat()));
    assert_eq!(lives(&run, A).split_off(5), [Life::Frozen, Life::Closed]);
    assert_eq!(lives(&run, Lane::Tab(2)), [Life::Opened, Life::Cached, Life::Closed]);
    assert_eq!(count(&run, |kind| *kind == Kind::ShutDown), 1, "only B could be asked");
}

#[test]
fn a_machine_that_comes_back_opens_its_tabs_again_and_has_its_store() {
    let crash = "[[fault]]\nkind = \"crash\"\nhost = \"client\"\nat = \"5s\"\nfor = \"2s\"\n";
    let steps = [step("2s", "focus", "B"), step("3s", "send", "A"), step("10s", "send", "B")];
    let run = passes(&format!("[browser]\ntabs = 2\n{}{crash}", steps.concat()));
    let again = [Life::Crashed, Life::Opened, Life::Shown, Life::Focused];
    assert_eq!(lives(&run, B), [&[Life::Opened, Life::Shown, Life::Focused], &again[..]].concat());
    assert_eq!(count(&run, |kind| matches!(kind, Kind::GuestCreated { .. })), 1, "it was stored");
}

#[test]
fn a_reload_is_a_new_page_that_finds_what_the_old_one_stored() {
    let steps = [step("2s", "agent", ""), step("4s", "reload", "A"), step("6s", "send", "A")];
    let run = passes(&format!("[browser]\n{}", steps.concat()));
    assert_eq!(lives(&run, A).last(), Some(&Life::Reloaded));
    assert_eq!(count(&run, |kind| matches!(kind, Kind::GuestCreated { .. })), 1);
    assert_eq!(count(&run, |kind| matches!(kind, Kind::Shown { .. })), 2, "once in each page");
}

#[test]
fn what_befalls_the_browser_is_told() {
    let steps = [
        step("2s", "kill-worker", ""),
        step("3s", "fill-disk", ""),
        step("4s", "free-disk", ""),
        step("5s", "upgrade-store", ""),
        step("7s", "send", "B"),
    ];
    let run = passes(&format!("[browser]\ntabs = 2\n{}", steps.concat()));
    let told = [
        "the worker is killed",
        "the disk is full",
        "the disk has room again",
        "a newer page upgrades the store",
        "the store is upgraded",
    ];
    assert_eq!(world(&run), told);
}

#[test]
fn a_frozen_tab_keeps_a_newer_page_from_the_store_until_it_runs_again() {
    let settings = "[browser]\ntabs = 2\nfreeze-event = false\n";
    let steps = [
        step("2s", "freeze", "B"),
        step("3s", "upgrade-store", ""),
        step("5s", "resume", "B"),
        step("7s", "send", "A"),
    ];
    let run = passes(&format!("{settings}{}", steps.concat()));
    let upgraded = |kind: &Kind| *kind == Kind::World { what: BrowserChange::StoreUpgraded };
    let at = run.events.iter().find(|event| upgraded(&event.kind)).expect("in the end").at;
    assert!(at.as_secs() >= 5, "at {at:?}");
}

#[test]
fn a_worker_that_dies_in_its_write_is_asked_again() {
    let steps = [step("0s", "kill-worker-mid-write", ""), step("2s", "send", "A")];
    let run = passes(&format!("[browser]\ntabs = 2\n{}", steps.concat()));
    let missed = |kind: &Kind| matches!(kind, Kind::Notice { notice: Notice::WorkerMissed(_) });
    assert_eq!(count(&run, missed), 0, "the second try finds a new worker");
}

#[test]
fn what_the_browser_lacks_is_told_by_every_tab() {
    let degraded = |settings: &str| {
        let run =
            play(&plan(&format!("[browser]\ntabs = 2\n{settings}\n{}", step("2s", "send", "B"))));
        let mut what: Vec<_> = run
            .events
            .iter()
            .filter_map(|event| match &event.kind {
                Kind::Degraded { what, .. } => Some(format!("{} {what}", event.lane)),
                _ => None,
            })
            .collect();
        what.sort();
        assert_eq!(run.messages(), (1, 1), "{settings}: it is delivered all the same");
        what
    };
    assert_eq!(degraded("private = true"), ["tab-a store", "tab-b store"]);
    assert_eq!(degraded("channel = false"), ["tab-a channel", "tab-b channel"]);
    assert_eq!(degraded("worker = false"), ["tab-a worker", "tab-b worker"]);
    let insecure = ["tab-a locks", "tab-a worker", "tab-b locks", "tab-b worker"];
    assert_eq!(degraded("secure-origin = false"), insecure);
    assert!(degraded("").is_empty());
}

#[test]
fn the_same_plan_gives_the_same_hash() {
    let steps = [step("1s", "send", "A"), step("2s", "crash", "A"), step("3s", "reload", "B")];
    let plan = plan(&format!("[browser]\ntabs = 3\n{}", steps.concat()));
    let (first, second) = (play(&plan), play(&plan));
    assert_eq!(first.events, second.events);
    assert_eq!(first.hash, second.hash);
}

#[test]
fn messages_without_ids_and_with_buttons_keep_their_names() {
    let agent = "[[step]]\nat = \"3s\"\ndo = \"agent\"\ncount = 2\nevery = \"1s\"\nbutton = true";
    let run = passes(&format!("[cloud]\nagent-ids = false\n[browser]\ntabs = 2\n{agent}"));
    for tab in [A, B] {
        let shown = run.events.iter().filter(|event| event.lane == tab);
        let shown = shown.filter_map(|event| match &event.kind {
            Kind::Shown { message } => Some(message.to_string()),
            _ => None,
        });
        assert_eq!(shown.collect::<Vec<_>>(), ["a1", "a2"]);
    }
    let heard = |name: &str| {
        let frame = Frame::Agent(name.into());
        count(&run, |kind| matches!(kind, Kind::FrameIn { frame: heard, .. } if *heard == frame))
    };
    assert_eq!((heard("a1"), heard("a2")), (1, 1));
}
