//! The browser's storage, through its public door: databases, transactions, the client's store over
//! them, and the service worker. Time is virtual.

mod databases;
mod store;
mod transactions;
mod worker;

use std::cell::RefCell;
use std::rc::Rc;

use holdline_browser::idb::{Connection, Idb, IdbError, Settings, StoreOptions};
use tokio::task::LocalSet;

/// Plays one world to its end.
fn play<T>(world: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a current-thread runtime needs nothing");
    LocalSet::new().block_on(&runtime, world)
}

/// What runs beside every page.
fn background() -> Rc<LocalSet> {
    let set = Rc::new(LocalSet::new());
    let driven = Rc::clone(&set);
    tokio::task::spawn_local(async move { driven.run_until(std::future::pending::<()>()).await });
    set
}

/// An empty storage of a browser without limits.
fn storage() -> Idb {
    Idb::new(Settings::default(), 1)
}

/// A database with the object stores `a` and `b`, opened by `agent`.
async fn database(idb: &Idb, agent: u64) -> Connection {
    open(idb, agent, 1).await.expect("nothing keeps it from opening")
}

async fn open(idb: &Idb, agent: u64, version: u32) -> Result<Connection, IdbError> {
    idb.open(agent, "db", Some(version))
        .on_upgrade(|upgrade| {
            if upgrade.old_version() == 0 {
                upgrade.create_store("a", StoreOptions::default())?;
                upgrade.create_store("b", StoreOptions::default())?;
            }
            Ok(())
        })
        .await
}

/// What happened, in order.
#[derive(Clone, Default)]
struct Notes(Rc<RefCell<Vec<String>>>);

impl Notes {
    fn add(&self, note: impl Into<String>) {
        self.0.borrow_mut().push(note.into());
    }

    fn all(&self) -> Vec<String> {
        self.0.borrow().clone()
    }
}
