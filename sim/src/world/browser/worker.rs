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
use tokio::task::AbortHandle;

pub use self::copy::{CONNECTION_STORE, GUEST_STORE, IDS_KEPT_FOR, PROCESSED_STORE};
use self::copy::{create, write};
pub use self::messages::{Answer, SyncToken, WorkerError};
use super::idb::{Idb, Keeper};

/// A worker without work is killed after this long.
pub const IDLE_LIMIT: Duration = Duration::from_secs(30);
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
    settings: Settings,
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
    database: Keeper,
    /// Messages whose `waitUntil` has not settled.
    busy: Cell<u32>,
    /// A message came, or is done.
    stirred: Notify,
}

impl Worker {
    /// A worker that nobody has registered yet. Needs a `LocalSet` from the first message on.
    #[must_use]
    pub fn new(idb: Idb, settings: Settings) -> Self {
        Self(Rc::new(Inner {
            idb,
            settings,
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

    /// Posts `SYNC_TOKEN`, which starts the worker if it does not run. The answer never comes when
    /// the worker is killed before it gave one.
    pub fn sync_token(
        &self,
        payload: SyncToken,
    ) -> Result<LocalBoxFuture<'static, Answer>, WorkerError> {
        if self.installs() == 0 {
            return Err(WorkerError::NotRegistered);
        }
        let (answer, answered) = oneshot::channel();
        let delay = self.0.settings.message_delay;
        let clock = self.0.settings.clock.clone();
        let mut life = self.0.life.borrow_mut();
        let life = life.get_or_insert_with(|| self.start());
        let memory = Rc::clone(&life.memory);
        let event = tokio::task::spawn_local(async move {
            tokio::time::sleep(delay).await;
            let outcome = memory.wait_until(write(&memory.database, &clock, payload)).await;
            let said = match outcome {
                Ok(()) => Answer::TokenSynced { success: true },
                Err(error) => Answer::TokenSyncFailed { error: error.to_string() },
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
        let database = Keeper::new(inner.idb.clone(), agent, &inner.settings.database, create);
        let memory = Rc::new(Memory { database, busy: Cell::new(0), stirred: Notify::new() });
        let watch = kill_when_idle(Rc::downgrade(inner), Rc::clone(&memory));
        let watch = tokio::task::spawn_local(watch).abort_handle();
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

async fn kill_when_idle(worker: Weak<Inner>, memory: Rc<Memory>) {
    loop {
        let stirred = tokio::time::timeout(IDLE_LIMIT, memory.stirred.notified()).await.is_ok();
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
