//! What every [`StateStore`] owes, whoever implements it. Knows of no implementation.
//!
//! `store_contract!(play)` makes one test of each topic; `play(topic)` runs it on an empty store, on
//! whatever runtime that store needs.

use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, join};
use holdline_client::tabs::{
    Contents, MemoryStore, StateStore, StoreError, Write, number_of, numbered,
};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// A topic of the contract; it is given an empty store.
pub(crate) type Topic = for<'a> fn(&'a dyn StateStore) -> LocalBoxFuture<'a, ()>;

/// One test for each topic.
macro_rules! store_contract {
    ($play:path: $($topic:ident),+ $(,)?) => {
        $(#[test]
        fn $topic() {
            $play(|store| Box::pin($crate::store_conformance::contract::$topic(store)));
        })+
    };
    ($play:path) => {
        store_contract!($play:
            tutorial,
            a_range_is_half_open_and_in_order_of_keys,
            a_range_the_wrong_way_round_is_empty,
            a_claim_raises_the_epoch_by_one,
            a_write_of_an_older_epoch_leaves_nothing,
            a_write_of_the_stored_epoch_is_accepted,
            a_write_of_a_newer_epoch_raises_the_stored_one,
            writes_apply_in_order,
            deleting_what_is_not_there_is_no_error,
            numbers_count_from_one_for_each_prefix,
            numbers_are_not_used_twice,
            numbered_records_sort_as_numbers,
            any_text_comes_back_as_it_was,
            a_dropped_future_does_not_take_the_request_back,
            commits_at_once_do_not_mix,
            claims_at_once_get_different_epochs,
            it_does_what_the_plainest_store_does,
        );
    };
}
pub(crate) use store_contract;

fn put(key: &str, value: &str) -> Write {
    Write::Put { key: key.into(), value: value.into() }
}

fn delete(key: &str) -> Write {
    Write::Delete { key: key.into() }
}

fn append(prefix: &str, value: &str) -> Write {
    Write::Append { prefix: prefix.into(), value: value.into() }
}

async fn everything(store: &dyn StateStore) -> Contents {
    store.read("", "\u{10FFFF}").await.expect("reading works")
}

async fn keys(store: &dyn StateStore, from: &str, to: &str) -> Vec<String> {
    let read = store.read(from, to).await.expect("reading works");
    read.records.into_iter().map(|(key, _)| key).collect()
}

async fn commit(store: &dyn StateStore, epoch: u64, writes: Vec<Write>) -> Vec<String> {
    store.commit(epoch, writes).await.expect("this epoch is not over, and there is room")
}

/// A leader claims, writes what it must not lose, and reads it back.
pub(crate) async fn tutorial(store: &dyn StateStore) {
    assert_eq!(everything(store).await, Contents::default());
    let epoch = store.raise_epoch().await.expect("an empty store can be claimed");
    let appended =
        commit(store, epoch, vec![put("guest", "token"), append("outbox/", "hello")]).await;
    assert_eq!(appended, [numbered("outbox/", 1)]);
    let records = vec![("guest".into(), "token".into()), (appended[0].clone(), "hello".into())];
    assert_eq!(everything(store).await, Contents { epoch, records });
}

pub(crate) async fn a_range_is_half_open_and_in_order_of_keys(store: &dyn StateStore) {
    commit(store, 1, vec![put("c", "3"), put("a", "1"), put("b", "2"), put("b/", "2a")]).await;
    assert_eq!(keys(store, "a", "c").await, ["a", "b", "b/"]);
    assert_eq!(keys(store, "b", "b\u{10FFFF}").await, ["b", "b/"]);
}

pub(crate) async fn a_range_the_wrong_way_round_is_empty(store: &dyn StateStore) {
    commit(store, 1, vec![put("a", "1"), put("b", "2")]).await;
    assert_eq!(keys(store, "c", "a").await, [""; 0]);
    assert_eq!(keys(store, "a", "a").await, [""; 0]);
}

pub(crate) async fn a_claim_raises_the_epoch_by_one(store: &dyn StateStore) {
    assert_eq!(store.raise_epoch().await, Ok(1));
    assert_eq!(store.raise_epoch().await, Ok(2));
    assert_eq!(everything(store).await.epoch, 2);
}

pub(crate) async fn a_write_of_an_older_epoch_leaves_nothing(store: &dyn StateStore) {
    commit(store, 1, vec![put("kept", "as it was")]).await;
    store.raise_epoch().await.expect("claiming works");
    let before = everything(store).await;
    let late = vec![put("kept", "changed"), delete("kept"), append("outbox/", "late")];
    let refused = store.commit(1, late).await;
    assert_eq!(refused, Err(StoreError::Fenced { asked: 1, stored: 2 }));
    assert_eq!(everything(store).await, before);
}

pub(crate) async fn a_write_of_the_stored_epoch_is_accepted(store: &dyn StateStore) {
    let epoch = store.raise_epoch().await.expect("claiming works");
    commit(store, epoch, vec![put("a", "1")]).await;
    commit(store, epoch, vec![put("a", "2")]).await;
    assert_eq!(everything(store).await.records, [("a".into(), "2".into())]);
}

pub(crate) async fn a_write_of_a_newer_epoch_raises_the_stored_one(store: &dyn StateStore) {
    assert_eq!(commit(store, 7, vec![]).await, [""; 0]);
    assert_eq!(everything(store).await.epoch, 7);
    let refused = store.commit(6, vec![]).await;
    assert_eq!(refused, Err(StoreError::Fenced { asked: 6, stored: 7 }));
    assert_eq!(store.raise_epoch().await, Ok(8));
}

pub(crate) async fn writes_apply_in_order(store: &dyn StateStore) {
    let writes = vec![put("a", "1"), delete("a"), put("b", "1"), put("b", "2"), delete("c")];
    commit(store, 1, writes).await;
    assert_eq!(everything(store).await.records, [("b".into(), "2".into())]);
}

pub(crate) async fn deleting_what_is_not_there_is_no_error(store: &dyn StateStore) {
    commit(store, 1, vec![delete("nothing")]).await;
    assert_eq!(everything(store).await, Contents { epoch: 1, records: vec![] });
}

pub(crate) async fn numbers_count_from_one_for_each_prefix(store: &dyn StateStore) {
    let writes = vec![append("out/", "a"), append("in/", "x"), append("out/", "b")];
    let first = commit(store, 1, writes).await;
    assert_eq!(first, [numbered("out/", 1), numbered("in/", 1), numbered("out/", 2)]);
    assert_eq!(commit(store, 1, vec![append("out/", "c")]).await, [numbered("out/", 3)]);
}

pub(crate) async fn numbers_are_not_used_twice(store: &dyn StateStore) {
    let appended = commit(store, 1, vec![append("out/", "a"), append("out/", "b")]).await;
    commit(store, 1, appended.iter().map(|key| delete(key)).collect()).await;
    assert_eq!(everything(store).await.records, []);
    let writes = vec![append("out/", "c"), delete(&numbered("out/", 3)), append("out/", "d")];
    let after = commit(store, 1, writes).await;
    assert_eq!(after, [numbered("out/", 3), numbered("out/", 4)]);
}

pub(crate) async fn numbered_records_sort_as_numbers(store: &dyn StateStore) {
    commit(store, 1, (0..12).map(|n| append("out/", &n.to_string())).collect()).await;
    let keys = keys(store, "out/", "out0").await;
    let numbers: Vec<_> = keys.iter().filter_map(|key| number_of("out/", key)).collect();
    assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
}

pub(crate) async fn any_text_comes_back_as_it_was(store: &dyn StateStore) {
    let texts = ["", "\0", "a\nb", "\u{1F642}", "{\"json\": true}", "\u{FEFF}", "\"'\\"];
    for (index, text) in texts.iter().enumerate() {
        commit(store, 1, vec![put(&format!("{index}{text}"), text)]).await;
    }
    let read = everything(store).await.records;
    let expected = texts.iter().enumerate();
    let expected: Vec<_> =
        expected.map(|(index, text)| (format!("{index}{text}"), (*text).to_owned())).collect();
    assert_eq!(read, expected);
}

pub(crate) async fn a_dropped_future_does_not_take_the_request_back(store: &dyn StateStore) {
    let mut asked = store.commit(1, vec![put("a", "1"), put("b", "2")]);
    // Polled once: it may or may not be done, and now nobody waits for it any more.
    let _ = (&mut asked).now_or_never();
    drop(asked);
    // Requests of one store are carried out in the order in which they were made.
    commit(store, 1, vec![put("c", "3")]).await;
    assert_eq!(keys(store, "", "z").await, ["a", "b", "c"]);
}

pub(crate) async fn commits_at_once_do_not_mix(store: &dyn StateStore) {
    let write = |name: &str| {
        store.commit(1, vec![put("who", name), append("log/", name), append("log/", name)])
    };
    let (first, second) = join(write("first"), write("second")).await;
    let (first, second) = (first.expect("it is accepted"), second.expect("it is accepted"));
    let records = everything(store).await.records;
    let log: Vec<_> = records.iter().filter(|(key, _)| key.starts_with("log/")).collect();
    let mut used: Vec<_> = first.iter().chain(&second).collect();
    used.sort();
    assert_eq!(log.iter().map(|(key, _)| key).collect::<Vec<_>>(), used);
    // Each wrote its two lines side by side, and the later of the two has the last word.
    assert_eq!(log[0].1, log[1].1);
    assert_eq!(log[2].1, log[3].1);
    let who = records.iter().find(|(key, _)| key == "who").expect("it was written");
    assert_eq!(who.1, log[3].1);
}

pub(crate) async fn claims_at_once_get_different_epochs(store: &dyn StateStore) {
    let (first, second) = join(store.raise_epoch(), store.raise_epoch()).await;
    let mut epochs = [first.expect("claiming works"), second.expect("claiming works")];
    epochs.sort_unstable();
    assert_eq!(epochs, [1, 2]);
}

/// Any sequence of uses is answered as the store in memory answers it.
pub(crate) async fn it_does_what_the_plainest_store_does(store: &dyn StateStore) {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let plain = MemoryStore::default();
    let mut claimed = 0;
    for step in 0..200 {
        if rng.random_range(0..6) == 0 {
            claimed += 1;
            assert_eq!(store.raise_epoch().await, plain.raise_epoch().await);
        }
        let epoch = (claimed + rng.random_range(0..2_u64)).saturating_sub(1);
        let writes: Vec<Write> =
            (0..rng.random_range(0..5)).map(|at| some_write(&mut rng, step * 10 + at)).collect();
        assert_eq!(
            store.commit(epoch, writes.clone()).await,
            plain.commit(epoch, writes).await,
            "step {step}"
        );
        assert_eq!(everything(store).await, everything(&plain).await, "step {step}");
    }
}

fn some_write(rng: &mut ChaCha8Rng, value: u64) -> Write {
    let value = value.to_string();
    let name = ["a", "b", "q/", "r/"][rng.random_range(0..4)];
    match rng.random_range(0..4) {
        0 => put(name, &value),
        1 => delete(name),
        2 => delete(&numbered(name, rng.random_range(1..8))),
        _ => append(name, &value),
    }
}
