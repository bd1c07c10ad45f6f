//! Every machine at one moment of a run, as far as its log tells.
//!
//! It follows the log event by event and judges nothing. What no event tells (timers, what is in an
//! outbox that nobody typed) it does not guess.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;

use super::browser::{Browser, Place, Sight};
use super::conditions::{BrowserChange, Fault, Host};
use super::event::{Event, Kind, Lane, Life};
use super::message::Message;
use super::reports::State;

/// How far a connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Its handshake is under way.
    Connecting,
    /// It stands, for HTTP.
    Connected,
    /// It is a WebSocket.
    Socket,
}

/// A client, or the page in a tab.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ClientState {
    /// What it said last of what it does.
    pub state: Option<State>,
    /// Its connections that are not over, by number.
    pub connections: BTreeMap<u32, Stage>,
    /// What was typed in it and has no outcome yet.
    pub pending: Vec<Message>,
    /// How many of the agent's messages it shows.
    pub shown: usize,
    /// Whether it said that it holds nothing any more.
    pub shut_down: bool,
    /// The tab, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tab: Option<TabState>,
}

/// A tab of the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TabState {
    /// Where it is.
    pub place: Place,
    /// How much of it the user sees.
    pub sight: Sight,
    /// The epoch it leads with, if it leads.
    pub epoch: Option<u64>,
    /// Whether it has a socket and a guest of its own.
    pub apart: bool,
    /// How many pages it has had.
    pub pages: u32,
}

/// The cloud.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CloudState {
    /// Guests that it knows.
    pub guests: BTreeSet<u32>,
    /// Its open sockets, and whose each is.
    pub sockets: BTreeMap<u64, u32>,
    /// Messages in its conversations.
    pub stored: usize,
    /// Messages that came again.
    pub duplicates: usize,
    /// Messages that it refused.
    pub refused: usize,
    /// Messages that its agent wrote.
    pub said: usize,
}

/// The network, the hosts and the phase of the run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct NetState {
    /// Faults that last.
    pub faults: Vec<Fault>,
    /// Hosts that are down.
    pub down: BTreeSet<Host>,
    /// Connections that the proxy cut.
    pub cuts: usize,
    /// What last became of the browser as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser: Option<BrowserChange>,
    /// Whether every fault is healed.
    pub healed: bool,
    /// Whether everything is delivered and quiet.
    pub quiet: bool,
}

/// Every machine at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct States {
    /// The moment of the last event, in milliseconds.
    pub at_ms: u64,
    /// The only client, or each tab that was ever there.
    pub clients: BTreeMap<Lane, ClientState>,
    /// The cloud.
    pub cloud: CloudState,
    /// Everything between and around them.
    pub net: NetState,
}

/// Follows a log; for all its moments one after another.
#[derive(Debug, Clone, Default)]
pub struct Machines {
    browser: Browser,
    states: States,
}

/// Every machine right after event `n`, counted from 0; after the last one where there are fewer.
#[must_use]
pub fn states_at(events: &[Event], n: usize) -> States {
    let mut machines = Machines::default();
    events.iter().take(n.saturating_add(1)).for_each(|event| machines.on(event));
    machines.states
}

impl Machines {
    /// Follows the next event.
    pub fn on(&mut self, event: &Event) {
        self.browser.on(event);
        self.states.at_ms =
            event.at.max(Duration::from_millis(self.states.at_ms)).as_millis() as u64;
        self.around(&event.kind);
        self.cloud(&event.kind);
        if event.lane.is_client() {
            let client = self.states.clients.entry(event.lane).or_default();
            client.on(&event.kind);
        }
        if matches!(event.kind, Kind::Host { .. } | Kind::Life { .. }) || event.lane.tab().is_some()
        {
            self.tabs();
        }
    }

    /// Every machine after the last event.
    #[must_use]
    pub fn states(&self) -> &States {
        &self.states
    }

    fn around(&mut self, kind: &Kind) {
        let net = &mut self.states.net;
        match kind {
            Kind::Fault { what, on: true } => net.faults.push(what.clone()),
            Kind::Fault { what, on: false } => {
                if let Some(at) = net.faults.iter().position(|fault| fault == what) {
                    net.faults.remove(at);
                }
            }
            Kind::Host { host, up: true } => {
                net.down.remove(host);
            }
            Kind::Host { host, up: false } => {
                net.down.insert(*host);
                if *host == Host::Client {
                    self.states.clients.values_mut().for_each(ClientState::die);
                }
            }
            Kind::Cut { .. } => net.cuts += 1,
            Kind::World { what } => net.browser = Some(what.clone()),
            Kind::Healed => net.healed = true,
            Kind::Quiet => net.quiet = true,
            _ => {}
        }
    }

    fn cloud(&mut self, kind: &Kind) {
        let cloud = &mut self.states.cloud;
        match kind {
            Kind::GuestCreated { guest } => {
                cloud.guests.insert(*guest);
            }
            Kind::GuestGone { guest } => {
                cloud.guests.remove(guest);
            }
            Kind::SocketOpened { guest, socket } => {
                cloud.sockets.insert(*socket, *guest);
            }
            Kind::SocketClosed { socket, .. } => {
                cloud.sockets.remove(socket);
            }
            Kind::Stored { .. } => cloud.stored += 1,
            Kind::Duplicate { .. } => cloud.duplicates += 1,
            Kind::Refused { .. } => cloud.refused += 1,
            Kind::Said { .. } => cloud.said += 1,
            _ => {}
        }
    }

    fn tabs(&mut self) {
        for (tab, state) in self.browser.tabs() {
            let client = self.states.clients.entry(Lane::Tab(tab)).or_default();
            client.tab = Some(TabState {
                place: state.place,
                sight: state.sight,
                epoch: state.leads,
                apart: state.apart,
                pages: state.page,
            });
        }
    }
}

impl ClientState {
    fn on(&mut self, kind: &Kind) {
        match kind {
            Kind::Connecting { conn } => {
                self.connections.insert(*conn, Stage::Connecting);
            }
            Kind::Connected { conn } => {
                self.connections.insert(*conn, Stage::Connected);
            }
            Kind::Answer { conn, status: 101, .. } => {
                self.connections.insert(*conn, Stage::Socket);
            }
            Kind::ConnectFailed { conn, .. } | Kind::Ended { conn, .. } => {
                self.connections.remove(conn);
            }
            Kind::Typed { message, .. } | Kind::Accepted { message }
                if !self.pending.contains(message) =>
            {
                self.pending.push(*message);
            }
            Kind::Delivered { message } | Kind::Failed { message, .. } => {
                self.pending.retain(|pending| pending != message);
            }
            Kind::Shown { .. } => self.shown += 1,
            Kind::State { state } => self.state = Some(state.clone()),
            Kind::ShutDown => self.shut_down = true,
            Kind::Life { life: Life::Closed | Life::Crashed | Life::Reloaded } => self.die_whole(),
            Kind::Life { life: Life::Cached } => self.connections.clear(),
            _ => {}
        }
    }

    /// The process is gone, and what was typed is in its journal.
    fn die(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        *self = Self { pending, tab: self.tab, ..Self::default() };
    }

    /// The page is gone, and with it whoever waited for an outcome.
    fn die_whole(&mut self) {
        *self = Self { tab: self.tab, ..Self::default() };
    }
}
