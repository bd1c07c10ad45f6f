//! The one timer of an actor, re-armed from its machine's next deadline after every input.

use actix::fut::wrap_future;
use actix::{Actor, ActorFutureExt as _, AsyncContext, Context, SpawnHandle};

use crate::clock::Clock;
use crate::core::time::Instant;

#[derive(Debug, Default)]
pub(super) struct Timer {
    pub(super) armed: Option<(Instant, SpawnHandle)>,
}

impl Timer {
    /// Makes `tick` run at `deadline`, instead of whenever it was to run before.
    pub(super) fn arm<A: Actor<Context = Context<A>>>(
        &mut self,
        ctx: &mut Context<A>,
        clock: &Clock,
        deadline: Option<Instant>,
        tick: impl FnOnce(&mut A, &mut Context<A>) + 'static,
    ) {
        if self.armed.map(|(armed, _)| armed) == deadline {
            return;
        }
        if let Some((_, handle)) = self.armed.take() {
            ctx.cancel_future(handle);
        }
        self.armed = deadline.map(|deadline| {
            let wait = deadline.since(clock.now().mono);
            let handle = match clock.timers() {
                None => ctx.run_later(wait, tick),
                Some(timers) => {
                    let sleep = wrap_future(timers.sleep(wait));
                    ctx.spawn(sleep.map(|(), act, ctx| tick(act, ctx)))
                }
            };
            (deadline, handle)
        });
    }

    /// The timer has run; whatever comes next is to be armed anew.
    pub(super) fn fired(&mut self) {
        self.armed = None;
    }
}
