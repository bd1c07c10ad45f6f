//! What the layers above HTTP may ask of the connection below it: to be slow, to fall silent, to
//! end with a reset. Every request can reach the line that it came on.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::task::{Context, Waker};

/// One connection, as its requests see it.
#[derive(Debug, Default)]
pub(crate) struct Line {
    /// Requests that are being handled, and the socket if it became one.
    busy: Cell<u32>,
    draining: Cell<bool>,
    silent: Cell<bool>,
    resets: Cell<bool>,
    bytes_per_second: Cell<Option<u64>>,
    reader: RefCell<Option<Waker>>,
}

impl Line {
    /// Something is under way on the line until the guard is dropped.
    pub(crate) fn begin(self: &Rc<Self>) -> Busy {
        self.busy.set(self.busy.get() + 1);
        Busy(Rc::clone(self))
    }

    /// The line became a socket, which ends by itself: it counts as busy for good.
    pub(crate) fn upgraded(&self) {
        self.busy.set(self.busy.get() + 1);
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

    pub(super) fn resets(&self) -> bool {
        self.resets.get()
    }

    pub(super) fn bytes_per_second(&self) -> Option<u64> {
        self.bytes_per_second.get()
    }

    /// Whether nothing is to be read any more, because the server stops and the line is idle.
    pub(super) fn is_over(&self) -> bool {
        self.draining.get() && (self.busy.get() == 0 || self.silent.get())
    }

    /// Wakes the reader when that may have changed.
    pub(super) fn watch(&self, context: &Context<'_>) {
        *self.reader.borrow_mut() = Some(context.waker().clone());
    }

    fn wake(&self) {
        if let Some(reader) = self.reader.borrow_mut().take() {
            reader.wake();
        }
    }
}

/// Something that is under way on a line.
#[derive(Debug)]
pub(crate) struct Busy(Rc<Line>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.set(self.0.busy.get() - 1);
        if self.0.is_over() {
            self.0.wake();
        }
    }
}

/// Every line that there is.
#[derive(Debug, Default)]
pub(super) struct Lines(RefCell<Vec<Weak<Line>>>);

impl Lines {
    pub(super) fn add(&self) -> Rc<Line> {
        let line = Rc::new(Line::default());
        let mut lines = self.0.borrow_mut();
        if lines.len() == lines.capacity() {
            lines.retain(|line| line.strong_count() > 0);
        }
        lines.push(Rc::downgrade(&line));
        line
    }

    /// The server stops: idle lines end.
    pub(super) fn drain(&self) {
        for line in self.0.borrow().iter().filter_map(Weak::upgrade) {
            line.draining.set(true);
            line.wake();
        }
    }
}
