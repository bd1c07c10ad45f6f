//! What every `StateStore` promises, asked of whichever one the caller makes.
//!
//! `fresh` gives an empty store each time. Nothing here knows how a store is built.

use std::collections::BTreeMap;
use std::rc::Rc;

use holdline_client::tabs::{StateStore, StoreError, Write, number_of, numbered};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// Makes an empty store.
pub(crate) type Fresh<'a> = &'a dyn Fn() -> Rc<dyn StateStore>;

/// Above every key that is used here.
const END: &str = "\u{10ffff}";

/// Asks everything.
pub(crate) async fn holds(fresh: Fresh<'_>) {
    a_new_store_is_empty(fresh).await;
    a_range_includes_its_beginning_and_not_its_end(fresh).await;
    writes_of_one_commit_apply_in_order(fresh).await;
    numbers_are_never_used_twice(fresh).await;
    an_old_epoch_writes_nothing(fresh).await;
    a_newer_epoch_is_taken_over(fresh).await;
    a_dropped_future_takes_nothing_back(fresh).await;
    for seed in 0..8 {
        it_is_a_sorted_map_with_an_epoch(fresh, seed).await;
    }
}

fn put(key: &str, value: &str) -> Write {
    Write::Put { key: key.into(), value: value.into() }
}

fn delete(key: &str) -> Write {
    Write::Delete { key: key.into() }
}

fn append(prefix: &str, value: &str) -> Write {
    Write::Append { prefix: prefix.into(), value: value.into() }
}

async fn everything(store: &dyn StateStore) -> Vec<(String, String)> {
    store.read("", END).await.expect("readable").records
}

async fn keys(store: &dyn StateStore, from: &str, to: &str) -> Vec<String> {
    let records = store.read(from, to).await.expect("readable").records;
    records.into_iter().map(|(key, _)| key).collect()
}

async fn a_new_store_is_empty(fresh: Fresh<'_>) {
    let store = fresh();
    let contents = store.read("", END).await.expect("readable");
    assert_eq!((contents.epoch, contents.records), (0, Vec::new()));
    assert_eq!(store.claim().await, Ok(1));
    assert_eq!(store.claim().await, Ok(2));
    assert_eq!(store.read("", "").await.expect("readable").epoch, 2);
}

async fn a_range_includes_its_beginning_and_not_its_end(fresh: Fresh<'_>) {
    let store = fresh();
    let names = ["b", "a/2", "a/10", "a", "\u{e9}", "B", ""];
    let writes = names.iter().map(|name| put(name, "x")).collect();
    store.commit(0, writes).await.expect("written");
    // By bytes, as the keys of Rust's strings.
    assert_eq!(keys(&*store, "", END).await, ["", "B", "a", "a/10", "a/2", "b", "\u{e9}"]);
    assert_eq!(keys(&*store, "a", "a/2").await, ["a", "a/10"]);
    assert_eq!(keys(&*store, "a/", "a0").await, ["a/10", "a/2"]);
    assert!(keys(&*store, "b", "a").await.is_empty());
    assert!(keys(&*store, "b", "b").await.is_empty());
}

async fn writes_of_one_commit_apply_in_order(fresh: Fresh<'_>) {
    let store = fresh();
    let writes = vec![
        put("k", "1"),
        delete("k"),
        put("k", "2"),
        delete("never there"),
        append("q/", "first"),
        delete(&numbered("q/", 1)),
        append("q/", "second"),
    ];
    let appended = store.commit(0, writes).await.expect("written");
    assert_eq!(appended, [numbered("q/", 1), numbered("q/", 2)]);
    let expected = [("k".to_owned(), "2".to_owned()), (numbered("q/", 2), "second".to_owned())];
    assert_eq!(everything(&*store).await, expected);
}

async fn numbers_are_never_used_twice(fresh: Fresh<'_>) {
    let store = fresh();
    for number in 1..=12 {
        let appended = store.commit(0, vec![append("q/", "x")]).await.expect("written");
        assert_eq!(appended, [numbered("q/", number)]);
        assert_eq!(number_of("q/", &appended[0]), Some(number));
        store.commit(0, vec![delete(&appended[0])]).await.expect("written");
    }
    // Each prefix counts for itself, also when one begins with the other.
    let both = store.commit(0, vec![append("q/q/", "x"), append("q", "x")]).await;
    assert_eq!(both, Ok(vec![numbered("q/q/", 1), numbered("q", 1)]));
}

async fn an_old_epoch_writes_nothing(fresh: Fresh<'_>) {
    let store = fresh();
    store.commit(0, vec![put("k", "old")]).await.expect("written");
    let old = store.claim().await.expect("claimed");
    let new = store.claim().await.expect("claimed");
    let late = store.commit(old, vec![put("k", "late"), append("q/", "late")]).await;
    assert_eq!(late, Err(StoreError::Fenced { asked: old, stored: new }));
    assert_eq!(everything(&*store).await, [("k".to_owned(), "old".to_owned())]);
    // Not even a number was used up.
    let appended = store.commit(new, vec![append("q/", "x")]).await;
    assert_eq!(appended, Ok(vec![numbered("q/", 1)]));
}

async fn a_newer_epoch_is_taken_over(fresh: Fresh<'_>) {
    let store = fresh();
    store.commit(7, vec![put("k", "1")]).await.expect("written");
    assert_eq!(store.read("", END).await.expect("readable").epoch, 7);
    let old = store.commit(6, vec![]).await;
    assert_eq!(old, Err(StoreError::Fenced { asked: 6, stored: 7 }));
    assert_eq!(store.claim().await, Ok(8));
}

async fn a_dropped_future_takes_nothing_back(fresh: Fresh<'_>) {
    let store = fresh();
    drop(store.commit(0, vec![put("k", "1")]));
    drop(store.claim());
    let contents = store.read("", END).await.expect("readable");
    assert_eq!(contents.epoch, 1);
    assert_eq!(contents.records, [("k".to_owned(), "1".to_owned())]);
}

async fn it_is_a_sorted_map_with_an_epoch(fresh: Fresh<'_>, seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let store = fresh();
    let mut model = Model::default();
    for step in 0..40 {
        if rng.random_range(0..6) == 0 {
            model.epoch += 1;
            assert_eq!(store.claim().await, Ok(model.epoch));
        }
        let epoch = (model.epoch + rng.random_range(0..3)).saturating_sub(1);
        let writes: Vec<Write> =
            (0..rng.random_range(0..5)).map(|at| some_write(&mut rng, step * 10 + at)).collect();
        assert_eq!(store.commit(epoch, writes.clone()).await, model.commit(epoch, writes));
        let contents = store.read("", END).await.expect("readable");
        let records: Vec<(String, String)> = model.records.clone().into_iter().collect();
        assert_eq!((contents.epoch, contents.records), (model.epoch, records), "seed {seed}");
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

#[derive(Default)]
struct Model {
    epoch: u64,
    records: BTreeMap<String, String>,
    last: BTreeMap<String, u64>,
}

impl Model {
    fn commit(&mut self, asked: u64, writes: Vec<Write>) -> Result<Vec<String>, StoreError> {
        if self.epoch > asked {
            return Err(StoreError::Fenced { asked, stored: self.epoch });
        }
        self.epoch = asked;
        let mut appended = Vec::new();
        for write in writes {
            match write {
                Write::Put { key, value } => drop(self.records.insert(key, value)),
                Write::Delete { key } => drop(self.records.remove(&key)),
                Write::Append { prefix, value } => {
                    let last = self.last.entry(prefix.clone()).or_default();
                    *last += 1;
                    appended.push(numbered(&prefix, *last));
                    self.records.insert(numbered(&prefix, *last), value);
                }
            }
        }
        Ok(appended)
    }
}
