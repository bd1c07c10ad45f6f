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
    CloudConfig, CloudError, CloudEvent, Core, Effect, End, GuestIndex, Now, Push, StoredMessage,
};
use crate::faults::{Action, Delivery, FaultId, FaultLayer, FaultRule};
use crate::journal::{Entry, Journal};
use crate::observer::Observer;

/// What the cloud tells a socket.
#[derive(Debug, Clone, PartialEq, Eq, actix::Message)]
#[rtype(result = "()")]
pub(crate) enum Order {
    /// Send this.
    Send(Push, Delivery),
    /// End the socket.
    End(End),
}

struct Inner {
    layer: FaultLayer,
    sockets: BTreeMap<u64, Recipient<Order>>,
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
        let layer = FaultLayer::new(Core::new(config, seed));
        let inner = Inner { layer, sockets: BTreeMap::new() };
        Self(Arc::new(Shared { inner: Mutex::new(inner), clock, observer, limits, journal }))
    }

    /// Writes down what was seen at `now`, where there is a journal.
    pub(crate) fn note<E: Into<Option<Entry>>>(&self, now: Now, entry: impl FnOnce() -> E) {
        if let Some(journal) = &self.0.journal
            && let Some(entry) = entry().into()
        {
            journal.note_at(now, entry);
        }
    }

    /// Other numbers from now on; those of frames and bodies stay as they were.
    pub(crate) fn reconfigure(&self, config: &CloudConfig) {
        self.operate(|core, now, _| core.reconfigure(now, config));
    }

    /// Another cloud takes its place: its faults strike no more.
    pub(crate) fn retire(&self) {
        self.disarm_all();
    }

    /// The agent says `text` to `guest` (a `webchatInstanceId`), or to the newest living guest.
    /// Returns the sequence of the message; every open socket of the guest is sent it.
    pub fn agent_says(&self, guest: Option<&str>, text: &str) -> Result<u64, CloudError> {
        self.with(|layer, now, out| layer.agent_says(now, guest, text, out))
    }

    /// The agent is seen typing, by a guest that there is.
    pub(crate) fn agent_types(&self, guest: &str) {
        // Nobody there, nothing seen.
        let _ = self.operate(|core, _, out| core.push(Some(guest), &Push::Typing, out));
    }

    /// Arms a fault; it counts occurrences from now on.
    #[expect(clippy::must_use_candidate, reason = "a rule may stay armed for good")]
    pub fn arm(&self, rule: FaultRule) -> FaultId {
        self.with(|layer, now, _| layer.arm(now, rule))
    }

    /// Disarms one fault; a fault that is no longer armed stays so.
    pub fn disarm(&self, id: FaultId) {
        self.with(|layer, _, _| layer.disarm(id));
    }

    /// Disarms every fault.
    pub fn disarm_all(&self) {
        self.with(|layer, _, _| layer.disarm_all());
    }

    /// Ends every open socket.
    #[expect(clippy::needless_pass_by_value, reason = "an order reads well with its value")]
    pub fn close_sockets(&self, end: End) {
        self.operate(|core, _, out| core.end_sockets(&end, out));
    }

    /// Every token that exists is expired from now on; each can still be refreshed.
    pub fn expire_tokens(&self) {
        self.operate(|core, now, _| core.expire_tokens(now));
    }

    /// Every guest is gone from now on (410) and its sockets are closed.
    pub fn forget_guests(&self) {
        self.operate(|core, _, out| core.forget_guests(out));
    }

    /// The guest's messages in order of acceptance; empty for an unknown guest. A guest that is
    /// gone keeps its record here.
    #[must_use]
    pub fn conversation(&self, guest: &str) -> Vec<StoredMessage> {
        self.read(|core| core.conversation(guest))
    }

    /// The `webchatInstanceId` of every guest, gone ones too, in order of creation.
    #[must_use]
    pub fn guests(&self) -> Vec<String> {
        self.read(Core::guests)
    }

    /// How many sockets the cloud believes to be open.
    #[must_use]
    pub fn open_sockets(&self) -> usize {
        self.read(Core::open_sockets)
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

    pub(crate) fn open_socket(&self, guest: GuestIndex, socket: Recipient<Order>) -> u64 {
        let (id, effects) = {
            let mut inner = self.lock();
            let mut out = Vec::new();
            let id =
                inner.layer.operate(&mut out, |core, effects| core.open_socket(guest, effects));
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
            inner.layer.operate(&mut out, |core, effects| core.close_socket(socket, effects));
            (inner.sockets.remove(&socket), out)
        };
        drop(recipient);
        self.carry_out(self.now(), effects);
    }

    /// What the core says about itself.
    pub(crate) fn read<T>(&self, ask: impl FnOnce(&Core) -> T) -> T {
        ask(self.lock().layer.core())
    }

    /// Something is done to the cloud that no fault has a say in.
    pub(crate) fn operate<T>(&self, step: impl FnOnce(&mut Core, Now, &mut Vec<Effect>) -> T) -> T {
        self.with(|layer, now, out| layer.operate(out, |core, effects| step(core, now, effects)))
    }

    /// Runs one step under the lock, then carries out what comes of it without the lock.
    pub(crate) fn with<T>(
        &self,
        step: impl FnOnce(&mut FaultLayer, Now, &mut Vec<Action>) -> T,
    ) -> T {
        let mut out = Vec::new();
        let (result, now) = {
            let mut inner = self.lock();
            let now = self.0.clock.now();
            (step(&mut inner.layer, now, &mut out), now)
        };
        self.carry_out(now, out);
        result
    }

    fn carry_out(&self, now: Now, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Event(event) => {
                    self.tell(&event);
                    self.note(now, || Entry::event(event));
                }
                Action::Struck(fault, endpoint) => {
                    let (kind, name) = (fault.info().name, fault.to_string());
                    self.tell(&CloudEvent::FaultFired { kind, name });
                    self.note(now, || Entry::Fault { fault, endpoint });
                }
                Action::Send { socket, push, delivery } => {
                    self.order(socket, Order::Send(push, delivery));
                }
                Action::End { socket, end } => self.order(socket, Order::End(end)),
            }
        }
    }

    fn tell(&self, event: &CloudEvent) {
        tracing::debug!(?event);
        self.0.observer.hear(event);
    }

    fn order(&self, socket: u64, order: Order) {
        let recipient = self.lock().sockets.get(&socket).cloned();
        if let Some(recipient) = recipient {
            recipient.do_send(order);
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
