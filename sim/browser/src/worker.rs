//! The service worker: takes the guest's token and keeps its own copy of it, for when no tab lives.
//!
//! A browser kills it when it was idle for 30 s, or whenever it likes, and starts it again for the
//! next message, without `install` and without its memory. So it opens its database when it needs
//! it, answers only after the commit, and says with `waitUntil` that it is busy.
//!
//! Refuses: pages that are not from a secure origin, and to answer for a write that it did not see
//! through.

mod copy;
mod messages;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};
use std::time::Duration;

use futures_util::future::{self, LocalBoxFuture};
use holdline_client::Clock;
use tokio::sync::{Notify, oneshot};
use tokio::task::{AbortHandle, LocalSet};

pub use self::copy::{CONNECTION_STORE, GUEST_STORE, IDS_KEPT_FOR, PROCESSED_STORE};
use self::copy::{create, write};
pub use self::messages::{Answer, SyncToken, WorkerError};
use super::idb::{Idb, KeptOpen, Whose};
use super::timer_source::within;

/// A worker without work is killed after this long.
pub const IDLE_LIMIT: Duration = Duration::from_secs(30);
/// A write that hangs is under way after this long.
const MID_WRITE: Duration = Duration::from_millis(50);

/// What a worker is given.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its first life is this agent, the second the next one, and so on.
    pub first_agent: u64,
    /// The name of its database.
    pub database: String,
    /// Tells when an id was processed.
    pub clock: Clock,
    /// How long a message is under way to it.
    pub message_delay: Duration,
}

/// The service worker of one origin. Clones are the same worker.
#[derive(Clone)]
pub struct Worker(Rc<Inner>);

struct Inner {
    idb: Idb,
    /// Where it runs: in no page, whoever posts to it.
    host: Rc<LocalSet>,
    settings: Settings,
    /// It is killed in the middle of its next write.
    doomed: Cell<bool>,
    installs: Cell<u32>,
    lives: Cell<u64>,
    life: RefCell<Option<Life>>,
}

/// From start to kill.
struct Life {
    agent: u64,
    memory: Rc<Memory>,
    tasks: Vec<AbortHandle>,
}

/// What is lost when the worker is killed.
struct Memory {
    database: KeptOpen,
    /// Messages whose `waitUntil` has not settled.
    busy: Cell<u32>,
    /// A message came, or is done.
    stirred: Notify,
}

impl Worker {
    /// A worker that nobody has registered yet. It runs in `host`, which somebody must poll.
    #[must_use]
    pub fn new(idb: Idb, host: Rc<LocalSet>, settings: Settings) -> Self {
        Self(Rc::new(Inner {
            idb,
            host,
            settings,
            doomed: Cell::new(false),
            installs: Cell::new(0),
            lives: Cell::new(0),
            life: RefCell::new(None),
        }))
    }

    /// Registers and, the first time, installs it. Nothing that a later life needs is made here.
    pub fn register(&self, secure_origin: bool) -> Result<(), WorkerError> {
        if !secure_origin {
            return Err(WorkerError::Insecure);
        }
        self.0.installs.set(1);
        Ok(())
    }

    /// How often it was installed.
    #[must_use]
    pub fn installs(&self) -> u32 {
        self.0.installs.get()
    }

    /// How often it was started.
    #[must_use]
    pub fn lives(&self) -> u64 {
        self.0.lives.get()
    }

    /// Whether it runs now.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.0.life.borrow().is_some()
    }

    /// Kills it, whatever it is doing.
    pub fn kill(&self) {
        self.0.kill();
    }

    /// Kills it in the middle of its next write.
    pub fn kill_mid_write(&self) {
        self.0.doomed.set(true);
    }

    /// Posts `SYNC_TOKEN`, which starts the worker if it does not run. The answer never comes when
    /// the worker is killed before it gave one.
    pub fn sync_token(
        &self,
        payload: SyncToken,
    ) -> Result<LocalBoxFuture<'static, Answer>, WorkerError> {
        let clock = self.0.settings.clock.clone();
        self.dispatch(true, move |_, memory| async move {
            match write(&memory.database, &clock, payload).await {
                Ok(()) => Answer::TokenSynced { success: true },
                Err(error) => Answer::TokenSyncFailed { error: error.to_string() },
            }
        })
    }

    /// Posts a message that the worker deals with as `handler` does, which is told by its agent which
    /// life of the worker it is in: a script of a page's own, in the place of this one's. With
    /// `waits_until` it is not idle before that is done. The answer as for `SYNC_TOKEN`.
    pub fn run<T: 'static, F: Future<Output = T> + 'static>(
        &self,
        waits_until: bool,
        handler: impl FnOnce(u64) -> F + 'static,
    ) -> Result<LocalBoxFuture<'static, T>, WorkerError> {
        self.dispatch(waits_until, |agent, _| handler(agent))
    }

    fn dispatch<T: 'static, F: Future<Output = T> + 'static>(
        &self,
        waits_until: bool,
        handler: impl FnOnce(u64, Rc<Memory>) -> F + 'static,
    ) -> Result<LocalBoxFuture<'static, T>, WorkerError> {
        if self.installs() == 0 {
            return Err(WorkerError::NotRegistered);
        }
        let (answer, answered) = oneshot::channel();
        let delay = self.0.settings.message_delay;
        let mut life = self.0.life.borrow_mut();
        let life = life.get_or_insert_with(|| self.start());
        let (memory, agent) = (Rc::clone(&life.memory), life.agent);
        let (worker, idb) = (Rc::downgrade(&self.0), self.0.idb.clone());
        let event = self.0.host.spawn_local(async move {
            idb.timers().sleep(delay).await;
            doom(&worker, agent);
            let work = handler(agent, Rc::clone(&memory));
            let said = if waits_until {
                memory.wait_until(work).await
            } else {
                memory.stirred.notify_one();
                work.await
            };
            // The page may have stopped listening.
            drop(answer.send(said));
        });
        life.tasks.retain(|task| !task.is_finished());
        life.tasks.push(event.abort_handle());
        Ok(Box::pin(async move {
            match answered.await {
                Ok(answer) => answer,
                Err(_) => future::pending().await,
            }
        }))
    }

    fn start(&self) -> Life {
        let inner = &self.0;
        let agent = inner.settings.first_agent + inner.lives.get();
        inner.lives.set(inner.lives.get() + 1);
        let database = KeptOpen::new(inner.idb.clone(), agent, &inner.settings.database, create);
        let memory = Rc::new(Memory { database, busy: Cell::new(0), stirred: Notify::new() });
        let watch = kill_when_idle(Rc::downgrade(inner), inner.idb.clone(), Rc::clone(&memory));
        let watch = inner.host.spawn_local(watch).abort_handle();
        Life { agent, memory, tasks: vec![watch] }
    }
}

impl Inner {
    fn kill(&self) {
        if let Some(life) = self.life.take() {
            self.idb.kill_agent(life.agent);
            life.tasks.iter().for_each(AbortHandle::abort);
        }
    }
}

impl Memory {
    /// Keeps the worker from being killed as idle until `work` is done.
    async fn wait_until<T>(&self, work: impl Future<Output = T>) -> T {
        self.busy.set(self.busy.get() + 1);
        self.stirred.notify_one();
        let done = work.await;
        self.busy.set(self.busy.get() - 1);
        self.stirred.notify_one();
        done
    }
}

/// If it shall not survive its next write, that write hangs, and then the worker dies.
fn doom(worker: &Weak<Inner>, agent: u64) {
    let Some(inner) = worker.upgrade().filter(|inner| inner.doomed.take()) else { return };
    inner.idb.hang_next_commit_until_killed(Whose::Agent(agent));
    let (worker, idb) = (Weak::clone(worker), inner.idb.clone());
    inner.host.spawn_local(async move {
        idb.timers().sleep(MID_WRITE).await;
        let is_it =
            |inner: &Rc<Inner>| inner.life.borrow().as_ref().is_some_and(|l| l.agent == agent);
        if let Some(inner) = worker.upgrade().filter(is_it) {
            inner.kill();
        }
    });
}

async fn kill_when_idle(worker: Weak<Inner>, idb: Idb, memory: Rc<Memory>) {
    loop {
        let stirred = within(idb.timers(), IDLE_LIMIT, memory.stirred.notified()).await.is_some();
        if !stirred && memory.busy.get() == 0 {
            if let Some(worker) = worker.upgrade() {
                worker.kill();
            }
            return;
        }
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("lives", &self.lives())
            .field("running", &self.is_running())
            .finish_non_exhaustive()
    }
}
