//! Every machine at one moment, for people.

use std::fmt::Write as _;

use holdline_sim::trace::browser::{Place, Sight};
use holdline_sim::trace::event::letter;
use holdline_sim::trace::state::{ClientState, CloudState, NetState, Stage, States, TabState};
use holdline_sim::trace::{Lane, Message};

/// A line or two per machine.
pub(super) fn told(states: &States) -> String {
    let mut text = String::new();
    for (lane, client) in &states.clients {
        let _ = writeln!(text, "{:9}{}", called(*lane), of_client(client));
    }
    let _ = writeln!(text, "{:9}{}", "cloud", of_cloud(&states.cloud));
    let _ = writeln!(text, "{:9}{}", "network", of_net(&states.net));
    text
}

fn called(lane: Lane) -> String {
    lane.tab().map_or_else(|| lane.to_string(), |tab| format!("tab {}", letter(tab)))
}

fn of_client(client: &ClientState) -> String {
    if client.tab.is_some_and(|tab| tab.place == Place::Gone) {
        return "gone".to_owned();
    }
    let mut parts: Vec<String> = client.tab.iter().map(of_tab).collect();
    parts.push(
        client.state.as_ref().map_or_else(|| "says nothing yet".to_owned(), ToString::to_string),
    );
    parts.extend(client.connections.iter().map(|(conn, stage)| {
        let stage = match stage {
            Stage::Connecting => "connecting",
            Stage::Connected => "connected",
            Stage::Socket => "an open socket",
        };
        format!("connection {conn} {stage}")
    }));
    if !client.pending.is_empty() {
        parts.push(format!("pending {}", Message::joined(&client.pending)));
    }
    parts.push(format!("{} shown", client.shown));
    if client.shut_down {
        parts.push("shut down".to_owned());
    }
    parts.join("; ")
}

fn of_tab(tab: &TabState) -> String {
    let mut parts = vec![match tab.sight {
        Sight::Focused => "focused",
        Sight::Visible => "visible",
        Sight::Hidden => "hidden",
    }];
    match tab.place {
        Place::Frozen => parts.push("frozen"),
        Place::Cached => parts.push("cached"),
        Place::Gone | Place::Running => {}
    }
    if tab.apart {
        parts.push("by itself");
    }
    let mut text = parts.join(", ");
    if let Some(epoch) = tab.epoch {
        let _ = write!(text, ", leads with epoch {epoch}");
    }
    text
}

fn of_cloud(cloud: &CloudState) -> String {
    let CloudState { guests, sockets, stored, duplicates, refused, said } = cloud;
    let mut parts = vec![counted(guests.len(), "guest")];
    parts.extend(
        sockets.iter().map(|(socket, guest)| format!("open socket {socket} of guest {guest}")),
    );
    parts.push(format!("{stored} stored, {duplicates} doubled, {refused} refused, {said} said"));
    parts.join("; ")
}

fn of_net(net: &NetState) -> String {
    let mut parts: Vec<String> = net.faults.iter().map(ToString::to_string).collect();
    parts.extend(net.down.iter().map(|host| format!("{host} is down")));
    if net.cuts > 0 {
        parts.push(format!("{} cut", counted(net.cuts, "connection")));
    }
    parts.extend(net.browser.iter().map(|what| format!("browser: {what}")));
    match (net.healed, net.quiet) {
        (_, true) => parts.push("healed and quiet".to_owned()),
        (true, false) => parts.push("healed".to_owned()),
        (false, false) if parts.is_empty() => parts.push("nothing is wrong".to_owned()),
        (false, false) => {}
    }
    parts.join("; ")
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
