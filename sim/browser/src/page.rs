//! What a tab's program is given: the web platform, as far as it is modelled.
//!
//! Refuses to reach other tabs: a page knows itself, and what the browser lends it.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::Stream;
use holdline_client::Timers;
use tokio::sync::mpsc;

use super::Browser;
use super::channel::{Channel, ChannelError};
use super::event::{AgentId, PageEvent, TabId};
use super::idb::Idb;
use super::inbox::Inbox;
use super::locks::{LockError, Locks};
use super::sockets::PageNet;
use super::timers::PageTimers;
use super::worker::{Worker, WorkerError};
use holdline_net::HostNet;

/// One life of a page in a tab. Clones are the same page.
#[derive(Clone)]
pub struct Page(Rc<Inner>);

struct Inner {
    browser: Browser,
    id: TabId,
    agent: AgentId,
    inbox: Rc<Inbox>,
    net: Rc<PageNet>,
    timers: PageTimers,
    focused: Cell<bool>,
    followers: RefCell<Vec<mpsc::UnboundedSender<PageEvent>>>,
}

/// What happens to a page, from the moment it was asked for. Ends with the page.
pub struct PageEvents(mpsc::UnboundedReceiver<PageEvent>);

impl Stream for PageEvents {
    type Item = PageEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<PageEvent>> {
        self.0.poll_recv(cx)
    }
}

impl Page {
    /// The tab's name; a reload keeps it.
    #[must_use]
    pub fn id(&self) -> TabId {
        self.0.id
    }

    /// This life of it; a reload ends it.
    #[must_use]
    pub fn agent(&self) -> AgentId {
        self.0.agent
    }

    /// The network. Its connections die with the page, and when it goes into the back/forward cache.
    #[must_use]
    pub fn net(&self) -> Rc<dyn HostNet> {
        Rc::clone(&self.0.net) as Rc<dyn HostNet>
    }

    /// For connections that do not go through [`net`](Self::net): they are to be cut now.
    pub fn when_cut(&self, cut: impl Fn() + 'static) {
        self.0.net.when_cut(cut);
    }

    /// How much later than `due` a timer of this page fires.
    #[must_use]
    pub fn lateness(&self, due: Duration) -> Duration {
        self.0.timers.lateness(due)
    }

    /// Timers that are late while the page is hidden.
    #[must_use]
    pub fn timers(&self) -> Rc<dyn Timers> {
        Rc::new(self.0.timers.clone())
    }

    /// What happens to the page from here on.
    #[must_use]
    pub fn life(&self) -> PageEvents {
        let (follower, life) = mpsc::unbounded_channel();
        self.0.followers.borrow_mut().push(follower);
        PageEvents(life)
    }

    /// `document.visibilityState == "visible"`.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        self.0.timers.is_visible()
    }

    /// `document.hasFocus()`.
    #[must_use]
    pub fn has_focus(&self) -> bool {
        self.0.focused.get()
    }

    /// A new `BroadcastChannel` object.
    pub fn channel(&self, name: &str) -> Result<Channel, ChannelError> {
        if !self.0.browser.settings().channel {
            return Err(ChannelError::Unsupported);
        }
        let inbox = Rc::clone(&self.0.inbox);
        let channels = Rc::clone(self.0.browser.channels());
        let port = channels.open(name, self.0.agent, inbox);
        Ok(Channel::new(channels, port))
    }

    /// `window.indexedDB`, which knows the page by the number of its agent.
    #[must_use]
    pub fn idb(&self) -> Idb {
        self.0.browser.idb().clone()
    }

    /// `navigator.serviceWorker.register(..)`.
    pub fn worker(&self) -> Result<Worker, WorkerError> {
        let settings = self.0.browser.settings();
        let worker = self.0.browser.worker().filter(|_| settings.worker);
        let worker = worker.ok_or(WorkerError::Unsupported)?;
        worker.register(settings.secure_origin)?;
        Ok(worker.clone())
    }

    /// `navigator.locks`.
    pub fn locks(&self) -> Result<Locks, LockError> {
        let settings = self.0.browser.settings();
        if !settings.locks || !settings.secure_origin {
            return Err(LockError::Unsupported);
        }
        let manager = Rc::clone(self.0.browser.locks());
        Ok(Locks { manager, agent: self.0.agent })
    }
}

/// What the browser does to a page.
impl Page {
    pub(super) fn new(
        browser: &Browser,
        id: TabId,
        inbox: Rc<Inbox>,
        host: Rc<dyn HostNet>,
        (visible, focused): (bool, bool),
    ) -> Self {
        Self(Rc::new(Inner {
            id,
            agent: browser.new_agent(),
            inbox,
            net: Rc::new(PageNet::new(host)),
            timers: PageTimers::new(browser.clock(), visible),
            focused: Cell::new(focused),
            followers: RefCell::default(),
            browser: browser.clone(),
        }))
    }

    /// What the page can read about itself changes at once, also while it is frozen.
    pub(super) fn apply(&self, event: PageEvent) {
        match event {
            PageEvent::Visible => self.0.timers.set_visible(true),
            PageEvent::Hidden => self.0.timers.set_visible(false),
            PageEvent::Focus => self.0.focused.set(true),
            PageEvent::Blur => self.0.focused.set(false),
            _ => {}
        }
    }

    pub(super) fn tell(&self, event: PageEvent) {
        self.0.followers.borrow_mut().retain(|follower| follower.send(event).is_ok());
    }

    pub(super) fn cut_sockets(&self) {
        self.0.net.cut();
    }
}
