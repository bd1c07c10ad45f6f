//! Opening, upgrading, closing, and what outlives whom.

use std::rc::Rc;
use std::time::Duration;

use holdline_browser::idb::{
    Connection, Idb, IdbError, Mode, Private, Settings, StoreOptions, Whose,
};
use tokio::task::{JoinHandle, spawn_local};
use tokio::time::timeout;

use super::{Notes, database, open, play, storage};

const LONG: Duration = Duration::from_secs(60);

async fn value(connection: &Connection, key: &str) -> Option<String> {
    let tx = connection.transaction(&["a"], Mode::ReadOnly).expect("the connection is open");
    tx.get("a", key).await.expect("the store is there")
}

async fn write(connection: &Connection, key: &str) {
    let tx = connection.transaction(&["a"], Mode::ReadWrite).expect("the connection is open");
    drop(tx.put("a", key, "there"));
    tx.complete().await.expect("there is room");
}

/// Opens version 2 in a task of its own, and notes `blocked` and `open`.
fn upgrade_in_background(idb: &Idb, agent: u64, notes: &Notes) -> JoinHandle<Connection> {
    let (idb, blocked, opened) = (idb.clone(), notes.clone(), notes.clone());
    spawn_local(async move {
        let opening = idb.open(agent, "db", Some(2)).on_blocked(move || blocked.add("blocked"));
        let connection = opening.await.expect("it opens in the end");
        opened.add("open");
        connection
    })
}

async fn a_while() {
    tokio::time::sleep(LONG).await;
}

#[test]
fn tutorial() {
    play(async {
        // The storage belongs to the origin; tabs and workers are agents that use it.
        let idb = storage();
        let tab = idb
            .open(1, "db", Some(1))
            .on_upgrade(|upgrade| upgrade.create_store("a", StoreOptions::default()))
            .await
            .expect("nobody else has it open");
        let tx = tab.transaction(&["a"], Mode::ReadWrite).expect("the object store exists");
        tx.put("a", "key", "value").await.expect("the request succeeds");
        tx.complete().await.expect("and only now it is durable");

        // The tab dies, and another one finds what it left.
        idb.kill_agent(1);
        let other = idb.open(2, "db", None).await.expect("it opens as it is");
        assert_eq!(value(&other, "key").await.as_deref(), Some("value"));
    });
}

#[test]
fn a_lower_version_is_refused() {
    play(async {
        let idb = storage();
        drop(open(&idb, 1, 3).await.expect("it is new"));
        let refused = open(&idb, 1, 2).await.err();
        assert_eq!(refused, Some(IdbError::Version { asked: 2, stored: 3 }));
        assert!(matches!(open(&idb, 1, 0).await.err(), Some(IdbError::Type(_))));
    });
}

#[test]
fn without_a_version_it_opens_what_is_there() {
    play(async {
        let idb = storage();
        drop(open(&idb, 1, 3).await.expect("it is new"));
        drop(idb.open(1, "db", None).await.expect("any version will do"));
        drop(open(&idb, 1, 3).await.expect("it is still at 3"));
        drop(idb.open(1, "fresh", None).await.expect("a new one becomes version 1"));
        let older = idb.open(1, "fresh", Some(1)).await;
        assert!(older.is_ok());
    });
}

#[test]
fn an_upgrade_waits_until_the_old_connection_is_closed() {
    play(async {
        let (idb, notes) = (storage(), Notes::default());
        let old = database(&idb, 1).await;
        let heard = notes.clone();
        old.on_version_change(move |change| {
            heard.add(format!("asked {} to {}", change.old_version, change.new_version));
        });
        let new = upgrade_in_background(&idb, 2, &notes);
        a_while().await;
        assert_eq!(notes.all(), ["asked 1 to 2", "blocked"]);
        old.close();
        new.await.expect("the opener goes on");
        assert_eq!(notes.all(), ["asked 1 to 2", "blocked", "open"]);
    });
}

#[test]
fn an_old_tab_that_closes_when_asked_blocks_nobody() {
    play(async {
        let (idb, notes) = (storage(), Notes::default());
        let old = Rc::new(database(&idb, 1).await);
        let weak = Rc::downgrade(&old);
        old.on_version_change(move |_| weak.upgrade().expect("it lives").close());
        upgrade_in_background(&idb, 2, &notes).await.expect("the opener goes on");
        assert_eq!(notes.all(), ["open"]);
        assert!(!old.is_open());
        assert!(old.transaction(&["a"], Mode::ReadOnly).is_err());
    });
}

#[test]
fn a_frozen_tab_is_asked_when_it_is_resumed() {
    play(async {
        let (idb, notes) = (storage(), Notes::default());
        let old = Rc::new(database(&idb, 1).await);
        let weak = Rc::downgrade(&old);
        old.on_version_change(move |_| weak.upgrade().expect("it lives").close());
        idb.set_frozen(1, true);
        let new = upgrade_in_background(&idb, 2, &notes);
        a_while().await;
        assert_eq!(notes.all(), ["blocked"]);
        idb.set_frozen(1, false);
        new.await.expect("the opener goes on");
        assert_eq!(notes.all(), ["blocked", "open"]);
    });
}

#[test]
fn a_closing_connection_finishes_its_transactions_first() {
    play(async {
        let (idb, notes) = (storage(), Notes::default());
        let old = database(&idb, 1).await;
        let tx = old.transaction(&["a"], Mode::ReadWrite).expect("it is open");
        drop(tx.put("a", "key", "there"));
        old.close();
        let new = upgrade_in_background(&idb, 2, &notes);
        tx.complete().await.expect("closing takes nothing back");
        let new = new.await.expect("the opener goes on");
        assert_eq!(value(&new, "key").await.as_deref(), Some("there"));
    });
}

#[test]
fn a_closing_connection_blocks_until_its_transactions_have_ended() {
    play(async {
        let (idb, notes) = (storage(), Notes::default());
        let old = database(&idb, 1).await;
        idb.hang_next_commit_until_killed(Whose::Agent(1));
        let tx = old.transaction(&["a"], Mode::ReadWrite).expect("it is open");
        drop(tx.put("a", "key", "never"));
        old.close();
        let new = upgrade_in_background(&idb, 2, &notes);
        a_while().await;
        assert_eq!(notes.all(), ["blocked"]);
        idb.kill_agent(1);
        assert_eq!(value(&new.await.expect("the opener goes on"), "key").await, None);
    });
}

#[test]
fn whoever_slept_while_waiting_for_an_upgrade_finds_it_done() {
    play(async {
        let (idb, notes) = (storage(), Notes::default());
        let old = database(&idb, 1).await;
        let slow = upgrade_in_background(&idb, 2, &notes);
        a_while().await;
        // Others overtake the one that sleeps, as soon as the old connection is closed.
        idb.set_frozen(2, true);
        drop(old);
        let other = idb.open(3, "db", Some(2)).on_upgrade(|_| Ok(())).await.expect("it overtakes");
        idb.set_frozen(2, false);
        slow.await.expect("there is nothing left to upgrade");
        drop(other);
    });
}

#[test]
fn falling_asleep_in_an_upgrade_closes_its_connection() {
    play(async {
        let idb = storage();
        idb.hang_next_commit_until_killed(Whose::Agent(2));
        let sleeper = idb.clone();
        let asleep = spawn_local(async move { sleeper.open(2, "db", Some(2)).await.is_err() });
        a_while().await;
        idb.set_frozen(2, true);
        idb.open(3, "db", Some(1)).on_upgrade(|_| Ok(())).await.expect("nobody is in the way");
        assert!(asleep.await.expect("it ends"));
    });
}

#[test]
fn an_aborted_upgrade_leaves_the_old_version() {
    play(async {
        let idb = storage();
        let old = database(&idb, 1).await;
        write(&old, "key").await;
        drop(old);
        let failed = idb
            .open(1, "db", Some(2))
            .on_upgrade(|upgrade| {
                upgrade.view().put("a", "key", "changed")?;
                upgrade.delete_store("b")?;
                upgrade.create_store("a", StoreOptions::default())
            })
            .await;
        let exists = IdbError::Constraint { what: "object store", name: "a".into() };
        assert_eq!(failed.err(), Some(exists));
        let old = database(&idb, 1).await;
        assert_eq!(value(&old, "key").await.as_deref(), Some("there"));
        assert!(old.transaction(&["b"], Mode::ReadOnly).is_ok());
    });
}

#[test]
fn an_upgrade_whose_tab_dies_leaves_the_old_version() {
    play(async {
        let idb = storage();
        drop(database(&idb, 1).await);
        let dying = idb.clone();
        let upgrade = spawn_local(async move { open(&dying, 2, 2).await });
        // Its upgrade transaction begins after the first delay.
        tokio::time::sleep(Duration::from_millis(1)).await;
        idb.kill_agent(2);
        assert!(matches!(upgrade.await, Ok(Err(IdbError::Abort(_)))));
        assert!(open(&idb, 1, 1).await.is_ok());
    });
}

#[test]
fn those_who_open_at_once_agree_on_one_upgrade() {
    play(async {
        let idb = storage();
        let (first, second) = tokio::join!(database(&idb, 1), database(&idb, 2));
        write(&first, "key").await;
        assert_eq!(value(&second, "key").await.as_deref(), Some("there"));
    });
}

#[test]
fn private_windows_fail_to_open_each_in_its_way() {
    play(async {
        let settings = Settings { private: Private::InvalidState, ..Settings::default() };
        let idb = Idb::new(settings, 1);
        assert!(matches!(open(&idb, 1, 1).await.err(), Some(IdbError::InvalidState(_))));
        idb.set_private(Private::Unknown);
        assert!(matches!(open(&idb, 1, 1).await.err(), Some(IdbError::Unknown(_))));
        idb.set_private(Private::No);
        assert!(open(&idb, 1, 1).await.is_ok());
    });
}

#[test]
fn clearing_the_sites_data_takes_everything_and_closes() {
    play(async {
        let (idb, notes) = (storage(), Notes::default());
        let tab = database(&idb, 1).await;
        write(&tab, "key").await;
        let closed = notes.clone();
        tab.on_close(move || closed.add("close"));
        let tx = tab.transaction(&["a"], Mode::ReadWrite).expect("it is open");
        tx.put("a", "late", "there").await.expect("the request succeeds");
        idb.clear_site_data();
        assert!(matches!(tx.complete().await, Err(IdbError::Abort(_))));
        assert_eq!(notes.all(), ["close"]);
        assert!(!tab.is_open());
        assert_eq!(idb.used_bytes(), 0);
        let fresh = database(&idb, 1).await;
        assert_eq!(value(&fresh, "key").await, None);
        assert_eq!(value(&fresh, "late").await, None);
    });
}

#[test]
fn closing_by_hand_is_no_close_event() {
    play(async {
        let (idb, notes) = (storage(), Notes::default());
        let tab = database(&idb, 1).await;
        let closed = notes.clone();
        tab.on_close(move || closed.add("close"));
        tab.close();
        a_while().await;
        assert_eq!(notes.all(), [""; 0]);
    });
}

#[test]
fn a_dead_agent_does_not_come_back() {
    play(async {
        let idb = storage();
        let tab = database(&idb, 1).await;
        idb.kill_agent(1);
        assert!(!tab.is_open());
        let opened = timeout(LONG, open(&idb, 1, 1)).await.expect("it is told at once");
        assert!(matches!(opened.err(), Some(IdbError::Abort(_))));
        // Its connection blocks nobody.
        assert!(open(&idb, 2, 2).await.is_ok());
    });
}
