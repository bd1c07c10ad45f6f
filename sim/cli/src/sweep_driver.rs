//! Watches over a sweep: shows how it is getting on, tells what fails, notices a thread that is not
//! responding, and ends it in time, at the first failure or when it is interrupted.
//!
//! It only looks: nothing in here can change what a run does.

use std::fmt;
use std::io::{self, ErrorKind, Write as _};
use std::ops::Range;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::signals::Signals;
use super::stopwatch::Stopwatch;
use super::sweep_report::{replay_command, story};
use super::{Exit, written};
use holdline_sim::explore::counts::{Counts, Groups};
use holdline_sim::explore::failure::Failure;
use holdline_sim::explore::record::{Failed, Head, Line};
use holdline_sim::explore::sweep::Sweep;
use holdline_sim::explore::workers::{Heartbeat, WorkerEvent, Workers};
use holdline_sim::subjects::UnderTest;

/// How often anybody looks.
const TICK: Duration = Duration::from_millis(120);
/// A thread that was told to stop finishes its run in much less.
const STOP_WITHIN: Duration = Duration::from_secs(5);
/// Longer than anybody waits.
const NEVER: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// What is watched.
pub(super) struct SweepDriver {
    pub(super) sweep: Sweep,
    pub(super) subject: UnderTest,
    pub(super) seeds: Range<u64>,
    /// Nobody expects the last seed to come.
    pub(super) is_endless: bool,
    pub(super) jobs: usize,
    pub(super) lasts: Option<Duration>,
    pub(super) keep_going: bool,
    pub(super) hangs_after: Duration,
    /// JSON lines are wanted, beginning with this one.
    pub(super) json: Option<Head>,
}

/// Why a sweep is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Because {
    Played,
    Failure,
    Time,
    Interrupted,
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Played => "all played",
            Self::Failure => "failure",
            Self::Time => "time",
            Self::Interrupted => "interrupted",
        })
    }
}

/// What came of it.
pub(super) struct Ended {
    pub(super) because: Because,
    pub(super) counts: Counts,
    pub(super) groups: Groups,
    pub(super) covered: Vec<Range<u64>>,
    pub(super) wall: Duration,
    /// The exit that is due whatever was found.
    pub(super) exit: Exit,
    /// Whoever read has gone away.
    pub(super) is_reader_gone: bool,
}

impl SweepDriver {
    /// Plays all of it, and comes back when it is over.
    pub(super) fn drive(self) -> io::Result<Ended> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let signals = Signals::listen()?;
            let (workers, news) = Workers::new(self.sweep.clone(), self.seeds.clone());
            let workers = workers.stopping_at_failure(!self.keep_going);
            let mut reporter = SweepReporter::new(self, workers);
            reporter.open()?;
            reporter.follow(signals, news).await;
            Ok(reporter.close())
        })
    }
}

/// Since when a thread has been at what it does.
struct LastHeartbeat {
    heartbeat: Heartbeat,
    since: Stopwatch,
    lost: bool,
}

struct SweepReporter {
    driver: SweepDriver,
    workers: Workers,
    stopwatch: Stopwatch,
    bar: ProgressBar,
    groups: Groups,
    last_heartbeats: Vec<LastHeartbeat>,
    working: usize,
    because: Option<Because>,
    exit: Exit,
    is_reader_gone: bool,
}

impl SweepReporter {
    fn new(driver: SweepDriver, workers: Workers) -> Self {
        let (style, length) = if driver.is_endless {
            ("{spinner} {pos} {msg} {elapsed}", None)
        } else {
            (
                "{spinner} {bar:24} {pos}/{len} {msg} {elapsed}",
                Some(driver.seeds.end - driver.seeds.start),
            )
        };
        let style = ProgressStyle::with_template(style).expect("the templates are constants");
        let bar = match length {
            Some(length) => ProgressBar::new(length),
            None => ProgressBar::new_spinner(),
        };
        Self {
            driver,
            workers,
            stopwatch: Stopwatch::start(),
            bar: bar.with_style(style),
            groups: Groups::default(),
            last_heartbeats: Vec::new(),
            working: 0,
            because: None,
            exit: Exit::Pass,
            is_reader_gone: false,
        }
    }

    fn open(&mut self) -> io::Result<()> {
        if let Some(head) = self.driver.json.clone() {
            self.print(&Line::Sweep(head).text());
        }
        (0..self.driver.jobs).try_for_each(|_| self.add_thread())
    }

    fn add_thread(&mut self) -> io::Result<()> {
        self.workers.spawn()?;
        self.working += 1;
        Ok(())
    }

    async fn follow(&mut self, mut signals: Signals, mut news: UnboundedReceiver<WorkerEvent>) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut over = std::pin::pin!(sleep(self.driver.lasts.unwrap_or(NEVER)));
        let mut stopping: Option<Stopwatch> = None;
        while self.working > 0 {
            tokio::select! {
                biased;
                exit = signals.next() => {
                    self.exit = self.exit.max(exit);
                    // Asked a second time, it waits for nobody.
                    if !self.stop(Because::Interrupted) {
                        return;
                    }
                }
                told = news.recv() => match told {
                    Some(WorkerEvent::Failed(failure)) => self.failed(&failure),
                    Some(WorkerEvent::Done) => self.working -= 1,
                    None => return,
                },
                () = &mut over, if self.because.is_none() => {
                    self.stop(Because::Time);
                }
                _ = ticks.tick() => {
                    self.look();
                    let since = stopping.get_or_insert_with(Stopwatch::start);
                    if self.because.is_none() {
                        stopping = None;
                    } else if since.elapsed() > STOP_WITHIN {
                        return;
                    }
                }
            }
        }
    }

    /// Nobody begins another run; whether that is news.
    fn stop(&mut self, because: Because) -> bool {
        let is_news = self.because.is_none();
        self.because.get_or_insert(because);
        self.workers.stop();
        is_news
    }

    fn failed(&mut self, failure: &Failure) {
        let again = replay_command(&self.driver.sweep, &self.driver.subject, failure);
        self.groups.add(failure, again.clone());
        if self.driver.json.is_some() {
            self.print(&Line::Failure(Failed::new(failure, again)).text());
        } else if !self.driver.keep_going && self.groups.count() == 1 {
            let text = story(failure, &again);
            self.bar.clone().suspend(|| self.print(&text));
        }
        if !self.driver.keep_going {
            self.stop(Because::Failure);
        }
    }

    /// How everybody is getting on.
    fn look(&mut self) {
        let heartbeats = self.workers.heartbeats();
        for (thread, heartbeat) in heartbeats.into_iter().enumerate() {
            let fresh = || LastHeartbeat { heartbeat, since: Stopwatch::start(), lost: false };
            if self.last_heartbeats.len() <= thread {
                self.last_heartbeats.push(fresh());
            }
            let last = &mut self.last_heartbeats[thread];
            if last.heartbeat != heartbeat {
                *last = fresh();
            }
            let Some(seed) = heartbeat.seed.filter(|_| !last.lost) else { continue };
            if last.since.elapsed() > self.driver.hangs_after {
                last.lost = true;
                self.lost(seed);
            }
        }
        self.show();
    }

    /// A thread no longer responds: it cannot be ended, but another can take its place.
    fn lost(&mut self, seed: u64) {
        let limit = humantime::format_duration(self.driver.hangs_after);
        let text = format!("after {limit} the run of seed {seed} had not ended");
        self.working -= 1;
        self.failed(&Failure::unheard_of(seed, text));
        if self.because.is_none() && self.add_thread().is_err() {
            self.stop(Because::Failure);
        }
    }

    fn show(&self) {
        let counts = self.workers.counts();
        self.bar.set_position(counts.runs);
        self.bar.set_message(super::sweep_report::progress(
            &counts,
            self.groups.count(),
            self.stopwatch.elapsed(),
        ));
    }

    fn print(&mut self, text: &str) {
        let mut out = anstream::stdout().lock();
        let result = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        // A reader that has gone away wants no more of it.
        self.is_reader_gone |=
            result.as_ref().is_err_and(|error| error.kind() == ErrorKind::BrokenPipe);
        let failed = result.is_err();
        self.exit = self.exit.max(written(result));
        if failed {
            self.is_reader_gone = true;
            self.stop(Because::Interrupted);
        }
    }

    fn close(self) -> Ended {
        self.bar.finish_and_clear();
        Ended {
            because: self.because.unwrap_or(Because::Played),
            counts: self.workers.counts(),
            covered: self.workers.covered(),
            groups: self.groups,
            wall: self.stopwatch.elapsed(),
            exit: self.exit,
            is_reader_gone: self.is_reader_gone,
        }
    }
}
