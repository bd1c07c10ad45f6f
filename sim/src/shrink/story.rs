//! The result in words: what happens, what goes wrong, and what each fault is needed for.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use super::Shrunk;
use crate::plan::write::Notes;
use crate::plan::{Do, Fault, Plan, Step};
use crate::subjects::{Subject, UnderTest};
use crate::trace::event::letter;
use crate::trace::text::details;
use crate::trace::{Event, Kind, Lane};
use crate::world::run::{Run, RunError, run};

/// The plan as a file that explains itself; a minimal one is played once, and once without each of
/// its faults.
#[must_use]
pub fn told(shrunk: &Shrunk, subject: &UnderTest) -> String {
    let plan = &shrunk.plan;
    let played = run(plan, subject, shrunk.backend);
    let head = head(shrunk, subject, &played);
    // Nobody waits longer for a plan that was given up: it may still be long.
    let explained = if shrunk.is_minimal { plan.faults.len() } else { 0 };
    let faults = (0..explained).map(|fault| needed_for(shrunk, fault, subject, &played));
    let notes = Notes { head, faults: faults.collect() };
    Plan { story: story_of(plan), ..plan.clone() }.to_toml_with(&notes)
}

fn head(shrunk: &Shrunk, subject: &UnderTest, played: &Result<Run, RunError>) -> String {
    let mut text = format!("Fails with {} when {subject} is under test:\n", shrunk.signature);
    match played {
        Ok(run) => {
            for violation in run.violations.iter().take(1) {
                let _ = writeln!(text, "{violation}");
            }
        }
        Err(error) => {
            let _ = writeln!(text, "{error}");
        }
    }
    text += if shrunk.is_minimal {
        "No step, no fault and no tab of it can be dropped."
    } else {
        "It was not tried to the end: something of it may be needless."
    };
    text
}

/// What happens, in order of time.
#[must_use]
pub fn story_of(plan: &Plan) -> String {
    let steps = plan.steps.iter().map(|step| (step.at, of_step(step)));
    let faults = plan.faults.iter().map(|fault| (fault.span().0, of_fault(fault)));
    let mut told: Vec<(Duration, String)> = steps.chain(faults).collect();
    told.sort_by_key(|(at, _)| *at);
    let told: Vec<String> = told
        .into_iter()
        .map(|(at, what)| format!("At {} {what}.", humantime::format_duration(at)))
        .collect();
    let cast = match &plan.browser {
        Some(browser) if browser.tabs == 1 => "A browser with one tab. ".to_owned(),
        Some(browser) => format!("A browser with {} tabs. ", browser.tabs),
        None => String::new(),
    };
    if told.is_empty() { cast + "Nothing happens." } else { cast + &told.join(" ") }
}

fn of_step(step: &Step) -> String {
    let tab = step.tab.map(|tab| format!("tab {}", letter(tab)));
    let times = match step.count {
        1 => String::new(),
        count if step.every.is_zero() => format!(" {count} times at once"),
        count => format!(" {count} times, every {}", humantime::format_duration(step.every)),
    };
    let what = match (step.what, tab) {
        (Do::Send, None) => "the user sends a message".to_owned(),
        (Do::Send, Some(tab)) => format!("the user sends a message in {tab}"),
        (Do::Agent, _) => "the agent writes".to_owned(),
        (Do::Reconnect, _) => "the user asks to reconnect".to_owned(),
        (what, Some(tab)) => format!("{tab}: {what}"),
        (what, None) => format!("the browser: {what}"),
    };
    what + &times
}

fn of_fault(fault: &Fault) -> String {
    let (_, lasts) = fault.span();
    let lasts = lasts.map(|lasts| format!(" for {}", humantime::format_duration(lasts)));
    format!("{fault}{}", lasts.unwrap_or_default())
}

/// What is seen with a fault and not without it.
fn needed_for(
    shrunk: &Shrunk,
    fault: usize,
    subject: &dyn Subject,
    with: &Result<Run, RunError>,
) -> String {
    let mut without = shrunk.plan.clone();
    without.faults.remove(fault);
    let Ok(with) = with else { return "Without it, nothing crashes.".to_owned() };
    match run(&without, subject, shrunk.backend) {
        Ok(without) => match vanished(&with.events, &without.events) {
            Some(event) => format!("Without it, this is not seen: {}", words(event)),
            None => "Without it, everything is seen as with it, at other times.".to_owned(),
        },
        Err(error) => format!("Without it: {error}"),
    }
}

/// The first event, whenever it happens, that there are more of with than without; the fault itself
/// does not count.
fn vanished<'a>(with: &'a [Event], without: &[Event]) -> Option<&'a Event> {
    let mut left: BTreeMap<(Lane, String), usize> = BTreeMap::new();
    for event in without {
        *left.entry(sort(event)).or_default() += 1;
    }
    with.iter().filter(|event| !matches!(event.kind, Kind::Fault { .. })).find(|event| {
        match left.get_mut(&sort(event)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        }
    })
}

/// Lane and kind with everything about it but the number of the connection.
fn sort(event: &Event) -> (Lane, String) {
    let mut kind = serde_json::to_value(&event.kind).expect("an event is plain data");
    if let Some(kind) = kind.as_object_mut() {
        kind.remove("conn");
    }
    (event.lane, kind.to_string())
}

/// `at 4.250 s, client: ended conn=1 end=rst`.
fn words(event: &Event) -> String {
    let kind = serde_json::to_value(&event.kind).expect("an event is plain data");
    let about = kind.as_object().map(details).unwrap_or_default();
    let at = event.at.as_secs_f64();
    format!("at {at:.3} s, {}: {}{about}", event.lane, event.kind.name())
}
