//! The `holdline` command; everything is in [`holdline_cli`].

use std::process::ExitCode;

/// A simulation is many small things that live shortly; this allocator was made for them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    holdline_cli::main()
}
