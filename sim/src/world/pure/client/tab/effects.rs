//! What the coordinator wants done, done at once: a twin of `carry_out` in its actor.

use futures_util::FutureExt as _;
use holdline_client::core::coordinator::{Effect, FromClient, Input};
use holdline_client::core::session;
use holdline_client::tabs::{Ask, HeldLock, LocksError};
use holdline_client::{Event, Notice, Now, Outcome, Saved};

use super::{Around, Running, Tab};
use crate::subjects::holdline::tab::SCOPE;
use crate::world::pure::client::Client;
use crate::world::pure::transport::{Caller, Op};

impl Tab {
    pub(super) fn carry_out(&mut self, now: Now, effect: Effect) {
        match effect {
            Effect::Post(text) => {
                let posted = self.lent.platform.bus.as_ref().ok().map(|bus| bus.post(&text));
                if let Some(Err(error)) = posted {
                    self.inputs.push_back(Input::Mute(error.to_string()));
                }
            }
            Effect::AskLock(ask) => self.ask_lock(ask),
            Effect::LetGoLock => self.let_go(),
            Effect::Read { op, from, to } => {
                let Ok(store) = &self.lent.platform.store else { return };
                let read = store.read(&from, &to).map(move |result| Input::Read(op, result));
                self.store.push(read.boxed_local());
            }
            Effect::Claim(op) => {
                let Ok(store) = &self.lent.platform.store else { return };
                let claim = store.claim().map(move |result| Input::Claimed(op, result));
                self.store.push(claim.boxed_local());
            }
            Effect::Commit { op, epoch, writes } => {
                let Ok(store) = &self.lent.platform.store else { return };
                let commit = store.commit(epoch, writes);
                self.store
                    .push(commit.map(move |result| Input::Committed(op, result)).boxed_local());
            }
            Effect::StartClient { run, saved } => self.start_client(now, run, &saved),
            Effect::StopClient => self.stop_client(),
            Effect::LeaveClient => {
                if let Some(running) = &mut self.client {
                    running.client.engine.hand_over();
                }
            }
            Effect::Submit(draft) => {
                if let Some(running) = &mut self.client {
                    running.client.engine.handle_message(draft);
                }
            }
            Effect::ReconnectClient => {
                if let Some(running) = &mut self.client {
                    running.client.engine.handle(session::Input::Reconnect);
                }
            }
            Effect::Show(message) => self.lent.witness.tell(Event::Inbound(message)),
            Effect::Accepted(id) => self.lent.witness.tell(Event::Accepted { id }),
            Effect::Settle(id, outcome) => self.lent.witness.tell(match outcome {
                Outcome::Delivered => Event::Delivered { id },
                Outcome::Failed(reason) => Event::Failed { id, reason },
            }),
            Effect::State(state) => self.lent.witness.tell(Event::State(state)),
            Effect::Holder(holder) => self.lent.witness.tell(Event::Holder(holder)),
            Effect::Notice(notice) => self.lent.witness.tell(Event::Notice(notice)),
        }
    }

    fn ask_lock(&mut self, ask: Ask) {
        self.let_go();
        if let Ok(locks) = &self.lent.platform.locks {
            self.asked_lock = Some(locks.request(SCOPE, ask));
        }
    }

    pub(super) fn lock_answered(&mut self, result: Result<HeldLock, LocksError>) -> Input {
        match result {
            Ok(mut lock) => {
                self.lost = lock.take_lost();
                // Stolen before this tab ran again: it has never had it.
                if self.lost.as_mut().is_some_and(|lost| lost.now_or_never().is_some()) {
                    self.lost = None;
                    Input::LockLost
                } else {
                    self.lock = Some(lock);
                    Input::LockGranted
                }
            }
            Err(error) => Input::LockFailed(error.to_string()),
        }
    }

    pub(super) fn let_go(&mut self) {
        (self.asked_lock, self.lost, self.lock) = (None, None, None);
    }

    fn start_client(&mut self, now: Now, run: u64, saved: &Saved) {
        if let Some(old) = self.client.take() {
            self.lent.runtime.op(old.caller, Op::Drop);
        }
        let caller = Caller { house: self.lent.lease.house(), client: run };
        let config = self.config.of_run(run);
        let (client, _) = Client::new(config, saved, now, self.log.clone());
        self.client = Some(Running { run, caller, client });
        for odd in &saved.unreadable {
            let notice = FromClient::Notice(Notice::JournalFailed(odd.clone()));
            self.inputs.push_back(Input::Client(run, notice));
        }
    }

    pub(super) fn stop_client(&mut self) {
        if let Some(mut running) = self.client.take() {
            let Self { lent, inputs, .. } = self;
            let (run, caller) = (running.run, running.caller);
            let mut around = Around { run, caller, runtime: &lent.runtime, inputs };
            running.client.leave(&mut around);
            self.leaving.push(running);
        }
    }
}
