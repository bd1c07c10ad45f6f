//! The house's own commands: `cargo xtask mutants [--planted] [NAME...]`.
//!
//! | exit code | meaning |
//! |---|---|
//! | 0 | every mutant was caught by its oracle, and the client itself passes |
//! | 1 | one was not, or the client itself fails |
//! | 2 | the list, the names or the build is at fault |

mod mutants;

use std::process::ExitCode;

use clap::Parser;

/// The house's own commands
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
enum Command {
    /// Breaks the client in many ways, and shows which oracle notices each
    Mutants(mutants::Args),
}

fn main() -> ExitCode {
    let Command::Mutants(args) = Command::parse();
    match mutants::play_all(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
