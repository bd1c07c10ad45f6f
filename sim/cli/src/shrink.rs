//! `holdline shrink`: from a plan that fails to the smallest that fails alike.
//!
//! The plan goes to standard output or into a file, everything else to standard error. Ctrl-C ends
//! the search and keeps what was found; a second one ends everything.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::output::Target;
use super::report::human;
use super::run_source::{FAILURES, PlanPlace, RunSource, replay_command};
use super::signals::Signals;
use super::stopwatch::Stopwatch;
use super::subject::SubjectArgs;
use super::{Exit, print_error, print_note};
use holdline_sim::plan::Plan;
use holdline_sim::shrink::{Shrunk, shrink as smallest, story};
use holdline_sim::world::run::run as play;

/// How often the progress shows that it is alive.
const TICK: Duration = Duration::from_millis(120);

/// Arguments of `holdline shrink`.
#[derive(Debug, Args)]
pub(super) struct ShrinkArgs {
    /// A token, a plan file, the name of a bundled scenario, or the id of a known bug
    #[arg(value_name = "TOKEN|PLAN|SCENARIO|BUG")]
    what: String,
    /// Where the plan goes; `-` is standard output
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: Target,
    /// Plays it on the pure tier, without sockets; a token says so by itself
    #[arg(long)]
    pure: bool,
    #[command(flatten)]
    subject: SubjectArgs,
    /// Searches no longer than this, like 10s or 2m
    #[arg(long = "for", value_name = "TIME", default_value = "10s",
          value_parser = humantime::parse_duration)]
    patience: Duration,
}

pub(super) fn shrink(args: &ShrinkArgs) -> Exit {
    let requested = match RunSource::read(&args.what, &args.subject) {
        Ok(requested) => requested.on_pure(args.pure),
        Err(error) => return super::replay::refused(&error),
    };
    let (watch, bar, stop) = (Stopwatch::start(), progress(), listen());
    print_note(&format!(
        "{}: {} to begin with; Ctrl-C ends the search and keeps what was found\n",
        requested.name,
        size(&requested.plan)
    ));
    let go_on = |best: &Plan| {
        bar.set_message(size(best));
        stop.load(Ordering::SeqCst) == 0 && watch.elapsed() < args.patience
    };
    let shrunk = smallest(&requested.plan, (&requested.subject, requested.backend), &go_on);
    bar.finish_and_clear();
    let shrunk = match shrunk {
        Ok(shrunk) => shrunk,
        Err(error) => {
            print_error(&format_args!("{}: {error}", requested.name));
            return Exit::Usage;
        }
    };
    let took = watch.elapsed();
    let exit = args.out.put(story::told(&shrunk, &requested.subject).as_bytes());
    print_note(&summary(&requested, &shrunk, &args.out, took));
    exit.max(match stop.load(Ordering::SeqCst) {
        0 => Exit::Pass,
        code if code == Exit::Terminated.code() => Exit::Terminated,
        _ => Exit::Interrupted,
    })
}

fn summary(requested: &RunSource, shrunk: &Shrunk, out: &Target, took: Duration) -> String {
    let Shrunk { plan, signature, backend, is_minimal, runs } = shrunk;
    let minimal = if *is_minimal {
        "nothing more can be dropped"
    } else {
        "it was not tried to the end; --for gives more time"
    };
    let hash = play(plan, &requested.subject, *backend).ok().map(|run| run.hash);
    let file = match out {
        Target::File(path) => Some(path.display().to_string()),
        Target::Stdout => None,
    };
    let home = file.as_deref().map_or(PlanPlace::Folder(Path::new(FAILURES)), PlanPlace::File);
    format!(
        "{signature}: from {} to {} with {runs} runs in {}; {minimal}\nsee it: {}\n",
        size(&requested.plan),
        size(plan),
        human(took),
        replay_command(plan, None, home, (&requested.subject, *backend), hash)
    )
}

fn size(plan: &Plan) -> String {
    let counted =
        |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let (steps, faults) = (plan.steps.len(), plan.faults.len());
    format!("{} and {}", counted(steps, "step"), counted(faults, "fault"))
}

/// A spinner; it hides itself where standard error is no terminal.
fn progress() -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}");
    let bar = ProgressBar::new_spinner().with_style(style.expect("the template is a constant"));
    bar.enable_steady_tick(TICK);
    bar
}

/// What the first signal was, as an exit code; 0 until there is one. From here on a signal is heard.
fn listen() -> Arc<AtomicU8> {
    let heard = Arc::new(AtomicU8::new(0));
    let told = Arc::clone(&heard);
    let (listening, listens) = mpsc::channel::<()>();
    // Without it, an interruption ends the process as usual.
    let _ = thread::Builder::new().name("attendant".into()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async {
            let Ok(mut signals) = Signals::listen() else { return };
            drop(listening);
            told.store(signals.next().await.code(), Ordering::SeqCst);
            std::process::exit(signals.next().await.code().into());
        });
    });
    // It ends without a word: now it is heard, or will not be.
    let _ = listens.recv();
    heard
}
