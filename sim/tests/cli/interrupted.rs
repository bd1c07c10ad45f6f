//! Ctrl-C and SIGTERM in the middle: what was played is reported, and the exit code says why.
#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use crate::harness::holdline;

/// Interrupts after the first line; standard output and error from there on.
fn interrupted(args: &[&str], signal: &str, code: i32) -> (String, String) {
    let mut command = holdline(args);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    out.read_line(&mut text).unwrap();
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
    out.read_to_string(&mut text).unwrap();
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{text}{err}");
    (text, err)
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
