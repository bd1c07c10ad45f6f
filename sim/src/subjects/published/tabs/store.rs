//! The article's `db-helpers.js`, and the database part of its `sw.js`: one database with what the
//! tabs remember together.
//!
//! Every method is one transaction, except where a defect makes two of it; `records` has what is
//! done in it.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::oneshot;

use super::super::defect::{Defect, Defects};
use super::records::{self, OUTBOX, PAYLOADS, PROCESSED, STATE};
use super::words::Payload;
use holdline_browser::idb::{Connection, Idb, IdbError, Mode, View};

/// The article's database.
pub(in super::super) const DATABASE: &str = "genesys-messaging-persistence";
/// The article's version of it, for ever.
const DB_VERSION: u32 = 1;

/// Processed ids are forgotten after so long, as the article's last section proposes.
const IDS_KEPT_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// `Date.now()`, in milliseconds.
pub(super) type DateNow = Rc<dyn Fn() -> u64>;

/// The guest's token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Guest {
    #[serde(rename = "webchatInstanceId")]
    pub(super) instance: String,
    pub(super) token: String,
}

/// A message that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub(super) id: String,
    /// The tab that is told what becomes of it.
    pub(super) from: String,
    pub(super) text: String,
}

/// The database as one agent has it open. Clones are the same connection.
#[derive(Clone)]
pub(super) struct Store(Rc<Inner>);

struct Inner {
    idb: Idb,
    agent: u64,
    defects: Defects,
    date_now: DateNow,
    connection: RefCell<Rc<Connection>>,
}

impl Store {
    /// `openDatabase()`.
    pub(super) async fn open(
        idb: Idb,
        agent: u64,
        defects: Defects,
        date_now: DateNow,
    ) -> Result<Self, IdbError> {
        let connection = RefCell::new(open(&idb, agent, defects).await?);
        Ok(Self(Rc::new(Inner { idb, agent, defects, date_now, connection })))
    }

    /// `syncTokenToDB(tokenData)`.
    pub(super) async fn sync_token(&self, guest: &Guest) -> Result<(), IdbError> {
        let (now_ms, guest) = ((self.0.date_now)(), json!(guest));
        self.transact(&[STATE], Mode::ReadWrite, move |view| {
            records::put_state(view, "guestToken", &guest, now_ms)
        })
        .await
    }

    /// `getTokenFromDB()`.
    pub(super) async fn token(&self) -> Result<Option<Guest>, IdbError> {
        let stored =
            self.transact(&[STATE], Mode::ReadOnly, |view| records::state(view, "guestToken"));
        Ok(stored.await?.and_then(|guest| serde_json::from_value(guest).ok()))
    }

    /// `markMessageAsProcessed(db, messageId)`, with what makes its effect replayable. False if it
    /// was processed before.
    pub(super) async fn process(&self, key: String, payload: Payload) -> Result<bool, IdbError> {
        let (keeps, at_once) = (!self.has(Defect::B19), !self.has(Defect::B3));
        let (now_ms, marked) = ((self.0.date_now)(), payload.clone());
        let scope: &[&str] = &[STATE, PROCESSED, PAYLOADS];
        let mark = move |view: &mut View<'_>| {
            let new = records::mark(view, &key, now_ms)?;
            if new && keeps && at_once {
                records::keep(view, &marked)?;
            }
            records::advance(view, &marked, now_ms)?;
            Ok(new)
        };
        let new = self.transact(scope, Mode::ReadWrite, mark).await?;
        if new && keeps && !at_once {
            let keep = move |view: &mut View<'_>| records::keep(view, &payload);
            self.transact(&[PAYLOADS], Mode::ReadWrite, keep).await?;
        }
        Ok(new)
    }

    /// Everything up to this place has been processed.
    pub(super) async fn cursor(&self) -> Result<u64, IdbError> {
        self.transact(&[STATE], Mode::ReadOnly, |view| records::cursor(view)).await
    }

    /// Every payload, in order.
    pub(super) async fn snapshot(&self) -> Result<Vec<Payload>, IdbError> {
        let records =
            self.transact(&[PAYLOADS], Mode::ReadOnly, |view| view.cursor(PAYLOADS, ..)).await?;
        Ok(records.iter().filter_map(|(_, text)| serde_json::from_str(text).ok()).collect())
    }

    /// Forgets processed ids that are older than thirty days.
    pub(super) async fn prune(&self) -> Result<(), IdbError> {
        let since_ms = (self.0.date_now)().saturating_sub(IDS_KEPT_FOR.as_millis() as u64);
        let forget = move |view: &mut View<'_>| records::forget(view, since_ms);
        self.transact(&[PROCESSED], Mode::ReadWrite, forget).await
    }

    /// Takes the next epoch for the tab.
    pub(super) async fn claim(&self, tab: String) -> Result<u64, IdbError> {
        let now_ms = (self.0.date_now)();
        self.transact(&[STATE], Mode::ReadWrite, move |view| {
            let epoch = records::epoch(view)? + 1;
            let primary = json!({ "epoch": epoch, "tabId": tab });
            records::put_state(view, "primary", &primary, now_ms)?;
            Ok(epoch)
        })
        .await
    }

    /// Puts a message at the end of the outbox.
    pub(super) async fn wait(&self, waiting: Waiting) -> Result<(), IdbError> {
        let record = json!(waiting).to_string();
        self.transact(&[OUTBOX], Mode::ReadWrite, move |view| {
            view.put_value(OUTBOX, &record).map(drop)
        })
        .await
    }

    /// The message that waits longest, with its key.
    pub(super) async fn first_waiting(&self) -> Result<Option<(String, Waiting)>, IdbError> {
        let records =
            self.transact(&[OUTBOX], Mode::ReadOnly, |view| view.cursor(OUTBOX, ..)).await?;
        let mut readable = records.into_iter().filter_map(|(key, record)| {
            let waiting = serde_json::from_str(&record).ok()?;
            Some((key, waiting))
        });
        Ok(readable.next())
    }

    /// Takes a message out of the outbox; false if somebody else has.
    pub(super) async fn sent(&self, key: String) -> Result<bool, IdbError> {
        self.transact(&[OUTBOX], Mode::ReadWrite, move |view| {
            let there = view.get(OUTBOX, &key)?.is_some();
            view.delete(OUTBOX, &key)?;
            Ok(there)
        })
        .await
    }

    fn has(&self, defect: Defect) -> bool {
        self.0.defects.has(defect)
    }

    /// One transaction. It is over when it is committed; as published, when its requests have
    /// succeeded.
    async fn transact<T: 'static>(
        &self,
        scope: &[&str],
        mode: Mode,
        requests: impl FnOnce(&mut View<'_>) -> Result<T, IdbError> + 'static,
    ) -> Result<T, IdbError> {
        let connection = self.connection().await?;
        let batch = connection.batch(scope, mode)?;
        if !self.has(Defect::B4) {
            return batch.run(requests).await;
        }
        let (succeed, succeeded) = oneshot::channel();
        tokio::task::spawn_local(async move {
            // Nobody hears of its end.
            let _ = batch
                .run(move |view| {
                    let outcome = requests(view);
                    let failed = outcome.as_ref().err().cloned();
                    drop(succeed.send(outcome));
                    failed.map_or(Ok(()), Err)
                })
                .await;
        });
        let aborted = || IdbError::Abort("its transaction did not come to it".into());
        succeeded.await.unwrap_or_else(|_| Err(aborted()))
    }

    /// One that was closed for an upgrade is opened again, at whatever version is there then.
    async fn connection(&self) -> Result<Rc<Connection>, IdbError> {
        let connection = Rc::clone(&self.0.connection.borrow());
        if connection.is_open() || self.has(Defect::B2) {
            return Ok(connection);
        }
        let connection = open(&self.0.idb, self.0.agent, self.0.defects).await?;
        self.0.connection.replace(Rc::clone(&connection));
        Ok(connection)
    }
}

async fn open(idb: &Idb, agent: u64, defects: Defects) -> Result<Rc<Connection>, IdbError> {
    let version = defects.has(Defect::B2).then_some(DB_VERSION);
    let opening = idb.open(agent, DATABASE, version);
    let connection =
        Rc::new(opening.on_upgrade(move |upgrade| records::create(upgrade, defects)).await?);
    if !defects.has(Defect::B2) {
        let weak = Rc::downgrade(&connection);
        connection.on_version_change(move |_| {
            if let Some(connection) = weak.upgrade() {
                connection.close();
            }
        });
    }
    Ok(connection)
}
