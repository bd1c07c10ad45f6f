//! What the command is built from: licences that allow it, one registry, and no crate twice without a reason.
//!
//! The same rules as in `deny.toml`, for machines that have no cargo-deny; the lists are read from it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde::Deserialize;

use super::arrows::metadata;
use super::sources::root;

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

#[derive(Debug, Deserialize)]
struct Rules {
    licenses: Licences,
    bans: Bans,
}

#[derive(Debug, Deserialize)]
struct Licences {
    allow: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
struct Bans {
    skip: Vec<Skip>,
}

#[derive(Debug, Deserialize)]
struct Skip {
    #[serde(rename = "crate")]
    name: String,
}

fn rules() -> Rules {
    let text = fs::read_to_string(root().join("deny.toml")).expect("the rules");
    toml::from_str(&text).unwrap_or_else(|error| panic!("deny.toml: {error}"))
}

#[test]
fn everything_is_licensed_and_from_the_registry() {
    let (metadata, rules) = (metadata(), rules());
    for package in metadata.packages.iter().filter(|package| package.source.is_some()) {
        assert_eq!(package.source.as_deref(), Some(REGISTRY), "{}", package.name);
        let licence = package.license.as_deref().unwrap_or_default();
        assert!(allows(&rules.licenses.allow, licence), "{}: {licence}", package.name);
    }
}

/// Whether an SPDX expression leaves a way with allowed licences alone. A slash is an old OR.
fn allows(allowed: &BTreeSet<String>, expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words = spaced.split_whitespace().peekable();
    either(allowed, &mut words)
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn either(allowed: &BTreeSet<String>, words: &mut Words) -> bool {
    let mut holds = both(allowed, words);
    while words.next_if_eq(&"OR").is_some() {
        holds |= both(allowed, words);
    }
    holds
}

fn both(allowed: &BTreeSet<String>, words: &mut Words) -> bool {
    let mut holds = one(allowed, words);
    while words.next_if_eq(&"AND").is_some() {
        holds &= one(allowed, words);
    }
    holds
}

fn one(allowed: &BTreeSet<String>, words: &mut Words) -> bool {
    if words.next_if_eq(&"(").is_some() {
        let holds = either(allowed, words);
        words.next_if_eq(&")");
        return holds;
    }
    let mut licence = words.next().unwrap_or_default().to_owned();
    if words.next_if_eq(&"WITH").is_some() {
        licence = format!("{licence} WITH {}", words.next().unwrap_or_default());
    }
    allowed.contains(&licence)
}

#[test]
fn a_licence_is_allowed_by_what_it_says() {
    let allowed = BTreeSet::from(["MIT".to_owned(), "ISC".to_owned()]);
    for fine in
        ["MIT", "MIT/Apache-2.0", "GPL-3.0 OR MIT", "MIT AND ISC", "(GPL-3.0 OR MIT) AND ISC"]
    {
        assert!(allows(&allowed, fine), "{fine}");
    }
    for refused in
        ["", "GPL-3.0", "MIT AND GPL-3.0", "MIT WITH X-exception", "ISC AND (GPL-3.0 OR X)"]
    {
        assert!(!allows(&allowed, refused), "{refused}");
    }
}

#[test]
fn nothing_is_built_twice_into_the_command_without_a_reason() {
    let (metadata, rules) = (metadata(), rules());
    let named: BTreeSet<&str> = rules.bans.skip.iter().map(|skip| plain(&skip.name)).collect();
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in metadata.built_from("holdline") {
        versions.entry(&package.name).or_default().insert(&package.version);
    }
    versions.retain(|name, versions| versions.len() > 1 && !named.contains(name));
    assert!(versions.is_empty(), "more than one version, and no reason in deny.toml: {versions:?}");
}

/// `rand@0.9` without its version.
fn plain(name: &str) -> &str {
    name.split('@').next().unwrap_or(name)
}
