//! One waker per host, so that only hosts with something to do are polled.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};

use futures_util::task::AtomicWaker;

/// Remembers that a host was woken, and wakes the world that polls it.
pub(super) struct HostWaker {
    woken: AtomicBool,
    world: Arc<AtomicWaker>,
}

impl HostWaker {
    /// A new host is due at once.
    pub(super) fn new(world: Arc<AtomicWaker>) -> Arc<Self> {
        Arc::new(Self { woken: AtomicBool::new(true), world })
    }

    /// Whether the host was woken since the last call.
    pub(super) fn take(&self) -> bool {
        self.woken.swap(false, Ordering::AcqRel)
    }

    pub(super) fn waker(self: &Arc<Self>) -> Waker {
        Waker::from(Arc::clone(self))
    }
}

impl Wake for HostWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.world.wake();
    }
}
