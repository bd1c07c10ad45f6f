//! Chores of a host: tasks that only the host itself can tell are late.
//!
//! actix-http keeps the date in a task that wakes every half second, 172,800 times an idle day, and
//! only a connection reads it. So chores run before whatever else their host does. On time they run
//! only while something is under way, because every wake-up is a pass then, and passes are what
//! retransmission counts. Refuses to know what they do; they must make no calls to the network.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

use futures_util::future::LocalBoxFuture;

/// What a chore's timer rings.
struct Bell {
    /// Something is to be done since the chores ran last.
    rung: AtomicBool,
    /// Whether the host wakes for it.
    heeded: AtomicBool,
    host: Waker,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, Ordering::Release);
        if self.heeded.load(Ordering::Acquire) {
            self.host.wake_by_ref();
        }
    }
}

/// The chores of one process on a host; clones are the same.
#[derive(Clone)]
pub(super) struct Chores {
    bell: Arc<Bell>,
    tasks: Rc<RefCell<Vec<LocalBoxFuture<'static, ()>>>>,
}

impl Chores {
    /// None so far; `host` wakes whoever runs them.
    pub(super) fn new(host: Waker) -> Self {
        let (rung, heeded) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { bell: Arc::new(Bell { rung, heeded, host }), tasks: Rc::default() }
    }

    /// One more, which begins at once.
    pub(super) fn add(&self, task: LocalBoxFuture<'static, ()>) {
        self.tasks.borrow_mut().push(task);
        self.bell.rung.store(true, Ordering::Release);
        self.catch_up();
    }

    /// Does what has become due.
    pub(super) fn catch_up(&self) {
        while self.bell.rung.swap(false, Ordering::AcqRel) {
            let waker = Waker::from(Arc::clone(&self.bell));
            let mut cx = Context::from_waker(&waker);
            self.tasks.borrow_mut().retain_mut(|task| task.as_mut().poll(&mut cx).is_pending());
        }
    }

    /// Whether they are to run on time from here on.
    pub(super) fn heed(&self, heeded: bool) {
        self.bell.heeded.store(heeded, Ordering::Release);
        if heeded {
            self.catch_up();
        }
    }
}
