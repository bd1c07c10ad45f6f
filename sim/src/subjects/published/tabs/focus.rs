//! The article's `focus-manager.js`: which tab is primary and holds the connection.
//!
//! What is repaired keeps its shape. A tab that gets the focus connects, claims the next epoch and
//! says `FOCUS_GAINED`; whoever was primary hears it and disconnects. A lock, which the primary tab
//! holds for its life and for which the others wait, tells when it is gone.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use actix::{
    Actor, ActorContext as _, Addr, AsyncContext as _, Context, Handler, StreamHandler,
    WrapFuture as _,
};
use holdline_client::tabs::Listening;
use tokio::task::AbortHandle;

use super::super::defect::Defect;
use super::auth::RequestError;
use super::coalescer::Coalescer;
use super::mail::{Happened, Stop};
use super::outbox::Outbox;
use super::sdk::{ConnectionState, WebMessagingClient};
use super::store::Store;
use super::window::{Port, Window};
use super::words::Word;
use crate::trace::Kind;
use crate::world::browser::{ChannelError, Lock, PageEvent};

const FOCUS_CHANNEL: &str = "genesys-focus-channel";
const PRIMARY_LOCK: &str = "genesys-primary";
/// Widest wait after the first connection that failed, and after any.
const RETRY_FIRST: Duration = Duration::from_secs(1);
const RETRY_MAX: Duration = Duration::from_secs(15);

/// Why a tab connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Because {
    Focused,
    NobodyLeads,
}

/// Runs it in one page; clones are the same.
#[derive(Clone)]
pub(super) struct FocusManager(Rc<Inner>);

struct Inner {
    window: Window,
    store: Store,
    sdk: WebMessagingClient,
    coalescer: Coalescer,
    outbox: Outbox,
    channel: Option<Port>,
    ears: RefCell<Vec<Listening>>,
    is_primary: Cell<bool>,
    /// The epoch that the tab has claimed.
    epoch: Cell<Option<u64>>,
    /// Connections under way.
    activating: Cell<u32>,
    /// The lock, and a number for it.
    lock: RefCell<Option<(u64, Lock)>>,
    /// The place in the lock's queue.
    queued: RefCell<Option<AbortHandle>>,
}

impl FocusManager {
    pub(super) fn new(
        window: &Window,
        store: &Store,
        sdk: &WebMessagingClient,
        coalescer: &Coalescer,
        outbox: &Outbox,
    ) -> Result<Self, ChannelError> {
        Ok(Self(Rc::new(Inner {
            window: window.clone(),
            store: store.clone(),
            sdk: sdk.clone(),
            coalescer: coalescer.clone(),
            outbox: outbox.clone(),
            channel: window.channel(FOCUS_CHANNEL)?,
            ears: RefCell::default(),
            is_primary: Cell::default(),
            epoch: Cell::default(),
            activating: Cell::default(),
            lock: RefCell::default(),
            queued: RefCell::default(),
        })))
    }

    /// The lock, if it is free: then this tab leads from its start.
    pub(super) fn take_free_lock(&self) -> bool {
        if self.has(Defect::B21) {
            return false;
        }
        let free = self.0.window.locks().ok().flatten();
        let lock = free.and_then(|locks| locks.if_available(PRIMARY_LOCK).ok());
        let is_free = lock.is_some() || self.0.window.is_alone();
        lock.into_iter().for_each(|lock| self.keep(lock));
        is_free
    }

    /// `initializeFocusDetection(sdkClient)`, after the worker's registration.
    pub(super) fn attach(&self) -> Addr<Self> {
        let addr = self.clone().start();
        let hears = addr.clone();
        let ear = self
            .0
            .channel
            .as_ref()
            .map(|channel| channel.listen(move |word| hears.do_send(Happened::Said(word))));
        self.0.ears.borrow_mut().extend(ear);
        let hears = addr.clone();
        self.0.sdk.on_close(move || hears.do_send(Happened::Closed));
        addr
    }

    /// What is to be done at the start, whatever happens later.
    pub(super) async fn begin(&self) {
        let leads = self.0.lock.borrow().is_some() || self.0.window.is_alone();
        if leads && self.has(Defect::B10) {
            return self.connect_only().await;
        }
        if leads {
            return self.activate(Because::NobodyLeads).await;
        }
        self.stand_in_line();
        if !self.has(Defect::B10) {
            self.determine().await;
        }
    }

    /// `determineFocusState`.
    async fn determine(&self) {
        let should_be_primary = self.should_be_primary();
        if should_be_primary && !self.0.is_primary.get() {
            self.activate(Because::Focused).await;
        } else if !should_be_primary && self.0.is_primary.get() {
            if self.has(Defect::B15) {
                self.deactivate("the focus is lost");
            } else if self.has(Defect::B14) && self.0.activating.get() > 0 {
                self.0.is_primary.set(false);
            }
        }
    }

    fn should_be_primary(&self) -> bool {
        let page = self.0.window.page();
        page.is_visible() && page.has_focus()
    }

    /// `activatePrimaryConnection(sdkClient)`.
    async fn activate(&self, because: Because) {
        self.0.is_primary.set(true);
        self.0.activating.set(self.0.activating.get() + 1);
        let ready = self.take_over(because).await;
        self.0.activating.set(self.0.activating.get() - 1);
        if ready {
            self.0.coalescer.catch_up();
            self.0.outbox.flush();
        }
    }

    async fn take_over(&self, because: Because) -> bool {
        if self.has(Defect::B17) {
            self.claim(because).await;
        }
        if !self.connect().await {
            return false;
        }
        if !self.still_wanted(because) {
            self.0.is_primary.set(false);
            if !self.has(Defect::B13) {
                self.0.sdk.disconnect();
                self.stand_in_line();
            }
            return false;
        }
        if !self.has(Defect::B17) {
            self.claim(because).await;
        }
        true
    }

    /// As published: one try, and no more.
    async fn connect(&self) -> bool {
        let mut wait = RETRY_FIRST;
        while self.0.sdk.connection_state() != ConnectionState::Connected {
            let failed = match self.0.sdk.connect().await {
                Ok(()) => break,
                Err(RequestError::Cancelled) => return false,
                Err(failed) => failed,
            };
            self.0.window.error(format!("Primary connection activation failed: {failed}"));
            if self.has(Defect::B16) {
                self.0.is_primary.set(false);
                return false;
            }
            let told = match failed {
                RequestError::Status { wait, .. } => wait.unwrap_or_default(),
                _ => Duration::ZERO,
            };
            self.0.window.log(Kind::State { state: "waiting".into() });
            self.0.window.sleep(self.0.window.jittered(wait).max(told)).await;
            wait = (wait * 2).min(RETRY_MAX);
            if !self.0.is_primary.get() {
                return false;
            }
        }
        true
    }

    /// Whether a connection that has just come about is still needed: the user may have gone back to
    /// where another stands.
    fn still_wanted(&self, because: Because) -> bool {
        let knows_better = because == Because::NobodyLeads || self.has(Defect::B21);
        self.0.is_primary.get()
            && (knows_better || self.should_be_primary() || !self.somebody_leads())
    }

    fn somebody_leads(&self) -> bool {
        let locks = self.0.window.locks().ok().flatten();
        let is_held = locks.is_some_and(|locks| locks.if_available(PRIMARY_LOCK).is_err());
        is_held && self.0.lock.borrow().is_none()
    }

    /// Takes the lead, and says so.
    async fn claim(&self, because: Because) {
        let epoch = if self.has(Defect::B12) {
            None
        } else {
            match self.0.store.claim(self.0.window.tab_id()).await {
                Ok(epoch) => Some(epoch),
                Err(error) => {
                    self.0.window.error(format!("no claim: {error}"));
                    None
                }
            }
        };
        if let Some(epoch) = epoch {
            self.0.window.log(Kind::Claimed { epoch });
        }
        self.0.epoch.set(epoch);
        let why = match because {
            Because::Focused => "it has the focus",
            Because::NobodyLeads => "nobody led",
        };
        self.0.window.log(Kind::Leads { epoch: epoch.unwrap_or_default(), why: why.into() });
        self.post(&Word::FocusGained { tab_id: self.0.window.tab_id(), epoch });
        self.hold_lock().await;
    }

    /// `deactivatePrimaryConnection(sdkClient)`.
    fn deactivate(&self, why: &str) {
        self.0.is_primary.set(false);
        let connected = self.0.sdk.connection_state() == ConnectionState::Connected;
        if connected || !self.has(Defect::B13) {
            self.0.sdk.disconnect();
        }
        self.0.epoch.set(None);
        self.0.window.log(Kind::Follows { why: why.into() });
        self.post(&Word::FocusLost);
    }

    fn said(&self, word: &Word) {
        match word {
            Word::FocusLost if self.has(Defect::B11) && self.0.is_primary.get() => {
                self.deactivate("the focus was lost somewhere");
            }
            Word::FocusGained { tab_id, epoch } if !self.has(Defect::B12) => {
                let mine = self.0.epoch.get();
                if self.0.is_primary.get() && mine.is_some() && mine < *epoch {
                    self.deactivate(&format!("{tab_id} leads"));
                    self.stand_in_line();
                }
            }
            _ => {}
        }
    }

    /// The socket has ended though nobody asked for it.
    async fn closed(&self) {
        if self.0.is_primary.get() && self.0.activating.get() == 0 && !self.has(Defect::B21) {
            self.0.activating.set(1);
            let connected = self.connect().await;
            self.0.activating.set(self.0.activating.get() - 1);
            if connected {
                self.0.coalescer.catch_up();
                self.0.outbox.flush();
            }
        }
    }

    async fn happened(&self, event: PageEvent) {
        match event {
            PageEvent::Visible | PageEvent::Hidden | PageEvent::Focus | PageEvent::Blur => {
                self.determine().await;
            }
            _ if self.has(Defect::B20) => {}
            PageEvent::Freeze | PageEvent::PageHide { persisted: true } => self.fall_asleep(),
            PageEvent::Resume | PageEvent::PageShow { .. } => self.wake().await,
            PageEvent::PageHide { persisted: false } => {}
        }
    }

    /// Gives up what others may want.
    fn fall_asleep(&self) {
        if self.0.is_primary.get() {
            self.deactivate("the page falls asleep");
        }
        self.leave_line();
        self.0.lock.take();
    }

    async fn wake(&self) {
        self.0.coalescer.look_in_store();
        if self.should_be_primary() {
            self.determine().await;
        } else if self.0.window.is_alone() {
            self.activate(Because::NobodyLeads).await;
        } else if !self.0.is_primary.get() {
            self.stand_in_line();
        }
    }

    /// As the boot of the article does, of which the focus manager learns nothing.
    async fn connect_only(&self) {
        if self.connect().await {
            self.0.window.log(Kind::Leads { epoch: 0, why: "it was the first".into() });
            self.0.coalescer.catch_up();
            self.0.outbox.flush();
        }
    }

    /// Waits until whoever holds the lock is gone.
    fn stand_in_line(&self) {
        if self.has(Defect::B21) {
            return;
        }
        let Some(locks) = self.0.window.locks().ok().flatten() else { return };
        self.leave_line();
        self.0.lock.take();
        let (this, request) = (self.clone(), locks.request(PRIMARY_LOCK));
        let waiting = tokio::task::spawn_local(async move {
            if let Ok(lock) = request.await {
                this.0.queued.take();
                this.keep(lock);
                if !this.0.is_primary.get() {
                    this.activate(Because::NobodyLeads).await;
                }
            }
        });
        self.0.queued.replace(Some(waiting.abort_handle()));
    }

    fn leave_line(&self) {
        if let Some(waiting) = self.0.queued.take() {
            waiting.abort();
        }
    }

    /// The lock goes with the lead.
    async fn hold_lock(&self) {
        if self.has(Defect::B21) || self.0.lock.borrow().is_some() {
            return;
        }
        let Some(locks) = self.0.window.locks().ok().flatten() else { return };
        self.leave_line();
        if let Ok(lock) = locks.steal(PRIMARY_LOCK).await {
            self.keep(lock);
        }
    }

    fn keep(&self, lock: Lock) {
        let (this, stolen) = (self.clone(), lock.stolen());
        let number = self.0.window.next_number();
        self.0.lock.replace(Some((number, lock)));
        tokio::task::spawn_local(async move {
            stolen.await;
            let _ = this.0.lock.borrow_mut().take_if(|(held, _)| *held == number);
        });
    }

    fn post(&self, word: &Word) {
        if let Some(Err(error)) = self.0.channel.as_ref().map(|channel| channel.post(word)) {
            self.0.window.error(error.to_string());
        }
    }

    fn stop(&self) {
        self.0.is_primary.set(false);
        self.leave_line();
        self.0.ears.take();
        self.0.lock.take();
    }

    fn has(&self, defect: Defect) -> bool {
        self.0.window.has(defect)
    }
}

impl Actor for FocusManager {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.add_stream(self.0.window.page().life());
    }
}

impl StreamHandler<PageEvent> for FocusManager {
    fn handle(&mut self, event: PageEvent, ctx: &mut Self::Context) {
        let this = self.clone();
        ctx.spawn(async move { this.happened(event).await }.into_actor(self));
    }
}

impl Handler<Happened> for FocusManager {
    type Result = ();

    fn handle(&mut self, happened: Happened, ctx: &mut Self::Context) {
        match happened {
            Happened::Said(word) => self.said(&word),
            Happened::Closed => {
                let this = self.clone();
                ctx.spawn(async move { this.closed().await }.into_actor(self));
            }
            Happened::Received(_) => {}
        }
    }
}

impl Handler<Stop> for FocusManager {
    type Result = ();

    fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
        self.stop();
        ctx.stop();
    }
}
