//! Who is under test. A subject is the program on the client's host; it does what the user asks and
//! writes what the application sees into the log. Everything on the wire is seen without its help.
//!
//! - [`holdline`]: the client of this house, alone and in tabs.
//! - [`published`]: the clients of the articles, with their defects.
//! - `under_test`: either of them, as a command line names it; `word` is its name in a token.
//! - `app`: the application around a client, which may have a bug of its own.
//! - [`http`]: awc over the simulated network.
//!
//! Live clients on real sockets will stand beside them.

mod app;
pub mod holdline;
pub mod http;
mod id;
pub mod published;
mod under_test;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use holdline_client::Config;
use tokio::sync::Notify;

use crate::plan::ClientSettings;
use crate::trace::{Lane, Log};
use holdline_browser::Page;
use holdline_browser::store::DATABASE;
use holdline_net::{HostName, Program};

pub use under_test::{UnderTest, UnderTestError};

/// What runs in a page: called once for each load, with what the page's tab is given.
pub type PageProgram = Rc<dyn Fn(Page, Setting) -> LocalBoxFuture<'static, ()>>;

/// A client under test.
pub trait Subject {
    /// Its name.
    fn name(&self) -> &'static str;
    /// What runs on the client's host, in a plan without a browser.
    fn program(&self, setting: Setting) -> Program;
    /// What runs in every page, in a plan with one. It begins when the page is loaded.
    fn page(&self) -> PageProgram;
    /// The numbers of its machines, if it is made of those of `holdline_client`: then it can be played
    /// without sockets.
    fn machines(&self, _setting: &Setting) -> Option<Config> {
        None
    }
    /// The database that its pages keep, which a newer version of them would upgrade.
    fn database(&self) -> &'static str {
        DATABASE
    }
}

/// What a subject is given.
#[derive(Clone)]
pub struct Setting {
    /// The host to connect to, whatever the URL says.
    pub gateway: HostName,
    /// What the user asks for.
    pub commands: Rc<Commands>,
    /// Where to write what the application sees.
    pub log: Log,
    /// On which lane.
    pub lane: Lane,
    /// Feeds ids and jitter.
    pub seed: u64,
    /// What the plan changes about the client.
    pub client: ClientSettings,
    /// Wall clock at virtual time 0.
    pub wall_at_start: Duration,
    /// How far it has been put forward since.
    pub wall_put: Rc<Cell<Duration>>,
}

impl Setting {
    /// What the wall clock shows at this virtual time.
    #[must_use]
    pub fn wall(&self, now: Duration) -> Duration {
        self.wall_at_start + self.wall_put.get() + now
    }
}

/// Something the user asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Send this text.
    Send(String),
    /// Connect now.
    Reconnect,
    /// End.
    ShutDown,
}

/// What the user asked for and nobody has done yet. It outlives a crash of the client.
#[derive(Debug, Default)]
pub struct Commands {
    queue: RefCell<VecDeque<Command>>,
    given: Notify,
}

impl Commands {
    /// Asks for something.
    pub fn give(&self, command: Command) {
        self.queue.borrow_mut().push_back(command);
        self.given.notify_one();
    }

    /// The next thing asked for.
    pub async fn next(&self) -> Command {
        loop {
            if let Some(command) = self.queue.borrow_mut().pop_front() {
                return command;
            }
            self.given.notified().await;
        }
    }
}
