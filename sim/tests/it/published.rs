//! The first article's client, rebuilt: without a defect it is a good client, with all of them it is
//! the one that was published, and each can be had by its name.

use std::time::Duration;

use holdline_sim::oracle::Violation;
use holdline_sim::plan::{Plan, bundled};
use holdline_sim::subjects::published::Published;
use holdline_sim::subjects::published::defect::{Defect, DefectError, Defects};
use holdline_sim::subjects::{Subject as _, UnderTest, UnderTestError};
use holdline_sim::trace::{Endpoint, Event, Kind, Lane};
use holdline_sim::world::run::{BackendKind, Run, run};

fn play(text: &str, defects: Defects) -> Run {
    let text = format!("title = \"A\"\nstory = \"B\"\n{text}");
    let plan = Plan::parse("plan", &text).unwrap_or_else(|error| panic!("{error}"));
    run(&plan, &Published::new(defects), BackendKind::Event).unwrap()
}

/// Every scenario for one client.
fn scenarios() -> impl Iterator<Item = (&'static str, Plan)> {
    let alone = bundled::SCENARIOS.iter().map(|(name, text)| (*name, Plan::parse(name, text)));
    alone.map(|(name, plan)| (name, plan.unwrap())).filter(|(_, plan)| plan.browser.is_none())
}

fn all_but(others: &str) -> Defects {
    Defects::all().without(others.parse().unwrap())
}

fn count(events: &[Event], wanted: impl Fn(&Kind) -> bool) -> usize {
    events.iter().filter(|event| event.lane == Lane::Client && wanted(&event.kind)).count()
}

#[test]
fn without_a_defect_it_comes_through_every_scenario() {
    let mut failed = Vec::new();
    for (name, plan) in scenarios() {
        let run = run(&plan, &Published::new(Defects::none()), BackendKind::Event).unwrap();
        failed.extend(
            run.violations.iter().map(|violation: &Violation| format!("{name}: {violation}")),
        );
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn with_every_defect_it_fails_every_scenario_and_crashes_in_none() {
    for (name, plan) in scenarios().filter(|(name, _)| *name != "idle-day") {
        let run = run(&plan, &Published::default(), BackendKind::Event).unwrap();
        assert!(!run.violations.is_empty(), "{name}");
    }
}

#[test]
fn the_same_plan_gives_the_same_run() {
    let plan = bundled::scenario("429-flush-absent").unwrap().unwrap();
    for defects in [Defects::all(), all_but("A1,A7,A24"), Defects::none()] {
        let hash = || run(&plan, &Published::new(defects), BackendKind::Event).unwrap().hash;
        assert_eq!(hash(), hash(), "{defects}");
    }
}

#[test]
fn an_idle_connection_is_given_up_every_eleven_seconds_and_stays_open() {
    let run = play("[settings]\nlasts = \"10m\"\n", all_but("A1"));
    let opened = count(&run.events, |kind| {
        matches!(kind, Kind::Answer { endpoint: Endpoint::Socket, status: 101, .. })
    });
    assert!((50..=54).contains(&opened), "{opened} sockets");
    let before_the_end = run.events.iter().filter(|event| event.at < Duration::from_mins(10));
    let ended = before_the_end.filter(|event| matches!(event.kind, Kind::Ended { .. }));
    assert_eq!(ended.filter(|event| event.lane == Lane::Client).count(), 0);
}

#[test]
fn what_the_sample_sends_goes_out_by_rest_once_the_monitor_has_given_the_socket_up() {
    let run = play("[[step]]\nat = \"90ms\"\ndo = \"send\"\ncount = 2\n", all_but("A1"));
    let posts = |event: &&Event| {
        event.lane == Lane::Client
            && matches!(event.kind, Kind::Request { endpoint: Endpoint::Messages, .. })
    };
    let first = run.events.iter().find(posts).unwrap().at;
    assert!((11_000..12_500).contains(&first.as_millis()), "{first:?}");
}

#[test]
fn defects_are_known_by_their_ids() {
    assert_eq!("a14".parse(), Ok(Defect::A14));
    assert_eq!(" B3 ".parse(), Ok(Defect::B3));
    for wrong in ["", "A0", "A38", "B32", "14", "A014"] {
        let error = wrong.parse::<Defect>().unwrap_err();
        assert_eq!(error, DefectError::Unknown(wrong.to_owned()));
        assert!(error.to_string().contains("A1 to A37 and B1 to B31"), "{error}");
    }
    for defect in Defect::ALL {
        assert_eq!(defect.to_string().parse(), Ok(*defect));
        assert!(!defect.title().is_empty() && !defect.title().ends_with('.'));
    }
    assert_eq!(Defect::ALL.len(), 68);
}

#[test]
fn sets_of_defects() {
    assert_eq!(Defects::all().iter().count(), 64);
    assert_eq!(Defects::all().to_string(), "all");
    assert_eq!(Defects::none().to_string(), "none");
    let two: Defects = "b3,A14".parse().unwrap();
    assert_eq!(two.to_string(), "A14,B3");
    assert_eq!(two.to_string().parse(), Ok(two));
    assert!(two.has(Defect::B3) && !two.has(Defect::A1));
    assert_eq!(two.without(Defects::only(Defect::B3)), Defects::only(Defect::A14));
    assert_eq!("A34".parse::<Defects>(), Err(DefectError::Static(Defect::A34)));
    assert_eq!(Defects::only(Defect::B31), Defects::none());
}

#[test]
fn a_subject_is_chosen_by_its_name() {
    let chosen = |name, with, without| UnderTest::choose(name, with, without);
    assert_eq!(chosen("holdline", None, None).unwrap().name(), "holdline");
    assert_eq!(chosen("published", None, None).unwrap().to_string(), "published");
    let few = chosen("published", Some("A14,A19"), Some("A19")).unwrap();
    assert_eq!(few.to_string(), "published (defects A14)");
    assert_eq!(
        chosen("holdline", Some("A14"), None).unwrap_err(),
        UnderTestError::NoDefects("holdline")
    );
    assert_eq!(
        chosen("Holdline", None, None).unwrap_err(),
        UnderTestError::Unknown("Holdline".to_owned())
    );
}
