//! Bad flags, bad names, bad files, and an output that takes nothing: exit code 2 or 5, the
//! offending value, the way out, and never a panic.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use super::harness::{PLAIN, PlanFile, done, holdline, run};

#[test]
fn bad_flags_and_names_are_usage_errors_that_name_the_allowed_values() {
    for (args, says) in [
        (&["--backend", "quick"][..], &["'quick'", "event, tick"][..]),
        (&["--bogus"], &["--bogus", "holdline run [OPTIONS]"]),
        (&["--json", "--diagram"], &["--json", "--diagram"]),
        (&["--list", "calm"], &["--list"]),
        (&["clam"], &["`clam`", "there are: calm, partition-5s"]),
        (&[""], &["``", "holdline run --list"]),
        (&["--subject", "nobody"], &["`nobody`", "`holdline` and `published`"]),
        (&["--defects", "A1"], &["`holdline` has no defects", "`published`"]),
        (&["--subject", "published", "--defects", "A1,C3"], &["`C3`", "A1 to A37", "like A14"]),
        (&["--subject", "published", "--without-defects", "a34"], &["A34 shows in no run"]),
        (&["no/such/plan.toml"], &["`no/such/plan.toml`", "holdline run --list"]),
    ] {
        let done = run(args);
        done.assert_code(2);
        done.assert_says(says);
        assert_eq!(done.out, "");
    }
    let nothing = done(&mut holdline(&[]));
    nothing.assert_code(2);
    nothing.assert_says(&["Usage: holdline <COMMAND>", "Exit codes"]);
}

#[test]
fn one_bad_plan_keeps_every_other_from_being_played() {
    let done = PlanFile::new("title = ").run(&["calm"]);
    done.assert_code(2);
    done.assert_says(&["plan.toml:1: "]);
    assert_eq!(done.out, "");
}

#[test]
fn a_file_that_is_no_text_is_told_apart_from_one_that_is_not_there() {
    let binary = PlanFile::new([0xff, 0xfe, 0x00]).run(&[]);
    binary.assert_code(2);
    binary.assert_says(&["`plan.toml`", "a plan is a short UTF-8 text in TOML"]);
    let endless = PlanFile::new(vec![b'#'; 2 << 20]).run(&[]);
    endless.assert_code(2);
    endless.assert_says(&["`plan.toml`: longer than 1 MiB"]);
    let folder = tempfile::tempdir().unwrap();
    let folder = run(&[folder.path().to_str().unwrap()]);
    folder.assert_code(2);
    folder.assert_says(&["name the plan files in it, like plans/*.toml"]);
}

#[test]
fn a_log_filter_that_is_none_is_refused_by_its_value() {
    let done = done(holdline(&["run", "calm"]).env("RUST_LOG", "loud=please"));
    done.assert_code(2);
    done.assert_says(&["RUST_LOG", "\"loud=please\"", "RUST_LOG=debug"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_hides_no_violation() {
    let full = || File::options().write(true).open("/dev/full").unwrap();
    for args in [&["run", "calm"][..], &["run", "--list"], &["run", "--json", "calm"], &["--help"]]
    {
        let done = done(holdline(args).stdout(full()));
        done.assert_code(5);
        done.assert_says(&["cannot write to standard output", "No space left on device"]);
    }
    for args in [&["explore", "--seeds", "2"][..], &["explore", "--json"]] {
        let done = done(holdline(args).stdout(full()));
        done.assert_code(5);
        done.assert_says(&["cannot write to standard output"]);
    }
    let plan = PlanFile::new(format!("{PLAIN}[expect]\ndelivered = 0\n"));
    let violated = done(holdline(&["run"]).arg(plan.path()).stdout(full()));
    violated.assert_code(1);
    let mute = done(holdline(&["run", "calm"]).env("RUST_LOG", "trace").stderr(full()));
    mute.assert_code(0);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut command = holdline(&["run", "--json", "calm", "ack-lost-before-accept"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.contains("\"calm\""), "{first}");
    let done = super::harness::Done::from(child.wait_with_output().unwrap());
    done.assert_code(0);
    assert_eq!(done.err, "");
}

#[test]
fn a_sweep_whose_reader_goes_away_ends() {
    let mut command = holdline(&["explore", "--json", "--subject", "published", "--keep-going"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with("{\"sweep\":"), "{first}");
    let done = super::harness::Done::from(child.wait_with_output().unwrap());
    assert!(done.code.is_some(), "it was not ended by a signal");
    assert_eq!(done.err, "");
}
