//! The lock that the primary tab holds for its life, and for which the others wait: it tells when
//! nobody leads any more. Whoever takes the lead from a tab that lives takes the lock too.
//!
//! The article has nothing like it. Refuses to say who leads: `focus` knows.

use std::cell::RefCell;
use std::rc::Rc;

use tokio::task::AbortHandle;

use super::super::defect::Defect;
use super::window::Window;
use holdline_browser::{Lock, Locks};

const PRIMARY_LOCK: &str = "genesys-primary";

/// One page's end of it; clones are the same.
#[derive(Clone)]
pub(super) struct DeathWatch(Rc<Inner>);

struct Inner {
    window: Window,
    /// The lock, and a number for it.
    lock: RefCell<Option<(u64, Lock)>>,
    /// The place in the lock's queue.
    queued: RefCell<Option<AbortHandle>>,
}

impl DeathWatch {
    pub(super) fn new(window: &Window) -> Self {
        let (lock, queued) = (RefCell::default(), RefCell::default());
        Self(Rc::new(Inner { window: window.clone(), lock, queued }))
    }

    /// The lock, if nobody has it. A tab that is alone needs none.
    pub(super) fn take_if_free(&self) -> bool {
        let lock = self.locks().and_then(|locks| locks.if_available(PRIMARY_LOCK).ok());
        let is_free = lock.is_some() || self.0.window.is_alone();
        if let Some(lock) = lock {
            self.keep(lock);
        }
        is_free
    }

    pub(super) fn is_held_elsewhere(&self) -> bool {
        let is_free = |locks: Locks| locks.if_available(PRIMARY_LOCK).is_ok();
        self.0.lock.borrow().is_none() && self.locks().is_some_and(|locks| !is_free(locks))
    }

    /// Waits until whoever has the lock is gone; then it is this tab's turn.
    pub(super) fn stand_in_line(&self, turn: impl Future<Output = ()> + 'static) {
        self.let_go();
        let Some(locks) = self.locks() else { return };
        let (this, request) = (self.clone(), locks.request(PRIMARY_LOCK));
        let waiting = tokio::task::spawn_local(async move {
            if let Ok(lock) = request.await {
                this.0.queued.take();
                this.keep(lock);
                turn.await;
            }
        });
        self.0.queued.replace(Some(waiting.abort_handle()));
    }

    /// Takes the lock, whoever has it.
    pub(super) async fn take(&self) {
        if self.0.lock.borrow().is_some() {
            return;
        }
        let Some(locks) = self.locks() else { return };
        self.let_go();
        if let Ok(lock) = locks.steal(PRIMARY_LOCK).await {
            self.keep(lock);
        }
    }

    /// Gives up the lock, and the wait for it.
    pub(super) fn let_go(&self) {
        if let Some(waiting) = self.0.queued.take() {
            waiting.abort();
        }
        self.0.lock.take();
    }

    fn keep(&self, lock: Lock) {
        let (this, stolen) = (self.clone(), lock.stolen());
        let number = self.0.window.next_number();
        self.0.lock.replace(Some((number, lock)));
        tokio::task::spawn_local(async move {
            stolen.await;
            let _ = this.0.lock.borrow_mut().take_if(|(held, _)| *held == number);
        });
    }

    fn locks(&self) -> Option<Locks> {
        if self.0.window.has(Defect::B21) {
            return None;
        }
        self.0.window.locks().ok().flatten()
    }
}
