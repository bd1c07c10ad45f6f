//! A thin stand-in for the SDK of the article: `connect` gets a guest and opens a socket,
//! `connectionState`, `onMessage`, `disconnect`, and a way to send. Whose guest it is, `guest` knows.
//!
//! Refuses to reconnect by itself: whoever uses it does.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use tokio::sync::Notify;

use super::super::defect::Defect;
use super::auth::{Api, RequestError};
use super::socket::{Ack, Socket};
use super::store::{Guest, Store};
use super::window::Window;
use super::words::Payload;
use super::worker::ServiceWorker;
use crate::trace::Kind;
use crate::trace::reports::State;

/// `connectionState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ConnectionState {
    Disconnected,
    Connecting,
    Connected,
}

type OnMessage = Rc<dyn Fn(Payload)>;

/// A `WebMessagingClient`. Clones are the same client.
#[derive(Clone)]
pub(super) struct WebMessagingClient(pub(super) Rc<Inner>);

pub(super) struct Inner {
    pub(super) window: Window,
    pub(super) store: Store,
    pub(super) worker: Rc<ServiceWorker>,
    pub(super) api: Api,
    state: Cell<ConnectionState>,
    pub(super) guest: RefCell<Option<Guest>>,
    socket: RefCell<Option<Socket>>,
    /// Sockets in whose place another was put: nobody can reach them, and they stand.
    strays: RefCell<Vec<Socket>>,
    on_message: RefCell<Option<OnMessage>>,
    on_close: RefCell<Option<Rc<dyn Fn()>>>,
    /// The token that the server has called expired.
    expired: RefCell<Option<String>>,
    /// Sockets that have not ended.
    standing: Cell<u32>,
    let_go: Notify,
    /// It was ended, and connects no more.
    over: Cell<bool>,
    /// Raised by `disconnect`: tries of an older one are called off.
    tries: Cell<u64>,
    called_off: Notify,
}

impl WebMessagingClient {
    pub(super) fn new(window: &Window, store: &Store, worker: &Rc<ServiceWorker>) -> Self {
        Self(Rc::new(Inner {
            window: window.clone(),
            store: store.clone(),
            worker: Rc::clone(worker),
            api: Api::new(window),
            state: Cell::new(ConnectionState::Disconnected),
            guest: RefCell::default(),
            socket: RefCell::default(),
            strays: RefCell::default(),
            on_message: RefCell::default(),
            on_close: RefCell::default(),
            expired: RefCell::default(),
            standing: Cell::default(),
            let_go: Notify::new(),
            over: Cell::default(),
            tries: Cell::default(),
            called_off: Notify::new(),
        }))
    }

    pub(super) fn connection_state(&self) -> ConnectionState {
        self.0.state.get()
    }

    /// What comes before is heard by nobody.
    pub(super) fn on_message(&self, handler: impl Fn(Payload) + 'static) {
        self.0.on_message.replace(Some(Rc::new(handler)));
    }

    /// The socket has ended, and nobody has asked for it.
    pub(super) fn on_close(&self, handler: impl Fn() + 'static) {
        self.0.on_close.replace(Some(Rc::new(handler)));
    }

    pub(super) async fn connect(&self) -> Result<(), RequestError> {
        if self.0.over.get() {
            return Err(RequestError::Cancelled);
        }
        self.turn(ConnectionState::Connecting, State::Connecting);
        let tries = self.0.tries.get();
        let outcome = tokio::select! {
            biased;
            () = self.called_off(tries) => Err(RequestError::Cancelled),
            opened = self.open() => opened,
        };
        if outcome.is_ok() {
            self.turn(ConnectionState::Connected, State::Open);
        } else if self.0.tries.get() == tries {
            self.turn(ConnectionState::Disconnected, State::Closed);
        }
        outcome
    }

    /// Ends the socket, or the way to it.
    pub(super) fn disconnect(&self) {
        self.0.tries.set(self.0.tries.get() + 1);
        self.0.called_off.notify_waiters();
        drop(self.0.socket.take());
        if self.connection_state() != ConnectionState::Disconnected {
            self.turn(ConnectionState::Disconnected, State::Closed);
        }
    }

    /// Holds nothing any more when this is done.
    pub(super) async fn end(&self) {
        self.0.over.set(true);
        self.0.on_message.take();
        self.0.on_close.take();
        self.disconnect();
        self.0.strays.take();
        while self.0.standing.get() > 0 {
            self.0.let_go.notified().await;
        }
    }

    /// Sends a message on the socket; without one it throws.
    pub(super) fn send(&self, id: &str, text: &str) -> Option<Ack> {
        if self.connection_state() != ConnectionState::Connected {
            return None;
        }
        self.0.socket.borrow().as_ref().map(|socket| socket.send(id, text))
    }

    /// What the agent has said after this place; the end of it if the answer fails.
    pub(super) async fn history(&self, after: u64) -> Vec<Payload> {
        let mut said: Vec<Payload> = Vec::new();
        let Some(guest) = self.0.guest.borrow().clone() else { return said };
        loop {
            let after = said.last().map_or(after, |last| last.sequence);
            match self.0.api.history(&guest, after).await {
                Ok(page) => {
                    let more = page.more && !page.messages.is_empty();
                    said.extend(page.messages);
                    if !more {
                        return said;
                    }
                }
                Err(error) => {
                    self.0.window.error(format!("history: {error}"));
                    return said;
                }
            }
        }
    }

    async fn open(&self) -> Result<(), RequestError> {
        let mut guest = self.guest().await?;
        if self.0.expired.borrow().as_ref() == Some(&guest.token) {
            guest = self.renewed(&guest).await?;
        }
        let framed = match self.0.api.open_socket(&guest).await {
            Err(RequestError::Status { status: 401, .. }) if !self.0.window.has(Defect::B23) => {
                self.0.expired.replace(Some(guest.token.clone()));
                let guest = self.renewed(&guest).await?;
                self.0.api.open_socket(&guest).await?
            }
            opened => opened?,
        };
        self.0.standing.set(self.0.standing.get() + 1);
        let (hears, ends) = (Rc::clone(&self.0), Rc::clone(&self.0));
        let socket = Socket::serve(
            &self.0.window,
            framed,
            move |payload| {
                let handler = hears.on_message.borrow().clone();
                if let Some(handler) = handler {
                    handler(payload.clone());
                }
            },
            move |socket| Self(Rc::clone(&ends)).ended(socket),
        );
        let stray = self.0.socket.replace(Some(socket));
        self.0.strays.borrow_mut().extend(stray);
        Ok(())
    }

    fn ended(&self, number: u64) {
        self.0.standing.set(self.0.standing.get() - 1);
        self.0.let_go.notify_one();
        let is_ours = self.0.socket.borrow().as_ref().is_some_and(|own| own.number() == number);
        if is_ours {
            self.0.socket.take();
            self.turn(ConnectionState::Disconnected, State::Closed);
            let handler = self.0.on_close.borrow().clone();
            if let Some(handler) = handler {
                handler();
            }
        }
    }

    async fn called_off(&self, tries: u64) {
        loop {
            let called_off = self.0.called_off.notified();
            if self.0.tries.get() != tries {
                return;
            }
            called_off.await;
        }
    }

    fn turn(&self, state: ConnectionState, told: State) {
        self.0.state.set(state);
        self.0.window.log(Kind::State { state: told });
    }
}
