//! Follows the client's reconnect flow through a log: when it starts to try, after which failure.
//!
//! A log does not say why a connection is opened. One whose first request is to a door of the flow
//! (create guest, refresh token, open socket) is the flow's; one that never got to a request is
//! the flow's for certain only while no message is pending, because a message may be what it
//! was for. What is uncertain can excuse a client and never accuse it. What goes on beside an open
//! socket, such as a refresh ahead of time, is no try at all.
//!
//! Every tab of a browser has a flow of its own, which begins anew with its page, with the lead, and
//! with every pause of the tab. A message pending in any tab may be what a connection is for, and a
//! user who asks in any tab asks for all. Hidden timers may put a try off.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Bounds, client_lanes, is_crash, is_not_kept, is_restart, named};
use crate::trace::reports::{State, Wish};
use crate::trace::{End, Endpoint, Event, Frame, Kind, Lane, Life, Message};

/// Two clocks cut to milliseconds may disagree by this much about how long a socket lived.
const EDGE: Duration = Duration::from_millis(100);

/// The flow begins to try, or takes the next step of a try.
#[derive(Debug, Clone)]
pub(super) struct Start {
    /// When.
    pub(super) at: Duration,
    /// Index of the event.
    pub(super) index: usize,
    /// At which door; `None` for a connection that never got to a request.
    pub(super) door: Option<Endpoint>,
    /// Whether it is the flow's beyond doubt, and not a message's.
    pub(super) certain: bool,
    /// Whether the user asked for it since the last failure.
    pub(super) asked: bool,
    /// Whether it is the first of a page that the user has just opened, reloaded or woken.
    pub(super) fresh: bool,
    /// The failure it follows; `None` when it is the first, a further step, or beside another.
    pub(super) after: Option<Failure>,
    /// The latest time that a server has named to the flow so far; zero for none.
    pub(super) told_until: Duration,
    /// How late the timer that it waited for may be: the page was hidden meanwhile.
    pub(super) late: Duration,
}

/// The flow failed.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    /// When.
    pub(super) at: Duration,
    /// Consecutive failures with this one, counting every doubtful one.
    pub(super) most: u32,
    /// Consecutive failures with this one, counting no doubtful one.
    pub(super) least: u32,
    /// Whether both the failure and the start after it are the flow's beyond doubt.
    pub(super) certain: bool,
}

/// How far one connection of the flow is.
#[derive(Debug, Clone, Copy)]
enum Stage {
    Dialing {
        certain: bool,
        aside: bool,
    },
    Asking {
        aside: bool,
    },
    /// `heard`: when the last frame came in. The silence after it is no part of its life.
    Open {
        since: Duration,
        heard: Option<Duration>,
    },
}

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about a client")]
struct Flow<'a> {
    bounds: &'a Bounds,
    /// The door of the first request on each connection.
    first_door: BTreeMap<u32, Endpoint>,
    /// Connections whose end is in the log.
    ending: BTreeSet<u32>,
    pending: BTreeSet<Message>,
    under_way: BTreeMap<u32, Stage>,
    most: u32,
    least: u32,
    failure: Option<Failure>,
    /// A socket was refused with 401: a failure unless a refresh follows.
    rejected: Option<Duration>,
    told_until: Duration,
    asked: bool,
    fresh: bool,
    shutting_down: bool,
    /// That a socket was stable may not be in the store, which has the failures for all tabs: another
    /// took the lead since this one did, or the store refused a write.
    unsaved: bool,
    /// Which other tab leads, or did last.
    leader: Option<Lane>,
    /// Since when the tab is hidden, if it is.
    hidden: Option<Duration>,
    /// Since when it was, if it was at any time since the last try.
    late: Option<Duration>,
    starts: Vec<Start>,
}

/// Every start of each client's flow in a log.
pub(super) fn starts(events: &[Event], bounds: &Bounds) -> Vec<Vec<Start>> {
    client_lanes(events).into_iter().map(|lane| starts_of(lane, events, bounds)).collect()
}

fn starts_of(lane: Lane, events: &[Event], bounds: &Bounds) -> Vec<Start> {
    let mut first_door = BTreeMap::new();
    let mut ending = BTreeSet::new();
    for event in events.iter().filter(|event| event.lane == lane) {
        match &event.kind {
            Kind::Request { conn, endpoint, .. } => {
                first_door.entry(*conn).or_insert(*endpoint);
            }
            Kind::Ended { conn, .. } | Kind::ConnectFailed { conn, .. } => {
                ending.insert(*conn);
            }
            _ => {}
        }
    }
    let mut flow = Flow {
        bounds,
        first_door,
        ending,
        pending: BTreeSet::new(),
        under_way: BTreeMap::new(),
        most: 0,
        least: 0,
        failure: None,
        rejected: None,
        told_until: Duration::ZERO,
        asked: false,
        fresh: false,
        shutting_down: false,
        unsaved: false,
        leader: None,
        hidden: None,
        late: None,
        starts: Vec::new(),
    };
    for (index, event) in events.iter().enumerate() {
        if is_crash(&event.kind) || is_restart(&event.kind) {
            flow.forget();
        } else if event.lane == lane {
            flow.on(index, event);
        } else if event.lane.is_client() {
            flow.beside(event);
        }
    }
    flow.starts
}

fn is_of_flow(door: Endpoint) -> bool {
    matches!(door, Endpoint::Guests | Endpoint::Refresh | Endpoint::Socket)
}

impl Flow<'_> {
    fn on(&mut self, index: usize, event: &Event) {
        let at = event.at;
        self.unsaved |= is_not_kept(&event.kind);
        match &event.kind {
            Kind::Typed { message, .. } => {
                self.pending.insert(*message);
            }
            Kind::Delivered { message } | Kind::Failed { message, .. } => {
                self.pending.remove(message);
            }
            Kind::Asked { what: Wish::Reconnect } => self.asked = true,
            Kind::Asked { what: Wish::ShutDown } => {
                self.forget();
                self.shutting_down = true;
            }
            Kind::Life { life } => self.live(event.at, *life),
            // Its first connection may be under way already.
            Kind::Leads { .. } => {
                self.keep(|_| true);
                self.unsaved = false;
            }
            Kind::Follows { .. } => self.forget(),
            _ if self.shutting_down => {}
            Kind::Connecting { conn } => self.connecting(index, at, *conn),
            Kind::Request { conn, endpoint, .. } if is_of_flow(*endpoint) => {
                self.request(index, at, *conn, *endpoint);
            }
            Kind::Answer { conn, endpoint, status, retry_after, .. } if is_of_flow(*endpoint) => {
                self.answer(at, *conn, *endpoint, *status, retry_after.as_deref());
            }
            // Its guest is gone: whatever the flow was waiting for, it begins a new wait now.
            Kind::Answer {
                endpoint: Endpoint::Messages | Endpoint::History,
                status: 404 | 410,
                ..
            }
            | Kind::FrameIn { frame: Frame::Error { status: 404 | 410, .. }, .. } => {
                self.most += 1;
                self.told_until = self.told_until.max(at + self.bounds.backoff_cap);
            }
            Kind::FrameIn { conn, frame: Frame::Close(_) }
            | Kind::FrameOut { conn, frame: Frame::Close(_) }
            | Kind::ConnectFailed { conn, .. }
            | Kind::Ended { conn, .. } => {
                if let Some(stage) = self.under_way.remove(conn) {
                    self.fail(stage, at);
                }
            }
            Kind::FrameIn { conn, .. } | Kind::Partial { conn } => {
                if let Some(Stage::Open { heard, .. }) = self.under_way.get_mut(conn) {
                    *heard = Some(at);
                }
            }
            _ => {}
        }
    }

    /// What another tab does.
    fn beside(&mut self, event: &Event) {
        match &event.kind {
            Kind::Typed { message, .. } => {
                self.pending.insert(*message);
            }
            Kind::Delivered { message } | Kind::Failed { message, .. } => {
                self.pending.remove(message);
            }
            // The failures and the waits of whoever led before are in the store.
            Kind::ConnectFailed { .. } | Kind::FrameIn { frame: Frame::Close(_), .. } => {
                self.most += 1;
            }
            Kind::Ended { end, .. } if !matches!(end, End::Own | End::OwnRst) => self.most += 1,
            Kind::Answer { endpoint, status: status @ 400.., retry_after, .. }
                if is_of_flow(*endpoint) =>
            {
                self.most += 1;
                self.told(event.at, *status, retry_after.as_deref());
            }
            // A leader that lost its patience ended the connection itself; this is what tells.
            Kind::State { state } if self.leader == Some(event.lane) => {
                self.most += u32::from(matches!(state, State::Waiting(_)));
            }
            Kind::Leads { .. } => self.leader = Some(event.lane),
            Kind::Claimed { .. } => self.unsaved = true,
            kind => self.asked |= *kind == Kind::Asked { what: Wish::Reconnect },
        }
    }

    fn told(&mut self, at: Duration, status: u16, retry_after: Option<&str>) {
        let named = named::until(status, retry_after, at, self.bounds).unwrap_or_default();
        self.told_until = self.told_until.max(named);
    }

    fn live(&mut self, at: Duration, life: Life) {
        match life {
            Life::Shown | Life::Focused => self.hidden = None,
            Life::Blurred => {}
            Life::Hidden => self.hidden = self.hidden.or(Some(at)),
            // Its sockets live on, and their end is a failure like any other.
            Life::Frozen | Life::Resumed => {
                self.keep(|stage| matches!(stage, Stage::Open { .. }));
                self.fresh = true;
            }
            _ => {
                self.forget();
                self.fresh = true;
            }
        }
        if life == Life::Opened {
            self.hidden = Some(at);
        }
        self.late = self.late.or(self.hidden);
    }

    /// A new process, or none any more. It may go on with the failures and the told wait of the one
    /// before, which are journalled, and need not: that excuses a longer wait and asks for none.
    fn forget(&mut self) {
        self.under_way.clear();
        self.failure = None;
        self.rejected = None;
        self.asked = false;
        self.shutting_down = false;
        self.least = 0;
    }

    /// Begins anew but for some connections.
    fn keep(&mut self, which: impl Fn(&Stage) -> bool) {
        let mut under_way = std::mem::take(&mut self.under_way);
        under_way.retain(|_, stage| which(stage));
        self.forget();
        self.under_way = under_way;
    }

    fn is_open(&self) -> bool {
        self.under_way.values().any(|stage| matches!(stage, Stage::Open { .. }))
    }

    fn connecting(&mut self, index: usize, at: Duration, conn: u32) {
        let aside = self.is_open();
        let door = self.first_door.get(&conn).copied();
        let certain = match door {
            Some(door) if is_of_flow(door) => true,
            Some(_) => return,
            None => !aside && self.pending.is_empty(),
        };
        // Beside an open socket it may be anything: only its failure says a little.
        if door.is_some() || !aside {
            self.start(index, at, door, certain, aside);
        }
        self.under_way.insert(conn, Stage::Dialing { certain, aside });
    }

    fn request(&mut self, index: usize, at: Duration, conn: u32, door: Endpoint) {
        let aside = if let Some(Stage::Dialing { aside, .. }) = self.under_way.get(&conn) {
            *aside
        } else {
            let aside = self.is_open();
            self.start(index, at, Some(door), true, aside);
            aside
        };
        self.under_way.insert(conn, Stage::Asking { aside });
    }

    fn start(
        &mut self,
        index: usize,
        at: Duration,
        door: Option<Endpoint>,
        certain: bool,
        aside: bool,
    ) {
        let (told_until, asked) = (self.told_until, self.asked);
        let fresh = std::mem::take(&mut self.fresh);
        let late = self.bounds.late_by(self.late, at);
        let mut start =
            Start { at, index, door, certain, asked, fresh, after: None, told_until, late };
        if !aside {
            let rejected = self.rejected.take();
            if let Some(rejected) = rejected.filter(|_| door != Some(Endpoint::Refresh)) {
                self.count(rejected, door.is_some());
            }
            // What never ends in the log has been left without a trace: it blocks nothing.
            let ending = &self.ending;
            self.under_way
                .retain(|conn, stage| matches!(stage, Stage::Open { .. }) || ending.contains(conn));
            start.after = self.failure.take().filter(|_| self.under_way.is_empty());
            if let Some(failure) = &mut start.after {
                failure.certain &= certain;
            }
            (self.asked, self.late) = (false, self.hidden);
        }
        self.starts.push(start);
    }

    fn answer(
        &mut self,
        at: Duration,
        conn: u32,
        door: Endpoint,
        status: u16,
        retry_after: Option<&str>,
    ) {
        if status >= 400 {
            self.told(at, status, retry_after);
        }
        // A page that slept meanwhile may have dialed before.
        let open = (status == 101).then_some(Stage::Asking { aside: false });
        let Some(stage) = self.under_way.remove(&conn).or(open) else { return };
        match status {
            101 => {
                self.failure = None;
                self.under_way.insert(conn, Stage::Open { since: at, heard: None });
            }
            401 if door == Endpoint::Socket => self.rejected = Some(at),
            400.. => self.fail(stage, at),
            _ => self.failure = None,
        }
    }

    fn fail(&mut self, stage: Stage, at: Duration) {
        match stage {
            Stage::Dialing { aside: true, .. } | Stage::Asking { aside: true } => {
                // A refresh in the background has a backoff of its own, which the next try of the
                // flow may have to wait out.
                self.told_until = self.told_until.max(at + self.bounds.backoff_cap);
                // Once the socket is gone, the flow may have waited for it.
                self.most += u32::from(!self.is_open());
            }
            Stage::Dialing { certain, .. } => self.count(at, certain),
            Stage::Asking { .. } => self.count(at, true),
            Stage::Open { since, heard } => {
                if let Some(heard) = heard {
                    let lived = heard.saturating_sub(since);
                    if lived >= self.bounds.stable_after + EDGE && !self.unsaved {
                        self.most = 0;
                    }
                    if lived + EDGE >= self.bounds.stable_after {
                        self.least = 0;
                    }
                }
                self.count(at, true);
            }
        }
    }

    fn count(&mut self, at: Duration, certain: bool) {
        self.most += 1;
        self.least += u32::from(certain);
        self.asked = false;
        let (most, least) = (self.most, self.least);
        self.failure = Some(Failure { at, most, least, certain });
    }
}
