//! comes-back: once every fault has healed, everything is delivered and quiet within the bound; and
//! a client that is asked to shut down says when it has, and then holds nothing and does nothing any
//! more.
//!
//! Ignores a client that is set to give up after so few tries that the connections which the faults have
//! left dead are enough for it, a backlog behind a leader that is hidden for so long that its timers let
//! one message go a minute, and still do, logs that never healed, connections that never stood, and what a
//! process held that has crashed since. In a browser each tab is asked, and answers for itself; a page that has gone holds
//! nothing. Which messages are missing is told for the reader's sake; that they are is for
//! `no-loss` to judge.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{
    Bounds, Oracle, Violation, client_lanes, end_of, ends_page, has_tabs, is_crash, is_restart,
    secs, who,
};
use crate::trace::browser::{Browser, Tab};
use crate::trace::reports::{State, Terminal, Wish};
use crate::trace::{Event, Kind, Lane, Message};

/// Its id: what only this oracle finds is late, and nothing worse.
pub const COMES_BACK: &str = "comes-back";

pub(super) const ORACLE: Oracle = Oracle {
    id: COMES_BACK,
    holds_when: "after the last fault heals, everything is delivered and quiet within the bound, \
                 and nothing is left behind after a shutdown",
    judge,
};

/// A client may find two connections dead that it had kept from before the faults healed: one for its
/// socket, one for its requests.
const LEFT_DEAD: u32 = 2;

fn judge(events: &[Event], bounds: &Bounds) -> Vec<Violation> {
    let Some(healed) = events.iter().rposition(|event| event.kind == Kind::Healed) else {
        return Vec::new();
    };
    let mut found: Vec<Violation> = unquiet(events, bounds, healed).into_iter().collect();
    found.extend(after_shut_down(events));
    found
}

/// What a message may take on top of the timer that lets it go.
const ON_TOP: Duration = Duration::from_secs(5);

/// Whether a tab that is hidden for long has led, and messages have come in one by one, since everything
/// healed. The first has the timer before it that gives up what the faults left unanswered.
fn trickles(events: &[Event], bounds: &Bounds, healed: usize) -> bool {
    let mut browser = Browser::default();
    let mut due = events[healed].at + bounds.hidden_timers * 2 + ON_TOP;
    let mut came = false;
    for (index, event) in events.iter().enumerate() {
        browser.on(event);
        let is_late = |tab: &Tab| bounds.is_long_hidden(tab.hidden(), due);
        let on_time = |tab: &Tab| tab.leads.is_some() && !is_late(tab);
        let seen = browser.tabs().any(|(_, tab)| on_time(tab));
        if index <= healed {
            continue;
        }
        if seen || event.at > due {
            return false;
        }
        if matches!(event.kind, Kind::Stored { .. } | Kind::Duplicate { .. }) {
            (due, came) = (event.at + bounds.hidden_timers + ON_TOP, true);
        }
    }
    came && browser.tabs().any(|(_, tab)| tab.leads.is_some())
}

fn unquiet(events: &[Event], bounds: &Bounds, healed: usize) -> Option<Violation> {
    let since = events[healed].at;
    let limit = secs(bounds.quiet_within);
    let quiet = events[healed..].iter().position(|event| event.kind == Kind::Quiet);
    if let Some(quiet) = quiet.map(|offset| healed + offset) {
        let took = events[quiet].at.saturating_sub(since);
        return (took > bounds.quiet_within).then(|| {
            let text = format!(
                "everything was delivered and quiet only {} after the last fault healed; expected \
                 within {limit}",
                secs(took)
            );
            ORACLE.violation(events, quiet, text)
        });
    }
    if bounds.max_attempts.is_some_and(|tries| tries <= LEFT_DEAD) && has_given_up(events) {
        return None;
    }
    if trickles(events, bounds, healed) {
        return None;
    }
    let due = (since + bounds.quiet_within).min(end_of(events));
    let (open, messages) = left_open(events);
    let text = format!(
        "the last fault healed at {}, and by {} {open}; expected everything delivered, shown and \
         quiet within {limit}",
        secs(since),
        secs(due)
    );
    Some(ORACLE.violation_by(events, due, text).about(messages))
}

fn has_given_up(events: &[Event]) -> bool {
    let last = events.iter().rev().find_map(|event| match &event.kind {
        Kind::State { state } => Some(state),
        _ => None,
    });
    matches!(last, Some(State::Terminal(Terminal::GaveUp(_))))
}

/// What a whole log leaves open, in words, and the messages that it is about.
fn left_open(events: &[Event]) -> (String, Vec<Message>) {
    let mut unreported: Vec<Message> = Vec::new();
    let mut unseen: Vec<Message> = Vec::new();
    let mut state = None;
    let tabs = has_tabs(events);
    for event in events {
        match &event.kind {
            Kind::Typed { message, .. } if !tabs => unreported.push(*message),
            Kind::Accepted { message } => unreported.push(*message),
            Kind::Delivered { message } | Kind::Failed { message, .. } => {
                unreported.retain(|name| name != message);
            }
            Kind::Said { message, .. } => unseen.push(*message),
            Kind::Shown { message } => unseen.retain(|name| name != message),
            Kind::State { state: said } => state = Some(said),
            _ => {}
        }
    }
    let part = |messages: &[Message], was: &str| {
        (!messages.is_empty()).then(|| format!("{} {was}", Message::joined(messages)))
    };
    let state = state.map(|state| format!("the last state that a client reported was `{state}`"));
    let parts = [
        part(&unreported, "had not been reported delivered or failed"),
        part(&unseen, "had been said and not shown"),
        Some(state.unwrap_or_else(|| "no client had reported a state".to_owned())),
    ];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    unreported.append(&mut unseen);
    (text, unreported)
}

fn after_shut_down(events: &[Event]) -> Vec<Violation> {
    client_lanes(events).into_iter().flat_map(|lane| after_shut_down_of(lane, events)).collect()
}

fn after_shut_down_of(lane: Lane, events: &[Event]) -> Vec<Violation> {
    let who = who(lane);
    let mut standing: BTreeMap<u32, Duration> = BTreeMap::new();
    let mut shut_down: Option<Duration> = None;
    let mut asked: Option<Duration> = None;
    let mut stirred: BTreeSet<u32> = BTreeSet::new();
    let mut found = Vec::new();
    for (index, event) in events.iter().enumerate() {
        if is_crash(&event.kind) || is_restart(&event.kind) {
            standing.clear();
            stirred.clear();
            (shut_down, asked) = (None, None);
        }
        if event.lane != lane {
            continue;
        }
        if ends_page(&event.kind) {
            standing.clear();
            stirred.clear();
            (shut_down, asked) = (None, None);
        }
        match &event.kind {
            Kind::Asked { what: Wish::ShutDown } => asked = Some(event.at),
            Kind::ShutDown => shut_down = Some(event.at),
            Kind::Connected { conn } => {
                standing.insert(*conn, event.at);
            }
            Kind::Ended { conn, .. } | Kind::ConnectFailed { conn, .. } => {
                standing.remove(conn);
            }
            Kind::Connecting { conn }
            | Kind::Request { conn, .. }
            | Kind::FrameOut { conn, .. } => {
                // One sentence per connection: the rest of it is the same fault.
                if let Some(since) = shut_down
                    && stirred.insert(*conn)
                {
                    let text = format!(
                        "{who} used connection {conn} at {}, though it had said at {} that it was shut down",
                        secs(event.at),
                        secs(since)
                    );
                    found.push(ORACLE.violation(events, index, text));
                }
            }
            _ => {}
        }
    }
    if let (Some(since), None) = (asked, shut_down) {
        let text = format!(
            "{who} was asked to shut down at {} and never said that it was shut down",
            secs(since)
        );
        found.push(ORACLE.violation(events, events.len() - 1, text));
    }
    if let Some(since) = shut_down {
        found.extend(standing.into_iter().map(|(conn, connected)| {
            let text = format!(
                "connection {conn} of {who}, connected at {}, never ended, though {who} had said at {} \
                 that it was shut down",
                secs(connected),
                secs(since)
            );
            ORACLE.violation(events, events.len() - 1, text)
        }));
    }
    found
}
