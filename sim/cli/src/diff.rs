//! `holdline diff`: the first event in which two runs part.
//!
//! It compares what the audit hash is made of: events in order, with their moments, whoever was
//! under test. A `.jsonl` file is taken as it was written.

use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use clap::Args;
use serde_json::Value;

use super::run_source::RunSource;
use super::subject::SubjectArgs;
use super::{Exit, print, print_error};
use holdline_sim::trace::text::{details, json_line};
use holdline_sim::world::run::run as play;

/// Events that are shown before the two part, and of each of them after.
const CONTEXT: usize = 6;
/// Of a line that is longer, the beginning is shown.
const WIDTH: usize = 140;

/// Arguments of `holdline diff`.
#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// A token, a plan, a bundled scenario, a known bug, or a log that `replay --jsonl` wrote
    #[arg(value_name = "A")]
    one: String,
    /// What to compare it with
    #[arg(value_name = "B")]
    other: String,
    #[command(flatten)]
    subject: SubjectArgs,
}

pub(super) fn diff(args: &DiffArgs) -> Exit {
    let logs = log_of(&args.one, &args.subject)
        .and_then(|one| Ok((one, log_of(&args.other, &args.subject)?)));
    match logs {
        Ok((one, other)) => compare((&args.one, &one), (&args.other, &other)),
        Err(exit) => exit,
    }
}

/// Every event as a line of JSON. What goes wrong is complained about.
fn log_of(text: &str, subject: &SubjectArgs) -> Result<Vec<String>, Exit> {
    let path = Path::new(text);
    if path.extension().is_some_and(|extension| extension == "jsonl") {
        return read(path);
    }
    let asked = RunSource::read(text, subject).map_err(|error| super::replay::refused(&error))?;
    let run = play(&asked.plan, &asked.subject, asked.backend).map_err(|error| {
        print_error(&format_args!("{}: {error}", asked.name));
        Exit::Crash
    })?;
    Ok(run.events.iter().map(json_line).collect())
}

fn read(path: &Path) -> Result<Vec<String>, Exit> {
    let wrong = |text: String| {
        print_error(&format_args!("`{}`: {text}", path.display()));
        Err(Exit::Usage)
    };
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::InvalidData => {
            return wrong("it is no text; give a log that `holdline replay --jsonl` wrote".into());
        }
        Err(error) => return wrong(format!("{error}; give a log that is there and readable")),
    };
    let lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
    let is_event = |line: &String| {
        serde_json::from_str::<Value>(line).is_ok_and(|event| event["event"].is_string())
    };
    match lines.iter().position(|line| !is_event(line)) {
        Some(at) => wrong(format!(
            "line {} is no event; give a log that `holdline replay --jsonl` wrote",
            at + 1
        )),
        None => Ok(lines),
    }
}

fn compare((a, one): (&str, &[String]), (b, other): (&str, &[String])) -> Exit {
    let common = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    if common == one.len().max(other.len()) {
        return print(&format!("the two runs are equal: {common} events\n"));
    }
    let mut text = format!(
        "A: {a}, {} events\nB: {b}, {} events\nthey part at event {common}:\n\n",
        one.len(),
        other.len()
    );
    text += &lines(' ', &one[..common], common.saturating_sub(CONTEXT));
    for (name, log) in [('A', one), ('B', other)] {
        text.push('\n');
        text += &lines(name, &log[..log.len().min(common + CONTEXT)], common);
        if log.len() == common {
            let _ = writeln!(text, "{name}        has ended");
        }
    }
    print(&text).max(Exit::Differs)
}

/// From event `from` to the end of the log.
fn lines(name: char, log: &[String], from: usize) -> String {
    let mut text = String::new();
    for (index, line) in log.iter().enumerate().skip(from) {
        let _ = writeln!(text, "{name} {index:6} {}", shown(line));
    }
    text
}

/// `4.250 client frame-out conn=1 frame={"message":"m2"}`.
fn shown(line: &str) -> String {
    let Ok(Value::Object(event)) = serde_json::from_str(line) else { return line.to_owned() };
    let text = |key: &str| event.get(key).and_then(Value::as_str).unwrap_or_default();
    let at = event.get("at").and_then(Value::as_u64).unwrap_or_default();
    let (seconds, millis, who) = (at / 1_000, at % 1_000, text("lane"));
    let mut told = format!("{seconds:>7}.{millis:03} {who:7} {}{}", text("event"), details(&event));
    if told.chars().count() > WIDTH {
        told = told.chars().take(WIDTH - 2).chain("..".chars()).collect();
    }
    told
}
