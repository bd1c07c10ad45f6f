//! The handle that ties the pure core to a clock, an observer and the open sockets.
//!
//! One mutex guards everything; it is never held across an await, while an observer listens, or
//! while a socket is told something.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix::Recipient;

use crate::clock::Clock;
use crate::core::{
    CloudConfig, CloudError, Core, Delivery, Effect, End, GuestIndex, Now, StoredMessage,
};
use crate::faults::{FaultId, FaultRule};
use crate::journal::{Entry, Journal};
use crate::observer::Observer;

/// A frame that says that the agent types.
pub(crate) const TYPING: &str = r#"{"type":"typing","duration":5000}"#;

/// What the cloud tells a socket.
#[derive(Debug, Clone, PartialEq, Eq, actix::Message)]
#[rtype(result = "()")]
pub(crate) enum Push {
    /// Send this text frame.
    Text(String, Delivery),
    /// End the socket.
    End(End),
}

struct Inner {
    core: Core,
    sockets: BTreeMap<u64, Recipient<Push>>,
}

/// The mock cloud: cheap to clone, safe to share between threads; all clones are one cloud.
#[derive(Clone)]
pub struct Cloud(Arc<Shared>);

struct Shared {
    inner: Mutex<Inner>,
    clock: Clock,
    observer: Observer,
    limits: Limits,
    journal: Option<Arc<Journal>>,
}

/// The numbers the shells need without asking the core.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) frame_bytes: usize,
    pub(crate) message_bytes: usize,
    pub(crate) body_bytes: usize,
    pub(crate) close_timeout: Duration,
    pub(crate) socket_idle_timeout: Option<Duration>,
}

impl Cloud {
    /// A cloud with no guest. All ids and tokens are drawn from `seed`.
    #[must_use]
    pub fn new(config: CloudConfig, clock: Clock, seed: u64, observer: Observer) -> Self {
        Self::build(config, clock, seed, observer, None)
    }

    /// A cloud that writes down what happens in it.
    pub(crate) fn noted(
        config: CloudConfig,
        clock: Clock,
        seed: u64,
        journal: Arc<Journal>,
    ) -> Self {
        Self::build(config, clock, seed, Observer::none(), Some(journal))
    }

    fn build(
        config: CloudConfig,
        clock: Clock,
        seed: u64,
        observer: Observer,
        journal: Option<Arc<Journal>>,
    ) -> Self {
        let limits = Limits {
            frame_bytes: config.max_frame_bytes,
            message_bytes: config.max_message_bytes,
            body_bytes: config.max_body_bytes,
            close_timeout: config.close_timeout,
            socket_idle_timeout: config.socket_idle_timeout,
        };
        let inner = Inner { core: Core::new(config, seed), sockets: BTreeMap::new() };
        Self(Arc::new(Shared { inner: Mutex::new(inner), clock, observer, limits, journal }))
    }

    /// Writes down what was seen at `now`, where there is a journal.
    pub(crate) fn note(&self, now: Now, entry: impl FnOnce() -> Entry) {
        if let Some(journal) = &self.0.journal {
            journal.note_at(now, entry());
        }
    }

    /// Other numbers from now on; those of frames and bodies stay as they were.
    pub(crate) fn reconfigure(&self, config: &CloudConfig) {
        self.with(|core, now, _| core.reconfigure(now, config));
    }

    /// Another cloud takes its place: its faults strike no more.
    pub(crate) fn retire(&self) {
        self.disarm_all();
    }

    /// The agent says `text` to `guest` (a `webchatInstanceId`), or to the newest living guest.
    /// Returns the sequence of the message; every open socket of the guest is sent it.
    pub fn agent_says(&self, guest: Option<&str>, text: &str) -> Result<u64, CloudError> {
        self.with(|core, now, out| core.agent_says(now, guest, text, out))
    }

    /// The agent is seen typing, by a guest that there is.
    pub(crate) fn agent_types(&self, guest: &str) {
        // Nobody there, nothing seen.
        let _ = self.with(|core, _, out| core.send_frame(Some(guest), TYPING, out));
    }

    /// Arms a fault; it counts occurrences from now on.
    #[expect(clippy::must_use_candidate, reason = "a rule may stay armed for good")]
    pub fn arm(&self, rule: FaultRule) -> FaultId {
        self.with(|core, now, _| core.arm(now, rule))
    }

    /// Disarms one fault; a fault that is no longer armed stays so.
    pub fn disarm(&self, id: FaultId) {
        self.with(|core, _, _| core.disarm(id));
    }

    /// Disarms every fault.
    pub fn disarm_all(&self) {
        self.with(|core, _, _| core.disarm_all());
    }

    /// Ends every open socket.
    #[expect(clippy::needless_pass_by_value, reason = "an order reads well with its value")]
    pub fn close_sockets(&self, end: End) {
        self.with(|core, _, out| core.end_sockets(&end, out));
    }

    /// Every token that exists is expired from now on; each can still be refreshed.
    pub fn expire_tokens(&self) {
        self.with(|core, now, _| core.expire_tokens(now));
    }

    /// Every guest is gone from now on (410) and its sockets are closed.
    pub fn forget_guests(&self) {
        self.with(|core, _, out| core.forget_guests(out));
    }

    /// The guest's messages in order of acceptance; empty for an unknown guest. A guest that is
    /// gone keeps its record here.
    #[must_use]
    pub fn conversation(&self, guest: &str) -> Vec<StoredMessage> {
        self.lock().core.conversation(guest)
    }

    /// The `webchatInstanceId` of every guest, gone ones too, in order of creation.
    #[must_use]
    pub fn guests(&self) -> Vec<String> {
        self.lock().core.guests()
    }

    /// How many sockets the cloud believes to be open.
    #[must_use]
    pub fn open_sockets(&self) -> usize {
        self.lock().core.open_sockets()
    }

    /// What time it is in the cloud.
    #[must_use]
    pub fn time(&self) -> Now {
        self.0.clock.now()
    }

    pub(crate) fn now(&self) -> Now {
        self.0.clock.now()
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub(crate) fn limits(&self) -> Limits {
        self.0.limits
    }

    pub(crate) fn open_socket(&self, guest: GuestIndex, socket: Recipient<Push>) -> u64 {
        let (id, effects) = {
            let mut inner = self.lock();
            let mut out = Vec::new();
            let id = inner.core.open_socket(guest, &mut out);
            inner.sockets.insert(id, socket);
            (id, out)
        };
        self.carry_out(self.now(), effects);
        id
    }

    pub(crate) fn close_socket(&self, socket: u64) {
        let (recipient, effects) = {
            let mut inner = self.lock();
            let mut out = Vec::new();
            inner.core.close_socket(socket, &mut out);
            (inner.sockets.remove(&socket), out)
        };
        drop(recipient);
        self.carry_out(self.now(), effects);
    }

    /// Runs one step of the core under the lock, then carries out its effects without the lock.
    pub(crate) fn with<T>(&self, step: impl FnOnce(&mut Core, Now, &mut Vec<Effect>) -> T) -> T {
        let mut out = Vec::new();
        let (result, now) = {
            let mut inner = self.lock();
            let now = self.0.clock.now();
            (step(&mut inner.core, now, &mut out), now)
        };
        self.carry_out(now, out);
        result
    }

    fn carry_out(&self, now: Now, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Event(event) => {
                    tracing::debug!(?event);
                    self.0.observer.hear(&event);
                    self.note(now, || Entry::from(event));
                }
                Effect::Send { socket, text, delivery } => {
                    self.push(socket, Push::Text(text, delivery));
                }
                Effect::End { socket, end } => self.push(socket, Push::End(end)),
            }
        }
    }

    fn push(&self, socket: u64, push: Push) {
        let recipient = self.lock().sockets.get(&socket).cloned();
        if let Some(recipient) = recipient {
            recipient.do_send(push);
        }
    }

    /// A panic elsewhere leaves the core whole: each step of it ends or does not begin.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Cloud {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cloud")
    }
}
