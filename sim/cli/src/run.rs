//! `holdline run`: plays and judges, and says how to see it again.

use std::fmt::Write as _;

use clap::{Args, ValueEnum};

use super::report::{Outcome, Played, Report, Style};
use super::run_progress::RunProgress;
use super::stopwatch::Stopwatch;
use super::subject::SubjectArgs;
use super::{Exit, print, print_error};
use holdline_net::NetError;
use holdline_sim::catalogue::bundled::plan_named;
use holdline_sim::oracle::Violation;
use holdline_sim::plan::{Plan, PlanError, bundled};
use holdline_sim::subjects::UnderTest;
use holdline_sim::world::run::{BackendKind, RunError, run as play};

/// Arguments of `holdline run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Names of bundled scenarios, ids of known bugs, or plan files
    #[arg(value_name = "SCENARIO|BUG|FILE")]
    plans: Vec<String>,
    /// Which simulated network carries the run
    #[arg(long, value_enum, default_value_t = Net::Event)]
    backend: Net,
    #[command(flatten)]
    subject: SubjectArgs,
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
    /// No network: the machines alone with whole messages between them; fastest
    Pure,
}

pub(super) fn run(args: &RunArgs) -> Exit {
    if args.list {
        return list();
    }
    let subject = match args.subject.choose() {
        Ok(subject) => subject,
        Err(error) => {
            print_error(&error);
            return Exit::Usage;
        }
    };
    let plans = match load(&args.plans) {
        Ok(plans) => plans,
        Err(error) => {
            print_error(&error);
            return Exit::Usage;
        }
    };
    let backend = match args.backend {
        Net::Event => BackendKind::Event,
        Net::Tick => BackendKind::Tick,
        Net::Pure => BackendKind::Pure,
    };
    let style = match (args.json, args.diagram) {
        (true, _) => Style::Json,
        (false, true) => Style::Diagrams,
        (false, false) => Style::Table,
    };
    let progress = RunProgress::open(Report { style, backend, subject }, plans.len());
    let mut exit = Exit::Pass;
    for (name, plan) in plans {
        progress.begin(&name);
        let played = play_one(name, plan, &subject, backend);
        exit = exit.max(exit_of(&played.outcome));
        let told = progress.report.each(&played);
        progress.end(played);
        exit = exit.max(told.map_or(Exit::Pass, |text| print(&text)));
    }
    let played = progress.close();
    exit.max(print(&progress.report.summary(&played, progress.watch.elapsed())))
}

fn play_one(name: String, plan: Plan, subject: &UnderTest, backend: BackendKind) -> Played {
    let watch = Stopwatch::start();
    let outcome = match play(&plan, subject, backend) {
        Ok(run) => Outcome::Judged(run),
        Err(RunError::Net(error @ NetError::Unsupported { .. })) => {
            Outcome::Skipped(error.to_string())
        }
        Err(RunError::Net(error)) => Outcome::Hung(error.to_string()),
        Err(RunError::Crashed(message)) => Outcome::Crashed(message),
    };
    Played { name, plan, outcome, wall: watch.elapsed() }
}

fn exit_of(outcome: &Outcome) -> Exit {
    match outcome {
        Outcome::Skipped(_) => Exit::Pass,
        Outcome::Crashed(_) => Exit::Crash,
        Outcome::Hung(_) => Exit::Hang,
        Outcome::Judged(run) => exit_of_violations(&run.violations),
    }
}

pub(super) fn exit_of_violations(violations: &[Violation]) -> Exit {
    match violations {
        [] => Exit::Pass,
        all if all.iter().all(|v| v.oracle == "comes-back") => Exit::Liveness,
        _ => Exit::Violation,
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
    asked.iter().map(|name| Ok((name.clone(), plan_named(name)?))).collect()
}

fn list() -> Exit {
    let mut text = String::new();
    for (name, source) in bundled::SCENARIOS {
        match Plan::parse(name, source) {
            Ok(plan) => {
                let story = plan.story.trim().replace('\n', "\n    ");
                let _ = writeln!(text, "{name}\n    {}\n    {story}\n", plan.title);
            }
            Err(error) => {
                print_error(&error);
                return Exit::Usage;
            }
        }
    }
    print(&text)
}
