//! The store in a file: what it promises, what it refuses, and that it leaves alone what it refuses.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use futures_util::FutureExt as _;
use holdline_client::tabs::{RedbStore, StateStore, StoreError, Write, numbered};
use redb::{Database, TableDefinition};
use tempfile::TempDir;

const END: &str = "\u{10ffff}";

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("the work is done at the call")
}

fn put(key: &str, value: &str) -> Write {
    Write::Put { key: key.into(), value: value.into() }
}

fn append(prefix: &str, value: &str) -> Write {
    Write::Append { prefix: prefix.into(), value: value.into() }
}

/// Opens what must not be opened, and answers with the error and the proof that nothing changed.
fn refusal(path: &Path) -> StoreError {
    let before = fs::read(path).expect("readable");
    let modified = fs::metadata(path).and_then(|data| data.modified()).expect("a time");
    let error = RedbStore::open(path).expect_err("it is to be refused");
    assert!(fs::read(path).expect("readable") == before, "{} was changed", path.display());
    assert_eq!(fs::metadata(path).and_then(|data| data.modified()).expect("a time"), modified);
    error
}

fn assert_foreign(path: &Path, hint: &str) {
    match refusal(path) {
        StoreError::Foreign(detail) => {
            assert!(detail.contains(&path.display().to_string()), "{detail}");
            assert!(detail.contains(hint), "{detail} does not say {hint:?}");
        }
        other => panic!("{other}"),
    }
}

#[test]
fn everything_is_still_there_when_it_is_opened_again() {
    let folder = folder();
    let path = folder.path().join("state.redb");
    let store = RedbStore::open(&path).expect("a new store");
    now(store.raise_epoch()).expect("claimed");
    now(store.commit(1, vec![put("k", "v"), append("q/", "1"), append("q/", "2")])).expect("ok");
    now(store.commit(1, vec![Write::Delete { key: numbered("q/", 2) }])).expect("written");
    drop(store);
    let store = RedbStore::open(&path).expect("the same store");
    let contents = now(store.read("", END)).expect("readable");
    assert_eq!(contents.epoch, 1);
    let expected = [("k".into(), "v".into()), (numbered("q/", 1), "1".into())];
    assert_eq!(contents.records, expected);
    // A number that was used is used, although its record is gone.
    assert_eq!(now(store.commit(1, vec![append("q/", "3")])), Ok(vec![numbered("q/", 3)]));
}

#[test]
fn clones_are_handles_to_one_store_and_other_opens_are_turned_away() {
    let folder = folder();
    let path = folder.path().join("state.redb");
    let store = RedbStore::open(&path).expect("a new store");
    let clone = store.clone();
    now(clone.commit(0, vec![put("k", "v")])).expect("written");
    assert_eq!(now(store.read("", END)).expect("readable").records.len(), 1);
    drop(store);
    let StoreError::Unavailable(detail) = refusal(&path) else { panic!("it is in use") };
    assert!(detail.contains("open elsewhere"), "{detail}");
    drop(clone);
    RedbStore::open(&path).expect("nobody has it open");
}

#[test]
fn what_is_no_store_of_ours_is_refused_and_left_untouched() {
    let folder = folder();
    let path = folder.path().join("other");
    for bytes in [&b""[..], b"Dear diary,\n", &[0; 9_000], b"redb\x1a\x0a\xa9\x0d\x0a and no more"]
    {
        fs::write(&path, bytes).expect("written");
        assert_foreign(&path, "not a store of this program");
    }
    let sparse = fs::File::create(&path).expect("a file");
    sparse.set_len(1 << 40).expect("a sparse file");
    drop(sparse);
    let error = RedbStore::open(&path).expect_err("a terabyte is not looked at");
    assert!(matches!(error, StoreError::Foreign(_)), "{error}");
    assert_eq!(fs::metadata(&path).expect("there").len(), 1 << 40);
}

#[test]
fn another_programs_database_is_refused_and_left_untouched() {
    let folder = folder();
    let path = folder.path().join("other.redb");
    let theirs: TableDefinition<'_, &str, u64> = TableDefinition::new("theirs");
    let database = Database::create(&path).expect("a database");
    let write = database.begin_write().expect("begun");
    write.open_table(theirs).expect("a table").insert("k", 1).expect("inserted");
    write.commit().expect("committed");
    // As it is while its owner runs, or after the owner was killed: not closed.
    let killed = folder.path().join("killed.redb");
    fs::copy(&path, &killed).expect("copied");
    drop(database);
    assert_foreign(&path, "of another program");
    assert_foreign(&killed, "of another program");
    // The name of our table is not enough: its type, and what is in it, count.
    for name in ["holdline.meta", "holdline.records"] {
        let path = folder.path().join(name);
        let database = Database::create(&path).expect("a database");
        let write = database.begin_write().expect("begun");
        let table: TableDefinition<'_, &str, &[u8]> = TableDefinition::new(name);
        write.open_table(table).expect("a table");
        write.commit().expect("committed");
        drop(database);
        assert_foreign(&path, "of another program");
    }
}

#[test]
fn a_newer_format_is_refused_and_left_untouched() {
    let folder = folder();
    let path = folder.path().join("state.redb");
    drop(RedbStore::open(&path).expect("a new store"));
    let database = Database::open(&path).expect("a redb database");
    let write = database.begin_write().expect("begun");
    let meta: TableDefinition<'_, &str, u64> = TableDefinition::new("holdline.meta");
    write.open_table(meta).expect("a table").insert("format", 2).expect("inserted");
    write.commit().expect("committed");
    drop(database);
    assert_foreign(&path, "its format is 2");
}

/// A store with twenty records, as a process that was killed leaves it, or as one that ended.
fn a_full_file(folder: &Path, killed: bool) -> (PathBuf, Vec<u8>) {
    let path = folder.join("state.redb");
    let store = RedbStore::open(&path).expect("a new store");
    for number in 0..20 {
        now(store.commit(0, vec![append("q/", &"x".repeat(number * 50))])).expect("written");
    }
    if killed {
        let bytes = fs::read(&path).expect("readable");
        drop(store);
        fs::write(&path, &bytes).expect("written");
        return (path, bytes);
    }
    drop(store);
    let bytes = fs::read(&path).expect("readable");
    (path, bytes)
}

/// Either it is refused and untouched, or all of it is there: no damage makes a record vanish.
fn refused_or_whole(path: &Path, damaged: &[u8]) -> bool {
    fs::write(path, damaged).expect("written");
    match RedbStore::open(path) {
        Ok(store) => {
            let records = now(store.read("", END)).expect("readable").records;
            let lengths: Vec<usize> = records.iter().map(|(_, value)| value.len()).collect();
            assert_eq!(lengths, (0..20).map(|number| number * 50).collect::<Vec<_>>());
            false
        }
        Err(StoreError::Foreign(_)) => {
            assert!(fs::read(path).expect("readable") == damaged, "it was changed");
            true
        }
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_truncated_file_is_refused_and_left_untouched() {
    for killed in [false, true] {
        let folder = folder();
        let (path, whole) = a_full_file(folder.path(), killed);
        assert!(!refused_or_whole(&path, &whole));
        let mut refused = 0;
        let lengths = [1, 9, 64, 320, 4_095, 4_096, 8_192, whole.len() / 2, whole.len() - 1];
        for length in lengths {
            refused += usize::from(refused_or_whole(&path, &whole[..length]));
        }
        assert_eq!(refused, lengths.len());
    }
}

#[test]
fn a_damaged_file_is_refused_and_left_untouched_or_has_lost_nothing() {
    for killed in [false, true] {
        let folder = folder();
        let (path, whole) = a_full_file(folder.path(), killed);
        let mut refused = 0;
        // The header closely, then once in a while.
        let places = (0..320).step_by(5).chain((320..whole.len()).step_by(1_021));
        for place in places {
            let mut damaged = whole.clone();
            damaged[place] ^= 0x55;
            refused += usize::from(refused_or_whole(&path, &damaged));
        }
        assert!(refused > 20, "only {refused}");
    }
}

#[test]
fn where_no_file_can_be_it_says_so() {
    let folder = folder();
    let unavailable = |path: &Path| match RedbStore::open(path) {
        Err(StoreError::Unavailable(detail)) => {
            assert!(detail.contains(&path.display().to_string()), "{detail}");
        }
        other => panic!("{other:?}"),
    };
    unavailable(&folder.path().join("missing").join("state.redb"));
    let file = folder.path().join("file");
    fs::write(&file, "a file").expect("written");
    unavailable(&file.join("state.redb"));
    let error = RedbStore::open(folder.path()).expect_err("a folder");
    assert!(matches!(error, StoreError::Foreign(_)), "{error}");
    assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 1, "nothing is left behind");
}

#[test]
fn a_creation_that_was_cut_short_is_no_hindrance() {
    let folder = folder();
    let path = folder.path().join("state.redb");
    // What a killed creation leaves: some file of another name, and none of this.
    fs::write(folder.path().join(".holdline-abcdef"), "half").expect("written");
    drop(RedbStore::open(&path).expect("a new store"));
    let names: Vec<_> = fs::read_dir(folder.path()).expect("readable").collect();
    assert_eq!(names.len(), 2, "the store, and what was there before");
    RedbStore::open(&path).expect("the same store");
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder();
    let path = folder.path().join("state.redb");
    let _store = RedbStore::open(&path).expect("a new store");
    let mode = fs::metadata(&path).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[cfg(unix)]
#[test]
fn where_nothing_may_be_written_it_says_so() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder();
    let path = folder.path().join("state.redb");
    drop(RedbStore::open(&path).expect("a new store"));
    let modes = |file: u32, folder_mode: u32| {
        fs::set_permissions(&path, fs::Permissions::from_mode(file)).expect("set");
        let mode = fs::Permissions::from_mode(folder_mode);
        fs::set_permissions(folder.path(), mode).expect("set");
    };
    modes(0o400, 0o500);
    let (existing, new) = (RedbStore::open(&path), RedbStore::open(folder.path().join("new")));
    modes(0o600, 0o700);
    for result in [existing, new] {
        match result {
            Err(StoreError::Unavailable(_)) => {}
            // Root may write everywhere.
            Ok(_) => assert_eq!(fs::metadata("/proc/self").map(|own| owner(&own)).ok(), Some(0)),
            Err(other) => panic!("{other}"),
        }
    }
}

#[cfg(unix)]
fn owner(data: &fs::Metadata) -> u32 {
    std::os::unix::fs::MetadataExt::uid(data)
}

/// A limit on the length of files is a disk that is full, without one.
#[cfg(unix)]
#[test]
fn a_full_disk_is_told_and_survived() {
    let folder = folder();
    let this = std::env::current_exe().expect("this program");
    // A quarter of the blocks fit where the shell counts in 1024 bytes; either way it is short.
    let script =
        "trap '' XFSZ; ulimit -f 4096; exec \"$0\" --ignored --exact redb_store::fills_the_disk";
    let ended = Command::new("sh")
        .args(["-c", script])
        .arg(this)
        .arg(concat!(module_path!(), "::fills_the_disk").trim_start_matches("it::"))
        .env("HOLDLINE_FULL", folder.path().join("state.redb"))
        .output()
        .expect("a shell");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
    let stdout = String::from_utf8_lossy(&ended.stdout);
    assert!(stdout.contains("1 passed"), "{stdout}");
}

#[cfg(unix)]
#[test]
#[ignore = "run by the test above, in a process that may not write long files"]
fn fills_the_disk() {
    let Some(path) = std::env::var_os("HOLDLINE_FULL") else { return };
    let store = RedbStore::open(path).expect("a new store");
    let mut written = 0;
    let error = loop {
        match now(store.commit(0, vec![append("q/", &"x".repeat(100_000))])) {
            Ok(_) => written += 1,
            Err(error) => break error,
        }
        assert!(written < 1_000, "there is no limit");
    };
    assert!(matches!(error, StoreError::Full(_)), "{error}");
    // All that was written is there, nothing of what was not, and there is room for less.
    let records = now(store.read("", END)).expect("readable").records;
    assert_eq!(records.len(), written);
    let rest = records.iter().map(|(key, _)| Write::Delete { key: key.clone() }).collect();
    now(store.commit(0, rest)).expect("deleting takes little room");
    now(store.commit(0, vec![put("k", "v")])).expect("there is room again");
    assert_eq!(now(store.read("", END)).expect("readable").records.len(), 1);
}
