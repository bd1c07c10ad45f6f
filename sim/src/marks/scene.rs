//! What an event happens in the middle of: who is connected, what is under way, what is broken.
//!
//! It follows a log event by event and remembers no more than the marks ask for.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::trace::browser::Browser;
use crate::trace::conditions::{Effect, Fault, Host};
use crate::trace::reports::State;
use crate::trace::{Endpoint, Event, Frame, Kind, Lane, Life, Message};

/// An open WebSocket of a client.
#[derive(Debug, Clone, Copy)]
pub(super) struct Socket {
    pub(super) since: Duration,
    /// When anything last came in; at first, when it opened.
    pub(super) heard: Duration,
    /// A ping that nothing has answered yet.
    pub(super) probed: bool,
}

/// One client: the only one, or the one in a tab.
#[derive(Debug, Default)]
pub(super) struct Client<'a> {
    /// What it said last of its session.
    pub(super) state: Option<&'a State>,
    pub(super) sockets: BTreeMap<u32, Socket>,
    /// Requests without an answer, by connection.
    pub(super) asked: BTreeMap<u32, Endpoint>,
    /// Messages sent and neither acknowledged nor given up, with the connection.
    pub(super) in_flight: BTreeMap<Message, u32>,
    /// Messages typed here, without an outcome.
    pub(super) pending: BTreeSet<Message>,
    /// Every message it has sent so far, over the socket.
    pub(super) sent_live: BTreeSet<Message>,
    /// Every message it has sent so far.
    pub(super) sent: BTreeSet<Message>,
    /// Waits in a row without a socket between them.
    pub(super) waits: u32,
}

impl Client<'_> {
    pub(super) fn is_online(&self) -> bool {
        !self.sockets.is_empty()
    }

    pub(super) fn is_waiting(&self) -> bool {
        matches!(self.state, Some(State::Waiting(_)))
    }

    pub(super) fn asks(&self, endpoint: Endpoint) -> bool {
        self.asked.values().any(|asked| *asked == endpoint)
    }
}

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Scene<'a> {
    pub(super) clients: BTreeMap<Lane, Client<'a>>,
    pub(super) browser: Browser,
    /// Faults of links that last now.
    pub(super) links: BTreeSet<&'a Fault>,
    /// Hosts that are down.
    pub(super) down: BTreeSet<Host>,
    /// The server's open sockets of each guest.
    pub(super) server: BTreeMap<u32, u32>,
    /// Every token is expired, and none has been issued since.
    pub(super) expired: bool,
    pub(super) guests: u32,
    pub(super) said: u32,
    pub(super) leader: Option<Lane>,
    /// How often a tab took the lead.
    pub(super) leaders: u32,
    /// When the last leader went, while nobody leads.
    pub(super) leaderless: Option<Duration>,
    /// Messages typed before the client's host last died.
    pub(super) before_crash: BTreeSet<Message>,
}

impl<'a> Scene<'a> {
    /// The client of a lane, if it has done anything.
    pub(super) fn client(&self, event: &Event) -> Option<&Client<'a>> {
        self.clients.get(&event.lane)
    }

    /// Whether any client has an open socket.
    pub(super) fn is_online(&self) -> bool {
        self.clients.values().any(Client::is_online)
    }

    /// Messages typed anywhere without an outcome.
    pub(super) fn pending(&self) -> usize {
        self.clients.values().map(|client| client.pending.len()).sum()
    }

    /// Whether any message is on its way.
    pub(super) fn is_sending(&self) -> bool {
        self.clients.values().any(|client| !client.in_flight.is_empty())
    }

    /// Whether tabs are between two leaders.
    pub(super) fn is_handing_over(&self) -> bool {
        self.leader.is_none() && self.leaderless.is_some()
    }

    pub(super) fn on(&mut self, event: &'a Event) {
        match &event.kind {
            Kind::Fault { what, on } => self.fault(what, *on),
            Kind::Host { host, up } => self.host(*host, *up),
            Kind::GuestCreated { .. } => {
                self.guests += 1;
                self.expired = false;
            }
            Kind::TokenRefreshed { .. } => self.expired = false,
            Kind::SocketOpened { guest, .. } => *self.server.entry(*guest).or_default() += 1,
            Kind::SocketClosed { guest, .. } => {
                let open = self.server.entry(*guest).or_default();
                *open = open.saturating_sub(1);
            }
            Kind::Said { .. } => self.said += 1,
            Kind::Leads { .. } => {
                self.leaders += 1;
                (self.leader, self.leaderless) = (Some(event.lane), None);
            }
            Kind::Follows { .. }
            | Kind::Life {
                life: Life::Closed | Life::Crashed | Life::Reloaded | Life::Frozen | Life::Cached,
            } if self.leader == Some(event.lane) => {
                (self.leader, self.leaderless) = (None, Some(event.at));
            }
            _ => {}
        }
        if event.lane.is_client() {
            self.clients.entry(event.lane).or_default().on(event);
        }
        self.browser.on(event);
    }

    fn fault(&mut self, what: &'a Fault, on: bool) {
        if what.effect == Effect::ExpireTokens {
            self.expired = true;
        } else if !on {
            self.links.remove(what);
        } else if what.effect.link().is_some() {
            self.links.insert(what);
        }
    }

    fn host(&mut self, host: Host, up: bool) {
        if up {
            self.down.remove(&host);
            return;
        }
        self.down.insert(host);
        if host == Host::Client {
            self.before_crash.extend(self.clients.values().flat_map(|client| &client.pending));
            self.clients.values_mut().for_each(Client::forget);
        }
    }
}

impl<'a> Client<'a> {
    fn forget(&mut self) {
        self.sockets.clear();
        self.asked.clear();
        self.in_flight.clear();
        self.waits = 0;
    }

    fn on(&mut self, event: &'a Event) {
        match &event.kind {
            Kind::State { state } => {
                self.state = Some(state);
                match state {
                    State::Waiting(_) => self.waits += 1,
                    State::Open => self.waits = 0,
                    _ => {}
                }
            }
            Kind::Typed { message, .. } => {
                self.pending.insert(*message);
            }
            Kind::Delivered { message } | Kind::Failed { message, .. } => {
                self.pending.remove(message);
                self.in_flight.remove(message);
            }
            Kind::Request { conn, endpoint, message } => {
                self.asked.insert(*conn, *endpoint);
                if let Some(message) = message {
                    self.send(*message, *conn);
                }
            }
            Kind::FrameOut { conn, frame } => self.frame_out(*conn, frame),
            Kind::FrameIn { conn, frame } => self.frame_in(event.at, *conn, frame),
            Kind::Answer { conn, status, message, .. } => {
                self.asked.remove(conn);
                if let Some(message) = message {
                    self.in_flight.remove(message);
                }
                if *status == 101 {
                    let (since, heard) = (event.at, event.at);
                    self.sockets.insert(*conn, Socket { since, heard, probed: false });
                }
            }
            Kind::Ended { conn, .. } | Kind::ConnectFailed { conn, .. } => {
                self.sockets.remove(conn);
                self.asked.remove(conn);
                self.in_flight.retain(|_, on| on != conn);
            }
            Kind::Life { life: Life::Closed | Life::Crashed | Life::Reloaded | Life::Cached } => {
                self.forget();
                if !matches!(&event.kind, Kind::Life { life: Life::Cached }) {
                    self.pending.clear();
                }
            }
            _ => {}
        }
    }

    fn send(&mut self, message: Message, conn: u32) {
        self.in_flight.insert(message, conn);
        self.sent.insert(message);
    }

    fn frame_out(&mut self, conn: u32, frame: &'a Frame) {
        match frame {
            Frame::Message(message) => {
                self.send(*message, conn);
                self.sent_live.insert(*message);
            }
            Frame::Ping => {
                if let Some(socket) = self.sockets.get_mut(&conn) {
                    socket.probed = true;
                }
            }
            Frame::Close(_) => {
                self.sockets.remove(&conn);
            }
            _ => {}
        }
    }

    fn frame_in(&mut self, at: Duration, conn: u32, frame: &'a Frame) {
        if let Some(socket) = self.sockets.get_mut(&conn) {
            (socket.heard, socket.probed) = (at, false);
        }
        match frame {
            Frame::Ack(message) | Frame::Error { message: Some(message), .. } => {
                self.in_flight.remove(message);
            }
            Frame::Close(_) => {
                self.sockets.remove(&conn);
            }
            _ => {}
        }
    }
}
