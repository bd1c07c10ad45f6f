//! The text of the production code: what every file has, how long it may be, and what none may use.

use std::fs;
use std::path::{Path, PathBuf};

/// Where the production code is, from the root of the workspace.
pub(super) const CRATES: [&str; 8] = [
    "client/core",
    "client",
    "mock-server",
    "sim/net",
    "sim/browser",
    "sim",
    "sim/cli",
    "tests/xtask",
];

/// A file is read in one sitting.
const LONGEST: usize = 350;

/// Machines whose states belong together, and the tables that they are.
const LONGER: &[&str] = &[
    "client/core/src/coordinator/lead.rs",
    "client/core/src/coordinator/mod.rs",
    "client/core/src/inbound.rs",
    "client/core/src/outbox.rs",
    "client/core/src/session.rs",
    "client/core/src/types.rs",
    "mock-server/src/api/socket/actor.rs",
    "sim/src/oracle/flow.rs",
    "sim/src/trace/event.rs",
];

/// Words that are in no production code, where they may be all the same, and why not elsewhere.
const FORBIDDEN: &[(&str, &[&str], &str)] = &[
    ("HashMap", &[], "its order is drawn from entropy; use BTreeMap"),
    ("HashSet", &[], "its order is drawn from entropy; use BTreeSet"),
    ("unsafe ", &[], "nothing here needs it"),
    ("todo!", &[], "a program does not stop at what was not written"),
    ("unimplemented!", &[], "a program does not stop at what was not written"),
];

/// A source file.
#[derive(Debug)]
pub(crate) struct Source {
    /// From the root of the workspace.
    pub(crate) name: String,
    /// All of it.
    pub(crate) text: String,
}

/// The root of the workspace.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every source file below the `src` of a crate, sorted by its name.
pub(crate) fn sources_of(of_crate: &str) -> Vec<Source> {
    let root = root();
    let (mut folders, mut sources) = (vec![root.join(of_crate).join("src")], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).expect("below the root").display().to_string();
                sources.push(Source { name, text: fs::read_to_string(&path).expect("a text") });
            }
        }
    }
    assert!(sources.len() > 1, "{of_crate} is somewhere else");
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    sources
}

/// Without comments, so that documentation may speak of what is forbidden.
pub(crate) fn code(text: &str) -> String {
    let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    code.collect::<Vec<_>>().join("\n")
}

fn all() -> Vec<Source> {
    CRATES.into_iter().flat_map(sources_of).collect()
}

#[test]
fn every_file_begins_with_why_it_exists() {
    let silent = all().into_iter().filter(|source| !source.text.starts_with("//!"));
    let silent: Vec<String> = silent.map(|source| source.name).collect();
    assert!(silent.is_empty(), "without `//!` in their first line: {silent:#?}");
}

#[test]
fn no_file_is_longer_than_a_sitting() {
    let long = all().into_iter().filter_map(|source| {
        let lines = source.text.lines().count();
        let named = LONGER.contains(&source.name.as_str());
        (lines > LONGEST && !named).then(|| format!("{}: {lines} lines", source.name))
    });
    let long: Vec<String> = long.collect();
    assert!(long.is_empty(), "longer than {LONGEST} lines, and no named machine: {long:#?}");
}

#[test]
fn no_source_uses_a_forbidden_word() {
    let mut found = Vec::new();
    for source in all() {
        let code = code(&source.text);
        for (word, places, why) in FORBIDDEN {
            if code.contains(word) && !places.contains(&source.name.as_str()) {
                found.push(format!("{}: `{word}`: {why}", source.name));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// The very code that serves real sockets serves simulated ones.
#[test]
fn client_and_mock_know_nothing_of_tests() {
    for of_crate in ["client/core", "client", "mock-server"] {
        for source in sources_of(of_crate) {
            assert!(!code(&source.text).contains("cfg(test)"), "{} has cfg(test)", source.name);
        }
    }
}

/// Where bytes become commands, and commands bytes: the only rooms that may name a profile. Machines, oracles and
/// plans see none.
const AT_THE_WIRE: [&str; 7] = [
    "client/core/src/profile/",
    "client/src/actors/shell.rs",
    "client/src/transport/",
    "mock-server/src/admin/",
    "mock-server/src/api/",
    "mock-server/src/journal/",
    "sim/src/world/pure/",
];

#[test]
fn a_profile_is_named_only_at_the_wire() {
    for source in all() {
        let at_the_wire = AT_THE_WIRE.iter().any(|room| source.name.starts_with(room));
        let named = code(&source.text).contains("profile::articles");
        assert!(at_the_wire || !named, "{} names a profile", source.name);
    }
}
