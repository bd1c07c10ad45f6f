//! `holdline explore`: which seeds, which plans, who is under test, and for how long.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use clap::Args;

use super::subject::SubjectArgs;
use super::sweep_driver::{Ended, SweepDriver};
use super::sweep_report::{Facts, report};
use super::{Exit, print, print_error};
use holdline_sim::explore::failure::Verdict;
use holdline_sim::explore::record::{End, FORMAT, Head, Line, marks_of};
use holdline_sim::explore::seeds::{Seeds, Shard};
use holdline_sim::explore::sweep::Sweep;
use holdline_sim::plan::FaultKind;
use holdline_sim::plan::generate::{Cast, GENERATOR_VERSION, Kinds, Options};
use holdline_sim::subjects::UnderTest;
use holdline_sim::world::run::BackendKind;

/// Arguments of `holdline explore`.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Debug, Args)]
pub(super) struct ExploreArgs {
    /// How many seeds, or which: 100000, or 500..1500 without 1500 [default: until something fails]
    #[arg(long, value_name = "N|A..B")]
    seeds: Option<Seeds>,
    /// Ends after this time, like 60s
    #[arg(long = "for", value_name = "TIME", value_parser = span)]
    lasts: Option<Duration>,
    /// Plays on after a failure, and groups what fails by what it looks like
    #[arg(long)]
    keep_going: bool,
    /// Tabs in a browser: 5, or a number drawn for each seed, like 1..16; 0 is one client without tabs
    #[arg(long, value_name = "N|A..B", default_value_t = Cast::Single)]
    tabs: Cast,
    /// Plays on the pure tier, without sockets: many times as fast, for our client only
    #[arg(long)]
    pure: bool,
    /// The only kinds of faults that may come, like partition,crash
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    only: Vec<FaultKind>,
    /// Kinds of faults that may not come
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    without: Vec<FaultKind>,
    #[command(flatten)]
    subject: SubjectArgs,
    /// Simulations at a time, each on a thread of its own [default: one for each core]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Plays one part of the seeds, for one machine of several: 0/4 to 3/4 are four machines
    #[arg(long, value_name = "I/N", default_value_t = Shard::WHOLE)]
    shard: Shard,
    /// JSON lines instead of text, for `holdline merge`
    #[arg(long)]
    json: bool,
    /// Tells how often each mark was reached
    #[arg(long, conflicts_with = "json")]
    marks: bool,
    /// Hashes every run and tells one digest of all: the same sweep has the same one, wherever it is
    /// played
    #[arg(long)]
    digest: bool,
    /// A run that takes longer hangs
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = span)]
    hangs_after: Duration,
}

fn span(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => Err("no time at all; write it like 60s or 10m".into()),
        Ok(span) => Ok(span),
        Err(_) => Err("not a time; write it like 60s or 10m".into()),
    }
}

impl ExploreArgs {
    fn options(&self) -> Options {
        let kinds = if self.only.is_empty() { Kinds::ALL } else { Kinds::only(&self.only) };
        Options { cast: self.tabs, kinds: kinds.without(&self.without) }
    }

    fn jobs(&self) -> usize {
        let cores = || thread::available_parallelism().map_or(1, NonZeroUsize::get);
        self.jobs.map_or_else(cores, NonZeroUsize::get)
    }
}

pub(super) fn explore(args: &ExploreArgs) -> Exit {
    let subject = match args.subject.choose() {
        Ok(subject) => subject,
        Err(error) => {
            print_error(&error);
            return Exit::Usage;
        }
    };
    let options = args.options();
    if args.pure
        && let Err(error) = can_be_pure(&subject)
    {
        print_error(&error);
        return Exit::Usage;
    }
    let backend = BackendKind::tier(args.pure);
    let seeds = args.seeds.unwrap_or(Seeds::ENDLESS);
    let head = Head {
        format: FORMAT,
        generator: GENERATOR_VERSION,
        tabs: options.cast.to_string(),
        kinds: options.kinds.iter().map(|kind| kind.to_string()).collect(),
        subject: subject.to_string() + if args.pure { " (pure tier)" } else { "" },
        seeds,
        shard: args.shard,
    };
    let driver = SweepDriver {
        sweep: Sweep { options, backend, subject: Arc::new(subject), digests: args.digest },
        subject,
        seeds: seeds.shard(args.shard),
        is_endless: args.seeds.is_none(),
        jobs: args.jobs(),
        lasts: args.lasts,
        keep_going: args.keep_going,
        hangs_after: args.hangs_after,
        json: args.json.then_some(head),
    };
    match driver.drive() {
        Ok(ended) => tell(args, &ended),
        Err(error) => {
            print_error(&format_args!("cannot begin: {error}"));
            Exit::Usage
        }
    }
}

/// Why the pure tier cannot carry the sweep.
fn can_be_pure(subject: &UnderTest) -> Result<(), &'static str> {
    match subject {
        UnderTest::Published(_) => {
            Err("the pure tier plays the machines of holdline, and published is not made of them; \
                 leave out --pure or --subject")
        }
        UnderTest::Holdline => Ok(()),
    }
}

fn tell(args: &ExploreArgs, ended: &Ended) -> Exit {
    let failed = ended.groups.worst().map_or(Exit::Pass, exit_of);
    let exit = ended.exit.max(failed);
    if ended.is_reader_gone {
        return exit;
    }
    let digest = args.digest.then_some(ended.counts.digest);
    let text = if args.json {
        Line::End(End {
            because: ended.because.to_string(),
            covered: ended.covered.iter().filter_map(|r| Seeds::new(r.clone())).collect(),
            runs: ended.counts.runs,
            virtual_ms: ended.counts.virtual_ms,
            wall_ms: ended.wall.as_millis() as u64,
            digest,
            marks: marks_of(&ended.counts),
        })
        .text()
    } else {
        report(&Facts {
            because: Some(ended.because),
            counts: &ended.counts,
            groups: &ended.groups,
            covered: &ended.covered,
            digest,
            wall: ended.wall,
            tabs: args.tabs != Cast::Single,
            all_marks: args.marks,
            // The first failure has been told whole.
            all_groups: args.keep_going,
        })
    };
    exit.max(print(&text))
}

/// The exit code of a sort of failure.
pub(super) fn exit_of(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Liveness => Exit::Liveness,
        Verdict::Violation => Exit::Violation,
        Verdict::Hang => Exit::Hang,
        Verdict::Crash => Exit::Crash,
    }
}
