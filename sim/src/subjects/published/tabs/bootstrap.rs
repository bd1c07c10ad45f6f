//! The article's `main.js`: opens the database, connects, and starts the modules, in that order.
//!
//! What is repaired listens first and connects last, and goes on without what the browser lacks.

use std::cell::RefCell;
use std::rc::Rc;

use actix::Addr;
use thiserror::Error;

use super::super::defect::Defect;
use super::actors::Stop;
use super::auth::RequestError;
use super::coalescer::Coalescer;
use super::focus::FocusManager;
use super::outbox::Outbox;
use super::sdk::WebMessagingClient;
use super::store::Store;
use super::window::{Reach, Window};
use super::worker::ServiceWorker;
use crate::trace::reports::Feature;
use holdline_browser::ChannelError;
use holdline_browser::idb::{self, Idb};
use holdline_browser::worker::WorkerError;

/// Why the application has ended before it began.
#[derive(Debug, Error)]
enum BootError {
    #[error("Database initialization failed. Messaging persistence unavailable.")]
    Database,
    #[error("SDK initialization failed: {0}")]
    Sdk(RequestError),
    #[error("{0}")]
    Worker(#[from] WorkerError),
    #[error("{0}")]
    Channel(#[from] ChannelError),
}

/// The modules of a page, as far as they have started.
#[derive(Default)]
pub(super) struct Modules {
    sdk: RefCell<Option<WebMessagingClient>>,
    outbox: RefCell<Option<Outbox>>,
    focus: RefCell<Option<Addr<FocusManager>>>,
    coalescer: RefCell<Option<Addr<Coalescer>>>,
    mailbox: RefCell<Option<Addr<Outbox>>>,
}

impl Modules {
    /// `bootstrapApplication()`.
    pub(super) async fn boot(self: Rc<Self>, window: Window, worker: Rc<ServiceWorker>) {
        if let Err(error) = self.start(&window, &worker).await {
            window.error(error.to_string());
        }
    }

    /// Where what the user types goes; nobody takes it before the application runs.
    pub(super) fn outbox(&self) -> Option<Outbox> {
        self.outbox.borrow().clone()
    }

    /// Ends all of them, and waits until nothing is left.
    pub(super) async fn stop(&self) {
        self.outbox.take();
        self.focus.take().into_iter().for_each(|focus| focus.do_send(Stop));
        self.coalescer.take().into_iter().for_each(|coalescer| coalescer.do_send(Stop));
        self.mailbox.take().into_iter().for_each(|outbox| outbox.do_send(Stop));
        let sdk = self.sdk.take();
        if let Some(sdk) = sdk {
            sdk.end().await;
        }
    }

    async fn start(&self, window: &Window, worker: &Rc<ServiceWorker>) -> Result<(), BootError> {
        look_around(window);
        let store = store(window).await?;
        let sdk = WebMessagingClient::new(window, &store, worker);
        self.sdk.replace(Some(sdk.clone()));
        let coalescer = Coalescer::new(window, &store, &sdk)?;
        let outbox = Outbox::new(window, &store, &sdk)?;
        let focus = FocusManager::new(window, &store, &sdk, &coalescer, &outbox)?;
        let leads = focus.is_first();
        if window.has(Defect::B9) || leads && window.has(Defect::B27) {
            self.connect(window, &sdk).await?;
        }
        if window.has(Defect::B26) {
            worker.register(window).await?;
        }
        if !window.has(Defect::B18) {
            self.coalescer.replace(Some(coalescer.attach()));
        }
        self.mailbox.replace(Some(outbox.attach()));
        self.outbox.replace(Some(outbox));
        self.focus.replace(Some(focus.attach()));
        if window.has(Defect::B18) {
            focus.begin().await;
        } else {
            tokio::task::spawn_local(async move { focus.begin().await });
        }
        if !window.has(Defect::B26)
            && let Err(error) = worker.register(window).await
        {
            window.degrade(Feature::Worker, error.to_string());
        }
        if window.has(Defect::B18) {
            self.coalescer.replace(Some(coalescer.attach()));
        }
        Ok(())
    }

    /// `initializeMessagingClient()`.
    async fn connect(&self, window: &Window, sdk: &WebMessagingClient) -> Result<(), BootError> {
        match sdk.connect().await {
            Err(error) if window.has(Defect::B27) => Err(BootError::Sdk(error)),
            _ => Ok(()),
        }
    }
}

/// What the tabs share may not be there; then each is on its own, and says so.
fn look_around(window: &Window) {
    if window.has(Defect::B26) {
        return;
    }
    if let Err(error) = window.page().channel("genesys") {
        window.degrade(Feature::Channel, error.to_string());
    }
    if let Err(error) = window.locks() {
        window.degrade(Feature::Locks, error.to_string());
    }
}

async fn store(window: &Window) -> Result<Store, BootError> {
    let (reach, agent) = (window.reach(), window.page().agent().number());
    let of_its_own = Idb::new(idb::Settings::default(), window.setting().seed);
    let alone = Reach { idb: of_its_own, ..reach.clone() };
    // A page that has a guest of its own shares no store with the others.
    let opened = if window.is_alone() { alone.open(agent).await } else { reach.open(agent).await };
    let store = match opened {
        Ok(store) => store,
        Err(_) if window.has(Defect::B26) => return Err(BootError::Database),
        Err(error) => {
            window.degrade(Feature::Store, error.to_string());
            alone.open(agent).await.map_err(|_| BootError::Database)?
        }
    };
    if !window.has(Defect::B6)
        && !window.has(Defect::B1)
        && let Err(error) = store.prune().await
    {
        window.error(error.to_string());
    }
    Ok(store)
}
