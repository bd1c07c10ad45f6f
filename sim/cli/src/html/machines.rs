//! Every machine in a few lines of words, and each line whenever it changes: the page adds them up to
//! the moment of its cursor.

use std::collections::BTreeMap;

use super::lanes::Lanes;
use holdline_sim::trace::Message;
use holdline_sim::trace::browser::{Place, Sight};
use holdline_sim::trace::event::{Event, Kind, Lane};
use holdline_sim::trace::state::{ClientState, Machines, Stage, States, TabState};

/// More names than this are counted.
const NAMED_MAX: usize = 6;

/// A line of a machine that reads differently from this event on; empty: it is gone.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) event: usize,
    pub(super) machine: usize,
    pub(super) line: &'static str,
    pub(super) value: String,
}

/// All changes of all machines, in order.
pub(super) fn changes(events: &[Event], lanes: &Lanes) -> Vec<Change> {
    let mut machines = Machines::default();
    let mut known: BTreeMap<(usize, &'static str), String> = BTreeMap::new();
    let mut changes = Vec::new();
    for (event, happened) in events.iter().enumerate() {
        machines.on(happened);
        let all = matches!(happened.kind, Kind::Host { .. } | Kind::Life { .. });
        for lane in lanes.machines().filter(|lane| all || *lane == happened.lane) {
            let machine = lanes.machine(lane);
            for (line, value) in lines(machines.states(), lane) {
                let before = known.entry((machine, line)).or_default();
                if *before != value {
                    before.clone_from(&value);
                    changes.push(Change { event, machine, line, value });
                }
            }
        }
    }
    changes
}

/// The lines of one machine; empty ones are not shown.
fn lines(states: &States, lane: Lane) -> Vec<(&'static str, String)> {
    let count = |n: usize| if n == 0 { String::new() } else { n.to_string() };
    match lane {
        Lane::Client | Lane::Tab(_) => {
            states.clients.get(&lane).map(client_lines).unwrap_or_default()
        }
        Lane::Cloud => vec![
            ("guests", listed(states.cloud.guests.iter())),
            ("open sockets", count(states.cloud.sockets.len())),
            ("messages stored", count(states.cloud.stored)),
            ("came again", count(states.cloud.duplicates)),
            ("refused", count(states.cloud.refused)),
            ("agent wrote", count(states.cloud.said)),
        ],
        Lane::Proxy => vec![("connections cut", count(states.net.cuts))],
        Lane::Net => vec![
            ("faults", joined(states.net.faults.iter(), "; ")),
            ("hosts down", listed(states.net.down.iter())),
            ("browser", states.net.browser.as_ref().map(ToString::to_string).unwrap_or_default()),
            ("phase", phase(states).to_owned()),
        ],
    }
}

fn phase(states: &States) -> &'static str {
    match (states.net.healed, states.net.quiet) {
        (_, true) => "all delivered and quiet",
        (true, false) => "every fault is healed",
        (false, false) => "the plan is played",
    }
}

fn client_lines(client: &ClientState) -> Vec<(&'static str, String)> {
    let state = client.state.as_ref().map(ToString::to_string);
    let state = if client.shut_down { Some("shut down".to_owned()) } else { state };
    let shown = if client.shown == 0 { String::new() } else { client.shown.to_string() };
    vec![
        ("tab", client.tab.as_ref().map(tab_text).unwrap_or_default()),
        ("connection", client.tab.as_ref().map(leads_text).unwrap_or_default()),
        ("says", state.unwrap_or_default()),
        ("streams", streams(&client.connections)),
        ("no outcome yet", pending(&client.pending)),
        ("agent's messages shown", shown),
    ]
}

fn tab_text(tab: &TabState) -> String {
    let place = match (tab.place, tab.sight) {
        (Place::Gone, _) => "not open",
        (Place::Frozen, _) => "frozen",
        (Place::Cached, _) => "in the back/forward cache",
        (Place::Running, Sight::Focused) => "focused",
        (Place::Running, Sight::Visible) => "visible",
        (Place::Running, Sight::Hidden) => "hidden",
    };
    if tab.pages > 1 { format!("{place}, page {}", tab.pages) } else { place.to_owned() }
}

fn leads_text(tab: &TabState) -> String {
    match (tab.place, tab.apart, tab.epoch) {
        (Place::Gone, _, _) => String::new(),
        (_, true, _) => "has one of its own".to_owned(),
        (_, false, Some(epoch)) => format!("leads epoch {epoch}"),
        (_, false, None) => "follows".to_owned(),
    }
}

fn streams(connections: &BTreeMap<u32, Stage>) -> String {
    let stream = |(conn, stage): (&u32, &Stage)| match stage {
        Stage::Connecting => format!("{conn} connecting"),
        Stage::Connected => format!("{conn} HTTP"),
        Stage::Socket => format!("{conn} socket"),
    };
    connections.iter().map(stream).collect::<Vec<_>>().join(", ")
}

fn pending(messages: &[Message]) -> String {
    match messages.len().saturating_sub(NAMED_MAX) {
        0 => Message::joined(messages),
        more => format!("{} and {more} more", Message::joined(&messages[..NAMED_MAX])),
    }
}

fn listed<T: ToString>(items: impl Iterator<Item = T>) -> String {
    joined(items, ", ")
}

fn joined<T: ToString>(items: impl Iterator<Item = T>, between: &str) -> String {
    items.map(|item| item.to_string()).collect::<Vec<_>>().join(between)
}
