//! The handle that a page holds: one of several tabs of one guest.

use std::cell::RefCell;
use std::rc::Rc;

use actix::{Actor as _, Addr};
use tokio::sync::oneshot;

use super::{Bus, StateStore, TabLocks};
use crate::actors::{Do, Halt, SendText, ShutDown, TabCoordinator, TabSupplies};
use crate::clock::Clock;
use crate::config::{self, StartError};
use crate::core::config::Config;
use crate::core::coordinator::{CoordinatorConfig, Input, Life};
use crate::core::machines::{Ids, TabMachines};
use crate::core::types::{Event, Feature, Holder, Inbound, State};
use crate::events::{EventStream, Hub};
use crate::receipt::Receipt;
use crate::transport::Http;

/// What a browser lends to a tab; what it does not have it says, with the reason.
#[derive(Clone)]
pub struct Platform {
    /// Who the tab is: stable over reloads, different from every other living tab.
    pub tab: String,
    /// What all tabs remember together.
    pub store: Result<Rc<dyn StateStore>, String>,
    /// How they talk.
    pub bus: Result<Rc<dyn Bus>, String>,
    /// Which of them may lead.
    pub locks: Result<Rc<dyn TabLocks>, String>,
    /// Whether there is a service worker. No tab depends on it; that it is missing is reported.
    pub worker: Result<(), String>,
}

impl Platform {
    /// What the browser does not have, with the reasons.
    #[must_use]
    pub fn missing(&self) -> Vec<(Feature, String)> {
        let reasons = [
            (Feature::Store, self.store.as_ref().err()),
            (Feature::Channel, self.bus.as_ref().err()),
            (Feature::Locks, self.locks.as_ref().err()),
            (Feature::Worker, self.worker.as_ref().err()),
        ];
        reasons.into_iter().filter_map(|(what, why)| Some((what, why?.clone()))).collect()
    }
}

/// What the connection is, and whose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionState {
    /// What the session does, in whichever tab it runs.
    pub state: State,
    /// Which tab holds the connection, and why; `None` while that changes.
    pub holder: Option<Holder>,
}

/// What a tab is opened with. Made by [`Tab::builder`].
#[derive(Debug)]
#[must_use = "nothing happens before `open`"]
pub struct TabBuilder {
    config: Config,
    scope: String,
    platform: Platform,
    numbers: CoordinatorConfig,
    http: Option<Http>,
    clock: Option<Clock>,
}

impl TabBuilder {
    /// The numbers of its coordinator. Default [`CoordinatorConfig::default`].
    pub const fn numbers(mut self, numbers: CoordinatorConfig) -> Self {
        self.numbers = numbers;
        self
    }

    /// How it reaches the cloud while it leads. Default [`Http::system`].
    pub fn http(mut self, http: Http) -> Self {
        self.http = Some(http);
        self
    }

    /// Its clocks. Default [`Clock::system`].
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Makes the tab in the current `LocalSet`; it does nothing before [`connect`](Tab::connect).
    pub fn open(self) -> Result<Tab, StartError> {
        Tab::open(self)
    }
}

/// One tab. Clones are handles to the same one; when the last is dropped everything ends at once,
/// as in a crash: what was accepted stays in the store, and another tab goes on.
#[derive(Clone)]
pub struct Tab {
    inner: Rc<Inner>,
}

struct Inner {
    coordinator: Addr<TabCoordinator>,
    hub: Hub,
    seen: Rc<RefCell<Seen>>,
    ids: RefCell<Ids>,
}

type Handler = Rc<dyn Fn(&Inbound)>;

/// What the page has been told, and who wants to hear of messages.
#[derive(Default)]
struct Seen {
    holder: Option<Holder>,
    messages: Vec<Inbound>,
    handlers: Vec<Handler>,
}

impl Tab {
    /// A tab that is not opened yet, of those of one guest: `scope` names what belongs together, the
    /// lock and what is said on the channel. They share it, and the store.
    pub fn builder(config: Config, scope: &str, platform: Platform) -> TabBuilder {
        let (numbers, http, clock) = (CoordinatorConfig::default(), None, None);
        TabBuilder { config, scope: scope.to_owned(), platform, numbers, http, clock }
    }

    fn open(builder: TabBuilder) -> Result<Self, StartError> {
        let TabBuilder { config, scope, platform, numbers, http, clock } = builder;
        let http = http.unwrap_or_else(Http::system);
        let clock = clock.unwrap_or_else(Clock::system);
        config::check(&config)?;
        let seen = Rc::new(RefCell::new(Seen::default()));
        let page = Rc::clone(&seen);
        let hub = Hub::new(Rc::new(move |event: &Event| see(&page, event)));
        hub.publish(&Event::State(State::Closed));
        let me = (&*scope, platform.tab.clone());
        let TabMachines { coordinator, ids } =
            TabMachines::new(config.seed, numbers, me, platform.missing(), clock.now());
        let supplies = TabSupplies { config, http, clock, hub: hub.clone(), scope, platform };
        let coordinator = TabCoordinator::new(coordinator, supplies).start();
        let ids = RefCell::new(ids);
        Ok(Self { inner: Rc::new(Inner { coordinator, hub, seen, ids }) })
    }

    /// Takes part: this tab shows what the others show, and may hold the connection.
    pub fn connect(&self) {
        self.tell(Input::Connect);
    }

    /// Leaves; another tab takes over if this one held the connection. What was sent before is
    /// delivered by whoever leads, and told when this tab connects again.
    pub fn disconnect(&self) {
        self.tell(Input::Disconnect);
    }

    /// The connection, wherever it is.
    #[must_use]
    pub fn connection_state(&self) -> ConnectionState {
        let state = self.inner.hub.state();
        ConnectionState { state, holder: self.inner.seen.borrow().holder.clone() }
    }

    /// Calls `handler` with every message of the agent, once each and in order: first with those
    /// that this tab has shown already, so that it does not matter when it is attached.
    pub fn on_message(&self, handler: impl Fn(&Inbound) + 'static) {
        let handler: Handler = Rc::new(handler);
        let shown = {
            let mut seen = self.inner.seen.borrow_mut();
            seen.handlers.push(Rc::clone(&handler));
            seen.messages.clone()
        };
        for message in &shown {
            handler(message);
        }
    }

    /// Sends a message, from any tab and in every state. [`Event::Accepted`] says when it is
    /// stored; from then on it survives this tab. The receipt tells how it ended, in this tab.
    pub fn send(&self, text: impl Into<String>) -> Receipt {
        let id = self.inner.ids.borrow_mut().draw();
        let (outcome, receipt) = oneshot::channel();
        let receipt = Receipt::new(id, receipt);
        self.inner.coordinator.do_send(SendText { id, text: text.into(), outcome });
        receipt
    }

    /// Everything that happens from now on; see [`EventStream`] for its bound.
    #[must_use]
    pub fn events(&self) -> EventStream {
        self.inner.hub.subscribe()
    }

    /// Tells what happens to the page. Say whether it is shown and focused before connecting.
    pub fn life(&self, life: Life) {
        self.tell(Input::Life(life));
    }

    /// Tries to connect now, in whichever tab holds the connection; see
    /// [`Client::reconnect`](crate::Client::reconnect).
    pub fn reconnect(&self) {
        self.tell(Input::Reconnect);
    }

    /// Leaves for good. Resolves when no timer, socket or task is left, within about a second.
    pub async fn shutdown(&self) {
        let (done, over) = oneshot::channel();
        self.inner.coordinator.do_send(ShutDown(done));
        // It errs when the actor has dropped the sender: nothing is left.
        let _ = over.await;
        self.inner.hub.close();
    }

    fn tell(&self, input: Input) {
        self.inner.coordinator.do_send(Do(input));
    }
}

/// Messages kept for a handler that is attached late; as many as the feed keeps.
const MESSAGES_MAX: usize = 500;

fn see(seen: &RefCell<Seen>, event: &Event) {
    match event {
        Event::Holder(holder) => seen.borrow_mut().holder.clone_from(holder),
        Event::Inbound(message) => {
            let handlers = {
                let mut seen = seen.borrow_mut();
                if seen.messages.len() == MESSAGES_MAX {
                    seen.messages.remove(0);
                }
                seen.messages.push(message.clone());
                seen.handlers.clone()
            };
            // Called outside the borrow: a handler may attach another one.
            for handler in handlers {
                handler(message);
            }
        }
        _ => {}
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.coordinator.do_send(Halt);
        self.hub.close();
    }
}

impl std::fmt::Debug for Tab {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tab").field("connection", &self.connection_state()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Platform")
            .field("tab", &self.tab)
            .field("missing", &self.missing())
            .finish_non_exhaustive()
    }
}
