//! The growing log of one run: names for messages and guests, and the rolling audit hash.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use thiserror::Error;

use super::event::{Event, Kind, Lane};
use super::message::Message;
use holdline_net::NowFn;

/// A hash over every event, in order: the same plan gives the same one, anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditHash([u8; 8]);

impl AuditHash {
    pub(crate) fn number(self) -> u64 {
        u64::from_be_bytes(self.0)
    }
}

impl fmt::Display for AuditHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Why a text is no audit hash.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is no audit hash; one has 16 hexadecimal digits")]
pub struct NoHash(String);

impl FromStr for AuditHash {
    type Err = NoHash;

    fn from_str(text: &str) -> Result<Self, NoHash> {
        let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u64::from_str_radix(text, 16).ok().filter(|_| digits);
        number.map(|number| Self(number.to_be_bytes())).ok_or_else(|| NoHash(text.to_owned()))
    }
}

/// Room for the events of a usual run, so that they are not moved as the log grows.
const EVENTS_USUAL: usize = 256;

#[derive(Default)]
struct Inner {
    events: Vec<Event>,
    /// Id on the wire to name.
    ids: BTreeMap<String, Message>,
    /// Text that a user typed to name: an id that is not known is known by its text.
    texts: BTreeMap<String, Message>,
    typed: u32,
    agent: BTreeMap<String, Message>,
    said: u32,
    guests: BTreeMap<String, u32>,
    conns: BTreeMap<Lane, u32>,
}

/// A handle to the log; clones write to the same one.
#[derive(Clone)]
pub struct Log {
    inner: Arc<Mutex<Inner>>,
    now: NowFn,
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Log({} events)", self.lock().events.len())
    }
}

impl Log {
    /// An empty log that stamps events with `now`.
    #[must_use]
    pub fn new(now: NowFn) -> Self {
        let inner = Inner { events: Vec::with_capacity(EVENTS_USUAL), ..Inner::default() };
        Self { inner: Arc::new(Mutex::new(inner)), now }
    }

    /// The virtual time that stamps an event now, whole milliseconds.
    #[must_use]
    pub fn now(&self) -> Duration {
        cut_to_millis((self.now)())
    }

    /// Appends an event that happens now.
    pub fn push(&self, lane: Lane, kind: Kind) {
        let at = self.now();
        self.lock().events.push(Event { at, lane, kind });
    }

    /// Everything so far.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.lock().events.clone()
    }

    /// Everything so far, of a log that is over: it is empty afterwards.
    #[must_use]
    pub fn take(&self) -> Vec<Event> {
        std::mem::take(&mut self.lock().events)
    }

    /// Looks at the events from `from` on without copying them.
    pub fn look<R>(&self, from: usize, f: impl FnOnce(&[Event]) -> R) -> R {
        let inner = self.lock();
        f(&inner.events[from.min(inner.events.len())..])
    }

    /// How many events there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().events.len()
    }

    /// Whether nothing has happened yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A number for the next connection of a lane, from 1.
    #[must_use]
    pub fn next_conn(&self, lane: Lane) -> u32 {
        let mut inner = self.lock();
        let conn = inner.conns.entry(lane).or_default();
        *conn += 1;
        *conn
    }

    /// The user typed `text`, before it has an id.
    #[must_use]
    pub fn name_typed(&self, text: &str) -> Message {
        let mut inner = self.lock();
        inner.typed += 1;
        let name = Message::Typed(inner.typed);
        inner.texts.entry(text.to_owned()).or_insert(name);
        name
    }

    /// `send` gave the message its id.
    pub fn name_id(&self, id: &str, name: Message) {
        self.lock().ids.insert(id.to_owned(), name);
    }

    /// Name of a guest's message seen on the wire: by its text where that was typed, so that the
    /// same text under a second id is still the same message; else by its id.
    #[must_use]
    pub fn name_guest(&self, id: &str, text: Option<&str>) -> Message {
        let mut inner = self.lock();
        let by_text = text.and_then(|text| inner.texts.get(text).copied());
        if let Some(name) = by_text {
            if inner.ids.get(id) != Some(&name) {
                inner.ids.insert(id.to_owned(), name);
            }
            return name;
        }
        inner.ids.get(id).copied().unwrap_or_else(|| id.into())
    }

    /// Name of an agent's message: by its id, or by its text where it has none.
    #[must_use]
    pub fn name_agent(&self, id: &str) -> Message {
        let mut inner = self.lock();
        if let Some(name) = inner.agent.get(id) {
            return *name;
        }
        inner.said += 1;
        let name = Message::Said(inner.said);
        inner.agent.insert(id.to_owned(), name);
        name
    }

    /// The text of the agent's latest message.
    pub fn name_agent_text(&self, text: &str) {
        let mut inner = self.lock();
        let latest = Message::Said(inner.said);
        inner.agent.entry(text.to_owned()).or_insert(latest);
    }

    /// Number of a guest, in order of creation.
    #[must_use]
    pub fn guest(&self, instance: &str) -> u32 {
        let mut inner = self.lock();
        let next = inner.guests.len() as u32 + 1;
        *inner.guests.entry(instance.to_owned()).or_insert(next)
    }

    /// The hash over everything so far.
    #[must_use]
    pub fn hash(&self) -> AuditHash {
        hash_of(&self.lock().events)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The last whole millisecond of a time.
pub(crate) const fn cut_to_millis(at: Duration) -> Duration {
    Duration::new(at.as_secs(), at.subsec_millis() * 1_000_000)
}

/// What the line of an event takes, about.
const LINE_BYTES: usize = 96;

/// The hash over a list of events.
#[must_use]
pub fn hash_of(events: &[Event]) -> AuditHash {
    // In one piece: blake3 hashes many of its kibibytes at once, and a line is none.
    let mut lines = Vec::with_capacity(events.len() * LINE_BYTES);
    for event in events {
        let fields = (event.at.as_millis() as u64, event.lane, &event.kind);
        serde_json::to_writer(&mut lines, &fields).expect("an event is plain data");
        lines.push(b'\n');
    }
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&blake3::hash(&lines).as_bytes()[..8]);
    AuditHash(bytes)
}
