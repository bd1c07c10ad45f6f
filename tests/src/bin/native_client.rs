//! A native client that keeps its state in a file and may die at any write, for `tests/it/kill.rs`.
//!
//! `native_client URL STORE RUN COUNT [before|after N]` sends the messages `RUN.1` to `RUN.COUNT`,
//! three at first and one more for each that is delivered, and prints `accepted TEXT` for each. With
//! the last two arguments it aborts, without a last word, before or after its N-th write. Otherwise
//! it ends when nothing is pending any more.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::error::Error;
use std::io::Write as _;
use std::rc::Rc;
use std::time::Duration;

use futures_util::StreamExt as _;
use holdline_client::tabs::{RedbJournal, RedbStore};
use holdline_client::{Client, Config, Entry, Event, Journal, JournalError, RateConfig, Saved};
use tokio::task::LocalSet;

/// Messages under way at most.
const AT_ONCE: usize = 3;

/// A journal that knows what is pending, and at which write the process dies.
struct Mortal {
    journal: RedbJournal,
    pending: Rc<RefCell<BTreeSet<String>>>,
    writes: u64,
    dies_before: Option<u64>,
    dies_after: Option<u64>,
}

impl Journal for Mortal {
    fn load(&mut self) -> Result<Saved, JournalError> {
        let saved = self.journal.load()?;
        self.pending
            .borrow_mut()
            .extend(saved.pending.iter().map(|pending| pending.id.to_string()));
        Ok(saved)
    }

    fn record(&mut self, entry: &Entry) -> Result<(), JournalError> {
        self.writes += 1;
        if self.dies_before == Some(self.writes) {
            std::process::abort();
        }
        self.journal.record(entry)?;
        if self.dies_after == Some(self.writes) {
            std::process::abort();
        }
        match entry {
            Entry::Accepted { id, .. } => drop(self.pending.borrow_mut().insert(id.to_string())),
            Entry::Settled { id } => drop(self.pending.borrow_mut().remove(&id.to_string())),
            _ => {}
        }
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    LocalSet::new().run_until(chat()).await
}

async fn chat() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, store, run, count, death @ ..] = &arguments[..] else {
        return Err("usage: native_client URL STORE RUN COUNT [before|after N]".into());
    };
    let dies = |when: &str| match death {
        [word, number] if word == when => number.parse().map(Some),
        _ => Ok(None),
    };
    let pending = Rc::new(RefCell::new(BTreeSet::new()));
    let journal = Mortal {
        journal: RedbStore::open(store)?.journal(),
        pending: pending.clone(),
        writes: 0,
        dies_before: dies("before")?,
        dies_after: dies("after")?,
    };
    let client = Client::builder(config(url, run)?).journal(journal).start()?;
    let mut events = client.events();
    let mut texts = (1..=count.parse::<u64>()?).map(|number| format!("{run}.{number}"));
    for text in texts.by_ref().take(AT_ONCE) {
        accept(&client, &text)?;
    }
    while !pending.borrow().is_empty() {
        match events.next().await {
            Some(Event::Delivered { .. }) => {
                if let Some(text) = texts.next() {
                    accept(&client, &text)?;
                }
            }
            Some(Event::Failed { id, reason }) => return Err(format!("{id}: {reason}").into()),
            Some(Event::Notice(notice)) => return Err(notice.to_string().into()),
            Some(_) => {}
            None => return Err("the client has ended by itself".into()),
        }
    }
    Ok(())
}

fn accept(client: &Client, text: &str) -> std::io::Result<()> {
    client.send(text);
    let mut stdout = std::io::stdout();
    writeln!(stdout, "accepted {text}")?;
    stdout.flush()
}

/// The usual client in a hurry: the pace has its own tests.
fn config(url: &str, run: &str) -> Result<Config, Box<dyn Error>> {
    let mut config = Config {
        base_url: url.into(),
        oauth_token: "holdline-oauth".into(),
        seed: run.parse()?,
        ..Config::default()
    };
    config.outbox.rate = RateConfig { per_second: 10_000, burst: 1, margin: Duration::ZERO };
    config.outbox.max_messages = 100_000;
    Ok(config)
}
