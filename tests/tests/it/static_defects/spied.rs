//! B31 and A36 in a run: three tabs, two guests' tokens, texts of both sides, and a spy who reads every
//! write to the store (the worker's copy is one of them), every post on the channel and every line
//! that is logged. Neither the access token nor, in the log, anything else that is secret is in it.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;
use holdline_browser::store::{BrowserStore, DATABASE};
use holdline_browser::{Page, PageEvent};
use holdline_client::tabs::{
    Bus, BusError, Contents, Life, Listening, Platform, StateStore, StoreError, Tab, TabLocks,
    Write,
};
use holdline_client::{Clock, Config};
use holdline_net::Program;
use holdline_sim::plan::Plan;
use holdline_sim::subjects::{Command, PageProgram, Setting, Subject, http};
use holdline_sim::trace::Kind;
use holdline_sim::world::run::{BackendKind, run};
use serde_json::Value;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;

/// What the mock takes, and what nobody but a request may see.
const OAUTH_TOKEN: &str = "holdline-oauth";
const SCOPE: &str = "holdline";

const PLAN: &str = "\
title = \"Spied\"
story = \"Three tabs talk, the focus moves, the token dies, a leader crashes.\"

[browser]
tabs = 3

[[step]]
at = \"2s\"
do = \"send\"
tab = \"B\"
count = 3
every = \"3s\"

[[step]]
at = \"3s\"
do = \"agent\"
count = 3
every = \"4s\"

[[step]]
at = \"8s\"
do = \"focus\"
tab = \"C\"

[[step]]
at = \"20s\"
do = \"crash\"
tab = \"C\"

[[fault]]
kind = \"expire-tokens\"
at = \"12s\"

[[fault]]
kind = \"rst\"
at = \"13s\"
";

/// Keys and values of the store, and posts.
type Things = (Vec<(String, String)>, Vec<String>);

/// What was seen.
#[derive(Clone, Default)]
struct Seen(Rc<RefCell<Things>>);

/// Our client in every page, over what the page lends, with the spy in between.
struct Spied(Seen);

struct SpiedStore(BrowserStore, Seen);

struct SpiedBus(Rc<dyn Bus>, Seen);

impl StateStore for SpiedStore {
    fn read(&self, from: &str, to: &str) -> LocalBoxFuture<'static, Result<Contents, StoreError>> {
        self.0.read(from, to)
    }

    fn raise_epoch(&self) -> LocalBoxFuture<'static, Result<u64, StoreError>> {
        self.0.raise_epoch()
    }

    fn commit(
        &self,
        epoch: u64,
        writes: Vec<Write>,
    ) -> LocalBoxFuture<'static, Result<Vec<String>, StoreError>> {
        let written = writes.iter().map(|write| match write {
            Write::Put { key, value } | Write::Append { prefix: key, value } => {
                (key.clone(), value.clone())
            }
            Write::Delete { key } => (key.clone(), String::new()),
        });
        self.1.0.borrow_mut().0.extend(written);
        self.0.commit(epoch, writes)
    }
}

impl Bus for SpiedBus {
    fn post(&self, message: &str) -> Result<(), BusError> {
        self.1.0.borrow_mut().1.push(message.to_owned());
        self.0.post(message)
    }

    fn listen(&self, hear: Box<dyn Fn(String)>) -> Listening {
        self.0.listen(hear)
    }
}

impl Subject for Spied {
    fn name(&self) -> &'static str {
        "spied"
    }

    fn program(&self, _: Setting) -> Program {
        unreachable!("the plan has tabs")
    }

    fn page(&self) -> PageProgram {
        let seen = self.0.clone();
        Rc::new(move |page, setting| Box::pin(live(page, setting, seen.clone())))
    }
}

async fn live(page: Page, setting: Setting, seen: Seen) {
    let agent = page.agent().number();
    let worker = page.worker().expect("this browser has one");
    let store = BrowserStore::new(page.idb(), agent, DATABASE, Some(worker), Rc::new(drop));
    let bus: Rc<dyn Bus> = Rc::new(page.bus(SCOPE).expect("this browser has one"));
    let locks: Rc<dyn TabLocks> = Rc::new(page.tab_locks().expect("this browser has them"));
    let platform = Platform {
        tab: page.id().to_string(),
        store: Ok(Rc::new(SpiedStore(store, seen.clone()))),
        bus: Ok(Rc::new(SpiedBus(bus, seen))),
        locks: Ok(locks),
        worker: Ok(()),
    };
    let config = Config {
        base_url: "http://cloud".into(),
        oauth_token: OAUTH_TOKEN.into(),
        seed: setting.seed,
        ..Config::default()
    };
    let clock = Clock::at(setting.wall_at_start + page.net().now()).with_timers(page.timers());
    let http = http::client(page.net(), &setting);
    let tab = Tab::builder(config, SCOPE, platform)
        .http(http)
        .clock(clock)
        .open()
        .expect("a good config");
    tab.life(if page.has_focus() { Life::Focused } else { Life::Shown });
    tab.connect();
    let (told, mut life) = (tab.clone(), page.life());
    actix_rt::spawn(async move {
        while let Some(event) = life.next().await {
            match event {
                PageEvent::Focus => told.life(Life::Focused),
                PageEvent::Blur => told.life(Life::Blurred),
                _ => {}
            }
        }
    });
    loop {
        match setting.commands.next().await {
            Command::Send(text) => drop(tab.send(text)),
            Command::Reconnect => tab.reconnect(),
            Command::ShutDown => break,
        }
    }
    tab.shutdown().await;
    setting.log.push(setting.lane, Kind::ShutDown);
}

/// Every line that was logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics while writing").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn played() -> (Seen, String) {
    let (seen, lines) = (Seen::default(), Lines::default());
    let written = lines.clone();
    let layer =
        tracing_subscriber::fmt::layer().with_writer(move || written.clone()).without_time();
    let targets: Targets = "holdline_client=trace,awc=debug".parse().expect("targets");
    let subscriber = tracing_subscriber::registry().with(layer).with(targets);
    let plan = Plan::parse("spied", PLAN).expect("a plan");
    tracing::subscriber::with_default(subscriber, || {
        run(&plan, &Spied(seen.clone()), BackendKind::Event).expect("carried");
    });
    let lines = lines.0.lock().expect("nobody panics while writing").clone();
    (seen, String::from_utf8(lines).expect("logs are text"))
}

/// The field of every record under keys that begin so.
fn fields(written: &[(String, String)], key: &str, field: &str) -> Vec<String> {
    let records = written.iter().filter(|(at, value)| at.starts_with(key) && !value.is_empty());
    records
        .map(|(_, value)| serde_json::from_str::<Value>(value).expect("records are JSON"))
        .map(|record| record[field].as_str().expect("it has the field").to_owned())
        .collect()
}

#[test]
fn nothing_written_posted_or_logged_gives_a_secret_away() {
    let (seen, log) = played();
    let (written, posted) = seen.0.take();
    let tokens = fields(&written, "guest", "token");
    let mut texts = fields(&written, "outbox/", "text");
    texts.push("answer 1".into());
    // Without these there is nothing to look through, and nothing to look for.
    assert!(posted.len() > 20 && log.lines().count() > 50, "{} posts\n{log}", posted.len());
    assert!(
        tokens.len() >= 2 && tokens.iter().any(|token| *token != tokens[0]),
        "{}",
        tokens.len()
    );
    assert!(texts.len() >= 4, "{texts:?}");

    for (key, value) in &written {
        assert!(!value.contains(OAUTH_TOKEN), "the access token is stored under {key}");
    }
    for message in &posted {
        assert!(!message.contains(OAUTH_TOKEN), "the access token is posted");
        let token = tokens.iter().find(|token| message.contains(token.as_str()));
        assert_eq!(
            token, None,
            "a guest's token is posted, where every script of the site hears it"
        );
    }
    for line in log.lines() {
        assert!(!line.contains(OAUTH_TOKEN), "the access token is logged: {line}");
        for secret in tokens.iter().chain(&texts) {
            assert!(!line.contains(secret.as_str()), "`{secret}` is logged: {line}");
        }
    }
}
