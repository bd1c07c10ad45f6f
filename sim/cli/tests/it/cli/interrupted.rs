//! Ctrl-C and SIGTERM in the middle: what was played is reported, and the exit code says why.
#![cfg(unix)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, Stdio};

use holdline_sim::plan::Plan;

use super::harness::{PlanFile, holdline};

/// Interrupts after the first line of standard output; all of that, and of standard error.
fn interrupted(args: &[&str], signal: &str, code: i32) -> (String, String) {
    let mut child = holdline(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let out = child.stdout.take().unwrap();
    let out = after_first_line(out, &child, signal);
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{out}{err}");
    (out, err)
}

/// Interrupts after the first line of a stream; all of the stream.
fn after_first_line(stream: impl Read, child: &Child, signal: &str) -> String {
    let mut stream = BufReader::new(stream);
    let mut text = String::new();
    stream.read_line(&mut text).unwrap();
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn an_interrupted_run_reports_what_was_played() {
    let (out, err) = interrupted(&["run", "--diagram", "calm", "idle-day", "idle-day"], "INT", 130);
    assert!(out.contains("1 passed, 0 failed"), "{out}");
    assert!(err.contains("error: interrupted during "), "{err}");
    assert!(err.contains("1 of 3 were played"), "{err}");
}

#[test]
fn a_terminated_run_has_told_its_json_already() {
    let (out, err) = interrupted(&["run", "--json", "calm", "idle-day", "idle-day"], "TERM", 143);
    assert_eq!(out.lines().count(), 1, "{out}");
    assert!(out.contains("\"scenario\":\"calm\""), "{out}");
    assert!(err.contains("1 of 3 were played"), "{err}");
}

#[test]
fn an_interrupted_sweep_tells_what_it_has_learnt() {
    let (out, err) = interrupted(&["explore", "--json"], "INT", 130);
    let last = out.lines().last().unwrap();
    assert!(last.starts_with("{\"end\":{\"because\":\"interrupted\",\"covered\":["), "{out}");
    assert_eq!(err, "");
    let (out, _) = interrupted(&["explore", "--json", "--tabs", "2"], "TERM", 143);
    assert!(out.lines().last().unwrap().starts_with("{\"end\":"), "{out}");
}

/// Fails in each of its many hours, so that a search would be at it for long.
const LONG: &str = "\
title = \"Long\"
story = \"A connection is dropped once a day, and none may be.\"
seed = 7

[settings]
lasts = \"12h\"

[[step]]
at = \"1s\"
do = \"send\"
count = 40
every = \"7m\"

[[fault]]
kind = \"close\"
at = \"3s\"
code = 1006

[expect]
sockets = 1
";

#[test]
fn an_interrupted_search_keeps_what_it_has_found() {
    let plan = PlanFile::new(LONG);
    let mut command = holdline(&["shrink", "plan.toml", "--for", "1h", "--out", "small.toml"]);
    let mut child = command.current_dir(plan.folder.path()).stderr(Stdio::piped()).spawn().unwrap();
    let err = child.stderr.take().unwrap();
    let err = after_first_line(err, &child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(130), "{err}");
    assert!(err.contains("it was not tried to the end"), "{err}");
    let small = fs::read_to_string(plan.folder.path().join("small.toml")).unwrap();
    Plan::parse("small.toml", &small).unwrap();
}
