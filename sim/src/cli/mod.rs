//! The `holdline` command: arguments in, text and an exit code out.
//!
//! | exit code | meaning |
//! |---|---|
//! | 0 | every run passed |
//! | 1 | an invariant was violated |
//! | 2 | usage: a bad flag, file or plan, a taken port |
//! | 3 | liveness: nothing was lost, but the client did not come back |
//! | 4 | something panicked |

mod mock;
mod report;
mod run;
mod stopwatch;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use run::RunArgs;

/// Proves that a chat client loses, doubles and reorders nothing when the network misbehaves.
#[derive(Debug, Parser)]
#[command(name = "holdline", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Plays scenarios or plan files and judges them (default: all bundled scenarios)
    Run(RunArgs),
    /// Serves the mock cloud on a real port
    Mock(mock::MockArgs),
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Exit {
    Pass = 0,
    Liveness = 3,
    Violation = 1,
    Crash = 4,
    Usage = 2,
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::from_default_env();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
    let exit = match Cli::parse().command {
        Command::Run(args) => run::run(&args),
        Command::Mock(args) => mock::mock(&args),
    };
    ExitCode::from(exit as u8)
}

/// Writes to standard output. A reader that has gone away (`| head`) is no error of ours.
fn say(text: &str) {
    let mut out = anstream::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Writes an error to standard error.
fn complain(error: &dyn std::fmt::Display) {
    let _ = writeln!(anstream::stderr().lock(), "error: {error}");
}
