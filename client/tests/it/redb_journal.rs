//! The journal in a file: what is recorded is there after a restart, and what cannot be read stays.

use std::path::Path;
use std::time::Duration;

use futures_util::FutureExt as _;
use holdline_client::tabs::{RedbStore, StateStore, Write, numbered, records};
use holdline_client::{Call, Entry, Journal, MemoryJournal, Saved, Wall};
use proptest::prelude::*;
use uuid::Uuid;

const END: &str = "\u{10ffff}";

fn at(seconds: u64) -> Wall {
    Wall::new(Duration::from_secs(seconds))
}

fn loaded(path: &Path) -> Saved {
    RedbStore::open(path).expect("a store").journal().load().expect("readable")
}

fn raw(path: &Path) -> Vec<(String, String)> {
    let store = RedbStore::open(path).expect("a store");
    store.read("", END).now_or_never().expect("done").expect("readable").records
}

fn put(path: &Path, key: &str, value: &str) {
    let store = RedbStore::open(path).expect("a store");
    let write = Write::Put { key: key.into(), value: value.into() };
    store.commit(u64::MAX - 10, vec![write]).now_or_never().expect("done").expect("written");
}

fn accepted(number: u128, text: &str) -> Entry {
    Entry::Accepted { id: Uuid::from_u128(number), text: text.into(), at_wall: at(number as u64) }
}

fn guest(instance: &str) -> Entry {
    let (instance, token) = (instance.into(), "secret".into());
    Entry::Guest { instance, token, expires_at_wall: at(1_800) }
}

fn entry() -> impl Strategy<Value = Entry> {
    prop_oneof![
        (0_u128..8, "[a-z\"\\\\\u{1f600}]{0,4}").prop_map(|(id, text)| accepted(id, &text)),
        (0_u128..8).prop_map(|id| Entry::Settled { id: Uuid::from_u128(id) }),
        "[ab]".prop_map(|instance| guest(&instance)),
        (0_u64..9).prop_map(|sequence| Entry::Cursor { sequence }),
        (prop::sample::select(Call::ALL.to_vec()), 0_u64..9)
            .prop_map(|(call, until)| Entry::NotBefore { call, until_wall: at(until) }),
        ("[xy]", 0_u64..90).prop_map(|(id, day)| Entry::Seen { id, at_wall: at(day * 86_400) }),
        (0_u32..9).prop_map(|failures| Entry::Backoff { failures, until_wall: at(7) }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is recorded, and whenever the file is opened anew in between: it remembers what a
    /// journal in memory does.
    #[test]
    fn it_remembers_what_one_in_memory_does(entries in prop::collection::vec((entry(), any::<bool>()), 0..12)) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("state.redb");
        let mut memory = MemoryJournal::default();
        // A client has a guest before it shows anything, and an id is accepted once.
        let first = [(guest("a"), false)];
        let mut seen = std::collections::BTreeSet::new();
        let mut journal = RedbStore::open(&path).expect("a store").journal();
        journal.load().expect("readable");
        for (entry, reopen) in first.into_iter().chain(entries) {
            if matches!(&entry, Entry::Accepted { id, .. } if !seen.insert(*id)) {
                continue;
            }
            journal.record(&entry).expect("written");
            memory.record(&entry).expect("written");
            if reopen {
                drop(journal);
                journal = RedbStore::open(&path).expect("a store").journal();
                prop_assert_eq!(journal.load().expect("readable"), memory.saved());
            }
        }
        drop(journal);
        prop_assert_eq!(loaded(&path), memory.saved());
    }
}

#[test]
fn the_records_are_the_ones_that_tabs_share() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("state.redb");
    let mut journal = RedbStore::open(&path).expect("a store").journal();
    journal.load().expect("readable");
    for entry in [guest("chat-1"), accepted(1, "one"), accepted(2, "two")] {
        journal.record(&entry).expect("written");
    }
    journal.record(&Entry::Settled { id: Uuid::from_u128(1) }).expect("written");
    journal.record(&Entry::Cursor { sequence: 7 }).expect("written");
    drop(journal);
    let message = "00000000-0000-0000-0000-000000000002";
    let expected = [
        ("cursor".to_owned(), r#"{"v":1,"instance":"chat-1","sequence":7}"#.to_owned()),
        (
            "guest".to_owned(),
            r#"{"v":1,"instance":"chat-1","token":"secret","expires_at_ms":1800000}"#.to_owned(),
        ),
        (
            numbered("outbox/", 2),
            format!(r#"{{"v":1,"id":"{message}","text":"two","at_ms":2000}}"#),
        ),
    ];
    assert_eq!(raw(&path), expected);
}

#[test]
fn what_cannot_be_read_is_reported_and_stays() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("state.redb");
    let mut journal = RedbStore::open(&path).expect("a store").journal();
    journal.load().expect("readable");
    journal.record(&guest("a")).expect("written");
    journal.record(&accepted(1, "whole")).expect("written");
    drop(journal);
    let odd = [
        (numbered("outbox/", 2), "not JSON"),
        (numbered("outbox/", 3), r#"{"v":2,"whatever":[]}"#),
        (numbered("outbox/", 4), r#"{"v":1,"id":"no uuid","text":"","at_ms":0}"#),
        ("cursor".to_owned(), r#"{"v":1,"instance":"a","sequence":-1}"#),
        ("somebody/elses".to_owned(), "is none of ours"),
    ];
    for (key, value) in &odd {
        put(&path, key, value);
    }
    let saved = loaded(&path);
    assert_eq!(saved.pending.len(), 1);
    assert_eq!(saved.cursor, 0);
    assert_eq!(saved.unreadable.len(), 4, "{:?}", saved.unreadable);
    for (key, _) in &odd[..4] {
        assert!(saved.unreadable.iter().any(|report| report.contains(&format!("{key:?}"))));
    }
    assert!(saved.unreadable.iter().any(|report| report.contains("of version 2")));
    for (key, value) in odd {
        assert!(raw(&path).contains(&(key, value.to_owned())));
    }
}

#[test]
fn a_journal_that_was_replaced_writes_nothing_more() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = RedbStore::open(folder.path().join("state.redb")).expect("a store");
    let (mut old, mut new) = (store.journal(), store.journal());
    old.load().expect("readable");
    new.load().expect("readable");
    let error = old.record(&accepted(1, "late")).expect_err("it was replaced");
    assert!(error.detail.contains("is over"), "{error}");
    new.record(&accepted(2, "new")).expect("written");
    assert_eq!(new.load().expect("readable").pending.len(), 1);
}

#[test]
fn records_carry_their_version() {
    let cursor = records::CursorRecord { instance: "a".into(), sequence: 3 };
    let text = records::encode(&cursor);
    assert_eq!(records::decode::<records::CursorRecord>("cursor", &text), Ok(cursor));
    let error = records::decode::<records::CursorRecord>("cursor", "{}").expect_err("no version");
    assert_eq!(error.key, "cursor");
    // What a later program of the same version may add is no obstacle.
    let more = r#"{"v":1,"instance":"a","sequence":3,"more":true}"#;
    assert!(records::decode::<records::CursorRecord>("cursor", more).is_ok());
}
