//! What a coordinator wants done, told apart once.
//!
//! Whoever runs a coordinator is a [`TabShell`]: an actor, or a page that has none. It does the I/O
//! and decides nothing.

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;

use super::{HeldLock, LocksError, Platform};
use crate::core::coordinator::{Effect, Input};
use crate::core::journal::Saved;
use crate::core::outbox::Draft;
use crate::core::types::Event;

/// A request for the lock; dropping it takes it back.
pub type LockRequest = LocalBoxFuture<'static, Result<HeldLock, LocksError>>;

/// Resolves when the lock is stolen.
pub type LockLoss = LocalBoxFuture<'static, ()>;

/// What is around a coordinator.
pub trait TabShell {
    /// What the browser lends.
    fn platform(&self) -> &Platform;
    /// Gives the coordinator this when it has handled what it is handling.
    fn tell(&mut self, input: Input);
    /// Gives the coordinator this as soon as it is there.
    fn tell_later(&mut self, input: LocalBoxFuture<'static, Input>);
    /// Gives the coordinator the [`lock_answer`] of this, or forgets it when the lock is released.
    fn wait_for_lock(&mut self, request: LockRequest);
    /// Drops the lock, or the request for it.
    fn release_lock(&mut self);
    /// Tells the application.
    fn publish(&mut self, event: Event);
    /// Starts a client, which goes on with what was saved.
    fn start_client(&mut self, run: u64, saved: Saved);
    /// Stops it now: socket closed, nothing settled.
    fn stop_client(&mut self);
    /// Stops it when what is under way has ended.
    fn leave_client(&mut self);
    /// Hands it a message that is remembered already.
    fn submit(&mut self, draft: Draft);
    /// Makes it try now.
    fn reconnect_client(&mut self);
}

/// Carries out what the coordinator of a tab in `scope` wants.
pub fn carry_out(effect: Effect, scope: &str, shell: &mut impl TabShell) {
    match effect {
        Effect::Post(text) => {
            let posted = shell.platform().bus.as_ref().map(|bus| bus.post(&text));
            if let Ok(Err(error)) = posted {
                shell.tell(Input::Mute(error.to_string()));
            }
        }
        Effect::AskLock(ask) => {
            shell.release_lock();
            if let Ok(locks) = &shell.platform().locks {
                let request = locks.request(scope, ask);
                shell.wait_for_lock(request);
            }
        }
        Effect::ReleaseLock => shell.release_lock(),
        Effect::Read { op, from, to } => {
            let Ok(store) = &shell.platform().store else { return };
            let read = store.read(&from, &to).map(move |result| Input::Read(op, result));
            shell.tell_later(read.boxed_local());
        }
        Effect::RaiseEpoch(op) => {
            let Ok(store) = &shell.platform().store else { return };
            let raised = store.raise_epoch().map(move |result| Input::EpochRaised(op, result));
            shell.tell_later(raised.boxed_local());
        }
        Effect::Commit { op, epoch, writes } => {
            let Ok(store) = &shell.platform().store else { return };
            let commit = store.commit(epoch, writes);
            let commit = commit.map(move |result| Input::Committed(op, result));
            shell.tell_later(commit.boxed_local());
        }
        Effect::StartClient { run, saved } => shell.start_client(run, *saved),
        Effect::StopClient => shell.stop_client(),
        Effect::LeaveClient => shell.leave_client(),
        Effect::Submit(draft) => shell.submit(draft),
        Effect::ReconnectClient => shell.reconnect_client(),
        Effect::Publish(event) => shell.publish(event),
    }
}

/// What the coordinator is told of an answered request for the lock. With [`Input::LockGranted`]
/// come the lock, which is to be kept, and what resolves when it is stolen.
#[must_use]
pub fn lock_answer(
    result: Result<HeldLock, LocksError>,
) -> (Input, Option<(HeldLock, Option<LockLoss>)>) {
    let mut lock = match result {
        Ok(lock) => lock,
        Err(error) => return (Input::LockFailed(error.to_string()), None),
    };
    let mut lost = lock.take_lost();
    // Stolen before this tab ran again: it has never had it.
    if lost.as_mut().is_some_and(|lost| lost.now_or_never().is_some()) {
        return (Input::LockLost, None);
    }
    (Input::LockGranted, Some((lock, lost)))
}
