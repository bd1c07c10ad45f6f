//! A log written by hand, one line per event, and what is expected of the oracles about it.

use std::io;
use std::time::Duration;

use holdline_sim::oracle::{self, Bounds, Violation};
use holdline_sim::trace::conditions::{Effect, Fault, Host, Link};
use holdline_sim::trace::event::{ConnectError, Route};
use holdline_sim::trace::reports::{Failure, Feature, FollowReason, LeadReason, Wish};
use holdline_sim::trace::{End, Endpoint, Event, Frame, Kind, Lane, Life};

/// A log that grows line by line. Times are virtual milliseconds and never go back.
pub(crate) struct Story {
    events: Vec<Event>,
    bounds: Bounds,
}

impl Story {
    /// An empty log under the usual bounds.
    pub(crate) fn new() -> Self {
        Self { events: Vec::new(), bounds: Bounds::default() }
    }

    pub(crate) fn bounded(mut self, change: impl FnOnce(&mut Bounds)) -> Self {
        change(&mut self.bounds);
        self
    }

    fn push(mut self, at_ms: u64, lane: Lane, kind: Kind) -> Self {
        let at = Duration::from_millis(at_ms);
        assert!(self.events.last().is_none_or(|last| last.at <= at), "a log is in order of time");
        self.events.push(Event { at, lane, kind });
        self
    }

    pub(crate) fn client(self, at_ms: u64, kind: Kind) -> Self {
        self.push(at_ms, Lane::Client, kind)
    }

    pub(crate) fn cloud(self, at_ms: u64, kind: Kind) -> Self {
        self.push(at_ms, Lane::Cloud, kind)
    }

    pub(crate) fn net(self, at_ms: u64, kind: Kind) -> Self {
        self.push(at_ms, Lane::Net, kind)
    }

    /// Something on the lane of a tab.
    pub(crate) fn tab(self, at_ms: u64, tab: char, kind: Kind) -> Self {
        self.push(at_ms, lane(tab), kind)
    }

    /// The same becomes of several tabs.
    pub(crate) fn life(self, at_ms: u64, tabs: &str, life: Life) -> Self {
        tabs.chars().fold(self, |story, tab| story.tab(at_ms, tab, Kind::Life { life }))
    }

    /// A tab takes the lead.
    pub(crate) fn leads(self, at_ms: u64, tab: char, epoch: u64) -> Self {
        self.tab(at_ms, tab, Kind::Claimed { epoch }).tab(
            at_ms,
            tab,
            Kind::Leads { epoch, why: LeadReason::First },
        )
    }

    pub(crate) fn follows(self, at_ms: u64, tab: char) -> Self {
        self.tab(at_ms, tab, Kind::Follows { why: FollowReason::Other("handed over".into()) })
    }

    pub(crate) fn lacks(self, at_ms: u64, tab: char, what: Feature) -> Self {
        self.tab(at_ms, tab, Kind::Degraded { what, why: "not there".into() })
    }

    /// A tab's socket is open from here on.
    pub(crate) fn socket(self, at_ms: u64, tab: char, conn: u32) -> Self {
        self.tab(at_ms, tab, Kind::Connecting { conn })
            .tab(at_ms, tab, Kind::Connected { conn })
            .tab(at_ms, tab, Kind::Request { conn, endpoint: Endpoint::Socket, message: None })
            .tab_answer(at_ms, tab, conn, Endpoint::Socket, 101)
    }

    pub(crate) fn tab_answer(
        self,
        at_ms: u64,
        tab: char,
        conn: u32,
        endpoint: Endpoint,
        status: u16,
    ) -> Self {
        let (retry_after, message) = (None, None);
        self.tab(at_ms, tab, Kind::Answer { conn, endpoint, status, retry_after, message })
    }

    pub(crate) fn tab_asks(self, at_ms: u64, tab: char, conn: u32, endpoint: Endpoint) -> Self {
        self.tab(at_ms, tab, Kind::Request { conn, endpoint, message: None })
    }

    pub(crate) fn tab_ended(self, at_ms: u64, tab: char, conn: u32) -> Self {
        self.tab(at_ms, tab, Kind::Ended { conn, end: End::Own })
    }

    /// Several tabs show a message.
    pub(crate) fn shows(self, at_ms: u64, tabs: &str, message: &str) -> Self {
        tabs.chars()
            .fold(self, |story, tab| story.tab(at_ms, tab, Kind::Shown { message: message.into() }))
    }

    pub(crate) fn fault(self, at_ms: u64, on: bool) -> Self {
        self.net(at_ms, Kind::Fault { what: partition(), on })
    }

    /// Typed in a tab, and accepted there at the same moment.
    pub(crate) fn accepted(self, at_ms: u64, tab: char, message: &str) -> Self {
        self.tab(at_ms, tab, Kind::Typed { message: message.into(), bytes: 10 }).tab(
            at_ms,
            tab,
            Kind::Accepted { message: message.into() },
        )
    }

    pub(crate) fn typed(self, at_ms: u64, message: &str) -> Self {
        self.client(at_ms, Kind::Typed { message: message.into(), bytes: 10 })
    }

    pub(crate) fn delivered(self, at_ms: u64, message: &str) -> Self {
        self.client(at_ms, Kind::Delivered { message: message.into() })
    }

    pub(crate) fn failed(self, at_ms: u64, message: &str, reason: Failure) -> Self {
        self.client(at_ms, Kind::Failed { message: message.into(), reason })
    }

    pub(crate) fn shown(self, at_ms: u64, message: &str) -> Self {
        self.client(at_ms, Kind::Shown { message: message.into() })
    }

    pub(crate) fn said(self, at_ms: u64, message: &str) -> Self {
        self.cloud(at_ms, Kind::Said { message: message.into(), guest: None })
    }

    pub(crate) fn stored(self, at_ms: u64, guest: u32, message: &str) -> Self {
        let (message, route) = (message.into(), Route::Socket);
        self.cloud(at_ms, Kind::Stored { guest, message, route })
    }

    pub(crate) fn asked(self, at_ms: u64, what: Wish) -> Self {
        self.client(at_ms, Kind::Asked { what })
    }

    pub(crate) fn connecting(self, at_ms: u64, conn: u32) -> Self {
        self.client(at_ms, Kind::Connecting { conn })
    }

    pub(crate) fn connect_failed(self, at_ms: u64, conn: u32) -> Self {
        self.client(
            at_ms,
            Kind::ConnectFailed { conn, error: ConnectError::Io(io::ErrorKind::ConnectionRefused) },
        )
    }

    /// A new connection, and the first request on it.
    pub(crate) fn request(self, at_ms: u64, conn: u32, endpoint: Endpoint) -> Self {
        self.connecting(at_ms, conn)
            .client(at_ms, Kind::Connected { conn })
            .ask_again(at_ms, conn, endpoint)
    }

    /// A request on a connection that stands already.
    pub(crate) fn ask_again(self, at_ms: u64, conn: u32, endpoint: Endpoint) -> Self {
        self.client(at_ms, Kind::Request { conn, endpoint, message: None })
    }

    pub(crate) fn answer(self, at_ms: u64, conn: u32, endpoint: Endpoint, status: u16) -> Self {
        self.answer_after(at_ms, conn, endpoint, status, None)
    }

    pub(crate) fn answer_after(
        self,
        at_ms: u64,
        conn: u32,
        endpoint: Endpoint,
        status: u16,
        retry_after: Option<&str>,
    ) -> Self {
        let retry_after = retry_after.map(Into::into);
        self.client(at_ms, Kind::Answer { conn, endpoint, status, retry_after, message: None })
    }

    /// A handshake that begins at one moment and is answered with 101 at another.
    pub(crate) fn open(self, from_ms: u64, to_ms: u64, conn: u32) -> Self {
        self.request(from_ms, conn, Endpoint::Socket).answer(to_ms, conn, Endpoint::Socket, 101)
    }

    pub(crate) fn frame_out(self, at_ms: u64, conn: u32, frame: Frame) -> Self {
        self.client(at_ms, Kind::FrameOut { conn, frame })
    }

    pub(crate) fn frame_in(self, at_ms: u64, conn: u32, frame: Frame) -> Self {
        self.client(at_ms, Kind::FrameIn { conn, frame })
    }

    pub(crate) fn ended(self, at_ms: u64, conn: u32, end: End) -> Self {
        self.client(at_ms, Kind::Ended { conn, end })
    }

    pub(crate) fn host(self, at_ms: u64, up: bool) -> Self {
        self.net(at_ms, Kind::Host { host: Host::Client, up })
    }

    pub(crate) fn healed(self, at_ms: u64) -> Self {
        self.net(at_ms, Kind::Healed)
    }

    pub(crate) fn quiet(self, at_ms: u64) -> Self {
        self.net(at_ms, Kind::Quiet)
    }

    /// Time passes and nothing happens.
    pub(crate) fn until(self, at_ms: u64) -> Self {
        self.net(at_ms, Kind::Fault { what: fault(Effect::Cloud, "nothing"), on: false })
    }

    /// What all oracles say.
    pub(crate) fn judged(&self) -> Vec<Violation> {
        oracle::judge(&self.events, &self.bounds)
    }

    /// One oracle has nothing to say, whatever the others find in a log that is about it alone.
    #[track_caller]
    pub(crate) fn spares(&self, oracle: &str) {
        let mut found = self.judged();
        found.retain(|violation| violation.oracle == oracle);
        assert!(found.is_empty(), "unexpected: {found:#?}");
    }

    /// It says one thing: at this moment, with this word.
    #[track_caller]
    pub(crate) fn accuses(&self, oracle: &str, at_ms: u64, word: &str) {
        let mut found = self.judged();
        found.retain(|violation| violation.oracle == oracle);
        let [one] = found.as_slice() else { panic!("expected one violation: {found:#?}") };
        assert_eq!(one.at, Duration::from_millis(at_ms), "{one}");
        assert!(one.text.contains(word), "no {word:?} in: {one}");
    }

    /// Nobody has anything to say.
    #[track_caller]
    pub(crate) fn holds(&self) {
        let found = self.judged();
        assert!(found.is_empty(), "unexpected: {found:#?}");
    }

    /// Exactly one violation, of this oracle, at this moment, with this word in its sentence.
    #[track_caller]
    pub(crate) fn breaks(&self, oracle: &str, at_ms: u64, word: &str) {
        let found = self.judged();
        let [one] = found.as_slice() else { panic!("expected one violation: {found:#?}") };
        assert_eq!(one.oracle, oracle, "{one}");
        assert_eq!(one.at, Duration::from_millis(at_ms), "{one}");
        assert!(one.text.contains(word), "no {word:?} in: {one}");
        let shown = &self.events[one.event];
        assert!(shown.at <= one.at, "shown at an event of later: {one}");
        let next = self.events.get(one.event + 1);
        assert!(next.is_none_or(|next| next.at >= one.at), "shown at too early an event: {one}");
    }
}

/// The lane of a tab.
fn lane(tab: char) -> Lane {
    let letters = ('A'..='P').position(|letter| letter == tab);
    Lane::Tab(letters.expect("a letter of a tab") as u8)
}

fn fault(effect: Effect, text: &str) -> Fault {
    Fault { effect, lasts: true, text: text.to_owned() }
}

fn partition() -> Fault {
    fault(Effect::Partition(Link::ClientProxy), "partition client-proxy")
}

/// The wall clock of the client's machine is put forward.
pub(crate) fn clock_put() -> Kind {
    Kind::Fault { what: fault(Effect::PutClockForward, "the clock is put forward"), on: true }
}
