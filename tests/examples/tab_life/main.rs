//! Random tab life, seed by seed: one to sixteen tabs come, go, freeze, crash and write, and no
//! oracle may have anything to say.
//!
//! `cargo run --release -p holdline-tests --example tab_life -- [--seeds N|A..B] [--jobs 2]` stops at
//! the first seed that fails, tells why, and writes its plan to `target/tab-life/seed-N.toml`, where
//! it can be edited and played again without the generator. `--keep-going` plays on and sorts the
//! failures by what they look like.
//!
//! | exit code | meaning |
//! |---|---|
//! | 0 | every seed passed |
//! | 1 | one did not |
//! | 2 | an argument or the disk is at fault |

mod play;
mod seeds;
mod tell;

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use thiserror::Error;

use play::{Failure, Turns};
use seeds::Seeds;
use tell::Groups;

/// A simulation is many small things that live shortly; this allocator was made for them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Plays random lives of tabs and judges them.
#[derive(Debug, Parser)]
#[command(name = "tab_life")]
struct Args {
    /// How many seeds, or which: `100000` or `500..1500`
    #[arg(long, default_value = "1000")]
    seeds: Seeds,
    /// Simulations at a time, each on a thread of its own
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,
    /// Plays all seeds and sorts what fails, instead of stopping at the first
    #[arg(long)]
    keep_going: bool,
}

/// Why there is no verdict.
#[derive(Debug, Error)]
#[error("cannot write `{}`: {source}; make room, or make it writable", .path.display())]
struct Unwritten {
    path: PathBuf,
    source: io::Error,
}

fn main() -> ExitCode {
    match play_all(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether every seed passed.
fn play_all(args: &Args) -> Result<bool, Unwritten> {
    let bar = progress(args.seeds.len());
    let turns = Turns::of(&args.seeds);
    let mut groups = Groups::default();
    thread::scope(|scope| {
        let (played, verdicts) = mpsc::channel();
        for _ in 0..args.jobs {
            let (played, turns) = (played.clone(), &turns);
            scope.spawn(move || turns.play(&played));
        }
        drop(played);
        for verdict in verdicts {
            bar.inc(1);
            let Err(failure) = verdict else { continue };
            let path = keep(&failure).inspect_err(|_| turns.stop())?;
            if !args.keep_going {
                turns.stop();
                bar.suspend(|| println!("{}", tell::story(&failure, &path)));
            }
            bar.set_message(format!("{} failed", groups.add(&failure, &path)));
        }
        Ok(())
    })?;
    bar.finish_and_clear();
    print!("{}", groups.summary(turns.played(), bar.elapsed()));
    Ok(groups.is_empty())
}

/// Writes the plan down.
fn keep(failure: &Failure) -> Result<PathBuf, Unwritten> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = target.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"));
    let folder = target.join("tab-life");
    let path = folder.join(format!("seed-{}.toml", failure.seed));
    let written = std::fs::create_dir_all(&folder).and_then(|()| {
        let folder = folder.canonicalize()?;
        std::fs::write(&path, &failure.plan)?;
        Ok(folder.join(format!("seed-{}.toml", failure.seed)))
    });
    written.map_err(|source| Unwritten { path, source })
}

fn progress(seeds: u64) -> ProgressBar {
    let style = "{spinner} {bar:30} {pos}/{len} {per_sec} {msg} {elapsed}";
    let style = ProgressStyle::with_template(style).expect("the template is a constant");
    ProgressBar::new(seeds).with_style(style)
}
