//! The article's `sw.js`: takes the guest's token from the tabs and keeps it in the database.
//!
//! The browser kills a worker that is idle, and starts it again for the next message: without
//! `install`, and without what was in its memory. The database that was opened for the installation
//! is in its memory.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Notify;

use super::super::defect::Defect;
use super::store::{Guest, Store};
use super::window::{Reach, Window};
use holdline_browser::worker::{Worker, WorkerError};

/// `sw.js` is fetched and installed after this long.
const REGISTRATION: Duration = Duration::from_millis(200);
/// A worker that was killed gives no answer.
const PATIENCE: Duration = Duration::from_millis(500);
/// So often a tab asks.
const TRIES: u32 = 3;

/// The worker's script, one for all tabs, and its global variable.
#[derive(Default)]
pub(super) struct ServiceWorker {
    installing: Cell<bool>,
    installed: Cell<bool>,
    ready: Notify,
    /// `let db`, and the life of the worker in whose memory it is.
    db: RefCell<Option<(u64, Store)>>,
}

impl ServiceWorker {
    /// `registerSW()`. The first registration installs it.
    pub(super) async fn register(self: &Rc<Self>, window: &Window) -> Result<(), WorkerError> {
        let worker = window.page().worker()?;
        window.sleep(REGISTRATION).await;
        if !self.installing.replace(true) {
            let (this, reach) = (Rc::clone(self), window.reach());
            let install =
                worker.run(false, move |life| async move { this.install(life, &reach).await });
            // Nobody waits for the installation but those who want to talk to the worker.
            drop(install?);
        }
        Ok(())
    }

    async fn install(&self, life: u64, reach: &Reach) {
        if let Ok(db) = reach.open(life).await {
            self.db.replace(Some((life, db)));
        }
        self.installed.set(true);
        self.ready.notify_waiters();
    }

    /// Posts `SYNC_TOKEN`, and waits for `TOKEN_SYNCED` or `TOKEN_SYNC_FAILED`. Where there is no
    /// worker, the tab writes the token itself.
    pub(super) async fn sync_token(
        self: &Rc<Self>,
        window: &Window,
        store: &Store,
        guest: &Guest,
    ) -> Result<(), String> {
        let worker = window.page().worker().ok().filter(|_| !window.is_alone());
        let Some(worker) = worker else {
            return store.sync_token(guest).await.map_err(|error| error.to_string());
        };
        self.until_installed(window).await;
        let mut missed = "the worker gives no answer".to_owned();
        for _ in 0..TRIES {
            match self.post(&worker, window, guest).await {
                Some(Ok(())) => return Ok(()),
                Some(Err(error)) => missed = error,
                None => {}
            }
        }
        Err(missed)
    }

    /// `navigator.serviceWorker.ready`.
    async fn until_installed(&self, window: &Window) {
        let ready = self.ready.notified();
        if !self.installed.get() {
            tokio::select! {
                biased;
                () = ready => {}
                () = window.sleep(REGISTRATION + PATIENCE) => {}
            }
        }
    }

    async fn post(
        self: &Rc<Self>,
        worker: &Worker,
        window: &Window,
        guest: &Guest,
    ) -> Option<Result<(), String>> {
        let (this, reach, guest) = (Rc::clone(self), window.reach(), guest.clone());
        let waits_until = !window.has(Defect::B25);
        let answer = worker.run(waits_until, move |life| async move {
            let db = this.db(life, &reach).await?;
            db.sync_token(&guest).await.map_err(|error| error.to_string())
        });
        let answer = answer.ok()?;
        tokio::select! {
            biased;
            answer = answer => Some(answer),
            () = window.sleep(PATIENCE) => None,
        }
    }

    /// The database of this life of the worker.
    async fn db(&self, life: u64, reach: &Reach) -> Result<Store, String> {
        let opened = self.db.borrow().clone().filter(|(of, _)| *of == life);
        if let Some((_, db)) = opened {
            return Ok(db);
        }
        if reach.defects.has(Defect::B25) {
            return Err("TypeError: Cannot read properties of undefined".into());
        }
        let db = reach.open(life).await.map_err(|error| error.to_string())?;
        self.db.replace(Some((life, db.clone())));
        Ok(db)
    }
}
