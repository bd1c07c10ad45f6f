//! The article's `message-coalescer.js`: every message once in every tab.
//!
//! The tab with the socket writes down that it has processed a message, tells the others, and shows
//! it. What is repaired writes the message down with the mark, and shows in the order of saying.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use actix::{Actor as _, Addr};
use holdline_client::tabs::Listening;

use super::super::defect::Defect;
use super::actors::Happened;
use super::sdk::{ConnectionState, WebMessagingClient};
use super::store::Store;
use super::window::{Port, Window};
use super::words::{Payload, Word};
use crate::subjects::app::App;
use holdline_browser::ChannelError;
use holdline_browser::idb::IdbError;

const COALESCE_CHANNEL: &str = "genesys-coalesce-channel";
/// The key of what has none.
const UNDEFINED: &str = "undefined";

/// Runs it in one page; clones are the same.
#[derive(Clone)]
pub(super) struct Coalescer(Rc<Inner>);

struct Inner {
    window: Window,
    store: Store,
    sdk: WebMessagingClient,
    channel: Option<Port>,
    ears: RefCell<Vec<Listening>>,
    /// `processedMessageIds`.
    processed: RefCell<BTreeSet<String>>,
    /// Shown so far, and what waits for those before it.
    shown: Cell<u64>,
    early: RefCell<BTreeMap<u64, Payload>>,
    looking: Cell<bool>,
    app: App,
}

impl Coalescer {
    pub(super) fn new(
        window: &Window,
        store: &Store,
        sdk: &WebMessagingClient,
    ) -> Result<Self, ChannelError> {
        Ok(Self(Rc::new(Inner {
            window: window.clone(),
            store: store.clone(),
            sdk: sdk.clone(),
            channel: window.channel(COALESCE_CHANNEL)?,
            ears: RefCell::default(),
            processed: RefCell::default(),
            shown: Cell::default(),
            early: RefCell::default(),
            looking: Cell::default(),
            app: App::new(window.setting()),
        })))
    }

    /// `initializeCoalescer(sdkClient, dbPromise)`.
    pub(super) fn attach(&self) -> Addr<Self> {
        let addr = self.clone().start();
        let hears = addr.clone();
        self.0.sdk.on_message(move |payload| hears.do_send(Happened::Received(payload)));
        let hears = addr.clone();
        let ear = self
            .0
            .channel
            .as_ref()
            .map(|channel| channel.listen(move |word| hears.do_send(Happened::Said(word))));
        self.0.ears.borrow_mut().extend(ear);
        self.look_in_store();
        addr
    }

    /// Shows what others have processed while nobody listened here.
    pub(super) fn look_in_store(&self) {
        if self.has(Defect::B19) || self.0.looking.replace(true) {
            return;
        }
        let this = self.clone();
        tokio::task::spawn_local(async move {
            match this.0.store.snapshot().await {
                Ok(snapshot) => snapshot.into_iter().for_each(|payload| this.take(payload)),
                Err(error) => this.0.window.error(format!("no snapshot: {error}")),
            }
            this.0.looking.set(false);
        });
    }

    /// Fetches what was said while there was no socket.
    pub(super) fn catch_up(&self) {
        if self.has(Defect::B17) {
            return;
        }
        let this = self.clone();
        tokio::task::spawn_local(async move {
            let after = this.0.store.cursor().await.unwrap_or_default();
            for payload in this.0.sdk.history(after).await {
                this.received(payload).await;
            }
        });
    }

    /// The handler of `sdkClient.onMessage`.
    pub(super) async fn received(&self, payload: Payload) {
        let key = self.key_of(&payload);
        if self.0.processed.borrow().contains(&key) {
            return;
        }
        match self.0.store.process(key.clone(), payload.clone()).await {
            Ok(true) => {}
            Ok(false) if self.has(Defect::B7) => {
                return self.failed("ConstraintError");
            }
            Ok(false) => return self.take(payload),
            // A full store makes nobody deaf.
            Err(IdbError::QuotaExceeded { .. }) if !self.has(Defect::B6) => {
                self.0.window.error("there is no room to remember a message");
            }
            Err(error) => return self.failed(&error.to_string()),
        }
        self.0.processed.borrow_mut().insert(key);
        let processed_at = self.0.window.date_now_ms();
        let word = Word::NewMessage { payload: payload.clone(), processed_at };
        match self.post(&word) {
            Ok(()) => {}
            Err(error) if self.has(Defect::B8) => return self.failed(&error.to_string()),
            Err(_) => drop(self.post(&Word::InStore)),
        }
        self.show(payload);
    }

    fn key_of(&self, payload: &Payload) -> String {
        if self.has(Defect::B5) {
            return payload.id.clone().unwrap_or_else(|| self.0.window.random_uuid());
        }
        payload.key()
    }

    /// The handler of `COALESCE_CHANNEL.onmessage`, and what the store brings.
    fn take(&self, payload: Payload) {
        let key = if self.has(Defect::B5) {
            payload.id.clone().unwrap_or_else(|| UNDEFINED.into())
        } else {
            payload.key()
        };
        if self.0.processed.borrow_mut().insert(key) {
            self.show(payload);
        }
    }

    /// `processMessageLocally(message)`: as it comes, or in the order of saying.
    fn show(&self, payload: Payload) {
        if self.has(Defect::B29) {
            return self.shown(&payload);
        }
        self.0.early.borrow_mut().insert(payload.sequence, payload);
        loop {
            let next = self.0.shown.get() + 1;
            let Some(payload) = self.0.early.borrow_mut().remove(&next) else { break };
            self.0.shown.set(next);
            self.shown(&payload);
        }
        let shown = self.0.shown.get();
        self.0.early.borrow_mut().retain(|sequence, _| *sequence > shown);
        if !self.0.early.borrow().is_empty() {
            self.look_in_store();
            if self.0.sdk.connection_state() == ConnectionState::Connected {
                self.catch_up();
            }
        }
    }

    fn shown(&self, payload: &Payload) {
        let known_by = payload.id.as_deref().unwrap_or(&payload.content);
        while let Err(error) = self.0.app.show(known_by, self.0.window.setting()) {
            self.0.window.error(error.to_string());
            if self.has(Defect::B29) {
                return;
            }
        }
    }

    pub(super) fn said(&self, word: Word) {
        match word {
            Word::NewMessage { payload, .. } => self.take(payload),
            Word::InStore => self.look_in_store(),
            _ => {}
        }
    }

    /// Hears nothing any more.
    pub(super) fn stop(&self) {
        self.0.ears.take();
    }

    fn post(&self, word: &Word) -> Result<(), ChannelError> {
        self.0.channel.as_ref().map_or(Ok(()), |channel| channel.post(word))
    }

    fn failed(&self, why: &str) {
        self.0.window.error(format!("Message coalescing failed: {why}"));
    }

    fn has(&self, defect: Defect) -> bool {
        self.0.window.has(defect)
    }
}
