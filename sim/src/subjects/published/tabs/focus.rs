//! The article's `focus-manager.js`: which tab is primary and holds the connection.
//!
//! What is repaired keeps its shape. A tab that gets the focus connects, claims the next epoch and
//! says `FOCUS_GAINED`; whoever was primary hears it and disconnects. When nobody leads any more, the
//! tab that has waited longest does.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::super::defect::Defect;
use super::actors::Happened;
use super::coalescer::Coalescer;
use super::outbox::Outbox;
use super::sdk::{ConnectionState, WebMessagingClient};
use super::store::Store;
use super::watch::DeathWatch;
use super::window::{Port, Window};
use super::words::Word;
use crate::trace::Kind;
use crate::trace::reports::{FollowReason, LeadReason};
use actix::{Actor as _, Addr};
use holdline_browser::{ChannelError, PageEvent};
use holdline_client::tabs::Listening;

const FOCUS_CHANNEL: &str = "genesys-focus-channel";
/// Why a tab connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Because {
    Focused,
    NobodyLeads,
}

/// Runs it in one page; clones are the same.
#[derive(Clone)]
pub(super) struct FocusManager(pub(super) Rc<Inner>);

pub(super) struct Inner {
    pub(super) window: Window,
    store: Store,
    pub(super) sdk: WebMessagingClient,
    coalescer: Coalescer,
    outbox: Outbox,
    channel: Option<Port>,
    ears: RefCell<Vec<Listening>>,
    /// Nobody led when this page was opened.
    is_first: Cell<bool>,
    pub(super) is_primary: Cell<bool>,
    /// The epoch that the tab has claimed.
    epoch: Cell<Option<u64>>,
    /// Connections under way.
    pub(super) activating: Cell<u32>,
    watch: DeathWatch,
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
            is_first: Cell::default(),
            is_primary: Cell::default(),
            epoch: Cell::default(),
            activating: Cell::default(),
            watch: DeathWatch::new(window),
        })))
    }

    /// Whether this tab leads from its start.
    pub(super) fn is_first(&self) -> bool {
        let is_first = !self.has(Defect::B21) && self.0.watch.take_if_free();
        self.0.is_first.set(is_first);
        is_first
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
        let leads = self.0.is_first.get();
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
            self.go_on();
        }
    }

    /// What waited for a connection.
    pub(super) fn go_on(&self) {
        self.0.coalescer.catch_up();
        self.0.outbox.flush();
    }

    async fn take_over(&self, because: Because) -> bool {
        let breaks_first = self.has(Defect::B17) && !self.has(Defect::B12);
        if breaks_first {
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
        if !breaks_first {
            self.claim(because).await;
        }
        true
    }

    /// Whether a connection that has just come about is still needed: the user may have gone back to
    /// where another stands.
    fn still_wanted(&self, because: Because) -> bool {
        self.0.is_primary.get()
            && (because == Because::NobodyLeads
                || self.should_be_primary()
                || !self.0.watch.is_held_elsewhere())
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
            Because::Focused => LeadReason::Other("it has the focus"),
            Because::NobodyLeads => LeadReason::Other("nobody led"),
        };
        self.0.window.log(Kind::Leads { epoch: epoch.unwrap_or_default(), why });
        self.post(&Word::FocusGained { tab_id: self.0.window.tab_id(), epoch });
        self.0.watch.take().await;
    }

    /// `deactivatePrimaryConnection(sdkClient)`.
    fn deactivate(&self, why: &str) {
        self.0.is_primary.set(false);
        let connected = self.0.sdk.connection_state() == ConnectionState::Connected;
        if connected || !self.has(Defect::B13) {
            self.0.sdk.disconnect();
        }
        self.0.epoch.set(None);
        self.0.window.log(Kind::Follows { why: FollowReason::Other(why.into()) });
        self.post(&Word::FocusLost);
    }

    pub(super) fn said(&self, word: &Word) {
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

    pub(super) async fn happened(&self, event: PageEvent) {
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
        self.0.watch.let_go();
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

    /// Waits until whoever leads is gone.
    fn stand_in_line(&self) {
        let this = self.clone();
        self.0.watch.stand_in_line(async move {
            if !this.0.is_primary.get() {
                this.activate(Because::NobodyLeads).await;
            }
        });
    }

    fn post(&self, word: &Word) {
        if let Some(Err(error)) = self.0.channel.as_ref().map(|channel| channel.post(word)) {
            self.0.window.error(error.to_string());
        }
    }

    pub(super) fn stop(&self) {
        self.0.is_primary.set(false);
        self.0.ears.take();
        self.0.watch.let_go();
    }

    pub(super) fn has(&self, defect: Defect) -> bool {
        self.0.window.has(defect)
    }
}
