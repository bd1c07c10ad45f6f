//! What a script in a page can reach: the page, the time, chance, the console; and which defects the
//! script has.
//!
//! Refuses to know chat.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use rand::{Rng as _, RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use uuid::Builder;

use super::super::defect::{Defect, Defects};
use super::store::{DateNow, Store};
use super::words::Word;
use crate::subjects::Setting;
use crate::trace::Kind;
use crate::trace::reports::{Feature, Notice};
use holdline_browser::idb::{Idb, IdbError};
use holdline_browser::{Channel, ChannelError, LockError, Locks, Page, Value};

/// One page, for everything that runs in it. Clones are the same window.
#[derive(Clone)]
pub(super) struct Window(Rc<Inner>);

struct Inner {
    page: Page,
    setting: Setting,
    defects: Defects,
    chance: RefCell<ChaCha8Rng>,
    /// The browser lacks what tabs share: this one has a guest and a socket of its own.
    alone: Cell<bool>,
    numbers: Cell<u64>,
}

impl Window {
    pub(super) fn new(page: Page, setting: Setting, defects: Defects) -> Self {
        let chance = RefCell::new(ChaCha8Rng::seed_from_u64(setting.seed));
        Self(Rc::new(Inner {
            page,
            setting,
            defects,
            chance,
            alone: Cell::default(),
            numbers: Cell::default(),
        }))
    }

    pub(super) fn page(&self) -> &Page {
        &self.0.page
    }

    pub(super) fn setting(&self) -> &Setting {
        &self.0.setting
    }

    pub(super) fn has(&self, defect: Defect) -> bool {
        self.0.defects.has(defect)
    }

    pub(super) fn log(&self, kind: Kind) {
        self.0.setting.log.push(self.0.setting.lane, kind);
    }

    /// `console.error(..)`.
    pub(super) fn error(&self, text: impl Into<String>) {
        self.log(Kind::Notice { notice: Notice::Other(text.into()) });
    }

    /// `performance.now()`.
    pub(super) fn now(&self) -> Duration {
        self.0.page.net().now()
    }

    /// A number that nothing else in this page has.
    pub(super) fn next_number(&self) -> u64 {
        self.0.numbers.replace(self.0.numbers.get() + 1)
    }

    /// `Date.now()`.
    pub(super) fn date_now_ms(&self) -> u64 {
        self.0.setting.wall(self.now()).as_millis() as u64
    }

    /// `setTimeout`, as late as the page's timers are.
    pub(super) async fn sleep(&self, wait: Duration) {
        self.0.page.timers().sleep(wait).await;
    }

    pub(super) fn reach(&self) -> Reach {
        let (net, setting) = (self.0.page.net(), self.0.setting.clone());
        let date_now = move || setting.wall(net.now()).as_millis() as u64;
        let (idb, defects) = (self.0.page.idb(), self.0.defects);
        Reach { idb, defects, date_now: Rc::new(date_now) }
    }

    /// `crypto.randomUUID()`.
    pub(super) fn random_uuid(&self) -> String {
        let mut bytes = [0; 16];
        self.0.chance.borrow_mut().fill_bytes(&mut bytes);
        Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    /// Up to half of `wait` less than it.
    pub(super) fn jittered(&self, wait: Duration) -> Duration {
        let wait_ms = wait.as_millis() as u64;
        Duration::from_millis(self.0.chance.borrow_mut().random_range(wait_ms / 2..=wait_ms))
    }

    /// Who this tab is to the others: one name for as long as it is open.
    pub(super) fn tab_id(&self) -> String {
        if self.has(Defect::B30) { self.random_uuid() } else { self.0.page.id().to_string() }
    }

    pub(super) fn is_alone(&self) -> bool {
        self.0.alone.get()
    }

    /// Goes on without something, and says so.
    pub(super) fn degrade(&self, what: Feature, why: String) {
        self.0.alone.set(self.0.alone.get() || what.sets_apart());
        self.log(Kind::Degraded { what, why });
    }

    /// `new BroadcastChannel(name)`; nobody talks to a tab that is alone.
    pub(super) fn channel(&self, name: &str) -> Result<Option<Port>, ChannelError> {
        if self.is_alone() {
            return Ok(None);
        }
        let channel = self.0.page.channel(name)?;
        Ok(Some(Port(Rc::new(channel))))
    }

    pub(super) fn locks(&self) -> Result<Option<Locks>, LockError> {
        if self.is_alone() {
            return Ok(None);
        }
        self.0.page.locks().map(Some)
    }
}

/// What a page and the worker have in common: the origin's storage and the time. It keeps no page.
#[derive(Clone)]
pub(super) struct Reach {
    pub(super) idb: Idb,
    pub(super) defects: Defects,
    pub(super) date_now: DateNow,
}

impl Reach {
    /// `openDatabase()`, for an agent.
    pub(super) async fn open(&self, agent: u64) -> Result<Store, IdbError> {
        Store::open(self.idb.clone(), agent, self.defects, Rc::clone(&self.date_now)).await
    }
}

/// An open channel.
#[derive(Clone)]
pub(super) struct Port(Rc<Channel>);

impl Port {
    /// `postMessage`.
    pub(super) fn post(&self, word: &Word) -> Result<(), ChannelError> {
        let cloneable = match word {
            Word::NewMessage { payload, .. } => payload.is_cloneable(),
            _ => true,
        };
        let value = if cloneable { Value::Text(word.to_text()) } else { Value::Function };
        self.0.post(value)
    }

    /// `onmessage`, for the life of the page.
    pub(super) fn listen(&self, hear: impl Fn(Word) + 'static) -> holdline_client::tabs::Listening {
        self.0.listen(move |text| {
            if let Some(word) = Word::parse(&text) {
                hear(word);
            }
        })
    }
}
