//! All channels of a browser, and the messages on their way.
//!
//! They wait in one queue, in order of time; the browser's task hands them to the receivers' tabs.
//! Refuses any promise but one: two messages of one sender never overtake each other on the way to
//! one receiver.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use holdline_client::Timers;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tokio::sync::Notify;

use super::channel::ChannelError;
use super::event::AgentId;
use super::inbox::{Inbox, Input};
use crate::settings::BrowserSettings;
use holdline_net::NowFn;

/// Keeps the channels' delays apart from what else comes from the same seed.
const SEED_OF_CHANNELS: u64 = 0x00c4_a22e;

/// A listener.
pub(super) type Hear = Rc<dyn Fn(String)>;

/// One `BroadcastChannel` object.
struct Port {
    name: Rc<str>,
    agent: AgentId,
    inbox: Rc<Inbox>,
    listeners: BTreeMap<u64, Hear>,
    /// When the latest message of each sender arrives: the next one must not overtake it.
    latest: BTreeMap<u64, Duration>,
}

struct Post {
    to: u64,
    text: Rc<str>,
}

/// All channels of a browser.
pub(super) struct Channels {
    now: NowFn,
    timers: Rc<dyn Timers>,
    delay: Duration,
    jitter_ms: u64,
    rng: RefCell<ChaCha8Rng>,
    ports: RefCell<BTreeMap<u64, Port>>,
    /// Ordered by time, then by the order of posting.
    under_way: RefCell<BTreeMap<(Duration, u64), Post>>,
    next: Cell<u64>,
    /// Rung when something arrives earlier than anything before.
    bell: Notify,
}

impl Channels {
    pub(super) fn new(
        settings: &BrowserSettings,
        seed: u64,
        now: NowFn,
        timers: Rc<dyn Timers>,
    ) -> Self {
        Self {
            now,
            timers,
            delay: settings.channel_delay,
            jitter_ms: settings.channel_jitter.as_millis() as u64,
            rng: RefCell::new(ChaCha8Rng::seed_from_u64(seed ^ SEED_OF_CHANNELS)),
            ports: RefCell::default(),
            under_way: RefCell::default(),
            next: Cell::new(0),
            bell: Notify::new(),
        }
    }

    /// A new object; its number names it.
    pub(super) fn open(&self, name: &str, agent: AgentId, inbox: Rc<Inbox>) -> u64 {
        let id = self.number();
        let (listeners, latest) = (BTreeMap::new(), BTreeMap::new());
        let port = Port { name: name.into(), agent, inbox, listeners, latest };
        self.ports.borrow_mut().insert(id, port);
        id
    }

    /// Puts an ear to an object; the answer names it.
    pub(super) fn listen(&self, port: u64, hear: Hear) -> u64 {
        let id = self.number();
        if let Some(port) = self.ports.borrow_mut().get_mut(&port) {
            port.listeners.insert(id, hear);
        }
        id
    }

    /// Takes it away again.
    pub(super) fn unlisten(&self, port: u64, listener: u64) {
        let mut ports = self.ports.borrow_mut();
        let gone = ports.get_mut(&port).and_then(|port| port.listeners.remove(&listener));
        drop(ports);
        drop(gone);
    }

    /// Closes every channel of a dead agent.
    pub(super) fn forget(&self, agent: AgentId) {
        let mut ports = self.ports.borrow_mut();
        let gone: Vec<_> = ports.extract_if(.., |_, port| port.agent == agent).collect();
        // What a listener owns may close a channel while it is dropped.
        drop(ports);
        drop(gone);
    }

    /// Hands over what arrives, for as long as the browser runs.
    pub(super) async fn deliver(&self) {
        loop {
            let Some(due) = self.next_due() else {
                self.bell.notified().await;
                continue;
            };
            tokio::select! {
                biased;
                () = self.bell.notified() => {}
                () = self.timers.sleep(due.saturating_sub((self.now)())) => self.hand_over(),
            }
        }
    }

    /// Calls the listeners of a port; done by the receiver's tab, as a task of its own.
    pub(super) fn hear(&self, port: u64, text: &str) {
        let listeners: Vec<Hear> = match self.ports.borrow().get(&port) {
            Some(port) => port.listeners.values().cloned().collect(),
            None => return,
        };
        for hear in listeners {
            hear(text.to_owned());
        }
    }

    fn number(&self) -> u64 {
        self.next.replace(self.next.get() + 1)
    }

    fn next_due(&self) -> Option<Duration> {
        self.under_way.borrow().first_key_value().map(|(&(due, _), _)| due)
    }

    fn hand_over(&self) {
        let now = (self.now)();
        let (ports, mut under_way) = (self.ports.borrow(), self.under_way.borrow_mut());
        while let Some(post) = under_way.first_entry().filter(|post| post.key().0 <= now) {
            let Post { to, text } = post.remove();
            if let Some(port) = ports.get(&to) {
                port.inbox.push(Input::Message { port: to, text });
            }
        }
    }

    /// Sends text to every other object of that name that has a listener.
    pub(super) fn post(&self, from: u64, text: &str) -> Result<(), ChannelError> {
        let mut ports = self.ports.borrow_mut();
        let name = Rc::clone(&ports.get(&from).ok_or(ChannelError::InvalidState)?.name);
        let text: Rc<str> = text.into();
        let earliest = self.next_due();
        let (now, mut rng) = ((self.now)(), self.rng.borrow_mut());
        for (&to, port) in ports.iter_mut() {
            if to == from || port.name != name || port.listeners.is_empty() {
                continue;
            }
            let jitter = Duration::from_millis(rng.random_range(0..=self.jitter_ms));
            let latest = port.latest.entry(from).or_default();
            *latest = (*latest).max(now + self.delay + jitter);
            let post = Post { to, text: Rc::clone(&text) };
            self.under_way.borrow_mut().insert((*latest, self.number()), post);
        }
        if earliest.is_none() || self.next_due() < earliest {
            self.bell.notify_one();
        }
        Ok(())
    }

    /// Ends an object.
    pub(super) fn close(&self, id: u64) {
        let mut ports = self.ports.borrow_mut();
        let gone = ports.remove(&id);
        for port in ports.values_mut() {
            port.latest.remove(&id);
        }
        drop(ports);
        drop(gone);
    }
}
