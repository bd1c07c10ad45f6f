//! Crates depend downwards only, and the client's core and the mock are built from nothing that they may not know.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde::Deserialize;

use super::sources::root;

/// Which crates of the house each may know, from the lowest.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("holdline-core", &[]),
    ("holdline-client", &["holdline-core"]),
    ("holdline-mock-server", &[]),
    ("holdline-net", &[]),
    ("holdline-browser", &["holdline-client", "holdline-core", "holdline-net"]),
    ("holdline-sim", &BELOW_THE_COMMAND),
    ("holdline", &BELOW_THE_COMMAND),
    ("xtask", &BELOW_THE_COMMAND),
];

const BELOW_THE_COMMAND: [&str; 6] = [
    "holdline-core",
    "holdline-client",
    "holdline-mock-server",
    "holdline-net",
    "holdline-browser",
    "holdline-sim",
];

/// What the pure core is built without, however deep: runtimes, sockets, files, entropy.
const NOT_IN_CORE: [&str; 7] = ["actix", "actix-rt", "awc", "redb", "socket2", "tempfile", "tokio"];

#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    pub(super) packages: Vec<Package>,
    workspace_members: Vec<String>,
    resolve: Resolve,
}

#[derive(Debug, Deserialize)]
pub(super) struct Package {
    id: String,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) license: Option<String>,
    pub(super) source: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Debug, Deserialize)]
struct Kind {
    kind: Option<String>,
}

/// What cargo knows of the workspace and of everything that it is built from.
pub(super) fn metadata() -> Metadata {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo, which runs this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("what cargo documents")
}

impl Metadata {
    fn package(&self, id: &str) -> &Package {
        self.packages.iter().find(|package| package.id == id).expect("cargo knows it")
    }

    /// Every package that code of this one is built from, directly or not, without what only tests need.
    pub(super) fn built_from(&self, name: &str) -> Vec<&Package> {
        let root = self.packages.iter().find(|package| package.name == name).expect("a package");
        let (mut seen, mut open) = (BTreeSet::new(), vec![root.id.as_str()]);
        while let Some(id) = open.pop() {
            let node = self.resolve.nodes.iter().find(|node| node.id == id).expect("resolved");
            for dependency in &node.deps {
                let normal = dependency.dep_kinds.iter().any(|kind| kind.kind.is_none());
                if normal && seen.insert(dependency.pkg.as_str()) {
                    open.push(&dependency.pkg);
                }
            }
        }
        seen.into_iter().map(|id| self.package(id)).collect()
    }
}

#[test]
fn crates_know_only_what_is_below_them() {
    let metadata = metadata();
    let members: BTreeSet<&str> = metadata.workspace_members.iter().map(String::as_str).collect();
    let may: BTreeMap<&str, &[&str]> = MAY_KNOW.iter().copied().collect();
    for id in &metadata.workspace_members {
        let name = metadata.package(id).name.as_str();
        // This one: tests know everything.
        if name == "holdline-tests" {
            continue;
        }
        let may = may.get(name).unwrap_or_else(|| panic!("{name}: which crates may it know?"));
        for known in metadata.built_from(name) {
            let may_know =
                may.contains(&known.name.as_str()) || !members.contains(known.id.as_str());
            assert!(may_know, "{name} knows {}", known.name);
        }
    }
}

#[test]
fn the_core_of_the_client_is_pure() {
    for package in metadata().built_from("holdline-core") {
        assert!(!NOT_IN_CORE.contains(&package.name.as_str()), "it is built from {}", package.name);
    }
}
