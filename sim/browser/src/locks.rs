//! Web Locks: exclusive ones, that outlive the freezing of their holder and not its death.
//!
//! Requests are granted in order; a frozen page may be granted a lock and hold it without knowing.
//! A holder that was robbed finds out when it next runs, and its release is no release. Refuses
//! shared locks: nobody here needs them.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use thiserror::Error;

use super::event::AgentId;

/// Why there is no lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LockError {
    /// The browser has none, or the origin is not secure.
    #[error("this browser offers no locks here")]
    Unsupported,
    /// `ifAvailable` was asked, and it is not.
    #[error("the lock is not available")]
    NotAvailable,
    /// It was granted and stolen before the page ran again.
    #[error("AbortError: the lock was stolen")]
    Stolen,
}

/// Everybody's locks; one per browser.
#[derive(Default)]
pub(super) struct LockManager(RefCell<BTreeMap<String, Queue>>);

#[derive(Default)]
struct Queue {
    holder: Option<Rc<Claim>>,
    waiting: VecDeque<Rc<Claim>>,
}

impl Queue {
    /// Gives a free lock to whoever waits longest.
    fn grant(&mut self) {
        if self.holder.is_none() {
            self.holder = self.waiting.pop_front();
            if let Some(claim) = &self.holder {
                claim.turn(Standing::Held);
            }
        }
    }

    fn remove(&mut self, gone: impl Fn(&Rc<Claim>) -> bool) {
        self.waiting.retain(|claim| !gone(claim));
        if let Some(claim) = self.holder.take_if(|claim| gone(claim)) {
            claim.turn(Standing::Lost);
        }
        self.grant();
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Waiting,
    Held,
    Lost,
}

struct Claim {
    agent: AgentId,
    standing: Cell<Standing>,
    waker: RefCell<Option<Waker>>,
}

impl Claim {
    fn turn(&self, standing: Standing) {
        self.standing.set(standing);
        self.waker.take().into_iter().for_each(Waker::wake);
    }

    /// Ready when it stands otherwise.
    fn poll_past(&self, standing: Standing, cx: &Context<'_>) -> Poll<Standing> {
        if self.standing.get() != standing {
            return Poll::Ready(self.standing.get());
        }
        self.waker.replace(Some(cx.waker().clone()));
        Poll::Pending
    }
}

impl LockManager {
    /// Frees what a dead agent held and forgets what it asked for.
    pub(super) fn forget(&self, agent: AgentId) {
        for queue in self.0.borrow_mut().values_mut() {
            queue.remove(|claim| claim.agent == agent);
        }
    }

    fn ask(&self, name: &str, agent: AgentId, steal: bool) -> Rc<Claim> {
        let (standing, waker) = (Cell::new(Standing::Waiting), RefCell::default());
        let claim = Rc::new(Claim { agent, standing, waker });
        let mut queues = self.0.borrow_mut();
        let queue = queues.entry(name.to_owned()).or_default();
        if steal {
            if let Some(robbed) = queue.holder.take() {
                robbed.turn(Standing::Lost);
            }
            queue.waiting.push_front(Rc::clone(&claim));
        } else {
            queue.waiting.push_back(Rc::clone(&claim));
        }
        queue.grant();
        claim
    }

    fn is_free(&self, name: &str) -> bool {
        self.0.borrow().get(name).is_none_or(|queue| queue.holder.is_none())
    }
}

/// The lock manager, as one page sees it.
#[derive(Clone)]
pub struct Locks {
    pub(super) manager: Rc<LockManager>,
    pub(super) agent: AgentId,
}

impl Locks {
    /// Waits behind whoever has it and whoever waits already.
    pub fn request(&self, name: &str) -> LockRequest {
        self.ask(name, false)
    }

    /// Takes it away from whoever has it, ahead of whoever waits.
    pub fn steal(&self, name: &str) -> LockRequest {
        self.ask(name, true)
    }

    /// `ifAvailable`: the lock now, or not at all.
    pub fn if_available(&self, name: &str) -> Result<Lock, LockError> {
        if !self.manager.is_free(name) {
            return Err(LockError::NotAvailable);
        }
        Ok(Lock(self.ticket(name, false)))
    }

    fn ask(&self, name: &str, steal: bool) -> LockRequest {
        LockRequest(Some(self.ticket(name, steal)))
    }

    fn ticket(&self, name: &str, steal: bool) -> Ticket {
        let claim = self.manager.ask(name, self.agent, steal);
        Ticket { manager: Rc::clone(&self.manager), name: name.to_owned(), claim }
    }
}

/// Takes its claim back when dropped, granted or not.
struct Ticket {
    manager: Rc<LockManager>,
    name: String,
    claim: Rc<Claim>,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(queue) = self.manager.0.borrow_mut().get_mut(&self.name) {
            queue.remove(|claim| Rc::ptr_eq(claim, &self.claim));
        }
    }
}

/// A request on its way. It was made when this was made; dropping it aborts it.
#[must_use = "dropping it aborts the request"]
pub struct LockRequest(Option<Ticket>);

impl Future for LockRequest {
    type Output = Result<Lock, LockError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let ticket = self.0.as_ref().expect("a request is not polled after its end");
        ticket.claim.poll_past(Standing::Waiting, cx).map(|standing| {
            let ticket = self.0.take().expect("it was there a line ago");
            if standing == Standing::Held { Ok(Lock(ticket)) } else { Err(LockError::Stolen) }
        })
    }
}

/// A lock that was granted. Dropping it releases it; if it was stolen, that changes nothing.
#[must_use = "dropping it releases the lock"]
pub struct Lock(Ticket);

impl Lock {
    /// Resolves when the lock is stolen: the holder's `AbortError`. One waits at a time.
    pub fn stolen(&self) -> impl Future<Output = ()> + 'static {
        let claim = Rc::clone(&self.0.claim);
        std::future::poll_fn(move |cx| claim.poll_past(Standing::Held, cx).map(|_| ()))
    }
}
