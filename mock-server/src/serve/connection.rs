//! What the layers above HTTP may ask of the connection below it: to be slow, to fall silent, to
//! end with a reset. Every request can reach the connection that it came on.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::task::{Context, Waker};

use super::slow_clients::Pending;
use crate::journal::Journal;

/// One connection, as its requests see it.
#[derive(Debug, Default)]
pub(crate) struct Connection {
    /// Requests that are being handled, and the socket if it became one.
    busy: Cell<u32>,
    draining: Cell<bool>,
    silent: Cell<bool>,
    resets: Cell<bool>,
    bytes_per_second: Cell<Option<u64>>,
    held: Cell<bool>,
    exempt: Cell<bool>,
    writer: RefCell<Option<Waker>>,
    reader: RefCell<Option<Waker>>,
    is_socket: Cell<bool>,
    /// The client has said that nothing more comes.
    is_done: Cell<bool>,
    requests: Cell<u64>,
    /// Requests whose answer has not left, sockets too.
    answering: Cell<u32>,
    /// A body or a frame that the client has begun.
    pending: Cell<Option<Pending>>,
    sent_bytes: Cell<u64>,
    /// What is to be sent waits for the client to read.
    is_full: Cell<bool>,
    /// Where it was last noted what passes here.
    journal: RefCell<Option<Arc<Journal>>>,
}

impl Connection {
    /// Something is under way on the connection until the guard is dropped.
    pub(crate) fn begin(self: &Rc<Self>) -> Busy {
        self.busy.set(self.busy.get() + 1);
        Busy(Rc::clone(self))
    }

    /// The connection became a socket, which ends by itself: it counts as busy for good.
    pub(crate) fn upgraded(&self) {
        self.busy.set(self.busy.get() + 1);
        self.is_socket.set(true);
    }

    /// The client has sent its close frame: what comes after it is not waited for.
    pub(crate) fn done(&self) {
        self.is_done.set(true);
    }

    /// A request is answered until the guard is dropped.
    pub(super) fn answers(self: &Rc<Self>) -> UnderWay {
        self.requests.set(self.requests.get() + 1);
        self.answering.set(self.answering.get() + 1);
        UnderWay(Rc::clone(self))
    }

    /// Whether the handler waits for the body of its request; a socket's never ends.
    pub(super) fn awaits_body(&self, is_awaited: bool) {
        if !self.is_socket.get() {
            self.pending.set(is_awaited.then(|| Pending::Body(self.requests.get())));
        }
    }

    /// Which frame has begun and not ended, if any.
    pub(crate) fn awaits_frame(&self, frame: Option<u64>) {
        self.pending.set(frame.map(Pending::Frame));
    }

    /// So much was sent; `None` when the client has to read before more can be.
    pub(super) fn sends(&self, bytes: Option<usize>) {
        self.is_full.set(bytes.is_none());
        self.sent_bytes.set(self.sent_bytes.get() + bytes.unwrap_or(0) as u64);
    }

    /// What the client has begun and not ended.
    pub(super) fn pending(&self) -> Option<Pending> {
        if self.is_held() || self.silent.get() || self.bytes_per_second.get().is_some() {
            return None;
        }
        let unread = self.is_full.get().then(|| Pending::Reading(self.sent_bytes.get()));
        let head = || (self.answering.get() == 0).then(|| Pending::Head(self.requests.get()));
        unread.or(self.pending.get()).or_else(head)
    }

    /// From now on nothing that is sent arrives, and nothing is read.
    pub(crate) fn fall_silent(&self) {
        self.silent.set(true);
    }

    /// When the connection is dropped, it ends with RST.
    pub(crate) fn reset_on_drop(&self) {
        self.resets.set(true);
    }

    /// From now on so many bytes a second pass in either direction.
    pub(crate) fn slow_down(&self, bytes_per_second: u64) {
        self.bytes_per_second.set(Some(bytes_per_second.max(1)));
    }

    /// Whether the server is stopping.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.get()
    }

    pub(super) fn is_silent(&self) -> bool {
        self.silent.get()
    }

    /// Whether nothing passes until the network is released.
    pub(super) fn is_held(&self) -> bool {
        self.held.get() && !self.exempt.get() && !self.draining.get()
    }

    pub(super) fn resets(&self) -> bool {
        self.resets.get()
    }

    pub(super) fn bytes_per_second(&self) -> Option<u64> {
        self.bytes_per_second.get()
    }

    /// Whether nothing is to be read any more: all was said, or the server stops and the connection is
    /// idle.
    pub(super) fn is_over(&self) -> bool {
        let is_said = self.is_done.get() && self.answering.get() == 0;
        is_said || self.draining.get() && (self.busy.get() == 0 || self.silent.get())
    }

    /// Wakes the reader when that may have changed.
    pub(super) fn watch(&self, context: &Context<'_>) {
        *self.reader.borrow_mut() = Some(context.waker().clone());
    }

    /// Wakes the writer when the connection is held no more.
    pub(super) fn watch_writer(&self, context: &Context<'_>) {
        *self.writer.borrow_mut() = Some(context.waker().clone());
    }

    /// The connection carries control calls, which must pass while all others are held.
    pub(crate) fn exempt(&self) {
        self.exempt.set(true);
    }

    /// What passes from now on is noted there.
    pub(crate) fn is_noted_in(&self, journal: &Arc<Journal>) {
        self.journal.replace(Some(Arc::clone(journal)));
    }

    /// The connection has nothing to do: what it put off is done.
    pub(super) fn catch_up(&self) {
        if let Some(journal) = &*self.journal.borrow() {
            journal.catch_up();
        }
    }

    fn wake(&self) {
        let wakers = [self.reader.borrow_mut().take(), self.writer.borrow_mut().take()];
        wakers.into_iter().flatten().for_each(Waker::wake);
    }
}

/// Something that is under way on a connection.
#[derive(Debug)]
pub(crate) struct Busy(Rc<Connection>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.set(self.0.busy.get() - 1);
        if self.0.is_over() {
            self.0.wake();
        }
    }
}

/// An answer that is under way on a connection.
#[derive(Debug)]
pub(super) struct UnderWay(Rc<Connection>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.answering.set(self.0.answering.get() - 1);
    }
}

/// Every connection that there is.
#[derive(Debug, Default)]
pub(super) struct Connections(RefCell<Vec<Weak<Connection>>>);

impl Connections {
    pub(super) fn add(&self) -> Rc<Connection> {
        let connection = Rc::new(Connection::default());
        let mut connections = self.0.borrow_mut();
        if connections.len() == connections.capacity() {
            connections.retain(|connection| connection.strong_count() > 0);
        }
        connections.push(Rc::downgrade(&connection));
        connection
    }

    /// Holds every connection, or releases all of them.
    pub(super) fn hold(&self, held: bool) {
        for connection in self.0.borrow().iter().filter_map(Weak::upgrade) {
            connection.held.set(held);
            connection.wake();
        }
    }

    /// The server stops: idle connections end.
    pub(super) fn drain(&self) {
        for connection in self.0.borrow().iter().filter_map(Weak::upgrade) {
            connection.draining.set(true);
            connection.wake();
        }
    }
}
