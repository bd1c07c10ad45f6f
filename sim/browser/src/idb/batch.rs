//! A transaction in time: it waits for its turn, makes its requests, commits or aborts.
//!
//! A [`Batch`] makes all its requests at once, for the delay of one: two timers for a whole
//! transaction, which is what the client's store is built on.

use super::origin::Origin;
use super::{Idb, IdbError, Mode, View};

/// A transaction that has not ended. Dropping it aborts it.
pub(super) struct Live {
    pub(super) idb: Idb,
    agent: u64,
    pub(super) tx: u64,
}

impl Live {
    pub(super) fn new(idb: Idb, agent: u64, tx: u64) -> Self {
        Self { idb, agent, tx }
    }

    pub(super) async fn started(&self) -> Result<(), IdbError> {
        let ready = |origin: &mut Origin| match origin.alive(self.tx) {
            Err(why) => Some(Err(why)),
            Ok(()) => origin.may_start(self.tx).then_some(Ok(())),
        };
        self.idb.until(self.agent, ready).await?
    }

    pub(super) fn execute<T, E: From<IdbError>>(
        &self,
        requests: impl FnOnce(View<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut origin = self.idb.0.origin.borrow_mut();
        origin.alive(self.tx)?;
        requests(View { origin: &mut origin, tx: self.tx })
    }

    /// Fails with the reason when it was aborted.
    pub(super) fn alive(&self) -> Result<(), IdbError> {
        self.idb.0.origin.borrow().alive(self.tx)
    }

    pub(super) fn abort(&self, why: IdbError) {
        self.idb.change(|origin| origin.abort(self.tx, why));
    }

    pub(super) async fn commit(&self) -> Result<(), IdbError> {
        let (writes, hangs) = {
            let origin = &mut *self.idb.0.origin.borrow_mut();
            origin.alive(self.tx)?;
            let writes = origin.txs[&self.tx].mode == Mode::ReadWrite;
            (writes, writes && Origin::strikes(&mut origin.hang_next, self.agent))
        };
        if hangs {
            self.idb.until(self.agent, |origin| origin.alive(self.tx).err()).await?;
        }
        if writes {
            self.idb.delay().await;
        }
        self.idb.change(|origin| {
            origin.alive(self.tx)?;
            if writes && Origin::strikes(&mut origin.abort_next, self.agent) {
                origin.abort(self.tx, IdbError::Abort("the browser aborted the commit".into()));
            }
            origin.commit(self.tx)
        })
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.idb.change(|origin| {
            origin.abort(self.tx, IdbError::Abort("its task is gone".into()));
            origin.forget(self.tx);
        });
    }
}

/// A transaction whose requests are made in one go. Dropping it aborts it.
#[must_use = "dropping it aborts the transaction"]
pub struct Batch(pub(super) Live);

impl Batch {
    /// Waits for its turn, makes the requests, and resolves when they are committed. An error
    /// from `requests` aborts; one that it handles does not. It must not touch the [`Idb`] itself.
    pub async fn run<T, E: From<IdbError>>(
        self,
        requests: impl FnOnce(&mut View<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let live = self.0;
        live.started().await?;
        live.idb.delay().await;
        let done = live.execute(|mut view| requests(&mut view))?;
        live.commit().await?;
        Ok(done)
    }
}
