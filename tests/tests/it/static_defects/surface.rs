//! A37: the client speaks the surface of `fixtures/wire/surface.toml` and no other, says which one it
//! is, and has all of it in one file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use holdline_client::core::credentials::Credentials;
use holdline_client::core::profile::articles::paths;
use holdline_sim::plan::bundled;
use holdline_sim::subjects::holdline::Holdline;
use holdline_sim::trace::{Endpoint, Kind};
use holdline_sim::world::run::{BackendKind, run};
use serde::Deserialize;

use super::sources::{client_sources, code};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Surface {
    profile: String,
    door: Vec<Door>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Door {
    name: String,
    method: String,
    path: String,
    authorization: String,
    request: Option<String>,
    response: Option<String>,
    #[serde(default)]
    frames: Vec<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/wire")
}

fn documented() -> Surface {
    let text = std::fs::read_to_string(folder().join("surface.toml")).expect("the surface");
    toml::from_str(&text).unwrap_or_else(|error| panic!("surface.toml: {error}"))
}

#[test]
fn every_path_is_documented_and_every_documented_door_has_its_path() {
    let surface = documented();
    assert_eq!(surface.profile, paths::PROFILE);
    let (instance, token) = ("{instance}".to_owned(), String::new());
    let guest = Credentials { generation: 0, instance, token };
    let ours = [
        ("guests", "POST", "oauth", paths::guests("")),
        ("refresh", "POST", "guest", paths::refresh("")),
        ("messages", "POST", "guest", paths::messages("", &guest)),
        ("history", "GET", "guest", paths::history("", &guest, 0).replace("=0", "={sequence}")),
        ("socket", "GET", "guest", paths::socket("", &guest)),
    ];
    let ours = ours.map(|(name, method, who, path)| format!("{name}: {method} {path} by {who}"));
    let told = surface.door.iter().map(|door| {
        let Door { name, method, path, authorization, .. } = door;
        format!("{name}: {method} {path} by {authorization}")
    });
    assert_eq!(ours.to_vec(), told.collect::<Vec<_>>());
}

#[test]
fn every_body_and_frame_belongs_to_a_door() {
    let named: BTreeSet<String> = documented()
        .door
        .into_iter()
        .flat_map(|door| door.request.into_iter().chain(door.response).chain(door.frames))
        .collect();
    let files = std::fs::read_dir(folder()).expect("the folder of payloads");
    let files: BTreeSet<String> = files
        .map(|entry| entry.expect("an entry").file_name().display().to_string())
        // A refusal can come at any door.
        .filter(|name| {
            let is_json = Path::new(name).extension().is_some_and(|end| end == "json");
            is_json && (!name.starts_with("error.") || name.contains("frame"))
        })
        .collect();
    assert_eq!(named, files);
}

#[test]
fn all_endpoints_are_in_one_file_that_says_whose_they_are() {
    for (file, text) in client_sources() {
        let knows = code(&text).contains("/api/");
        assert_eq!(
            knows,
            file == "client/core/src/profile/articles/paths.rs",
            "{file} and the endpoints"
        );
        if knows {
            assert!(text.contains("**They are not the vendor's.**"), "{file} says whose they are");
        }
        if file == "client/src/lib.rs" || file == "client/src/transport/mod.rs" {
            assert!(text.contains("profile `articles`"), "{file} names the profile");
        }
    }
}

/// And nothing else goes over the wire, whatever happens.
#[test]
fn a_client_in_trouble_knocks_at_no_other_door() {
    let mut seen = BTreeSet::new();
    for name in ["token-expires-in-outage", "rest-broken", "agent-during-outage", "tabs-alt-tab"] {
        let plan = bundled::scenario(name).expect("it is bundled").expect("it is a plan");
        let run = run(&plan, &Holdline, BackendKind::Event).expect("carried");
        seen.extend(run.events.iter().filter(|event| event.lane.is_client()).filter_map(|event| {
            match &event.kind {
                Kind::Request { endpoint, .. } => Some(format!("{endpoint:?}")),
                _ => None,
            }
        }));
    }
    let doors = [Endpoint::Guests, Endpoint::History, Endpoint::Messages, Endpoint::Refresh];
    let doors = doors.into_iter().chain([Endpoint::Socket]).map(|door| format!("{door:?}"));
    assert_eq!(seen, doors.collect());
}
