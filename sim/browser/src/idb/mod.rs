//! A model of `IndexedDB` with the edges that hurt: what one origin stores, whatever becomes of the
//! tabs and workers that use it.
//!
//! - A request succeeds before its transaction commits. Until `complete` nothing is durable, and an
//!   abort (quota, the agent's death, an injected one) takes everything back.
//! - An upgrade waits until every older connection is closed.
//! - A transaction commits by itself as soon as no request is outstanding.
//!
//! Values are text. An agent (a tab, one life of a worker) is a number that is never used again
//! after its death: a reloaded tab is a new agent. Delays are slept on tokio's clock, which
//! rounds each up to the next millisecond, or on timers that are lent.
//!
//! Refuses: indexes, compound keys, and keys that are not text.

mod batch;
mod connection;
mod data;
mod error;
mod kept_open;
mod open;
mod origin;
mod settings;
mod transaction;
mod undo;
mod view;

use std::cell::RefCell;
use std::rc::Rc;

use holdline_client::Timers;
use tokio::sync::Notify;

pub use self::batch::Batch;
pub use self::connection::Connection;
pub use self::data::StoreOptions;
pub use self::error::IdbError;
pub use self::kept_open::{Create, KeptOpen};
pub use self::open::Opening;
use self::origin::Origin;
pub use self::settings::{Private, Settings};
pub use self::transaction::Transaction;
pub use self::view::{Upgrade, View};
use super::timer_source::tokio_timers;

/// What a transaction may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Shares its object stores with others that only read.
    ReadOnly,
    /// Has its object stores for itself.
    ReadWrite,
}

/// Whose next commit an injected mishap is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Whoever writes next.
    Any,
    /// This agent's.
    Agent(u64),
}

/// Somebody wants to upgrade the database; an open connection is asked to close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionChange {
    /// The version that is open.
    pub old_version: u32,
    /// The one it shall have.
    pub new_version: u32,
}

/// The databases of one origin. Clones are the same storage.
#[derive(Clone)]
pub struct Idb(Rc<Inner>);

struct Inner {
    origin: RefCell<Origin>,
    /// Something ended or changed: whoever waits looks again.
    changed: Notify,
    timers: Rc<dyn Timers>,
}

impl Idb {
    /// An empty storage; `seed` feeds its delays.
    #[must_use]
    pub fn new(settings: Settings, seed: u64) -> Self {
        Self::timed(settings, seed, tokio_timers())
    }

    /// The same in a world that has timers of its own.
    #[must_use]
    pub fn timed(settings: Settings, seed: u64, timers: Rc<dyn Timers>) -> Self {
        let origin = RefCell::new(Origin::new(settings, seed));
        Self(Rc::new(Inner { origin, changed: Notify::new(), timers }))
    }

    /// On which its delays are slept.
    pub(super) fn timers(&self) -> &dyn Timers {
        &*self.0.timers
    }

    /// Opens a database: the version it has (or 1, for a new one) when `version` is `None`. What is
    /// returned is awaited, after it was told what to do on an upgrade.
    pub fn open(&self, agent: u64, name: &str, version: Option<u32>) -> Opening {
        Opening::new(self.clone(), agent, name, version)
    }

    /// Changes what the origin may store. What is stored already stays.
    pub fn set_quota(&self, quota_bytes: Option<u64>) {
        self.0.origin.borrow_mut().settings.quota_bytes = quota_bytes;
    }

    /// Changes whether databases open from now on.
    pub fn set_private(&self, private: Private) {
        self.0.origin.borrow_mut().settings.private = private;
    }

    /// What is committed, in bytes of keys and values.
    #[must_use]
    pub fn used_bytes(&self) -> u64 {
        self.0.origin.borrow().used_bytes
    }

    /// A tab or worker dies: what it has not committed is undone, its connections close.
    pub fn kill_agent(&self, agent: u64) {
        self.change(|origin| {
            origin.dead.insert(agent);
            origin.abort_all_of(agent, &gone(agent));
            origin.conns.retain(|_, conn| conn.agent != agent);
            origin.openings.retain(|_, (opener, _)| *opener != agent);
        });
    }

    /// A frozen agent keeps its connections and hears no `versionchange` until it is resumed. What
    /// it has not committed is undone, so that it stands in nobody's way: `WebKit` aborts what a page
    /// has open before it suspends it; Chrome does not freeze a page in the midst of a transaction
    /// that others wait for, and throws it out of the back/forward cache.
    pub fn set_frozen(&self, agent: u64, frozen: bool) {
        self.change(|origin| {
            if frozen {
                origin.frozen.insert(agent);
                origin.abort_all_of(agent, &asleep(agent));
            } else {
                origin.frozen.remove(&agent);
            }
        });
    }

    /// "Clear site data": everything is gone, transactions abort, connections hear `close`.
    pub fn clear_site_data(&self) {
        let closed = self.change(|origin| {
            for id in origin.txs.keys().copied().collect::<Vec<_>>() {
                origin.abort(id, IdbError::Abort("the site's data were cleared".into()));
            }
            origin.dbs.clear();
            origin.used_bytes = 0;
            std::mem::take(&mut origin.conns)
        });
        for on_close in closed.into_values().filter_map(|conn| conn.on_close) {
            on_close();
        }
    }

    /// The next commit of a writing transaction fails, and nothing of it is there.
    pub fn abort_next_commit(&self, whose: Whose) {
        self.0.origin.borrow_mut().abort_next.push(whose);
    }

    /// The next commit of a writing transaction does not end before its agent is killed.
    pub fn hang_next_commit_until_killed(&self, whose: Whose) {
        self.0.origin.borrow_mut().hang_next.push(whose);
    }

    fn change<T>(&self, how: impl FnOnce(&mut Origin) -> T) -> T {
        let done = how(&mut self.0.origin.borrow_mut());
        self.0.changed.notify_waiters();
        done
    }

    /// Waits until `ready` has an answer. A dead agent gets none.
    async fn until<T>(
        &self,
        agent: u64,
        mut ready: impl FnMut(&mut Origin) -> Option<T>,
    ) -> Result<T, IdbError> {
        loop {
            // Made before the look, so that no change is missed in between.
            let changed = self.0.changed.notified();
            {
                let mut origin = self.0.origin.borrow_mut();
                if origin.dead.contains(&agent) {
                    return Err(gone(agent));
                }
                if let Some(answer) = ready(&mut origin) {
                    return Ok(answer);
                }
            }
            changed.await;
        }
    }

    async fn delay(&self) {
        let delay = self.0.origin.borrow_mut().draw_delay();
        if !delay.is_zero() {
            self.0.timers.sleep(delay).await;
        }
    }
}

impl std::fmt::Debug for Idb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Idb").field("used_bytes", &self.used_bytes()).finish_non_exhaustive()
    }
}

fn asleep(agent: u64) -> IdbError {
    IdbError::Abort(format!("agent {agent} fell asleep in the midst of it"))
}

fn gone(agent: u64) -> IdbError {
    IdbError::Abort(format!("agent {agent} is gone; a tab that comes back is a new agent"))
}
