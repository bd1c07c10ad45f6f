//! The client's store over the browser's.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt as _;
use holdline_browser::idb::{Idb, Mode, Private, StoreOptions, Whose};
use holdline_browser::store::{BrowserStore, META, StoreSeen};
use holdline_browser::worker::{Settings, Worker};
use holdline_client::Clock;
use holdline_client::tabs::{Contents, StateStore as _, StoreError, Write, numbered};

use super::{background, play, storage};

/// A tab's store, and what the trace sees of it.
struct Tab {
    store: BrowserStore,
    seen: Rc<RefCell<Vec<StoreSeen>>>,
}

impl Tab {
    fn new(idb: &Idb, agent: u64) -> Self {
        Self::with_worker(idb, agent, None)
    }

    fn with_worker(idb: &Idb, agent: u64, worker: Option<Worker>) -> Self {
        let seen: Rc<RefCell<Vec<StoreSeen>>> = Rc::default();
        let pen = Rc::clone(&seen);
        let observer = Rc::new(move |what| pen.borrow_mut().push(what));
        Self { store: BrowserStore::new(idb.clone(), agent, "holdline", worker, observer), seen }
    }

    async fn put(&self, epoch: u64, key: &str, value: &str) -> Result<Vec<String>, StoreError> {
        self.store.commit(epoch, vec![put(key, value)]).await
    }

    async fn read(&self) -> Contents {
        self.store.read("", "\u{10FFFF}").await.expect("reading works")
    }

    fn seen(&self) -> Vec<StoreSeen> {
        self.seen.borrow().clone()
    }
}

fn put(key: &str, value: &str) -> Write {
    Write::Put { key: key.into(), value: value.into() }
}

/// Upgrades the database to version 2 as a newer tab would, and writes `key` into `meta`.
async fn newer_program(idb: &Idb, key: &'static str, value: &'static str) {
    let opening = idb
        .open(99, "holdline", Some(2))
        .on_blocked(|| panic!("the old tab should have closed"))
        .on_upgrade(move |upgrade| upgrade.view().put(META, key, value));
    drop(opening.await.expect("the upgrade goes through"));
}

#[test]
fn tutorial() {
    play(async {
        let idb = storage();
        let (first, second) = (Tab::new(&idb, 1), Tab::new(&idb, 2));
        // The first tab leads and writes.
        assert_eq!(first.store.raise_epoch().await, Ok(1));
        first.put(1, "guest", "token").await.expect("its epoch is the current one");
        // The second takes over and sees what is there; the first is refused from then on.
        assert_eq!(second.store.raise_epoch().await, Ok(2));
        let records = vec![("guest".to_owned(), "token".to_owned())];
        assert_eq!(second.read().await, Contents { epoch: 2, records });
        let late = first.put(1, "guest", "late").await;
        assert_eq!(late, Err(StoreError::Fenced { asked: 1, stored: 2 }));
    });
}

#[test]
fn the_trace_sees_every_claim_and_write() {
    play(async {
        let idb = storage();
        let (first, second) = (Tab::new(&idb, 1), Tab::new(&idb, 2));
        first.store.raise_epoch().await.expect("claiming works");
        second.put(3, "k", "value").await.expect("a newer epoch is accepted");
        drop(first.put(1, "k", "v").await);
        idb.abort_next_commit(Whose::Any);
        drop(second.put(4, "k", "v").await);
        let wrote =
            |epoch, stored, accepted, bytes| StoreSeen::Wrote { epoch, stored, accepted, bytes };
        assert_eq!(first.seen(), [StoreSeen::Claimed { epoch: 1 }, wrote(1, 3, false, 2)]);
        assert_eq!(second.seen(), [wrote(3, 1, true, 6), wrote(4, 3, false, 2)]);
        assert_eq!(first.read().await.epoch, 3);
    });
}

#[test]
fn numbers_are_shared_by_tabs_and_never_used_twice() {
    play(async {
        let idb = storage();
        let (first, second) = (Tab::new(&idb, 1), Tab::new(&idb, 2));
        let append = || Write::Append { prefix: "outbox/".into(), value: "hello".into() };
        let delete = |number| Write::Delete { key: numbered("outbox/", number) };
        let one = first.store.commit(1, vec![append()]);
        let two = second.store.commit(1, vec![append(), delete(2)]);
        assert_eq!(two.await, Ok(vec![numbered("outbox/", 2)]));
        assert_eq!(one.await, Ok(vec![numbered("outbox/", 1)]));
        let three = first.store.commit(1, vec![append()]);
        assert_eq!(three.await, Ok(vec![numbered("outbox/", 3)]));
    });
}

#[test]
fn it_gives_way_to_an_upgrade_and_opens_again() {
    play(async {
        let idb = storage();
        let tab = Tab::new(&idb, 1);
        tab.put(1, "guest", "token").await.expect("it opens");
        newer_program(&idb, "added", "by a newer program").await;
        assert_eq!(tab.read().await.records, [("guest".into(), "token".into())]);
        tab.put(1, "guest", "newer").await.expect("the format is the same");
    });
}

#[test]
fn what_a_newer_program_wrote_is_refused_and_left() {
    play(async {
        let idb = storage();
        let tab = Tab::new(&idb, 1);
        tab.put(1, "guest", "token").await.expect("it opens");
        newer_program(&idb, "format", "2").await;
        let before = idb.used_bytes();
        let refused = tab.put(2, "guest", "x").await;
        let Err(StoreError::Foreign(why)) = refused else { panic!("{refused:?}") };
        assert!(why.contains("format is 2"), "{why}");
        assert!(matches!(tab.store.raise_epoch().await, Err(StoreError::Foreign(_))));
        assert!(matches!(tab.store.read("", "z").await, Err(StoreError::Foreign(_))));
        assert_eq!(idb.used_bytes(), before);
    });
}

#[test]
fn an_unreadable_epoch_is_refused() {
    play(async {
        let idb = storage();
        let tab = Tab::new(&idb, 1);
        tab.put(1, "guest", "token").await.expect("it opens");
        newer_program(&idb, "epoch", "many").await;
        let refused = tab.store.raise_epoch().await;
        let Err(StoreError::Foreign(why)) = refused else { panic!("{refused:?}") };
        assert!(why.contains("\"many\""), "{why}");
    });
}

#[test]
fn another_programs_database_is_refused_and_left() {
    play(async {
        let idb = storage();
        let opening = idb
            .open(9, "holdline", Some(1))
            .on_upgrade(|upgrade| upgrade.create_store("theirs", StoreOptions::default()));
        let theirs = opening.await.expect("it is new");
        let refused = Tab::new(&idb, 1).store.raise_epoch().await;
        assert!(matches!(refused, Err(StoreError::Foreign(_))), "{refused:?}");
        assert!(theirs.transaction(&["theirs"], Mode::ReadOnly).is_ok());
    });
}

#[test]
fn no_room_refuses_the_write_but_not_the_lead() {
    play(async {
        let idb = storage();
        let tab = Tab::new(&idb, 1);
        tab.put(1, "guest", "token").await.expect("there is room");
        idb.set_quota(Some(idb.used_bytes()));
        let refused = tab.store.commit(1, vec![put("guest", "other"), put("more", "x")]).await;
        let Err(StoreError::Full(why)) = refused else { panic!("{refused:?}") };
        assert!(why.contains("QuotaExceededError"), "{why}");
        for epoch in 2..=11 {
            assert_eq!(tab.store.raise_epoch().await, Ok(epoch));
        }
        assert_eq!(tab.read().await.records, [("guest".into(), "token".into())]);
    });
}

#[test]
fn a_private_window_makes_it_unavailable() {
    play(async {
        let idb = storage();
        idb.set_private(Private::InvalidState);
        let tab = Tab::new(&idb, 1);
        for _ in 0..2 {
            let refused = tab.store.raise_epoch().await;
            let Err(StoreError::Unavailable(why)) = refused else { panic!("{refused:?}") };
            assert!(why.contains("InvalidStateError"), "{why}");
        }
        assert_eq!(tab.seen(), []);
        idb.set_private(Private::No);
        assert_eq!(tab.store.raise_epoch().await, Ok(1));
    });
}

#[test]
fn after_the_data_were_cleared_it_begins_anew() {
    play(async {
        let idb = storage();
        let tab = Tab::new(&idb, 1);
        tab.put(5, "guest", "token").await.expect("it opens");
        let under_way = tab.store.commit(5, vec![put("guest", "late")]);
        // Its transaction has begun and waits for its request.
        tokio::task::yield_now().await;
        idb.clear_site_data();
        assert!(matches!(under_way.await, Err(StoreError::Unavailable(_))));
        assert_eq!(tab.read().await, Contents::default());
        assert_eq!(tab.store.raise_epoch().await, Ok(1));
    });
}

#[test]
fn a_tab_that_dies_leaves_all_or_nothing() {
    let after = |ms| {
        play(async {
            let idb = storage();
            let (tab, other) = (Tab::new(&idb, 1), Tab::new(&idb, 2));
            tab.put(1, "old", "1").await.expect("it opens");
            drop(tab.store.commit(2, vec![put("x", "1"), put("y", "2")]));
            tokio::time::sleep(Duration::from_millis(ms)).await;
            idb.kill_agent(1);
            let read = other.read().await;
            let both = (read.epoch, read.records.len());
            assert!(both == (1, 1) || both == (2, 3), "{read:?}");
            assert!(matches!(tab.store.raise_epoch().await, Err(StoreError::Unavailable(_))));
            both.0
        })
    };
    assert_eq!([0, 1, 2, 9].map(after), [1, 1, 1, 2]);
}

#[test]
fn a_reader_who_leaves_blocks_no_writer() {
    play(async {
        let idb = storage();
        let tab = Tab::new(&idb, 1);
        tab.put(1, "a", "1").await.expect("it opens");
        let mut read = tab.store.read("", "z");
        assert!((&mut read).now_or_never().is_none());
        drop(read);
        tab.put(1, "a", "2").await.expect("nothing is in the way");
    });
}

fn worker(idb: &Idb, clock: Clock) -> Worker {
    let settings = Settings {
        first_agent: 1_000,
        database: "worker".into(),
        clock,
        message_delay: Duration::from_millis(1),
    };
    Worker::new(idb.clone(), background(), settings)
}

async fn workers_copy(idb: &Idb) -> Option<String> {
    let database = idb.open(99, "worker", None).await.expect("it opens");
    let tx = database.transaction(&["guest"], Mode::ReadOnly).expect("the worker made it");
    tx.get("guest", "token").await.expect("reading works")
}

async fn seconds(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[test]
fn the_workers_copy_follows_without_delaying_the_commit() {
    play(async {
        let (idb, clock) = (storage(), Clock::at(Duration::ZERO));
        let worker = worker(&idb, clock.clone());
        worker.register(true).expect("the origin is secure");
        // Nobody answers for a while, and then it works: killed in the middle of its write.
        idb.hang_next_commit_until_killed(Whose::Agent(1_000));
        let tab = Tab::with_worker(&idb, 1, Some(worker.clone()));
        let before = clock.now().mono;
        tab.put(1, "guest", "token").await.expect("the commit is the tab's own");
        assert!(clock.now().mono.since(before) < Duration::from_millis(100));
        tokio::time::sleep(Duration::from_millis(400)).await;
        worker.kill();
        seconds(2).await;
        assert_eq!(workers_copy(&idb).await.as_deref(), Some("token"));
        assert_eq!((worker.lives(), tab.store.worker_missed()), (2, 0));
        assert_eq!(tab.seen().len(), 1, "the commit, and no miss");
    });
}

#[test]
fn only_the_guest_goes_to_the_worker() {
    play(async {
        let idb = storage();
        let worker = worker(&idb, Clock::at(Duration::ZERO));
        worker.register(true).expect("the origin is secure");
        let tab = Tab::with_worker(&idb, 1, Some(worker.clone()));
        tab.put(1, "cursor", "7").await.expect("it opens");
        seconds(2).await;
        assert_eq!(worker.lives(), 0);
    });
}

#[test]
fn a_worker_that_stays_silent_is_reported_and_nothing_is_lost() {
    play(async {
        let idb = storage();
        let worker = worker(&idb, Clock::at(Duration::ZERO));
        worker.register(true).expect("the origin is secure");
        let tab = Tab::with_worker(&idb, 1, Some(worker.clone()));
        idb.hang_next_commit_until_killed(Whose::Agent(1_000));
        tab.put(1, "guest", "token").await.expect("the commit is the tab's own");
        seconds(2).await;
        assert_eq!(tab.store.worker_missed(), 1);
        let last = tab.seen().pop();
        assert!(matches!(last, Some(StoreSeen::WorkerMissed { .. })), "{last:?}");
        assert_eq!(tab.read().await.records, [("guest".into(), "token".into())]);
    });
}

#[test]
fn a_second_try_brings_the_newest_guest() {
    play(async {
        let idb = storage();
        let worker = worker(&idb, Clock::at(Duration::ZERO));
        worker.register(true).expect("the origin is secure");
        let tab = Tab::with_worker(&idb, 1, Some(worker.clone()));
        idb.hang_next_commit_until_killed(Whose::Agent(1_000));
        tab.put(1, "guest", "old").await.expect("the commit is the tab's own");
        tokio::time::sleep(Duration::from_millis(100)).await;
        worker.kill();
        tab.put(1, "guest", "new").await.expect("the commit is the tab's own");
        seconds(2).await;
        assert_eq!(workers_copy(&idb).await.as_deref(), Some("new"));
    });
}

#[test]
fn an_unregistered_worker_is_reported() {
    play(async {
        let idb = storage();
        let worker = worker(&idb, Clock::at(Duration::ZERO));
        assert!(worker.register(false).is_err());
        let tab = Tab::with_worker(&idb, 1, Some(worker));
        tab.put(1, "guest", "token").await.expect("the commit is the tab's own");
        seconds(2).await;
        let last = tab.seen().pop();
        let Some(StoreSeen::WorkerMissed { why }) = last else { panic!("{last:?}") };
        assert!(why.contains("register"), "{why}");
    });
}
