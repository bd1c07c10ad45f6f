//! Requests, commits and aborts.

use std::time::Duration;

use holdline_browser::idb::{
    Connection, Idb, IdbError, Mode, Settings, StoreOptions, Transaction, Whose,
};
use holdline_client::Clock;
use tokio::join;
use tokio::time::timeout;

use super::{Notes, database, play, storage};

const LONG: Duration = Duration::from_secs(60);

fn writing(connection: &Connection) -> Transaction {
    connection.transaction(&["a"], Mode::ReadWrite).expect("the connection is open")
}

async fn all(connection: &Connection) -> Vec<(String, String)> {
    let tx = connection.transaction(&["a"], Mode::ReadOnly).expect("the connection is open");
    tx.cursor("a", ..).await.expect("the object store is there")
}

fn records(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|&(key, value)| (key.into(), value.into())).collect()
}

#[test]
fn tutorial() {
    play(async {
        let idb = storage();
        let tab = database(&idb, 1).await;
        let tx = tab.transaction(&["a", "b"], Mode::ReadWrite).expect("both exist");
        tx.add("a", "key", "1").await.expect("it is new");
        assert_eq!(tx.get("a", "key").await, Ok(Some("1".into())));
        tx.put("b", "key", "2").await.expect("it may be new or not");
        tx.delete("a", "key").await.expect("it may be there or not");
        // No request is outstanding: it commits by itself, and says so.
        tx.complete().await.expect("nothing is in the way");
        assert_eq!(all(&tab).await, []);
    });
}

#[test]
fn success_comes_before_commit_and_quota_takes_it_back() {
    play(async {
        let idb = storage();
        let tab = database(&idb, 1).await;
        idb.set_quota(Some(10));
        let tx = writing(&tab);
        assert_eq!(tx.put("a", "key", "much too long").await, Ok(()));
        assert_eq!(tx.get("a", "key").await, Ok(Some("much too long".into())));
        let full = IdbError::QuotaExceeded { needed: 16, quota: 10 };
        assert_eq!(tx.complete().await, Err(full));
        assert_eq!(all(&tab).await, []);
        assert_eq!(idb.used_bytes(), 0);
    });
}

#[test]
fn a_full_storage_can_still_be_emptied() {
    play(async {
        let idb = storage();
        let tab = database(&idb, 1).await;
        let tx = writing(&tab);
        drop(tx.put("a", "key", "value"));
        tx.complete().await.expect("there is room");
        assert_eq!(idb.used_bytes(), 8);
        idb.set_quota(Some(1));
        let tx = writing(&tab);
        drop(tx.put("a", "key", "shor"));
        tx.complete().await.expect("it needs less than before");
        let tx = writing(&tab);
        drop(tx.delete("a", "key"));
        tx.complete().await.expect("it needs nothing");
        assert_eq!(idb.used_bytes(), 0);
    });
}

#[test]
fn a_key_that_exists_aborts_everything() {
    play(async {
        let idb = storage();
        let tab = database(&idb, 1).await;
        let tx = writing(&tab);
        drop(tx.add("a", "key", "1"));
        tx.complete().await.expect("it is new");

        let tx = writing(&tab);
        drop(tx.put("a", "before", "1"));
        let exists = IdbError::Constraint { what: "key", name: "key".into() };
        let (added, after) = join!(tx.add("a", "key", "2"), tx.put("a", "after", "1"));
        assert_eq!(added, Err(exists.clone()));
        assert_eq!(after, Err(exists.clone()));
        assert_eq!(tx.complete().await, Err(exists));
        assert_eq!(all(&tab).await, records(&[("key", "1")]));
    });
}

#[test]
fn a_handled_error_aborts_nothing() {
    play(async {
        let idb = storage();
        let tab = database(&idb, 1).await;
        let tx = writing(&tab);
        drop(tx.add("a", "key", "1"));
        assert!(matches!(tx.try_add("a", "key", "2").await, Err(IdbError::Constraint { .. })));
        drop(tx.put("a", "after", "1"));
        tx.complete().await.expect("the error was handled");
        assert_eq!(all(&tab).await, records(&[("after", "1"), ("key", "1")]));
    });
}

#[test]
fn abort_takes_everything_back() {
    play(async {
        let idb = storage();
        let tab = database(&idb, 1).await;
        let tx = writing(&tab);
        tx.put("a", "key", "1").await.expect("the request succeeds");
        tx.abort();
        assert_eq!(tx.put("a", "key", "2").await, Err(IdbError::TransactionInactive));
        assert!(matches!(tx.complete().await, Err(IdbError::Abort(_))));
        assert_eq!(all(&tab).await, []);
    });
}

#[test]
fn writers_of_one_store_take_turns_in_the_order_they_were_made() {
    play(async {
        let idb = storage();
        let (first, second) = (database(&idb, 1).await, database(&idb, 2).await);
        let count = async |connection: &Connection| {
            let tx = writing(connection);
            let before = tx.get("a", "count").await.expect("reading works");
            let before: u32 = before.map_or(0, |text| text.parse().expect("a number"));
            drop(tx.put("a", "count", &(before + 1).to_string()));
            tx.complete().await.expect("nothing is in the way");
            before
        };
        // With a lost update two of them would see the same number.
        let seen = join!(count(&first), count(&second), count(&first), count(&second));
        assert_eq!(seen, (0, 1, 2, 3));
    });
}

#[test]
fn readers_do_not_wait_for_each_other() {
    play(async {
        let (store_delay, store_jitter) = (Duration::from_millis(100), Duration::ZERO);
        let idb = Idb::new(Settings { store_delay, store_jitter, ..Settings::default() }, 1);
        let tab = database(&idb, 1).await;
        let clock = Clock::at(Duration::ZERO);
        join!(all(&tab), all(&tab), all(&tab));
        // Three in a row would take three times as long.
        assert_eq!(clock.now().mono.since_start(), store_delay);
    });
}

#[test]
fn writers_of_other_stores_pass() {
    play(async {
        let (idb, notes) = (storage(), Notes::default());
        let tab = database(&idb, 1).await;
        idb.hang_next_commit_until_killed(Whose::Agent(2));
        let other = database(&idb, 2).await;
        let hanging = other.transaction(&["b"], Mode::ReadWrite).expect("it is open");
        drop(hanging.put("b", "key", "never"));

        let behind = tab.transaction(&["b"], Mode::ReadOnly).expect("it is open");
        let behind = async {
            let read = behind.get("b", "key").await;
            notes.add("behind");
            read
        };
        let pass = async {
            let (one, two) = join!(all(&tab), all(&tab));
            assert_eq!((one, two), (vec![], vec![]));
            let tx = writing(&tab);
            drop(tx.put("a", "key", "1"));
            tx.complete().await.expect("nobody else has this store");
            notes.add("passed");
            idb.kill_agent(2);
        };
        let (read, ()) = join!(behind, pass);
        assert_eq!(read, Ok(None));
        assert_eq!(notes.all(), ["passed", "behind"]);
    });
}

#[test]
fn a_request_after_a_pause_comes_too_late() {
    play(async {
        let idb = storage();
        let tab = database(&idb, 1).await;
        let tx = writing(&tab);
        tx.put("a", "key", "1").await.expect("the request succeeds");
        tokio::time::sleep(LONG).await;
        assert_eq!(tx.put("a", "late", "1").await, Err(IdbError::TransactionInactive));
        tx.complete().await.expect("it committed by itself");
        assert_eq!(all(&tab).await, records(&[("key", "1")]));
    });
}

#[test]
fn nobody_need_wait_for_a_commit() {
    play(async {
        let idb = storage();
        let tab = database(&idb, 1).await;
        let tx = writing(&tab);
        drop(tx.put("a", "key", "1"));
        drop(tx);
        assert_eq!(all(&tab).await, records(&[("key", "1")]));
    });
}

#[test]
fn unknown_stores_and_writes_of_readers_are_refused() {
    play(async {
        let idb = storage();
        let tab = database(&idb, 1).await;
        let missing = IdbError::NotFound("c".into());
        assert_eq!(tab.transaction(&["a", "c"], Mode::ReadOnly).err(), Some(missing));
        assert!(matches!(tab.transaction(&[], Mode::ReadOnly).err(), Some(IdbError::Type(_))));
        let tx = writing(&tab);
        let outside = IdbError::NotFound("b".into());
        assert_eq!(tx.get("b", "key").await, Err(outside));
        let tx = tab.transaction(&["a"], Mode::ReadOnly).expect("it is open");
        assert_eq!(tx.put("a", "key", "1").await, Err(IdbError::ReadOnly("a".into())));
    });
}

#[test]
fn a_cursor_goes_over_a_range() {
    play(async {
        let idb = storage();
        let tab = database(&idb, 1).await;
        let tx = writing(&tab);
        for key in ["b", "d", "a", "c"] {
            drop(tx.put("a", key, key));
        }
        let read = async |from: &str, to: &str| {
            let found = tx.cursor("a", from.to_owned()..to.to_owned()).await;
            found.expect("reading works").into_iter().map(|(key, _)| key).collect::<Vec<_>>()
        };
        assert_eq!(read("a", "c").await, ["a", "b"]);
        assert_eq!(read("bb", "z").await, ["c", "d"]);
        assert_eq!(read("z", "a").await, [""; 0]);
        assert_eq!(read("a", "a").await, [""; 0]);
        let closed = tx.cursor("a", "b".to_owned()..="c".to_owned()).await;
        assert_eq!(closed, Ok(records(&[("b", "b"), ("c", "c")])));
    });
}

#[test]
fn keys_can_be_in_the_value_or_be_numbers() {
    play(async {
        let idb = storage();
        let opening = idb.open(1, "db", Some(1)).on_upgrade(|upgrade| {
            let inline = StoreOptions { key_path: Some("id".into()), auto_increment: true };
            upgrade.create_store("inline", inline)?;
            let numbered = StoreOptions { key_path: None, auto_increment: true };
            upgrade.create_store("numbered", numbered)
        });
        let tab = opening.await.expect("it is new");
        let begin = || tab.transaction(&["inline", "numbered"], Mode::ReadWrite).expect("open");
        let tx = begin();
        assert_eq!(tx.put_value("inline", r#"{"id":"x"}"#).await, Ok("x".into()));
        assert_eq!(tx.put_value("inline", r#"{"n":1}"#).await, Ok(format!("{:020}", 1)));
        assert_eq!(tx.put_value("numbered", "any").await, Ok(format!("{:020}", 1)));
        tx.abort();

        // The numbers of an aborted transaction are given out again.
        let tx = begin();
        assert_eq!(tx.put_value("numbered", "any").await, Ok(format!("{:020}", 1)));
        assert_eq!(tx.put_value("numbered", "any").await, Ok(format!("{:020}", 2)));
        assert!(matches!(tx.put("inline", "x", "{}").await, Err(IdbError::Data(_))));
    });
}

#[test]
fn killed_in_the_middle_leaves_nothing() {
    // Killed after so many milliseconds, which passes every stage; the last ones see it committed.
    let after = |ms| {
        play(async {
            let idb = storage();
            let (tab, other) = (database(&idb, 1).await, database(&idb, 2).await);
            let tx = writing(&tab);
            drop((tx.put("a", "x", "1"), tx.put("a", "y", "2")));
            tokio::time::sleep(Duration::from_millis(ms)).await;
            idb.kill_agent(1);
            let told = tx.complete().await.is_ok();
            let found = timeout(LONG, all(&other)).await.expect("its locks are free").len();
            assert_eq!(found, if told { 2 } else { 0 });
            assert_eq!(idb.used_bytes(), if told { 4 } else { 0 });
            told
        })
    };
    assert_eq!([0, 1, 2, 9].map(after), [false, false, false, true]);
}

#[test]
fn an_injected_abort_hits_the_next_writer_only() {
    play(async {
        let idb = storage();
        let tab = database(&idb, 1).await;
        idb.abort_next_commit(Whose::Agent(2));
        idb.abort_next_commit(Whose::Any);
        assert_eq!(all(&tab).await, [], "a reader is not hit");
        let tx = writing(&tab);
        assert_eq!(tx.put("a", "key", "1").await, Ok(()));
        assert!(matches!(tx.complete().await, Err(IdbError::Abort(_))));
        let tx = writing(&tab);
        drop(tx.put("a", "key", "2"));
        tx.complete().await.expect("the mishap is used up, and the other is not for this one");
        assert_eq!(all(&tab).await, records(&[("key", "2")]));
    });
}

#[test]
fn a_commit_that_hangs_ends_with_its_agent() {
    play(async {
        let idb = storage();
        let (tab, other) = (database(&idb, 1).await, database(&idb, 2).await);
        idb.hang_next_commit_until_killed(Whose::Any);
        let tx = writing(&tab);
        assert_eq!(tx.put("a", "key", "1").await, Ok(()));
        let mut complete = Box::pin(tx.complete());
        assert!(timeout(LONG, &mut complete).await.is_err());
        idb.kill_agent(1);
        assert!(matches!(complete.await, Err(IdbError::Abort(_))));
        assert_eq!(all(&other).await, []);
    });
}

#[test]
fn a_batch_makes_all_requests_in_one_go() {
    play(async {
        let idb = storage();
        let tab = database(&idb, 1).await;
        let batch = tab.batch(&["a"], Mode::ReadWrite).expect("it is open");
        let failed = batch.run(|view| {
            view.put("a", "key", "1")?;
            view.add("a", "key", "2")
        });
        let exists = IdbError::Constraint { what: "key", name: "key".into() };
        assert_eq!(failed.await, Err(exists));
        assert_eq!(all(&tab).await, []);
        let batch = tab.batch(&["a"], Mode::ReadWrite).expect("it is open");
        batch.run(|view| view.put("a", "key", "3")).await.expect("nothing is in the way");
        assert_eq!(all(&tab).await, records(&[("key", "3")]));
    });
}

#[test]
fn delays_follow_from_the_seed() {
    let times = |seed| {
        play(async move {
            let settings = Settings {
                store_delay: Duration::from_millis(5),
                store_jitter: Duration::from_millis(50),
                ..Settings::default()
            };
            let idb = Idb::new(settings, seed);
            let clock = Clock::at(Duration::ZERO);
            let tab = database(&idb, 1).await;
            let mut times = vec![clock.now().mono];
            for _ in 0..20 {
                let tx = writing(&tab);
                drop(tx.put("a", "key", "1"));
                tx.complete().await.expect("nothing is in the way");
                times.push(clock.now().mono);
            }
            times
        })
    };
    assert_eq!(times(7), times(7));
    assert_ne!(times(7), times(8));
}
