//! What the user types. The article has no way out for it; what is repaired keeps it in the store
//! until the primary tab has delivered it, and tells the tab that asked.
//!
//! As published the text goes to the SDK of the very tab, and is gone when that has no socket.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use actix::{Actor as _, Addr};
use holdline_client::tabs::Listening;

use super::super::defect::Defect;
use super::actors::Happened;
use super::sdk::{ConnectionState, WebMessagingClient};
use super::store::{Store, Waiting};
use super::window::{Port, Window};
use super::words::Word;
use crate::trace::reports::Failure;
use crate::trace::{Kind, Message};
use holdline_browser::ChannelError;

const OUTBOX_CHANNEL: &str = "genesys-outbox-channel";
/// A message that is not answered by then is sent again.
const ACK_WITHIN: Duration = Duration::from_secs(10);
/// And one that was refused for a while.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Runs it in one page; clones are the same.
#[derive(Clone)]
pub(super) struct Outbox(Rc<Inner>);

struct Inner {
    window: Window,
    store: Store,
    sdk: WebMessagingClient,
    channel: Option<Port>,
    ears: RefCell<Vec<Listening>>,
    flushing: Cell<bool>,
    /// Something came while it was flushing.
    again: Cell<bool>,
    reported: RefCell<BTreeSet<String>>,
}

impl Outbox {
    pub(super) fn new(
        window: &Window,
        store: &Store,
        sdk: &WebMessagingClient,
    ) -> Result<Self, ChannelError> {
        Ok(Self(Rc::new(Inner {
            window: window.clone(),
            store: store.clone(),
            sdk: sdk.clone(),
            channel: window.channel(OUTBOX_CHANNEL)?,
            ears: RefCell::default(),
            flushing: Cell::default(),
            again: Cell::default(),
            reported: RefCell::default(),
        })))
    }

    pub(super) fn attach(&self) -> Addr<Self> {
        let addr = self.clone().start();
        let hears = addr.clone();
        let ear = self
            .0
            .channel
            .as_ref()
            .map(|channel| channel.listen(move |word| hears.do_send(Happened::Said(word))));
        self.0.ears.borrow_mut().extend(ear);
        addr
    }

    /// The user has typed `text`, which has the name `message`.
    pub(super) async fn send(&self, message: Message, text: String) {
        let id = self.0.window.random_uuid();
        self.0.window.setting().log.name_id(&id, message);
        if self.0.window.has(Defect::B28) {
            return self.send_by_own_socket(message, &id, &text).await;
        }
        let waiting = Waiting { id, from: self.0.window.tab_id(), text };
        match self.0.store.wait(waiting).await {
            Ok(()) => {
                self.0.window.log(Kind::Accepted { message });
                self.post(&Word::Typed);
                self.flush();
            }
            Err(error) => {
                let reason = Failure::Other(format!("it cannot be stored: {error}"));
                self.0.window.log(Kind::Failed { message, reason });
            }
        }
    }

    /// The page shows it at once, as if that were all.
    async fn send_by_own_socket(&self, message: Message, id: &str, text: &str) {
        self.0.window.log(Kind::Accepted { message });
        let Some(ack) = self.0.sdk.send(id, text) else {
            return self.0.window.error("Uncaught (in promise) Error: not connected");
        };
        if let Ok(Ok(())) = ack.await {
            self.0.window.log(Kind::Delivered { message });
        }
    }

    /// Sends what waits, one after the other, if this tab has the socket.
    pub(super) fn flush(&self) {
        self.0.again.set(true);
        if self.0.flushing.replace(true) {
            return;
        }
        let this = self.clone();
        tokio::task::spawn_local(async move {
            while this.0.again.replace(false) {
                this.send_waiting().await;
            }
            this.0.flushing.set(false);
        });
    }

    async fn send_waiting(&self) {
        while self.0.sdk.connection_state() == ConnectionState::Connected {
            let Ok(Some((key, waiting))) = self.0.store.first_waiting().await else { return };
            let Some(ack) = self.0.sdk.send(&waiting.id, &waiting.text) else { return };
            let failed = tokio::select! {
                biased;
                ack = ack => match ack {
                    Ok(Ok(())) => None,
                    Ok(Err(reason)) if reason == "status 429" => {
                        self.0.window.sleep(AGAIN_AFTER).await;
                        continue;
                    }
                    Ok(Err(reason)) => Some(reason),
                    // The socket is gone: whoever has the next one sends it.
                    Err(_) => continue,
                },
                () = self.0.window.sleep(ACK_WITHIN) => continue,
            };
            if let Ok(true) = self.0.store.sent(key).await {
                self.settle(waiting, failed);
            }
        }
    }

    fn settle(&self, waiting: Waiting, failed: Option<String>) {
        let Waiting { id, from: to, .. } = waiting;
        self.post(&Word::Settled { to: to.clone(), id: id.clone(), failed: failed.clone() });
        self.settled(&to, &id, failed);
    }

    /// Reports what became of a message, if it was typed in this tab.
    fn settled(&self, to: &str, id: &str, failed: Option<String>) {
        if to != self.0.window.tab_id() || !self.0.reported.borrow_mut().insert(id.to_owned()) {
            return;
        }
        let message = self.0.window.setting().log.name_guest(id, None);
        self.0.window.log(match failed {
            None => Kind::Delivered { message },
            Some(reason) => Kind::Failed { message, reason: Failure::Other(reason) },
        });
    }

    pub(super) fn said(&self, word: Word) {
        match word {
            Word::Typed => self.flush(),
            Word::Settled { to, id, failed } => self.settled(&to, &id, failed),
            _ => {}
        }
    }

    /// Hears nothing any more.
    pub(super) fn stop(&self) {
        self.0.ears.take();
    }

    fn post(&self, word: &Word) {
        if let Some(Err(error)) = self.0.channel.as_ref().map(|channel| channel.post(word)) {
            self.0.window.error(error.to_string());
        }
    }
}
