//! The client in one page of a browser: what the page lends becomes its platform, what happens to
//! the page is told to it, and what the application sees is written down on the tab's lane.

use std::rc::Rc;

use futures_util::StreamExt as _;
use holdline_client::tabs::{Bus, Life, Platform, StateStore, StoreError, Tab, TabLocks};
use holdline_client::{Clock, Event, EventStream, Holder};
use uuid::Uuid;

use super::{Application, Handle, config, obey};
use crate::subjects::{Setting, http};
use crate::trace::Kind;
use crate::trace::reports::Notice;
use holdline_browser::store::{BrowserStore, DATABASE, StoreSeen};
use holdline_browser::worker::Worker;
use holdline_browser::{Page, PageEvent, PageEvents};

/// Names what the tabs of one guest share.
pub(crate) const SCOPE: &str = "holdline";

/// Tries until a store that does not open is done without.
const TRIES: u32 = 4;

/// Runs it for one life of the page.
pub(super) async fn run(page: Page, setting: Setting) {
    let life = page.life();
    let (visible, focused) = (page.is_visible(), page.has_focus());
    let platform = platform(&page, &setting).await;
    let clock = Clock::at(setting.wall(page.net().now())).with_timers(page.timers());
    let http = http::client(page.net(), &setting);
    let tab = Tab::builder(config(&setting), SCOPE, platform)
        .http(http)
        .clock(clock)
        .open()
        .expect("the configuration is the harness's own");
    let witness = Witness::new(page.id().to_string(), setting.clone());
    actix_rt::spawn(write_down(tab.events(), witness));
    tab.life(if visible { Life::Shown } else { Life::Hidden });
    tab.life(if focused { Life::Focused } else { Life::Blurred });
    tab.connect();
    actix_rt::spawn(live(life, tab.clone()));
    obey(&tab, &setting).await;
}

/// What the page lends.
pub(crate) async fn platform(page: &Page, setting: &Setting) -> Platform {
    let worker = page.worker();
    let store = store(page, worker.clone().ok(), setting).await;
    let bus = page.bus(SCOPE);
    let locks = page.tab_locks();
    Platform {
        tab: page.id().to_string(),
        store,
        bus: bus.map(|bus| Rc::new(bus) as Rc<dyn Bus>).map_err(|error| error.to_string()),
        locks: locks
            .map(|locks| Rc::new(locks) as Rc<dyn TabLocks>)
            .map_err(|error| error.to_string()),
        worker: worker.map(drop).map_err(|error| error.to_string()),
    }
}

/// The store, if it opens.
async fn store(
    page: &Page,
    worker: Option<Worker>,
    setting: &Setting,
) -> Result<Rc<dyn StateStore>, String> {
    let (log, lane) = (setting.log.clone(), setting.lane);
    let observer = Rc::new(move |seen| {
        let kind = match seen {
            StoreSeen::Claimed { epoch } => Kind::Claimed { epoch },
            StoreSeen::Wrote { epoch, stored, accepted, .. } => {
                Kind::Wrote { epoch, stored, accepted }
            }
            StoreSeen::WorkerMissed { why } => Kind::Notice { notice: Notice::WorkerMissed(why) },
        };
        log.push(lane, kind);
    });
    let agent = page.agent().number();
    let store = BrowserStore::new(page.idb(), agent, DATABASE, worker, observer);
    // An empty range: only whether the database opens, and is ours. A page that fell asleep over it
    // asks again.
    let mut opened = store.read("", "").await;
    for _ in 1..TRIES {
        if !matches!(opened, Err(StoreError::Unavailable(_))) {
            break;
        }
        opened = store.read("", "").await;
    }
    opened.map_err(|error| error.to_string())?;
    Ok(Rc::new(store))
}

/// Tells the client what happens to its page.
async fn live(mut life: PageEvents, tab: Tab) {
    while let Some(event) = life.next().await {
        tab.life(life_of(event));
    }
}

/// In the client's words.
pub(crate) fn life_of(event: PageEvent) -> Life {
    match event {
        PageEvent::Visible => Life::Shown,
        PageEvent::Hidden => Life::Hidden,
        PageEvent::Focus => Life::Focused,
        PageEvent::Blur => Life::Blurred,
        PageEvent::Freeze | PageEvent::PageHide { .. } => Life::Sleeps,
        PageEvent::Resume | PageEvent::PageShow { .. } => Life::Wakes,
    }
}

impl Handle for Tab {
    fn send(&self, text: String) -> Uuid {
        self.send(text).id()
    }

    fn reconnect(&self) {
        self.reconnect();
    }

    async fn shutdown(&self) {
        self.shutdown().await;
    }
}

/// To the end of them.
async fn write_down(mut events: EventStream, mut witness: Witness) {
    while let Some(event) = events.next().await {
        witness.tell(event);
    }
}

/// Writes down what the application of one page sees.
pub(crate) struct Witness {
    app: Application,
    me: String,
    /// The epoch in which this tab leads.
    leads: Option<u64>,
    setting: Setting,
}

impl Witness {
    pub(crate) fn new(me: String, setting: Setting) -> Self {
        Self { app: Application::new(&setting), me, leads: None, setting }
    }

    pub(crate) fn tell(&mut self, event: Event) {
        match event {
            Event::Holder(holder) => {
                if let Some(kind) = held(&mut self.leads, &self.me, holder) {
                    self.setting.log.push(self.setting.lane, kind);
                }
            }
            event => self.app.tell(event, &self.setting),
        }
    }
}

/// What a new holder means for the tab `me`, which leads in the epoch `leads`.
fn held(leads: &mut Option<u64>, me: &str, holder: Option<Holder>) -> Option<Kind> {
    match holder {
        Some(Holder { tab, epoch, because }) if tab == me => {
            let news = leads.replace(epoch) != Some(epoch);
            news.then(|| Kind::Leads { epoch, why: because.into() })
        }
        other => {
            leads.take()?;
            Some(Kind::Follows { why: other.into() })
        }
    }
}
