//! Who attends to the person at the terminal while the runs keep the main thread busy: shows the
//! progress when it lasts, and reports what was played when it is interrupted.
//!
//! It never touches a run: nothing in here can change what a run does.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::report::{Played, Report};
use super::signals::Signals;
use super::stopwatch::Stopwatch;
use super::{complain, say};

/// A command shorter than this needs no progress bar.
const LASTING: Duration = Duration::from_secs(1);
/// How often the bar shows that it is alive.
const TICK: Duration = Duration::from_millis(120);

/// What the main thread and the attendant share.
pub(super) struct Stage {
    pub(super) report: Report,
    pub(super) watch: Stopwatch,
    total: usize,
    played: Mutex<Vec<Played>>,
    /// The main thread has begun to write its report, and an interruption need not.
    reporting: AtomicBool,
    bar: ProgressBar,
}

impl Stage {
    /// A stage for so many runs, with an attendant.
    pub(super) fn open(report: Report, total: usize) -> Arc<Self> {
        let style = ProgressStyle::with_template("{spinner} {bar:30} {pos}/{len} {msg} {elapsed}")
            .expect("the template is a constant");
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::hidden());
        bar.set_style(style);
        let stage = Arc::new(Self {
            report,
            watch: Stopwatch::start(),
            total,
            played: Mutex::default(),
            reporting: AtomicBool::new(false),
            bar,
        });
        let attended = Arc::clone(&stage);
        let (listening, heard) = mpsc::channel();
        // Without it there is no progress, and an interruption ends the process as usual.
        let _ = thread::Builder::new()
            .name("attendant".into())
            .spawn(move || attend(&attended, &listening));
        let _ = heard.recv();
        stage
    }

    /// The next one begins.
    pub(super) fn begin(&self, name: &str) {
        self.bar.set_message(name.to_owned());
    }

    /// And has ended.
    pub(super) fn end(&self, played: Played) {
        self.lock().push(played);
        self.bar.inc(1);
    }

    /// The curtain falls; everything that was played.
    pub(super) fn close(&self) -> MutexGuard<'_, Vec<Played>> {
        self.reporting.store(true, Ordering::SeqCst);
        self.bar.finish_and_clear();
        self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Played>> {
        self.played.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn attend(stage: &Stage, listening: &Sender<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else { return };
    let exit = runtime.block_on(async {
        let Ok(mut signals) = Signals::listen() else { return None };
        let _ = listening.send(());
        let lasting = tokio::time::timeout(LASTING, signals.next());
        if let Ok(exit) = lasting.await {
            return Some(exit);
        }
        // It hides itself where standard error is no terminal.
        stage.bar.set_draw_target(ProgressDrawTarget::stderr());
        stage.bar.enable_steady_tick(TICK);
        Some(signals.next().await)
    });
    if let Some(exit) = exit {
        if !stage.reporting.load(Ordering::SeqCst) {
            interrupted(stage);
        }
        std::process::exit(exit.code().into());
    }
}

/// What was played is not lost.
fn interrupted(stage: &Stage) {
    stage.bar.finish_and_clear();
    let played = stage.lock();
    if !played.is_empty() {
        say(&stage.report.summary(&played, stage.watch.elapsed()));
    }
    let (count, total, during) = (played.len(), stage.total, stage.bar.message());
    complain(&format_args!("interrupted during {during}; {count} of {total} were played"));
}
