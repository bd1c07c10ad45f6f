//! `holdline bugs` and `holdline herd`: what they print, and what they refuse.

use super::harness::{Done, done, holdline};

fn called(args: &[&str]) -> Done {
    done(&mut holdline(args))
}

#[test]
fn the_known_bugs_are_listed_with_oracle_and_source() {
    let list = called(&["bugs"]);
    list.assert_code(0);
    for part in ["found by", "F1", "comes-back", "issue 173", "known bugs; `holdline bugs ID`"] {
        assert!(list.out.contains(part), "`{part}` is not in:\n{}", list.out);
    }
    let json = called(&["bugs", "--json"]).json();
    let first = json.iter().find(|bug| bug["id"] == "F1").expect("the first of the field");
    assert_eq!((&first["oracle"], &first["defect"]), (&"comes-back".into(), &"A28".into()));
}

#[test]
fn one_is_told_as_a_story_with_its_diagram_and_ours_passes() {
    let story = called(&["bugs", "f1"]);
    story.assert_code(0);
    for part in [
        "F1: A message whose echo is lost",
        "comes-back holds when",
        "published client with A28 alone",
        "types m1",
        "published client without it: passes, 1 of 1 messages delivered",
        "client of this house: passes, 1 of 1 messages delivered",
    ] {
        assert!(story.out.contains(part), "`{part}` is not in:\n{}", story.out);
    }
    let [told] = &called(&["bugs", "F1", "--json"]).json()[..] else { panic!("one bug") };
    assert_eq!(told["violation"]["oracle"], "comes-back");
    assert_eq!((&told["holdline_passes"], &told["wrong"]), (&true.into(), &serde_json::json!([])));
    assert!(told["diagram"].as_str().unwrap().contains("types m1"));
}

#[test]
fn a_bug_that_is_not_known_is_told_with_the_nearest() {
    for (id, says) in [
        ("F99", &["`F99` is no known bug; the nearest are F9", "`holdline bugs` lists all"][..]),
        ("", &["`` is no known bug"]),
        ("A34", &["A34 shows in no run", "tests/tests/it/static_defects"]),
    ] {
        let refused = called(&["bugs", id]);
        refused.assert_code(2);
        refused.assert_says(says);
        assert_eq!(refused.out, "");
    }
}

#[test]
fn a_herd_is_a_table_or_one_json_object() {
    let table = called(&["herd", "--clients", "50", "--outage", "20s"]);
    table.assert_code(0);
    for part in ["50 clients, server away for 20 s, seed 1", "holdline", "phoenix", "back p99"] {
        assert!(table.out.contains(part), "`{part}` is not in:\n{}", table.out);
    }
    let json = called(&["herd", "--clients", "50", "--outage", "1m 30s", "--json"]).json();
    let [herd] = &json[..] else { panic!("one object") };
    assert_eq!((&herd["clients"], &herd["outage_ms"]), (&50.into(), &90_000.into()));
    assert_eq!(herd["schedules"][0]["name"], "holdline");
}

#[test]
fn a_herd_that_cannot_be_is_refused_with_the_way_out() {
    for (args, says) in [
        (&["--clients", "0"][..], &["'0'", "1..=100000"][..]),
        (&["--clients", "100001"], &["1..=100000"]),
        (&["--clients", "many"], &["'many'"]),
        (&["--outage", "0s"], &["at least 1ms", "120s"]),
        (&["--outage", "25h"], &["at most 1h"]),
        (&["--outage", "soon"], &["'soon'", "120s or 2m 30s"]),
        (&["--seed", "-1"], &["-1"]),
    ] {
        let refused = done(holdline(&["herd"]).args(args));
        refused.assert_code(2);
        refused.assert_says(says);
        assert_eq!(refused.out, "");
    }
}

#[test]
fn a_picture_is_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("herd.svg");
    let draw = |path: &std::path::Path| {
        done(holdline(&["herd", "--clients", "20", "--outage", "5s", "--svg"]).arg(path))
    };
    draw(&path).assert_code(0);
    let svg = std::fs::read_to_string(&path).unwrap();
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    draw(&path).assert_code(0);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "nothing else is left there");
    let missing = (folder.path().join("no/such/herd.svg"), "make its folder first");
    for (nowhere, way_out) in [missing, (folder.path().to_owned(), "name a file in it")] {
        let refused = draw(&nowhere);
        refused.assert_code(5);
        refused.assert_says(&["cannot write `", way_out]);
        assert_eq!(refused.out, "");
    }
    #[cfg(target_os = "linux")]
    {
        let full = draw(std::path::Path::new("/dev/full"));
        full.assert_code(5);
        full.assert_says(&["No space left on device"]);
    }
}
