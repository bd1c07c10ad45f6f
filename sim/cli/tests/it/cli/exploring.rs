//! `holdline explore`: what it finds, when it stops, what it says, and how shards become one report.

use std::fs;

use serde_json::Value;

use super::harness::{Done, done, holdline};

fn explore(args: &[&str]) -> Done {
    done(holdline(&["explore"]).args(args))
}

fn merge(files: &[&str], folder: &tempfile::TempDir) -> Done {
    done(holdline(&["merge"]).args(files).current_dir(folder.path()))
}

/// The lines of some shards, each in a file of its own.
fn shards(args: &[&str], of: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for index in 0..of {
        let shard = format!("{index}/{of}");
        let lines = explore(&[args, &["--json", "--shard", &shard]].concat());
        fs::write(folder.path().join(format!("{index}.jsonl")), lines.out).unwrap();
    }
    folder
}

fn end(done: &Done) -> Value {
    done.json().pop().expect("there is a last line")["end"].clone()
}

#[test]
fn a_sweep_that_finds_nothing_says_what_it_covered_and_which_marks_it_reached() {
    let done = explore(&["--seeds", "60"]);
    done.assert_code(0);
    for part in ["seeds 0..60: 60 passed, 0 failed", " marks were reached", "never reached: "] {
        assert!(done.out.contains(part), "`{part}` is not in:\n{}", done.out);
    }
    assert_eq!(done.err, "", "a bar needs a terminal");
    let told = explore(&["--seeds", "10", "--marks"]).out;
    assert!(told.contains("the user types while the client has no socket"), "{told}");
}

#[test]
fn the_same_seeds_give_the_same_counts_on_one_thread_and_on_three() {
    let of = |jobs| {
        let done = explore(&["--seeds", "40..80", "--json", "--jobs", jobs]);
        done.assert_code(0);
        let mut end = end(&done);
        assert!(end.as_object_mut().unwrap().remove("wall_ms").is_some());
        end
    };
    let alone = of("1");
    assert_eq!(alone["covered"], serde_json::json!(["40..80"]));
    assert_eq!(alone["runs"], 40);
    assert_eq!(alone, of("3"));
}

#[test]
fn it_stops_at_the_first_failure_and_prints_one_command() {
    let done = explore(&["--subject", "published", "--jobs", "1"]);
    assert!([1, 3, 4].contains(&done.code.unwrap()), "{}", done.out);
    assert_eq!(done.out.matches("see it again: holdline replay ").count(), 1, "{}", done.out);
    assert!(done.out.contains(", 1 failed in "), "{}", done.out);
}

#[test]
fn it_can_keep_going_and_group_what_fails() {
    let done = explore(&["--subject", "published", "--seeds", "40", "--keep-going"]);
    let groups: Vec<&str> = done.out.lines().filter(|line| line.contains(" x ")).collect();
    assert!(groups.len() > 1, "{}", done.out);
    assert!(groups.iter().all(|group| group.matches('/').count() == 2), "{groups:?}");
    assert!(done.out.contains("seeds 0..40: "), "{}", done.out);
}

#[test]
fn it_ends_when_its_time_is_up() {
    let done = explore(&["--for", "300ms"]);
    done.assert_code(0);
    assert!(done.out.contains("the time is up"), "{}", done.out);
}

#[test]
fn shards_together_are_the_whole() {
    let args = ["--seeds", "100..163"];
    let folder = shards(&args, 4);
    let done = merge(&["0.jsonl", "1.jsonl", "2.jsonl", "3.jsonl"], &folder);
    done.assert_code(0);
    assert!(done.out.contains("seeds 100..163: 63 passed, 0 failed"), "{}", done.out);
    assert!(!done.out.contains("not played"), "{}", done.out);
    let whole = explore(&args).out;
    let marks =
        |text: &str| text.lines().find(|line| line.contains(" marks were")).map(str::to_owned);
    assert_eq!(marks(&done.out), marks(&whole));
}

#[test]
fn one_digest_for_one_sweep_however_it_is_played() {
    let digest = |told: &Done| {
        let line = told.out.lines().find(|line| line.starts_with("digest "));
        line.map(str::to_owned)
    };
    let whole = explore(&["--seeds", "40", "--jobs", "1", "--digest"]);
    assert!(digest(&whole).is_some(), "{}", whole.out);
    let folder = shards(&["--seeds", "40", "--digest"], 3);
    let merged = merge(&["0.jsonl", "1.jsonl", "2.jsonl"], &folder);
    assert_eq!(digest(&merged), digest(&whole));
    // One run more, and one run other, are another digest.
    assert_ne!(digest(&explore(&["--seeds", "41", "--digest"])), digest(&whole));
    assert_ne!(digest(&explore(&["--seeds", "1..41", "--digest"])), digest(&whole));
    assert_eq!(digest(&explore(&["--seeds", "40"])), None);
}

#[test]
fn failures_of_all_shards_are_grouped_together() {
    let args = ["--subject", "published", "--seeds", "30", "--keep-going"];
    let whole = explore(&args);
    let folder = shards(&args, 3);
    let done = merge(&["0.jsonl", "1.jsonl", "2.jsonl"], &folder);
    assert_eq!(done.code, whole.code);
    let groups = |text: &str| {
        let lines = text.lines().filter(|line| line.contains(" x "));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(groups(&done.out), groups(&whole.out));
}

#[test]
fn gaps_and_overlaps_between_shards_are_said() {
    let folder = shards(&["--seeds", "40"], 4);
    let done = merge(&["0.jsonl", "3.jsonl", "3.jsonl"], &folder);
    done.assert_code(2);
    assert!(done.out.contains("not played: 10..30"), "{}", done.out);
    assert!(done.out.contains("played twice, and counted so: 30..40"), "{}", done.out);
    done.assert_says(&["no record of shard 1/4, 2/4"]);
}

#[test]
fn a_shard_that_was_killed_is_said() {
    let folder = shards(&["--seeds", "10"], 1);
    let path = folder.path().join("0.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 20]).unwrap();
    let done = merge(&["0.jsonl"], &folder);
    done.assert_code(2);
    done.assert_says(&["`0.jsonl` has no end", "play that shard again"]);
    assert!(done.out.contains("not played: 0..10"), "{}", done.out);
}

#[test]
fn records_of_different_sweeps_are_not_mixed() {
    let folder = shards(&["--seeds", "10"], 1);
    let one = fs::read_to_string(folder.path().join("0.jsonl")).unwrap();
    let cases = [
        ("\"generator\":1", "\"generator\":99", "the generator's version is 99 there and 1 here"),
        ("\"tabs\":\"0\"", "\"tabs\":\"5\"", "--tabs is 5 there and 0 here"),
        ("\"seeds\":\"0..10\"", "\"seeds\":\"0..11\"", "--seeds is 0..11 there and 0..10 here"),
        ("\"partition\",", "", "the kinds of faults"),
        ("\"shard\":\"0/1\"", "\"shard\":\"0/2\"", "the number of shards is 2 there and 1 here"),
        ("\"subject\":\"holdline\"", "\"subject\":\"published\"", "--subject is published"),
    ];
    for (here, there, says) in cases {
        assert!(one.contains(here), "{here} is not in {one}");
        fs::write(folder.path().join("1.jsonl"), one.replacen(here, there, 1)).unwrap();
        let done = merge(&["0.jsonl", "1.jsonl"], &folder);
        done.assert_code(2);
        done.assert_says(&["`1.jsonl` is of another sweep than `0.jsonl`", says]);
    }
}

#[test]
fn what_is_no_record_is_refused_with_its_line() {
    let folder = shards(&["--seeds", "2"], 1);
    let one = fs::read_to_string(folder.path().join("0.jsonl")).unwrap();
    let later = one.replacen("\"format\":1", "\"format\":7", 1);
    let cases = [
        ("", "it is empty"),
        ("hello\n", "line 1 is none that `holdline explore --json` writes"),
        (later.as_str(), "it has format 7, and this holdline reads 1"),
    ];
    for (text, says) in cases {
        fs::write(folder.path().join("1.jsonl"), text).unwrap();
        let done = merge(&["1.jsonl"], &folder);
        done.assert_code(2);
        done.assert_says(&["`1.jsonl`: ", says]);
    }
    let twice = one.repeat(2);
    fs::write(folder.path().join("1.jsonl"), twice).unwrap();
    merge(&["1.jsonl"], &folder).assert_says(&["the sweep had ended"]);
    let done = merge(&["2.jsonl"], &folder);
    done.assert_code(2);
    done.assert_says(&["`2.jsonl`: "]);
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let cases: [(&[&str], &[&str]); 12] = [
        (&["--seeds", "9..3"], &["`9..3` runs backwards; write 3..9"]),
        (&["--seeds", "7..7"], &["no seed in it", "7..8"]),
        (&["--seeds", "0"], &["no seed in it"]),
        (&["--seeds", "many"], &["`many` names no seeds"]),
        (&["--shard", "4/4"], &["`4/4` is no shard", "from 0 to n - 1"]),
        (&["--shard", "1"], &["`1` is no shard"]),
        (&["--tabs", "17"], &["`17` is no number of tabs", "at most 16"]),
        (&["--only", "partition,quake"], &["`quake` is no kind of fault", "forget-guests"]),
        (&["--without", "quake"], &["`quake` is no kind of fault", "partition, hold"]),
        (&["--for", "soon"], &["like 60s"]),
        (&["--jobs", "0"], &["--jobs"]),
        (&["--subject", "mine"], &["`mine` is no subject"]),
    ];
    for (args, says) in cases {
        let done = explore(args);
        done.assert_code(2);
        assert_eq!(done.out, "");
        done.assert_says(says);
    }
}

#[test]
fn more_shards_than_seeds_leave_some_without_work() {
    let done = explore(&["--seeds", "2", "--shard", "0/5", "--json"]);
    done.assert_code(0);
    assert_eq!(end(&done)["covered"], serde_json::json!([]));
}

#[test]
fn the_files_for_many_machines_use_flags_that_there_are() {
    let help = explore(&["--help"]).out;
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    for file in [".github/workflows/explore.yml", "fixtures/deploy/explore-job.yaml"] {
        let text = fs::read_to_string(format!("{root}/{file}")).unwrap();
        let (_, command) = text.split_once("holdline explore ").expect(file);
        let (command, _) = command.split_once('>').expect(file);
        let flags: Vec<_> = command.split_whitespace().filter(|w| w.starts_with("--")).collect();
        assert!(flags.contains(&"--shard") && flags.contains(&"--json"), "{file}: {flags:?}");
        assert!(flags.iter().all(|flag| help.contains(flag)), "{file}: {flags:?}");
    }
}
