//! The documents name files that exist.

use std::fs;
use std::path::Path;

use super::sources::root;

/// A path in backticks begins with one of these.
const FOLDERS: [&str; 7] =
    ["client/", "docs/", "fixtures/", "mock-server/", "sim/", "tests/", ".ci/"];

fn documents() -> Vec<String> {
    let root = root();
    let mut names = vec!["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "tests/PLANTED.md"]
        .into_iter()
        .map(str::to_owned)
        .collect::<Vec<_>>();
    for entry in fs::read_dir(root.join("docs")).expect("the guide") {
        let name = entry.expect("an entry").file_name();
        names.push(format!("docs/{}", name.to_str().expect("a name of ours")));
    }
    names
}

/// What stands between these two, as often as it does.
fn between<'a>(text: &'a str, begin: &str, end: char) -> Vec<&'a str> {
    text.split(begin).skip(1).filter_map(|rest| rest.split(end).next()).collect()
}

#[test]
fn every_link_and_every_path_leads_somewhere() {
    let root = root();
    let mut astray = Vec::new();
    for name in documents() {
        let text = fs::read_to_string(root.join(&name)).expect("a document");
        let folder = Path::new(&name).parent().expect("a folder");
        for link in between(&text, "](", ')') {
            let file = link.split('#').next().unwrap_or_default();
            if !file.contains("://") && !root.join(folder).join(file).exists() {
                astray.push(format!("{name}: ({link})"));
            }
        }
        for path in text.lines().flat_map(|line| line.split('`').skip(1).step_by(2)) {
            let is_path = FOLDERS.iter().any(|folder| path.starts_with(folder));
            if is_path && !path.contains([' ', '*', '{', ':']) && !root.join(path).exists() {
                astray.push(format!("{name}: `{path}`"));
            }
        }
    }
    assert!(astray.is_empty(), "{astray:#?}");
}
