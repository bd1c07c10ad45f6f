//! When somebody else than the client is to blame: faults, hosts that are down, a server that has
//! named a time or ended a socket, a terminal state, a user who pressed "reconnect", the end of the
//! run.
//!
//! A log does not say which faults last. One whose end is in the log lasted until then; of the
//! others it is known that they were moments once the run has healed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Bounds, named};
use crate::trace::conditions::{Fault, Host};
use crate::trace::event::ConnectError;
use crate::trace::reports::{State, Wish};
use crate::trace::{End, Endpoint, Event, Frame, Kind, Lane};

/// Times that excuse a client, in order of their beginnings.
pub(super) struct Excuses {
    periods: Vec<(Duration, Duration)>,
}

impl Excuses {
    pub(super) fn of(events: &[Event], bounds: &Bounds) -> Self {
        let mut periods = lasting(events);
        let mut terminal: BTreeMap<Lane, Duration> = BTreeMap::new();
        let mut ways = Ways::default();
        for event in events {
            if ways.cut_off(event) {
                periods.push((event.at, event.at));
            }
            if let Kind::State { state } = &event.kind {
                if matches!(state, State::Terminal(_)) {
                    terminal.entry(event.lane).or_insert(event.at);
                } else if let Some(since) = terminal.remove(&event.lane) {
                    periods.push((since, event.at));
                }
            }
            periods.extend(excuse(event, bounds).map(|until| (event.at, until)));
        }
        periods.extend(terminal.into_values().map(|since| (since, Duration::MAX)));
        periods.sort_unstable();
        Self { periods }
    }

    /// Whether nothing excuses anybody from one moment to another.
    pub(super) fn none_between(&self, from: Duration, to: Duration) -> bool {
        !self.periods.iter().any(|(begin, end)| *begin <= to && *end >= from)
    }

    /// Since when nobody is excused just before `now`; `None` if somebody is.
    pub(super) fn none_since(&self, now: Duration) -> Option<Duration> {
        let begun = self.periods.iter().take_while(|(begin, _)| *begin < now);
        let end = begun.map(|(_, end)| *end).max().unwrap_or_default();
        (end < now).then_some(end)
    }

    /// The moment `due`, put off to `again` after the end of every excuse since `from`.
    pub(super) fn put_off(&self, from: Duration, due: Duration, again: Duration) -> Duration {
        let since = self.periods.iter().filter(|(_, end)| *end >= from);
        since.fold(
            due,
            |due, (begin, end)| {
                if *begin <= due { due.max(end.saturating_add(again)) } else { due }
            },
        )
    }
}

/// Faults and hosts that are down.
fn lasting(events: &[Event]) -> Vec<(Duration, Duration)> {
    let healed = events.iter().any(|event| event.kind == Kind::Healed);
    let mut begun: BTreeMap<&Fault, Vec<Duration>> = BTreeMap::new();
    let mut down: BTreeMap<Host, Duration> = BTreeMap::new();
    let mut periods = Vec::new();
    for event in events {
        match &event.kind {
            Kind::Fault { what, on: true } => begun.entry(what).or_default().push(event.at),
            Kind::Fault { what, on: false } => {
                let since = begun.get_mut(what).and_then(Vec::pop);
                periods.push((since.unwrap_or(event.at), event.at));
            }
            Kind::Host { host, up: false } => {
                down.insert(*host, event.at);
            }
            Kind::Host { host, up: true } => {
                let since = down.remove(host);
                periods.push((since.unwrap_or(event.at), event.at));
            }
            _ => {}
        }
    }
    let moments = begun.into_values().flatten();
    periods.extend(moments.map(|at| (at, if healed { at } else { Duration::MAX })));
    periods.extend(down.into_values().map(|since| (since, Duration::MAX)));
    periods
}

/// Until when one event excuses, if it does.
fn excuse(event: &Event, bounds: &Bounds) -> Option<Duration> {
    let at = event.at;
    match &event.kind {
        Kind::Fired { .. } | Kind::Cut { .. } | Kind::World { .. } | Kind::Degraded { .. } => {
            Some(at)
        }
        Kind::Asked { what: Wish::ShutDown } => Some(Duration::MAX),
        Kind::Asked { what: Wish::Reconnect } => Some(at),
        _ if !event.lane.is_client() => None,
        Kind::Answer { endpoint, status: status @ 400.., retry_after, .. }
            if *endpoint != Endpoint::Messages && *status != 401 =>
        {
            let told = named::until(*status, retry_after.as_deref(), at, bounds);
            Some(told.unwrap_or_default().max(at))
        }
        Kind::ConnectFailed { error, .. } => (*error != ConnectError::GivenUp).then_some(at),
        _ => None,
    }
}

/// Connections that are sockets, or on their way to be one.
#[derive(Default)]
struct Ways(BTreeSet<(Lane, u32)>);

impl Ways {
    /// Whether the other side or the network ends one that its tab did not give up.
    fn cut_off(&mut self, event: &Event) -> bool {
        let Some(way) = event.kind.conn().map(|conn| (event.lane, conn)) else { return false };
        match &event.kind {
            Kind::Request { endpoint, .. } if event.lane.is_client() => {
                if *endpoint != Endpoint::Messages {
                    self.0.insert(way);
                }
                false
            }
            Kind::Answer { status, .. } if *status != 101 => {
                self.0.remove(&way);
                false
            }
            Kind::FrameOut { frame: Frame::Close(_), .. } => {
                self.0.remove(&way);
                false
            }
            Kind::FrameIn { frame: Frame::Close(_), .. } => self.0.remove(&way),
            Kind::Ended { end, .. } => {
                self.0.remove(&way) && !matches!(end, End::Own | End::OwnRst)
            }
            _ => false,
        }
    }
}
