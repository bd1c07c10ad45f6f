//! What a client is started with, beside its configuration; everything has a default.

use std::rc::Rc;

use crate::client::Client;
use crate::clock::Clock;
use crate::config::StartError;
use crate::core::config::Config;
use crate::journal::{Journal, NoJournal};
use crate::transport::Http;

/// Made by [`Client::builder`].
#[must_use = "nothing happens before `start`"]
pub struct ClientBuilder {
    config: Config,
    http: Option<Http>,
    clock: Option<Clock>,
    journal: Box<dyn Journal>,
}

impl Client {
    /// A client that is not started yet.
    pub fn builder(config: Config) -> ClientBuilder {
        ClientBuilder { config, http: None, clock: None, journal: Box::new(NoJournal) }
    }
}

impl ClientBuilder {
    /// How it reaches the cloud. Default [`Http::system`].
    pub fn http(mut self, http: Http) -> Self {
        self.http = Some(http);
        self
    }

    /// Its clocks. Default [`Clock::system`].
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Where it remembers things. Default [`NoJournal`].
    pub fn journal(mut self, journal: impl Journal + 'static) -> Self {
        self.journal = Box::new(journal);
        self
    }

    /// Starts the client in the current `LocalSet` and returns at once; it connects by itself.
    pub fn start(self) -> Result<Client, StartError> {
        let Self { config, http, clock, journal } = self;
        let http = http.unwrap_or_else(Http::system);
        let clock = clock.unwrap_or_else(Clock::system);
        Client::start_observed(config, http, clock, journal, Rc::new(|_| ()))
    }
}

impl std::fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientBuilder").field("config", &self.config).finish_non_exhaustive()
    }
}
