//! The client's [`StateStore`] in a browser: one database, one transaction for each call.
//!
//! Records are in one object store; epoch, format and the numbers that were given out in another.
//! The epoch is checked inside the transaction that writes, so no other tab comes in between.
//!
//! Refuses to touch what a newer program has written. It gives way to one that wants to upgrade.

mod records;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use holdline_client::tabs::{Contents, StateStore, StoreError, Write};

pub use self::records::{META, RECORDS};
use self::records::{apply, bytes_of, create, epoch, guest_in, next, set_epoch};
use super::idb::{Idb, IdbError, KeptOpen, Mode, View};
use super::timer_source::within;
use super::worker::{Answer, SyncToken, Worker};

/// The record that the worker keeps a copy of.
pub const GUEST_KEY: &str = "guest";
/// The database of the client's store.
pub const DATABASE: &str = "holdline";
/// The worker answers within this, or is asked once more.
const WORKER_PATIENCE: Duration = Duration::from_millis(500);

/// What the trace sees of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreSeen {
    /// Somebody took the lead.
    Claimed {
        /// The epoch that began.
        epoch: u64,
    },
    /// A write reached the store.
    Wrote {
        /// The epoch it named.
        epoch: u64,
        /// The epoch that was stored when it came.
        stored: u64,
        /// Whether it was committed.
        accepted: bool,
        /// Keys and values that it brought.
        bytes: u64,
    },
    /// The worker's copy of the guest was not brought up to date.
    WorkerMissed {
        /// Why.
        why: String,
    },
}

/// One tab's door to the store of all tabs. Its writes go on when nobody waits for them, so it needs
/// a `LocalSet`. Clones are the same door.
#[derive(Clone)]
pub struct BrowserStore(Rc<Inner>);

struct Inner {
    idb: Idb,
    database: KeptOpen,
    observer: Rc<dyn Fn(StoreSeen)>,
    worker: Option<Worker>,
    /// What the worker should have; a second try must not bring an older guest.
    latest: RefCell<SyncToken>,
    worker_missed: Cell<u64>,
}

impl BrowserStore {
    /// The store in the database `name`, for the tab `agent`. Nothing is opened yet.
    #[must_use]
    pub fn new(
        idb: Idb,
        agent: u64,
        name: &str,
        worker: Option<Worker>,
        observer: Rc<dyn Fn(StoreSeen)>,
    ) -> Self {
        Self(Rc::new(Inner {
            database: KeptOpen::new(idb.clone(), agent, name, create),
            idb,
            observer,
            worker,
            latest: RefCell::default(),
            worker_missed: Cell::new(0),
        }))
    }

    /// How often the worker's copy was not brought up to date.
    #[must_use]
    pub fn worker_missed(&self) -> u64 {
        self.0.worker_missed.get()
    }
}

/// What a page of a newer version does to the database `name` when it is opened and closed again.
pub async fn upgrade(idb: Idb, agent: u64, name: &str, version: u32) -> Result<(), IdbError> {
    let opening = idb
        .open(agent, name, Some(version))
        .on_upgrade(|upgrade| if upgrade.old_version() == 0 { create(upgrade) } else { Ok(()) });
    opening.await.map(drop)
}

impl StateStore for BrowserStore {
    fn read(&self, from: &str, to: &str) -> LocalBoxFuture<'static, Result<Contents, StoreError>> {
        let (inner, range) = (Rc::clone(&self.0), from.to_owned()..to.to_owned());
        Box::pin(async move {
            let batch = inner.database.batch(&[RECORDS, META], Mode::ReadOnly).await?;
            let read = |view: &mut View<'_>| {
                let epoch = epoch(view)?;
                Ok(Contents { epoch, records: view.cursor(RECORDS, range)? })
            };
            batch.run(read).await
        })
    }

    fn raise_epoch(&self) -> LocalBoxFuture<'static, Result<u64, StoreError>> {
        detached(raise_epoch(Rc::clone(&self.0)))
    }

    fn commit(
        &self,
        epoch: u64,
        writes: Vec<Write>,
    ) -> LocalBoxFuture<'static, Result<Vec<String>, StoreError>> {
        detached(commit(Rc::clone(&self.0), epoch, writes))
    }
}

/// Runs `work` to its end, whether or not anybody waits for it.
fn detached<T: 'static>(
    work: impl Future<Output = Result<T, StoreError>> + 'static,
) -> LocalBoxFuture<'static, Result<T, StoreError>> {
    let task = tokio::task::spawn_local(work);
    Box::pin(async move {
        match task.await {
            Ok(done) => done,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => Err(StoreError::Unavailable("the tab has ended".into())),
        }
    })
}

async fn raise_epoch(inner: Rc<Inner>) -> Result<u64, StoreError> {
    let batch = inner.database.batch(&[META], Mode::ReadWrite).await?;
    let raise = |view: &mut View<'_>| {
        let epoch = next(epoch(view)?, "epoch")?;
        set_epoch(view, epoch)?;
        Ok::<u64, StoreError>(epoch)
    };
    let epoch = batch.run(raise).await?;
    (inner.observer)(StoreSeen::Claimed { epoch });
    Ok(epoch)
}

async fn commit(
    inner: Rc<Inner>,
    asked: u64,
    writes: Vec<Write>,
) -> Result<Vec<String>, StoreError> {
    let batch = inner.database.batch(&[RECORDS, META], Mode::ReadWrite).await?;
    let mut reached = None;
    let apply = |view: &mut View<'_>| {
        let stored = epoch(view)?;
        reached = Some(stored);
        if stored > asked {
            return Err(StoreError::Fenced { asked, stored });
        }
        if stored < asked {
            set_epoch(view, asked)?;
        }
        apply(view, &writes)
    };
    let outcome = batch.run(apply).await;
    if let Some(stored) = reached {
        let (accepted, bytes) = (outcome.is_ok(), bytes_of(&writes));
        (inner.observer)(StoreSeen::Wrote { epoch: asked, stored, accepted, bytes });
    }
    if let (Ok(_), Some(worker), Some(guest)) = (&outcome, &inner.worker, guest_in(&writes)) {
        let token = SyncToken { token: guest.into(), epoch: asked, ..SyncToken::default() };
        inner.latest.replace(token);
        tokio::task::spawn_local(bring_to_worker(Rc::clone(&inner), worker.clone()));
    }
    outcome
}

/// Asks the worker twice at most: one that was killed starts again for the second message.
async fn bring_to_worker(inner: Rc<Inner>, worker: Worker) {
    let mut missed = "it gave no answer, twice".to_owned();
    for _ in 0..2 {
        let latest = inner.latest.borrow().clone();
        let answer = match worker.sync_token(latest) {
            Ok(answer) => within(inner.idb.timers(), WORKER_PATIENCE, answer).await,
            Err(error) => Some(Answer::TokenSyncFailed { error: error.to_string() }),
        };
        match answer {
            Some(Answer::TokenSynced { .. }) => return,
            Some(Answer::TokenSyncFailed { error }) => {
                missed = error;
                break;
            }
            None => {}
        }
    }
    inner.worker_missed.set(inner.worker_missed.get() + 1);
    (inner.observer)(StoreSeen::WorkerMissed { why: missed });
}

impl fmt::Debug for BrowserStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrowserStore").field("latest", &self.0.latest).finish_non_exhaustive()
    }
}
