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
use super::{print, print_error};

/// A command shorter than this needs no progress bar.
const LASTING: Duration = Duration::from_secs(1);
/// How often the bar shows that it is alive.
const TICK: Duration = Duration::from_millis(120);

/// What the main thread and the progress thread share.
pub(super) struct RunProgress {
    pub(super) report: Report,
    pub(super) watch: Stopwatch,
    total: usize,
    played: Mutex<Vec<Played>>,
    /// The main thread has begun to write its report, and an interruption need not.
    reporting: AtomicBool,
    bar: ProgressBar,
}

impl RunProgress {
    /// Shows the progress of so many runs in a thread of its own.
    pub(super) fn open(report: Report, total: usize) -> Arc<Self> {
        let style = ProgressStyle::with_template("{spinner} {bar:30} {pos}/{len} {msg} {elapsed}")
            .expect("the template is a constant");
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::hidden());
        bar.set_style(style);
        let progress = Arc::new(Self {
            report,
            watch: Stopwatch::start(),
            total,
            played: Mutex::default(),
            reporting: AtomicBool::new(false),
            bar,
        });
        let shared = Arc::clone(&progress);
        let (listening, heard) = mpsc::channel();
        // Without it there is no progress, and an interruption ends the process as usual.
        let _ = thread::Builder::new()
            .name("progress".into())
            .spawn(move || show_progress(&shared, &listening));
        let _ = heard.recv();
        progress
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

fn show_progress(progress: &RunProgress, listening: &Sender<()>) {
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
        progress.bar.set_draw_target(ProgressDrawTarget::stderr());
        progress.bar.enable_steady_tick(TICK);
        Some(signals.next().await)
    });
    if let Some(exit) = exit {
        if !progress.reporting.load(Ordering::SeqCst) {
            interrupted(progress);
        }
        std::process::exit(exit.code().into());
    }
}

/// What was played is not lost.
fn interrupted(progress: &RunProgress) {
    progress.bar.finish_and_clear();
    let played = progress.lock();
    if !played.is_empty() {
        print(&progress.report.summary(&played, progress.watch.elapsed()));
    }
    let (count, total, during) = (played.len(), progress.total, progress.bar.message());
    print_error(&format_args!("interrupted during {during}; {count} of {total} were played"));
}
