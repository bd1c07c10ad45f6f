//! `holdline run`: plays and judges, and says how to see it again.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::report::{self, Outcome, Played};
use super::stopwatch::Stopwatch;
use super::{Exit, complain, say};
use crate::net::NetError;
use crate::plan::{Plan, PlanError, bundled};
use crate::subjects::holdline::Holdline;
use crate::world::run::{BackendKind, RunError, run as play};

/// A command shorter than this needs no progress bar.
const LASTING: Duration = Duration::from_secs(1);

/// Arguments of `holdline run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Names of bundled scenarios, or plan files
    #[arg(value_name = "SCENARIO|FILE")]
    plans: Vec<String>,
    /// Which simulated network carries the run
    #[arg(long, value_enum, default_value_t = Net::Event)]
    backend: Net,
    /// One JSON object per run and line, instead of a table
    #[arg(long)]
    json: bool,
    /// Prints the whole diagram of every run
    #[arg(long, conflicts_with = "json")]
    diagram: bool,
    /// Lists the bundled scenarios with their stories and plays nothing
    #[arg(long, conflicts_with_all = ["plans", "json", "diagram"])]
    list: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Net {
    /// turmoil-net, idle time skipped
    Event,
    /// turmoil, every host every millisecond; slow, for cross-checking
    Tick,
}

pub(super) fn run(args: &RunArgs) -> Exit {
    if args.list {
        return list();
    }
    let plans = match load(&args.plans) {
        Ok(plans) => plans,
        Err(error) => {
            complain(&error);
            return Exit::Usage;
        }
    };
    let backend = match args.backend {
        Net::Event => BackendKind::Event,
        Net::Tick => BackendKind::Tick,
    };
    let watch = Stopwatch::start();
    let bar = progress(plans.len());
    let mut played = Vec::with_capacity(plans.len());
    for (name, plan) in plans {
        bar.set_message(name.clone());
        if bar.is_hidden() && watch.elapsed() > LASTING {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        played.push(play_one(name, plan, backend));
        bar.inc(1);
    }
    bar.finish_and_clear();
    if args.json {
        say(&report::json(&played, backend));
    } else {
        say(&report::text(&played, backend, args.diagram, watch.elapsed()));
    }
    played.iter().map(|played| exit_of(&played.outcome)).max().unwrap_or(Exit::Pass)
}

fn play_one(name: String, plan: Plan, backend: BackendKind) -> Played {
    let watch = Stopwatch::start();
    let outcome = match play(&plan, &Holdline, backend) {
        Ok(run) => Outcome::Judged(run),
        Err(RunError::Net(error @ NetError::Unsupported { .. })) => {
            Outcome::Skipped(error.to_string())
        }
        Err(RunError::Net(error)) => Outcome::Crashed(error.to_string()),
        Err(RunError::Crashed(message)) => Outcome::Crashed(message),
    };
    Played { name, plan, outcome, wall: watch.elapsed() }
}

fn exit_of(outcome: &Outcome) -> Exit {
    match outcome {
        Outcome::Skipped(_) => Exit::Pass,
        Outcome::Crashed(_) => Exit::Crash,
        Outcome::Judged(run) if run.violations.is_empty() => Exit::Pass,
        Outcome::Judged(run) => {
            let only_late = run.violations.iter().all(|v| v.oracle == "comes-back");
            if only_late { Exit::Liveness } else { Exit::Violation }
        }
    }
}

/// Every plan that was asked for, with the name to ask for it again.
fn load(asked: &[String]) -> Result<Vec<(String, Plan)>, PlanError> {
    if asked.is_empty() {
        return bundled::SCENARIOS
            .iter()
            .map(|(name, text)| Ok(((*name).to_owned(), Plan::parse(name, text)?)))
            .collect();
    }
    asked
        .iter()
        .map(|name| {
            let path = Path::new(name);
            let plan = match bundled::scenario(name) {
                Some(plan) if !path.exists() => plan?,
                None if !path.exists() && path.components().count() == 1 && !has_toml(path) => {
                    return Err(PlanError::UnknownScenario {
                        name: name.clone(),
                        known: bundled::SCENARIOS.iter().map(|(name, _)| *name).collect(),
                    });
                }
                _ => Plan::load(&PathBuf::from(name))?,
            };
            Ok((name.clone(), plan))
        })
        .collect()
}

fn has_toml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
}

fn list() -> Exit {
    let mut text = String::new();
    for (name, source) in bundled::SCENARIOS {
        match Plan::parse(name, source) {
            Ok(plan) => {
                let story = plan.story.trim().replace('\n', "\n    ");
                text += &format!("{name}\n    {}\n    {story}\n\n", plan.title);
            }
            Err(error) => {
                complain(&error);
                return Exit::Usage;
            }
        }
    }
    say(&text);
    Exit::Pass
}

/// Hidden until the command has lasted a while.
fn progress(plans: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")
        .expect("the template is a constant");
    let bar = ProgressBar::with_draw_target(Some(plans as u64), ProgressDrawTarget::hidden());
    bar.set_style(style);
    bar
}
