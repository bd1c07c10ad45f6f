//! The client's own text: what it must not reach for.

use std::fs;
use std::path::{Path, PathBuf};

/// Every source file of the client, with its text.
pub(crate) fn client_sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../client");
    let mut folders = vec![root.join("src"), root.join("core/src")];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the client") {
            let path: PathBuf = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).expect("below the root").display().to_string();
                sources.push((name, fs::read_to_string(&path).expect("a source file")));
            }
        }
    }
    assert!(sources.len() > 30, "the client is somewhere else");
    sources.sort();
    sources
}

/// Without comments, so that documentation may speak of what is forbidden.
pub(crate) fn code(text: &str) -> String {
    let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    code.collect::<Vec<_>>().join("\n")
}

/// A36: what the client needs it is given. An environment is the page's, or nobody's.
#[test]
fn the_client_reads_no_environment() {
    for (file, text) in client_sources() {
        for forbidden in ["std::env", "env::var", "env!(", "std::process", "std::fs::read"] {
            assert!(!code(&text).contains(forbidden), "{file} uses {forbidden}");
        }
    }
}
