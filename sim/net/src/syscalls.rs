//! What programs have asked of their kernels, so that a kernel nobody spoke to is left alone.
//!
//! Refuses to know what was asked for: a call may have changed something, and that is enough. Only
//! aborts are kept, because turmoil-net has no call for them.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;

/// A stream, as its own end and the other end.
pub(super) type Ends = (SocketAddr, SocketAddr);

#[derive(Default)]
struct Pending {
    any: Cell<bool>,
    aborts: RefCell<Vec<Ends>>,
}

/// A handle to the notes; clones write the same ones. Whoever holds a socket holds one beside it:
/// letting go of a socket is a call as well, and the end of a handle notes it.
#[derive(Clone, Default)]
pub(super) struct Syscalls(Rc<Pending>);

impl Syscalls {
    /// Something was asked of the kernel of whoever runs.
    pub(super) fn note(&self) {
        self.0.any.set(true);
    }

    /// A stream is to be reset.
    pub(super) fn abort(&self, ends: Ends) {
        self.note();
        self.0.aborts.borrow_mut().push(ends);
    }

    /// Whether anything was asked since this was last called.
    pub(super) fn take(&self) -> bool {
        self.0.any.take()
    }

    /// The streams to be reset.
    pub(super) fn take_aborts(&self) -> Vec<Ends> {
        self.0.aborts.take()
    }
}

impl Drop for Syscalls {
    fn drop(&mut self) {
        self.note();
    }
}
