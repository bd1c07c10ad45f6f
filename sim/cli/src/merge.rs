//! `holdline merge`: many machines, one report.

use std::fmt::Write as _;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::explore::exit_of;
use super::sweep_report::{Facts, report, stretches};
use super::{Exit, print, print_error};
use holdline_sim::explore::merge::{Merged, merge as add_up};
use holdline_sim::explore::record::Record;

/// Arguments of `holdline merge`.
#[derive(Debug, Args)]
pub(super) struct MergeArgs {
    /// Files that `holdline explore --json` has written, one for each shard
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Tells how often each mark was reached
    #[arg(long)]
    marks: bool,
}

pub(super) fn merge(args: &MergeArgs) -> Exit {
    let mut records = Vec::new();
    for path in &args.files {
        let name = path.display().to_string();
        let record = File::open(path)
            .map_err(Into::into)
            .and_then(|file| Record::read(BufReader::new(file)));
        match record {
            Ok(record) => records.push((name, record)),
            Err(error) => {
                print_error(&format_args!("`{name}`: {error}"));
                return Exit::Usage;
            }
        }
    }
    match add_up(records) {
        Ok(merged) => tell(&merged, args.marks),
        Err(error) => {
            print_error(&error);
            Exit::Usage
        }
    }
}

fn tell(merged: &Merged, all_marks: bool) -> Exit {
    let mut text = report(&Facts {
        because: None,
        counts: &merged.counts,
        groups: &merged.groups,
        covered: &merged.covered,
        digest: merged.digest,
        wall: Duration::from_millis(merged.wall_ms),
        tabs: merged.head.tabs != "0",
        all_marks,
        all_groups: true,
    });
    if !merged.gaps.is_empty() {
        let _ = writeln!(text, "not played: {}", stretches(&merged.gaps));
    }
    if !merged.overlaps.is_empty() {
        let _ = writeln!(text, "played twice, and counted so: {}", stretches(&merged.overlaps));
    }
    let failed = merged.groups.worst().map_or(Exit::Pass, exit_of);
    failed.max(print(&text)).max(incomplete(merged))
}

/// A machine that is not heard of may have found anything.
fn incomplete(merged: &Merged) -> Exit {
    let mut exit = Exit::Pass;
    if !merged.missing.is_empty() {
        let shards: Vec<String> = merged.missing.iter().map(ToString::to_string).collect();
        let shards = shards.join(", ");
        print_error(&format_args!(
            "there is no record of shard {shards}; play it, and merge again"
        ));
        exit = Exit::Usage;
    }
    for name in &merged.unfinished {
        let way_out = "its sweep was killed; play that shard again";
        print_error(&format_args!("`{name}` has no end: {way_out}"));
        exit = Exit::Usage;
    }
    exit
}
