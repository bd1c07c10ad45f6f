//! The `holdline` command; everything is in [`holdline_sim::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    holdline_sim::cli::main()
}
