//! The client of this house as a subject: the real crate, its awc connected to the simulated
//! network, its journal kept over a crash of its host.

use std::rc::Rc;
use std::time::Duration;

use actix_service::fn_service;
use actix_tls::connect::{ConnectError, ConnectInfo, Connection};
use awc::Connector;
use awc::http::Uri;
use futures_util::StreamExt as _;
use holdline_client::{Client, Clock, Config, Event, EventStream, KeepRefusals, MemoryJournal};

use super::{Command, Setting, Subject};
use crate::net::{HostNet, NetStream, Program};
use crate::plan::ClientSettings;
use crate::trace::tap::HttpTap;
use crate::trace::{Kind, Lane, Log};

/// The bearer token that the mock takes by default.
const OAUTH_TOKEN: &str = "holdline-oauth";
/// awc's own patience; the client brings its own, shorter deadlines. awc's pool measures idle time
/// with the real clock, which a run must not see: nothing in the pool ever grows old, and the
/// server's own keep-alive ends what is idle.
const NO_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// See the module's documentation.
#[derive(Debug, Clone, Copy, Default)]
pub struct Holdline;

impl Subject for Holdline {
    fn name(&self) -> &'static str {
        "holdline"
    }

    fn program(&self, setting: Setting) -> Program {
        let journal = MemoryJournal::default();
        Rc::new(move |net| {
            let (setting, journal) = (setting.clone(), journal.clone());
            Box::pin(async move {
                let clock = Clock::at(setting.wall_at_start + net.now());
                let http = http_client(net, &setting);
                let config = config(&setting.client, setting.seed);
                let client = Client::start(config, http, clock, Box::new(journal))
                    .expect("the configuration is the harness's own");
                actix_rt::spawn(write_down(client.events(), setting.log.clone()));
                obey(&client, &setting).await;
            })
        })
    }
}

fn config(settings: &ClientSettings, seed: u64) -> Config {
    let mut config = Config {
        base_url: "http://cloud".into(),
        oauth_token: OAUTH_TOKEN.into(),
        seed,
        ..Config::default()
    };
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

/// Does what the user asks, up to the end.
async fn obey(client: &Client, setting: &Setting) {
    let log = &setting.log;
    loop {
        match setting.commands.next().await {
            Command::Send(text) => {
                let (name, bytes) = (log.name_typed(&text), text.len());
                let receipt = client.send(text);
                log.name_id(&receipt.id().to_string(), &name);
                log.push(Lane::Client, Kind::Typed { message: name, bytes });
            }
            Command::Reconnect => {
                log.push(Lane::Client, Kind::Asked { what: "reconnect".into() });
                client.reconnect();
            }
            Command::ShutDown => {
                client.shutdown().await;
                log.push(Lane::Client, Kind::ShutDown);
                return;
            }
        }
    }
}

/// Writes down what the application sees.
async fn write_down(mut events: EventStream, log: Log) {
    let named = |id: &uuid::Uuid| log.name_guest(&id.to_string(), None);
    while let Some(event) = events.next().await {
        let kind = match event {
            Event::State(state) => Kind::State { state: state.to_string() },
            Event::Delivered { id } => Kind::Delivered { message: named(&id) },
            Event::Failed { id, reason } => {
                Kind::Failed { message: named(&id), reason: reason.to_string() }
            }
            Event::Inbound(inbound) => Kind::Shown { message: log.name_agent(&inbound.id) },
            // Only tabs say these.
            Event::Accepted { .. } | Event::Holder(_) => continue,
            Event::Notice(notice) => Kind::Notice { text: notice.to_string() },
        };
        log.push(Lane::Client, kind);
    }
}

/// awc over the simulated network: every connection leads to the gateway and is tapped.
fn http_client(net: Rc<dyn HostNet>, setting: &Setting) -> awc::Client {
    let (gateway, log) = (setting.gateway, setting.log.clone());
    let connect = fn_service(move |info: ConnectInfo<Uri>| {
        let (net, log) = (Rc::clone(&net), log.clone());
        async move {
            let uri = info.request().clone();
            let port = uri.port_u16().unwrap_or(crate::world::PORT);
            let attempt = Attempt::begin(log);
            match net.connect(gateway, port).await {
                Ok(stream) => Ok(Connection::new(uri, attempt.succeed(stream))),
                Err(error) => {
                    attempt.fail(&format!("{:?}", error.kind()));
                    Err(ConnectError::Io(error))
                }
            }
        }
    });
    let connector = Connector::new()
        .connector(connect)
        .timeout(NO_TIMEOUT)
        .conn_keep_alive(NO_TIMEOUT)
        .conn_lifetime(NO_TIMEOUT);
    awc::Client::builder().connector(connector).disable_timeout().wrap(KeepRefusals).finish()
}

/// A TCP connect under way; one that is dropped was given up.
struct Attempt {
    log: Log,
    conn: u32,
    over: bool,
}

impl Attempt {
    fn begin(log: Log) -> Self {
        let conn = log.next_conn(Lane::Client);
        log.push(Lane::Client, Kind::Connecting { conn });
        Self { log, conn, over: false }
    }

    fn succeed(mut self, stream: NetStream) -> NetStream {
        self.over = true;
        self.log.push(Lane::Client, Kind::Connected { conn: self.conn });
        stream.tapped(HttpTap::new(self.log.clone(), Lane::Client, self.conn))
    }

    fn fail(mut self, error: &str) {
        self.over = true;
        let error = error.to_owned();
        self.log.push(Lane::Client, Kind::ConnectFailed { conn: self.conn, error });
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.over {
            let error = "given up".to_owned();
            self.log.push(Lane::Client, Kind::ConnectFailed { conn: self.conn, error });
        }
    }
}
