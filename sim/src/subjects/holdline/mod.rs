//! The client of this house as a subject: the real crate, its awc connected to the simulated
//! network.
//!
//! - `client`: the only one on its machine, its journal kept over a crash of it.
//! - `report`: what it reports, in the log's terms.
//! - `tab`: one of several in a browser, over what the page lends.

mod client;
mod report;
pub(crate) mod tab;

use std::rc::Rc;

use holdline_client::{Config, Event, Inbound, MemoryJournal, Notice};
use uuid::Uuid;

use super::app::App;
use super::{Command, PageProgram, Setting, Subject};
use crate::trace::Kind;
use crate::trace::reports::{self, Wish};
use holdline_net::Program;

/// The bearer token that the mock takes by default.
const OAUTH_TOKEN: &str = "holdline-oauth";

/// See the module's documentation.
#[derive(Debug, Clone, Copy, Default)]
pub struct Holdline;

impl Subject for Holdline {
    fn name(&self) -> &'static str {
        "holdline"
    }

    fn program(&self, setting: Setting) -> Program {
        let journal = MemoryJournal::default();
        Rc::new(move |net| Box::pin(client::run(net, setting.clone(), journal.clone())))
    }

    fn page(&self) -> PageProgram {
        Rc::new(|page, setting| Box::pin(tab::run(page, setting)))
    }

    fn machines(&self, setting: &Setting) -> Option<Config> {
        Some(config(setting))
    }
}

/// The application around the client: it writes down what it sees.
pub(crate) struct Application(App);

impl Application {
    pub(crate) fn new(setting: &Setting) -> Self {
        Self(App::new(setting))
    }

    /// Something that the application sees.
    pub(crate) fn tell(&self, event: Event, setting: &Setting) {
        if let Some(kind) = kind_of(event, &self.0, setting) {
            setting.log.push(setting.lane, kind);
        }
    }
}

fn config(setting: &Setting) -> Config {
    let mut config = Config {
        base_url: "http://cloud".into(),
        oauth_token: OAUTH_TOKEN.into(),
        seed: setting.seed,
        ..Config::default()
    };
    let settings = &setting.client;
    config.session.max_attempts = settings.max_attempts;
    if let Some(messages) = settings.buffer_messages {
        config.outbox.max_messages = messages;
    }
    if let Some(bytes) = settings.buffer_bytes {
        config.outbox.max_bytes = bytes;
    }
    if let Some(ttl) = settings.ttl {
        config.outbox.ttl = ttl;
    }
    config
}

/// What the user can do, alone or in a tab.
pub(crate) trait Handle {
    fn send(&self, text: String) -> Uuid;
    fn reconnect(&self);
    async fn shutdown(&self);
}

/// Does what the user asks, up to the end.
pub(crate) async fn obey(handle: &impl Handle, setting: &Setting) {
    let (log, lane) = (&setting.log, setting.lane);
    loop {
        match setting.commands.next().await {
            Command::Send(text) => {
                let (name, bytes) = (log.name_typed(&text), text.len());
                log.name_id(&handle.send(text).to_string(), name);
                log.push(lane, Kind::Typed { message: name, bytes });
            }
            Command::Reconnect => {
                log.push(lane, Kind::Asked { what: Wish::Reconnect });
                handle.reconnect();
            }
            Command::ShutDown => {
                handle.shutdown().await;
                log.push(lane, Kind::ShutDown);
                return;
            }
        }
    }
}

/// What the log says of something that the application sees.
fn kind_of(event: Event, app: &App, setting: &Setting) -> Option<Kind> {
    let named = |id: &Uuid| setting.log.name_guest(&id.to_string(), None);
    Some(match event {
        Event::State(state) => Kind::State { state: state.into() },
        Event::Accepted { id } => Kind::Accepted { message: named(&id) },
        Event::Delivered { id } => Kind::Delivered { message: named(&id) },
        Event::Failed { id, reason } => Kind::Failed { message: named(&id), reason: reason.into() },
        Event::Inbound(Inbound { id, text, .. }) => {
            show(app, if id.is_empty() { &text } else { &id }, setting);
            return None;
        }
        Event::Notice(Notice::Degraded { what, why }) => Kind::Degraded { what: what.into(), why },
        Event::Notice(notice) => Kind::Notice { notice: notice.into() },
        // What it means depends on which tab sees it.
        Event::Holder(_) => return None,
    })
}

/// An application that reads a stream has been given the message for good: when it throws, that is
/// its own affair, and it shows the message again.
fn show(app: &App, id: &str, setting: &Setting) {
    while let Err(error) = app.show(id, setting) {
        let notice = reports::Notice::Other(error.to_string());
        setting.log.push(setting.lane, Kind::Notice { notice });
    }
}
