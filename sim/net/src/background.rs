//! Background tasks of a host: those that only the host itself can tell are late.
//!
//! actix-http keeps the date in a task that wakes every half second, 172,800 times an idle day, and
//! only a connection reads it. So they run before whatever else their host does. On time they run
//! only while something is under way, because every wake-up is a pass then, and passes are what
//! retransmission counts. Refuses to know what they do; they must make no calls to the network.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

use futures_util::future::LocalBoxFuture;

/// What the timer of a background task wakes.
struct TaskWaker {
    /// Something is to be done since the tasks ran last.
    due: AtomicBool,
    /// Whether the host wakes for it.
    on_time: AtomicBool,
    host: Waker,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.due.store(true, Ordering::Release);
        if self.on_time.load(Ordering::Acquire) {
            self.host.wake_by_ref();
        }
    }
}

/// The background tasks of one process on a host; clones are the same.
#[derive(Clone)]
pub(super) struct BackgroundTasks {
    waker: Arc<TaskWaker>,
    tasks: Rc<RefCell<Vec<LocalBoxFuture<'static, ()>>>>,
}

impl BackgroundTasks {
    /// No task so far; `host` wakes whoever runs them.
    pub(super) fn new(host: Waker) -> Self {
        let (due, on_time) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { waker: Arc::new(TaskWaker { due, on_time, host }), tasks: Rc::default() }
    }

    /// One more, which begins at once.
    pub(super) fn add(&self, task: LocalBoxFuture<'static, ()>) {
        self.tasks.borrow_mut().push(task);
        self.waker.due.store(true, Ordering::Release);
        self.catch_up();
    }

    /// Polls what has become due.
    pub(super) fn catch_up(&self) {
        while self.waker.due.swap(false, Ordering::AcqRel) {
            let waker = Waker::from(Arc::clone(&self.waker));
            let mut cx = Context::from_waker(&waker);
            self.tasks.borrow_mut().retain_mut(|task| task.as_mut().poll(&mut cx).is_pending());
        }
    }

    /// Whether their timers wake the host from here on.
    pub(super) fn set_on_time(&self, on_time: bool) {
        self.waker.on_time.store(on_time, Ordering::Release);
        if on_time {
            self.catch_up();
        }
    }
}
