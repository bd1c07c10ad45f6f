//! The service worker.

use std::time::Duration;

use holdline_browser::idb::{Idb, Mode, Private, Whose};
use holdline_browser::worker::{
    Answer, CONNECTION_STORE, GUEST_STORE, IDLE_LIMIT, IDS_KEPT_FOR, PROCESSED_STORE, Settings,
    SyncToken, Worker, WorkerError,
};
use holdline_client::Clock;
use tokio::time::{sleep, timeout};

use super::{background, play, storage};

const LONG: Duration = Duration::from_secs(60);
const DONE: Answer = Answer::TokenSynced { success: true };

fn worker(idb: &Idb) -> Worker {
    let settings = Settings {
        first_agent: 1_000,
        database: "worker".into(),
        clock: Clock::at(Duration::from_secs(1_767_225_600)),
        message_delay: Duration::from_millis(1),
    };
    let worker = Worker::new(idb.clone(), background(), settings);
    worker.register(true).expect("the origin is secure");
    worker
}

fn token(token: &str) -> SyncToken {
    SyncToken { token: token.into(), ..SyncToken::default() }
}

fn processed(ids: &[&str]) -> SyncToken {
    let processed = ids.iter().map(|&id| id.into()).collect();
    SyncToken { processed, ..token("t") }
}

async fn sync(worker: &Worker, payload: SyncToken) -> Answer {
    worker.sync_token(payload).expect("it is registered").await
}

async fn stored(idb: &Idb, store: &str) -> Vec<(String, String)> {
    let database = idb.open(99, "worker", None).await.expect("it opens");
    let tx = database.transaction(&[store], Mode::ReadOnly).expect("the worker made it");
    tx.cursor(store, ..).await.expect("reading works")
}

async fn stored_token(idb: &Idb) -> Option<String> {
    let guest = stored(idb, GUEST_STORE).await;
    guest.into_iter().find(|(key, _)| key == "token").map(|(_, token)| token)
}

#[test]
fn tutorial() {
    play(async {
        let idb = storage();
        let worker = worker(&idb);
        // A page posts its token; the answer comes when it is durable.
        let payload = SyncToken {
            token: "t1".into(),
            epoch: 1,
            connection_state: Some("connected".into()),
            processed: vec!["m1".into()],
        };
        assert_eq!(sync(&worker, payload).await, DONE);
        assert_eq!(stored_token(&idb).await.as_deref(), Some("t1"));
        let state = stored(&idb, CONNECTION_STORE).await;
        assert_eq!(state, [("state".to_owned(), "connected".to_owned())]);
        let ids = stored(&idb, PROCESSED_STORE).await;
        assert_eq!(ids.iter().map(|(id, _)| id).collect::<Vec<_>>(), ["m1"]);
        // It is killed, and the next message starts it again.
        worker.kill();
        assert_eq!(
            sync(&worker, token("t2")).await,
            Answer::TokenSyncFailed {
                error: "epoch 0 is over, the worker's copy is from epoch 1".into(),
            }
        );
        assert_eq!((worker.installs(), worker.lives()), (1, 2));
    });
}

#[test]
fn an_insecure_origin_gets_no_worker() {
    play(async {
        let settings = Settings {
            first_agent: 1_000,
            database: "worker".into(),
            clock: Clock::at(Duration::ZERO),
            message_delay: Duration::ZERO,
        };
        let worker = Worker::new(storage(), background(), settings);
        assert_eq!(worker.register(false), Err(WorkerError::Insecure));
        assert_eq!(worker.sync_token(token("t")).err(), Some(WorkerError::NotRegistered));
        assert_eq!((worker.installs(), worker.lives()), (0, 0));
    });
}

#[test]
fn it_is_killed_when_idle_and_restarts_without_install() {
    play(async {
        let idb = storage();
        let worker = worker(&idb);
        for life in 1..=3 {
            assert_eq!(sync(&worker, token(&format!("t{life}"))).await, DONE);
            sleep(IDLE_LIMIT.saturating_sub(Duration::from_secs(1))).await;
            assert!(worker.is_running());
            sleep(Duration::from_secs(2)).await;
            assert!(!worker.is_running());
            assert_eq!((worker.installs(), worker.lives()), (1, life));
        }
        assert_eq!(stored_token(&idb).await.as_deref(), Some("t3"));
    });
}

#[test]
fn messages_keep_it_alive() {
    play(async {
        let idb = storage();
        let worker = worker(&idb);
        for _ in 0..5 {
            assert_eq!(sync(&worker, token("t")).await, DONE);
            sleep(Duration::from_secs(20)).await;
        }
        assert_eq!(worker.lives(), 1);
    });
}

#[test]
fn a_write_under_way_keeps_it_alive() {
    play(async {
        let idb = storage();
        let worker = worker(&idb);
        idb.hang_next_commit_until_killed(Whose::Any);
        let answer = worker.sync_token(token("t")).expect("it is registered");
        assert!(timeout(LONG * 5, answer).await.is_err());
        assert!(worker.is_running());
    });
}

#[test]
fn killed_in_mid_write_it_neither_answers_nor_leaves_half() {
    let after = |ms| {
        play(async {
            let idb = storage();
            let worker = worker(&idb);
            assert_eq!(sync(&worker, processed(&["m1"])).await, DONE);
            let payload = SyncToken { token: "new".into(), ..processed(&["m2"]) };
            let answer = worker.sync_token(payload).expect("it is registered");
            sleep(Duration::from_millis(ms)).await;
            worker.kill();
            let answered = timeout(LONG, answer).await.is_ok();
            let token = stored_token(&idb).await;
            let ids = stored(&idb, PROCESSED_STORE).await.len();
            let expected = if answered { ("new", 2) } else { ("t", 1) };
            assert_eq!((token.as_deref(), ids), (Some(expected.0), expected.1));
            assert_eq!(sync(&worker, processed(&["m3"])).await, DONE);
            answered
        })
    };
    assert_eq!([0, 1, 2, 3, 9].map(after), [false, false, false, false, true]);
}

#[test]
fn an_older_token_never_replaces_a_newer_one() {
    play(async {
        let idb = storage();
        let worker = worker(&idb);
        assert_eq!(sync(&worker, SyncToken { epoch: 2, ..token("new") }).await, DONE);
        let answer = sync(&worker, SyncToken { epoch: 1, ..token("old") }).await;
        let error = "epoch 1 is over, the worker's copy is from epoch 2".into();
        assert_eq!(answer, Answer::TokenSyncFailed { error });
        assert_eq!(stored_token(&idb).await.as_deref(), Some("new"));
    });
}

#[test]
fn a_commit_that_fails_is_answered_as_failed() {
    play(async {
        let idb = storage();
        let worker = worker(&idb);
        idb.set_quota(Some(10));
        let answer = sync(&worker, token("longer than ten bytes")).await;
        let Answer::TokenSyncFailed { error } = answer else { panic!("{answer:?}") };
        assert!(error.contains("QuotaExceededError"), "{error}");
        assert_eq!(stored(&idb, GUEST_STORE).await, []);
    });
}

#[test]
fn a_private_window_is_answered_as_failed() {
    play(async {
        let idb = storage();
        idb.set_private(Private::Unknown);
        let worker = worker(&idb);
        let answer = sync(&worker, token("t")).await;
        assert!(matches!(answer, Answer::TokenSyncFailed { .. }), "{answer:?}");
    });
}

#[test]
fn cleared_data_and_upgrades_do_not_stop_it() {
    play(async {
        let idb = storage();
        let worker = worker(&idb);
        assert_eq!(sync(&worker, token("t1")).await, DONE);
        idb.clear_site_data();
        assert_eq!(sync(&worker, token("t2")).await, DONE);
        drop(idb.open(99, "worker", Some(2)).await.expect("the worker gives way"));
        assert_eq!(sync(&worker, token("t3")).await, DONE);
        assert_eq!(stored_token(&idb).await.as_deref(), Some("t3"));
        assert_eq!(worker.lives(), 1);
    });
}

#[test]
fn processed_ids_are_forgotten_after_30_days() {
    play(async {
        let idb = storage();
        let worker = worker(&idb);
        assert_eq!(sync(&worker, processed(&["first"])).await, DONE);
        sleep(IDS_KEPT_FOR.saturating_sub(Duration::from_secs(10))).await;
        // Seen again or not: what counts is when it was processed.
        assert_eq!(sync(&worker, processed(&["first", "second"])).await, DONE);
        assert_eq!(stored(&idb, PROCESSED_STORE).await.len(), 2);
        sleep(Duration::from_secs(20)).await;
        assert_eq!(sync(&worker, processed(&[])).await, DONE);
        let ids = stored(&idb, PROCESSED_STORE).await;
        assert_eq!(ids.iter().map(|(id, _)| id).collect::<Vec<_>>(), ["second"]);
    });
}

#[test]
fn killed_in_the_middle_of_a_write_it_leaves_nothing_and_the_next_life_writes() {
    play(async {
        let idb = storage();
        let worker = worker(&idb);
        assert_eq!(sync(&worker, token("first")).await, DONE);
        worker.kill_mid_write();
        let unheard = timeout(LONG, sync(&worker, token("second"))).await;
        assert!(unheard.is_err(), "a dead worker answered {unheard:?}");
        assert!(!worker.is_running());
        assert_eq!(stored_token(&idb).await.as_deref(), Some("first"));
        assert_eq!(sync(&worker, token("third")).await, DONE);
        assert_eq!(stored_token(&idb).await.as_deref(), Some("third"));
        assert_eq!(worker.lives(), 2);
    });
}

#[test]
fn it_runs_beside_the_pages_and_dies_with_none_of_them() {
    play(async {
        let idb = storage();
        let worker = worker(&idb);
        let page = tokio::task::LocalSet::new();
        let posted = page.run_until(async { worker.sync_token(token("t")) }).await;
        drop(page);
        assert_eq!(posted.expect("it is registered").await, DONE);
    });
}

#[test]
fn a_script_of_a_pages_own_is_told_its_life_and_dies_with_it() {
    play(async {
        let idb = storage();
        let worker = worker(&idb);
        let life = |worker: &Worker, waits| {
            worker.run(waits, |life| async move { life }).expect("it is registered")
        };
        assert_eq!(life(&worker, true).await, 1_000);
        let hangs = worker.run(true, |_| std::future::pending::<()>()).expect("it is registered");
        assert!(timeout(LONG, hangs).await.is_err());
        assert!(worker.is_running(), "it waits for its script");
        worker.kill();
        assert_eq!(life(&worker, true).await, 1_001);
        // A script that does not say that it is busy is killed in the middle of it.
        let slow = worker.run(false, |_| sleep(IDLE_LIMIT * 2)).expect("it is registered");
        assert!(timeout(LONG * 2, slow).await.is_err());
        assert_eq!(life(&worker, true).await, 1_002);
    });
}
