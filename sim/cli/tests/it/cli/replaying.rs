//! `holdline replay` and `holdline diff`: a run again, from a token, a plan or a scenario.

use std::fs;
use std::process::Stdio;

use serde_json::Value;

use super::harness::{Done, PLAIN, PlanFile, done, holdline, long_plan};

fn replay(args: &[&str]) -> Done {
    done(holdline(&["replay"]).args(args))
}

/// The token that a failing run prints.
fn token_of(told: &str) -> String {
    let (_, rest) = told.split_once("see it again: holdline replay ").expect(told);
    rest.split_whitespace().next().unwrap().to_owned()
}

/// A plan that expects what cannot be.
fn failing() -> PlanFile {
    PlanFile::new(format!("{PLAIN}[expect]\ndelivered = 0\n"))
}

#[test]
fn a_failing_run_prints_a_token_that_needs_no_file() {
    let token = token_of(&failing().run(&[]).out);
    assert!(token.len() <= 200, "{token}");
    let again = replay(&[&token]);
    again.assert_code(1);
    for part in ["types m1", "expect at ", "delivered = 0, and it was 1", "as the token expects"] {
        assert!(again.out.contains(part), "`{part}` is not in:\n{}", again.out);
    }
}

#[test]
fn a_plan_that_no_token_has_room_for_is_named() {
    let plan = PlanFile::new(format!("{}[expect]\nguests = 9\n", long_plan()));
    let told = plan.run(&[]).out;
    assert!(told.contains("see it again: holdline replay plan.toml\n"), "{told}");
}

#[test]
fn a_known_bug_is_played_by_its_id() {
    let red = replay(&["A14", "--subject", "published", "--defects", "A14"]);
    red.assert_code(1);
    let again =
        replay(&[&token_of(&done(&mut holdline(&["run", "a14", "--subject", "published"])).out)]);
    again.assert_code(1);
    replay(&["A14"]).assert_code(0);
    // A34 shows in no run, and has no plan.
    let refused = replay(&["A34"]);
    refused.assert_code(2);
    refused.assert_says(&["`A34` is neither a file nor a bundled scenario"]);
}

#[test]
fn until_stops_there_and_tells_every_machine() {
    let told = replay(&["--until", "40", "partition-2m"]);
    told.assert_code(0);
    for part in ["after event 40 (", "client   ", "cloud    1 guest; ", "network  "] {
        assert!(told.out.contains(part), "`{part}` is not in:\n{}", told.out);
    }
    let beyond = replay(&["--until", "99999", "calm"]);
    beyond.assert_code(2);
    beyond.assert_says(&["there is no event 99999: the run ends with event "]);
}

#[test]
fn exports_are_written_beside_the_story() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (lines, trace, packets) = (path("a.jsonl"), path("a.json"), path("a.pcapng"));
    let page = path("a.html");
    let told = replay(&[
        "restart-1006",
        "--jsonl",
        &lines,
        "--perfetto",
        &trace,
        "--pcapng",
        &packets,
        "--html",
        &page,
    ]);
    told.assert_code(0);
    assert!(told.out.contains("types m1"), "{}", told.out);

    let lines = fs::read_to_string(lines).unwrap();
    let events: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(told.out.contains(&format!("{} events", events.len())), "{}", told.out);

    assert!(fs::read_to_string(page).unwrap().starts_with("<!"));

    let trace: Value = serde_json::from_str(&fs::read_to_string(trace).unwrap()).unwrap();
    let trace = trace["traceEvents"].as_array().unwrap();
    let phases = |phase: &str| trace.iter().filter(|event| event["ph"] == phase).count();
    assert!(phases("i") + phases("X") >= events.len());
    assert_eq!(phases("s"), phases("f"), "every arrow that begins ends");
    assert!(phases("s") > 0);

    assert_eq!(fs::read(packets).unwrap()[..4], [0x0A, 0x0D, 0x0D, 0x0A]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4, "nothing else is left there");
}

#[test]
fn a_dash_is_standard_output_and_nothing_else_is_said_there() {
    let told = replay(&["calm", "--jsonl", "-"]);
    told.assert_code(0);
    assert!(told.json().iter().all(|event| event["event"].is_string()));
    let two = replay(&["calm", "--jsonl", "-", "--perfetto", "-"]);
    two.assert_code(2);
    two.assert_says(&["only one export can go to standard output"]);
}

#[test]
fn a_file_that_cannot_be_written_says_why_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("no/such/a.jsonl");
    let told = replay(&["calm", "--jsonl", missing.to_str().unwrap()]);
    told.assert_code(5);
    told.assert_says(&["cannot write `", "a.jsonl`", "make its folder first"]);
    let told = replay(&["calm", "--jsonl", folder.path().to_str().unwrap()]);
    told.assert_code(5);
    told.assert_says(&["that is a folder; name a file in it"]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_a_reader_that_goes_away_is_not() {
    let full = replay(&["calm", "--jsonl", "/dev/full"]);
    full.assert_code(5);
    full.assert_says(&["cannot write `/dev/full`", "make room"]);
    let mut child = holdline(&["replay", "idle-day", "--jsonl", "-"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let done: Done = child.wait_with_output().unwrap().into();
    done.assert_code(0);
    assert_eq!(done.err, "");
}

#[test]
fn equal_runs_are_called_equal_and_others_shown_where_they_part() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("calm.jsonl");
    let log = log.to_str().unwrap();
    replay(&["calm", "--jsonl", log]).assert_code(0);
    let equal = done(&mut holdline(&["diff", "calm", log]));
    equal.assert_code(0);
    assert!(equal.out.starts_with("the two runs are equal: "), "{}", equal.out);

    let parted = done(&mut holdline(&["diff", "restart-1001", "restart-1006"]));
    parted.assert_code(7);
    assert!(parted.out.contains("they part at event "), "{}", parted.out);
    assert!(parted.out.lines().any(|line| line.starts_with("A ") && line.contains("1001")));
    assert!(parted.out.lines().any(|line| line.starts_with("B ") && line.contains("1006")));

    let cut = fs::read_to_string(log).unwrap();
    let half: Vec<&str> = cut.lines().take(20).collect();
    fs::write(folder.path().join("half.jsonl"), half.join("\n")).unwrap();
    let half = done(holdline(&["diff", "calm", "half.jsonl"]).current_dir(folder.path()));
    half.assert_code(7);
    assert!(half.out.contains("they part at event 20"), "{}", half.out);
    assert!(half.out.contains("B        has ended"), "{}", half.out);
}

#[test]
fn what_is_no_log_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.jsonl"), "{\"event\":\"typed\"}\nnonsense\n").unwrap();
    let told = done(holdline(&["diff", "calm", "a.jsonl"]).current_dir(folder.path()));
    told.assert_code(2);
    told.assert_says(&["`a.jsonl`: line 2 is no event"]);
    let told = done(holdline(&["diff", "calm", "b.jsonl"]).current_dir(folder.path()));
    told.assert_code(2);
    told.assert_says(&["`b.jsonl`: "]);
}
