//! The lists of mutants, `tests/mutants.toml` and `tests/planted.toml`: read, checked, and applied to
//! texts.
//!
//! It refuses a `find` that does not occur exactly once: a mutant that no longer says where it
//! bites would prove nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

/// Where the lists are, from the root of the workspace: what is played in named plans, and what is
/// only looked for in generated ones.
pub const LISTS: [&str; 2] = ["tests/mutants.toml", "tests/planted.toml"];
/// Where the machines of the client are.
pub const MACHINES: &str = "client/core/src/";
/// Where the plans are that are not bundled.
pub const PLANS: &str = "tests/mutants";

/// One way to break the client.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutant {
    /// Short name.
    pub name: String,
    /// Which defect it is, in one sentence.
    pub story: String,
    /// Names of bundled scenarios, or files in [`PLANS`]; none for one that is only planted.
    #[serde(default)]
    pub scenarios: Vec<String>,
    /// Id of the oracle that must notice it, and first where it is planted.
    pub oracle: String,
    /// It is one of the bank: `holdline explore` finds it by itself.
    pub planted: Option<Planted>,
    /// What is changed, one after the other.
    #[serde(rename = "edit")]
    edits: Vec<Edit>,
}

/// How a mutant is looked for in generated plans.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planted {
    /// Tabs in the browser; one client without tabs if absent.
    pub tabs: Option<u8>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    /// A source file of the client, from the root of the workspace.
    file: String,
    /// A text that occurs in it exactly once.
    find: String,
    /// What stands there instead.
    replace: String,
}

/// What is wrong with the list.
#[derive(Debug, Error)]
pub enum ListError {
    /// A file cannot be read.
    #[error("`{}`: {source}; a mutant names files that exist, from the root of the workspace", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A list is not what it should be.
    #[error("{list}: {source}")]
    Invalid {
        /// Which one.
        list: &'static str,
        /// What is wrong with it.
        source: toml::de::Error,
    },
    /// A text is not where it should be.
    #[error(
        "{mutant}: this occurs {found} times in {file}, and must occur once; \
         adapt the mutant in its list to the client as it is now:\n{find}"
    )]
    NotOnce {
        /// The mutant.
        mutant: String,
        /// The file.
        file: String,
        /// How often the text was found.
        found: usize,
        /// The text.
        find: String,
    },
}

/// Reads the lists of the workspace at `root`.
pub fn load(root: &Path) -> Result<Vec<Mutant>, ListError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct List {
        mutant: Vec<Mutant>,
    }
    let mut mutants = Vec::new();
    for list in LISTS {
        let read: Result<List, _> = toml::from_str(&read(&root.join(list))?);
        mutants.extend(read.map_err(|source| ListError::Invalid { list, source })?.mutant);
    }
    Ok(mutants)
}

impl Mutant {
    /// The files it changes, with their new texts; the old ones are read from `root`.
    pub fn applied(&self, root: &Path) -> Result<BTreeMap<&str, String>, ListError> {
        let mut texts: BTreeMap<&str, String> = BTreeMap::new();
        for Edit { file, find, replace } in &self.edits {
            let text = match texts.get(file.as_str()) {
                Some(text) => text.clone(),
                None => read(&root.join(file))?,
            };
            let found = text.matches(find.as_str()).count();
            if found != 1 {
                let (mutant, file) = (self.name.clone(), file.clone());
                return Err(ListError::NotOnce { mutant, file, found, find: find.clone() });
            }
            texts.insert(file, text.replacen(find.as_str(), replace, 1));
        }
        Ok(texts)
    }

    /// Which machines it breaks: `outbox`, `coordinator/feed`.
    #[must_use]
    pub fn machines(&self) -> String {
        let machine = |edit: &Edit| {
            let file = edit.file.strip_prefix(MACHINES).unwrap_or(&edit.file);
            file.strip_suffix(".rs").unwrap_or(file).replace("/mod", "")
        };
        let machines: BTreeSet<String> = self.edits.iter().map(machine).collect();
        machines.into_iter().collect::<Vec<_>>().join(", ")
    }

    /// Its scenarios as `holdline run` takes them in the root of the workspace.
    pub fn plans(&self) -> impl Iterator<Item = String> {
        self.scenarios.iter().map(|name| {
            let is_file = Path::new(name).extension().is_some();
            if is_file { format!("{PLANS}/{name}") } else { name.clone() }
        })
    }
}

fn read(path: &Path) -> Result<String, ListError> {
    fs::read_to_string(path)
        .map_err(|source| ListError::Unreadable { path: path.to_owned(), source })
}
