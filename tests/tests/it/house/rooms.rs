//! The rooms of a crate, its modules directly below `src`, know each other without circles: whatever is read
//! first can be understood first.

use std::collections::{BTreeMap, BTreeSet};

use super::sources::{CRATES, code, sources_of};

/// Arrows that close a circle and have not been turned yet.
const NOT_YET: &[(&str, &str, &str)] = &[
    ("client", "actors", "client"),
    ("client", "tabs", "actors"),
    ("mock-server", "journal", "verdict"),
    ("mock-server", "worlds", "admin"),
];

/// Which room knows which, with one file of each arrow.
type Arrows = BTreeMap<(String, String), String>;

#[test]
fn no_rooms_go_in_circles() {
    let mut circles = Vec::new();
    for of_crate in CRATES {
        let mut arrows = arrows(of_crate);
        arrows.retain(|(from, to), _| !NOT_YET.contains(&(of_crate, from, to)));
        while let Some(end) = a_room_at_an_end(&arrows) {
            arrows.retain(|(from, to), _| *from != end && *to != end);
        }
        let told = arrows.into_iter().map(|((from, to), file)| format!("{from} -> {to} in {file}"));
        circles.extend(told);
    }
    assert!(circles.is_empty(), "among these there is a circle: {circles:#?}");
}

/// One that knows no other, or that no other knows: it is in no circle.
fn a_room_at_an_end(arrows: &Arrows) -> Option<String> {
    let from: BTreeSet<&String> = arrows.keys().map(|(from, _)| from).collect();
    let to: BTreeSet<&String> = arrows.keys().map(|(_, to)| to).collect();
    from.symmetric_difference(&to).next().map(|room| (*room).clone())
}

fn arrows(of_crate: &str) -> Arrows {
    let sources = sources_of(of_crate);
    let room_of = |file: &str| {
        let below = file.trim_start_matches(of_crate).trim_start_matches("/src/");
        below.split('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned()
    };
    let rooms: BTreeSet<String> = sources.iter().map(|source| room_of(&source.name)).collect();
    let front = sources.iter().find(|source| source.name == format!("{of_crate}/src/lib.rs"));
    let at_the_front = exports(&front.map(|front| code(&front.text)).unwrap_or_default());
    let mut arrows = Arrows::new();
    for source in &sources {
        let room = room_of(&source.name);
        if room == "lib" || room == "main" {
            continue;
        }
        for name in named_after(&code(&source.text), "crate::") {
            let known = if rooms.contains(&name) { Some(&name) } else { at_the_front.get(&name) };
            if let Some(known) = known.filter(|known| **known != room && rooms.contains(*known)) {
                arrows.insert((room.clone(), known.clone()), source.name.clone());
            }
        }
    }
    arrows
}

/// What `lib.rs` shows under its own name, and the room that it comes from.
fn exports(lib: &str) -> BTreeMap<String, String> {
    let mut exports = BTreeMap::new();
    for shown in lib.split("pub use ").skip(1) {
        let path = shown.split(';').next().unwrap_or_default();
        let path = path.trim_start_matches("crate::").trim_start_matches("self::");
        let Some((room, names)) = path.split_once("::") else { continue };
        for name in names.split(|letter: char| !letter.is_alphanumeric() && letter != '_') {
            exports.insert(name.to_owned(), room.to_owned());
        }
    }
    exports
}

/// The first names of all paths behind this prefix: `crate::a::b` and `crate::{a::{b, c}, d}` name `a`, and `d`.
fn named_after(code: &str, prefix: &str) -> BTreeSet<String> {
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut names = BTreeSet::new();
    for rest in code.split(prefix).skip(1) {
        let Some(group) = rest.strip_prefix('{') else {
            names.insert(rest.chars().take_while(|letter| is_name(*letter)).collect());
            continue;
        };
        let (mut depth, mut begins) = (1, true);
        for (at, letter) in group.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => begins = true,
                _ if begins && is_name(letter) => {
                    names.insert(
                        group[at..].chars().take_while(|letter| is_name(*letter)).collect(),
                    );
                    begins = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    names
}

#[test]
fn names_are_read_from_paths_and_groups() {
    let code = "use crate::a::b;\nuse crate::{c::{d, e},\n    f};\nfn g(h: crate::i::J) {}";
    assert_eq!(named_after(code, "crate::"), ["a", "c", "f", "i"].map(str::to_owned).into());
    let shown = exports("pub use crate::a::{B, c::D};\npub use e::F;");
    assert_eq!(shown.get("D").map(String::as_str), Some("a"));
    assert_eq!(shown.get("F").map(String::as_str), Some("e"));
}
