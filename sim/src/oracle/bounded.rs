//! bounded: no more messages or bytes are pending than the outbox may hold, a message that
//! outlives its time is reported then, and none is called expired before.
//!
//! Judged at the end of each instant, because a message over the bound is typed and refused at the
//! same moment. Ignores the time in which the client's host was down: expiry is announced when it
//! is up again. Each limit of time has 1 s of slack.
//!
//! The tabs of a browser have one outbox. A message is in it from `Accepted` on, and until any tab
//! reports it or the cloud has it; its life counts from when it was typed, which is earlier. How long
//! it lives is not judged once its page has stopped, and a minute's slack is for hidden timers. Ignores
//! tabs that run apart.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{
    Bounds, Oracle, Violation, end_of, ends_page, guests, has_tabs, is_clock_put, is_crash,
    is_restart, secs,
};
use crate::trace::reports::Failure;
use crate::trace::{Event, Kind, Lane, Life, Message};

pub(super) const ORACLE: Oracle = Oracle {
    id: "bounded",
    holds_when: "the outbox stays under its limits, and expiry is announced when it happens",
    judge,
};

const SLACK: Duration = Duration::from_secs(1);

struct Outbox<'a> {
    events: &'a [Event],
    bounds: &'a Bounds,
    /// When each pending message was typed, and its bytes.
    pending: BTreeMap<Message, (Duration, usize)>,
    bytes: usize,
    /// What was typed in tabs: when, and its bytes.
    typed: BTreeMap<Message, (Duration, usize)>,
    /// The lane that accepted each message; `Net` once its page has stopped.
    lanes: BTreeMap<Message, Lane>,
    apart: BTreeSet<Lane>,
    slack: Duration,
    /// Since when the client's host has been down, and until when: `None` while it is.
    down: Vec<(Duration, Option<Duration>)>,
    /// The wall clock of the client's machine was put forward: a life that is kept over a crash may be
    /// over early.
    put_forward: bool,
    over: bool,
    found: Vec<Violation>,
}

fn judge(events: &[Event], bounds: &Bounds) -> Vec<Violation> {
    let tabs = has_tabs(events);
    let mut outbox = Outbox {
        events,
        bounds,
        pending: BTreeMap::new(),
        bytes: 0,
        typed: BTreeMap::new(),
        lanes: BTreeMap::new(),
        apart: guests::apart(events),
        slack: if tabs { SLACK + bounds.hidden_timers } else { SLACK },
        down: Vec::new(),
        put_forward: false,
        over: false,
        found: Vec::new(),
    };
    for (index, event) in events.iter().enumerate() {
        outbox.on(index, event);
        if events.get(index + 1).is_none_or(|next| next.at > event.at) {
            outbox.end_of_instant(index);
        }
    }
    let end = end_of(events);
    for (message, (typed, _)) in std::mem::take(&mut outbox.pending) {
        outbox.check_lifetime(message, typed, end);
    }
    outbox.found
}

impl Outbox<'_> {
    fn on(&mut self, index: usize, event: &Event) {
        match &event.kind {
            _ if self.apart.contains(&event.lane) => {}
            Kind::Typed { message, bytes } if event.lane.tab().is_some() => {
                self.typed.insert(*message, (event.at, *bytes));
            }
            Kind::Typed { message, bytes } => self.take(*message, event.at, *bytes),
            Kind::Accepted { message } => {
                let (_, bytes) = self.typed.get(message).copied().unwrap_or_default();
                self.lanes.insert(*message, event.lane);
                self.take(*message, event.at, bytes);
            }
            Kind::Stored { message, .. } if self.lanes.contains_key(message) => {
                self.settle(*message, event.at);
            }
            Kind::Life { life: Life::Frozen } => self.stop(event.lane),
            kind if ends_page(kind) => self.stop(event.lane),
            Kind::Delivered { message } => {
                self.settle(*message, event.at);
            }
            Kind::Failed { message, reason } => {
                let Some(accepted) = self.settle(*message, event.at) else { return };
                let typed = self.typed.get(message).map_or(accepted, |(typed, _)| *typed);
                let lived = event.at.saturating_sub(typed);
                if *reason == Failure::Expired
                    && !self.put_forward
                    && lived + SLACK < self.bounds.ttl
                {
                    let text = format!(
                        "{message} was called expired at {}, {} after it was typed; expected {} to live",
                        secs(event.at),
                        secs(lived),
                        secs(self.bounds.ttl)
                    );
                    let early = ORACLE.violation(self.events, index, text);
                    self.found.push(early.about([*message]));
                }
            }
            kind if is_clock_put(kind) => {
                self.put_forward = true;
            }
            kind if is_crash(kind) => {
                self.lanes.values_mut().for_each(|lane| *lane = Lane::Net);
                self.down.push((event.at, None));
            }
            kind if is_restart(kind) => {
                if let Some((_, up @ None)) = self.down.last_mut() {
                    *up = Some(event.at);
                }
            }
            _ => {}
        }
    }

    fn take(&mut self, message: Message, at: Duration, bytes: usize) {
        self.pending.insert(message, (at, bytes));
        self.bytes += bytes;
    }

    /// A page that took messages does not tell what becomes of them.
    fn stop(&mut self, lane: Lane) {
        let stopped = self.lanes.values_mut().filter(|of| **of == lane);
        stopped.for_each(|of| *of = Lane::Net);
    }

    fn settle(&mut self, message: Message, at: Duration) -> Option<Duration> {
        let (typed, bytes) = self.pending.remove(&message)?;
        self.bytes -= bytes;
        self.check_lifetime(message, typed, at);
        Some(typed)
    }

    /// A message typed at `typed` was still pending just before `now`.
    fn check_lifetime(&mut self, message: Message, typed: Duration, now: Duration) {
        if self.lanes.get(&message) == Some(&Lane::Net) {
            return;
        }
        let mut due = typed + self.bounds.ttl + self.slack;
        for (from, until) in &self.down {
            if *from > due {
                break;
            }
            let Some(until) = until else { return };
            due = due.max(*until + SLACK);
        }
        if now > due {
            let text = format!(
                "{message}, typed at {}, was still pending and unreported at {}; expected its expiry to \
                 be reported after {}",
                secs(typed),
                secs(due),
                secs(self.bounds.ttl)
            );
            self.found.push(ORACLE.violation_by(self.events, due, text).about([message]));
        }
    }

    fn end_of_instant(&mut self, index: usize) {
        let (count, bytes) = (self.pending.len(), self.bytes);
        let (most, most_bytes) = (self.bounds.outbox_count, self.bounds.outbox_bytes);
        let over = count > most || bytes > most_bytes;
        if over && !self.over {
            let text = format!(
                "{count} messages with {bytes} bytes were pending at {}; expected at most \
                 {most} messages and {most_bytes} bytes",
                secs(self.events[index].at)
            );
            self.found.push(ORACLE.violation(self.events, index, text));
        }
        self.over = over;
    }
}
