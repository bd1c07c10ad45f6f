//! Timers of a page: on time while it is visible, late while it is hidden.
//!
//! A hidden page's timers fire at whole seconds since it was hidden, and after five minutes at whole
//! minutes, as Chrome's do. Refuses to know about freezing: a frozen page's timers fire on time and
//! nobody is there to hear them.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use holdline_client::Timers;
use tokio::sync::Notify;

use holdline_net::NowFn;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
/// After so long in the background a page's timers run once a minute.
const INTENSIVE_AFTER: Duration = Duration::from_secs(5 * 60);

/// See the module's documentation. Clones share the page's visibility.
#[derive(Clone)]
pub struct PageTimers(Rc<Inner>);

struct Inner {
    now: NowFn,
    hidden_since: Cell<Option<Duration>>,
    /// Every pending sleep waits for its moment and for this.
    changed: Notify,
}

impl PageTimers {
    pub(super) fn new(now: NowFn, visible: bool) -> Self {
        let hidden_since = Cell::new((!visible).then(|| now()));
        Self(Rc::new(Inner { now, hidden_since, changed: Notify::new() }))
    }

    pub(super) fn is_visible(&self) -> bool {
        self.0.hidden_since.get().is_none()
    }

    pub(super) fn set_visible(&self, visible: bool) {
        if visible != self.is_visible() {
            self.0.hidden_since.set((!visible).then(|| (self.0.now)()));
            self.0.changed.notify_waiters();
        }
    }

    /// How much later than `due` a timer fires.
    pub(super) fn lateness(&self, due: Duration) -> Duration {
        let Some(since) = self.0.hidden_since.get() else { return Duration::ZERO };
        let hidden_for = due.saturating_sub(since);
        let step = if hidden_for <= INTENSIVE_AFTER { SECOND } else { MINUTE };
        let steps = hidden_for.as_nanos().div_ceil(step.as_nanos());
        (step * steps as u32).saturating_sub(hidden_for)
    }
}

impl Timers for PageTimers {
    fn sleep(&self, wait: Duration) -> LocalBoxFuture<'static, ()> {
        let timers = self.clone();
        let due = (timers.0.now)() + wait;
        let sleep = tokio::time::sleep(wait);
        let on_time = sleep.deadline();
        Box::pin(async move {
            tokio::pin!(sleep);
            loop {
                let changed = timers.0.changed.notified();
                sleep.as_mut().reset(on_time + timers.lateness(due));
                tokio::select! {
                    biased;
                    () = &mut sleep => return,
                    () = changed => {}
                }
            }
        })
    }
}
