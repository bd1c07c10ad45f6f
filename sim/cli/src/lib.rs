//! The `holdline` command: arguments in, text and an exit code out.
//!
//! | exit code | meaning |
//! |---|---|
//! | 0 | every run passed; the mock was stopped |
//! | 1 | an invariant was violated; two processes differ |
//! | 2 | usage: a bad flag, file or plan, a taken port |
//! | 3 | liveness: nothing was lost, but the client did not come back |
//! | 4 | something panicked |
//! | 5 | every run passed, and its report could not be written |
//! | 6 | a run hung: its time stood still |
//! | 7 | it is not the run that the token was made of; two runs part |
//! | 130, 143 | interrupted by Ctrl-C or SIGTERM; what was played is reported |

mod bugs;
mod diff;
mod explore;
pub mod export;
mod herd;
pub mod html;
mod merge;
mod mock;
mod output;
mod replay;
mod report;
mod run;
mod run_progress;
mod run_source;
mod selfcheck;
mod shrink;
mod signals;
mod states;
mod stopwatch;
mod subject;
mod sweep_driver;
mod sweep_report;

use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

pub use run::RunArgs;

/// What is logged unless `RUST_LOG` says otherwise. A connection that a fault cut is no news.
const USUAL_LOG: &str = "error,actix_http=off,actix_server=off";

/// Proves that a chat client loses, doubles and reorders nothing when the network misbehaves.
#[derive(Debug, Parser)]
#[command(name = "holdline", version, arg_required_else_help = true, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 passed, 1 an invariant was violated, 2 bad flag, file or port, 3 the client did not \
come back, 4 a crash, 5 the report could not be written, 6 a run hung, 7 another run than \
expected, 130 and 143 interrupted";

#[derive(Debug, Subcommand)]
enum Command {
    /// Plays scenarios or plan files and judges them (default: all bundled scenarios)
    Run(RunArgs),
    /// Plays seed after seed on all cores until something fails
    Explore(explore::ExploreArgs),
    /// Makes one report of the JSON lines that several `explore --shard` have written
    Merge(merge::MergeArgs),
    /// Plays the same plans in two processes and compares every event
    Selfcheck(selfcheck::SelfcheckArgs),
    /// Shows one run again: its diagram, its verdict, and exports of its log
    Replay(replay::ReplayArgs),
    /// Shows the first event in which two runs part
    Diff(diff::DiffArgs),
    /// Makes the smallest plan that fails like a plan that fails
    Shrink(shrink::ShrinkArgs),
    /// Serves the mock cloud on a real port
    Mock(mock::MockArgs),
    /// Lists the known bugs, or tells one as a story
    Bugs(bugs::BugsArgs),
    /// Compares what ten thousand clients do when their server is back
    Herd(herd::HerdArgs),
}

/// How a command ended, from the most harmless: of several ends, the greatest is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Exit {
    Pass,
    WriteError,
    Liveness,
    Violation,
    Differs,
    Hang,
    Crash,
    Usage,
    Interrupted,
    Terminated,
}

impl Exit {
    fn code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Violation => 1,
            Self::Usage => 2,
            Self::Liveness => 3,
            Self::Crash => 4,
            Self::WriteError => 5,
            Self::Hang => 6,
            Self::Differs => 7,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let asked = std::env::var("RUST_LOG").unwrap_or_else(|_| USUAL_LOG.to_owned());
    let filter: Targets = match asked.parse() {
        Ok(filter) => filter,
        Err(error) => {
            let way_out = "write it like RUST_LOG=debug or RUST_LOG=holdline_client=trace";
            print_error(&format_args!("RUST_LOG = {asked:?}: {error}; {way_out}"));
            return ExitCode::from(Exit::Usage.code());
        }
    };
    let lines =
        tracing_subscriber::fmt::layer().with_writer(anstream::stderr).log_internal_errors(false);
    tracing_subscriber::registry().with(lines).with(filter).init();
    let exit = match Cli::try_parse() {
        Ok(Cli { command: Command::Run(args) }) => run::run(&args),
        Ok(Cli { command: Command::Explore(args) }) => explore::explore(&args),
        Ok(Cli { command: Command::Merge(args) }) => merge::merge(&args),
        Ok(Cli { command: Command::Selfcheck(args) }) => selfcheck::selfcheck(&args),
        Ok(Cli { command: Command::Replay(args) }) => replay::replay(&args),
        Ok(Cli { command: Command::Diff(args) }) => diff::diff(&args),
        Ok(Cli { command: Command::Shrink(args) }) => shrink::shrink(&args),
        Ok(Cli { command: Command::Mock(args) }) => mock::mock(&args),
        Ok(Cli { command: Command::Bugs(args) }) => bugs::bugs(&args),
        Ok(Cli { command: Command::Herd(args) }) => herd::herd(&args),
        Err(told) => {
            let exit = if told.use_stderr() { Exit::Usage } else { Exit::Pass };
            exit.max(written(told.print()))
        }
    };
    ExitCode::from(exit.code())
}

/// Writes to standard output.
fn print(text: &str) -> Exit {
    let mut out = anstream::stdout().lock();
    written(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// Writes to standard error what is no error: what a command says beside its output.
fn print_note(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

/// A reader that has gone away (`| head`) is no error of ours; everything else is.
fn written(result: io::Result<()>) -> Exit {
    match result {
        Ok(()) => Exit::Pass,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Exit::Pass,
        Err(error) => {
            let way_out = "make room, or send it elsewhere";
            print_error(&format_args!("cannot write to standard output: {error}; {way_out}"));
            Exit::WriteError
        }
    }
}

/// Writes an error to standard error; when that cannot be written, the exit code has to do.
fn print_error(error: &dyn std::fmt::Display) {
    let _ = writeln!(anstream::stderr().lock(), "error: {error}");
}
