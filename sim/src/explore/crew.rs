//! The threads of a sweep, each with a simulation of its own, and what can be seen of them meanwhile.
//!
//! They share one counter, which deals the seeds, and a flag that stops them. What a thread has learnt
//! it counts behind a window of its own, through which anybody may look: a run that passes costs nobody
//! a lock, and nothing of it is kept.

use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::digest::Digest;
use super::failure::Failure;
use super::sweep::{Played, Sweep};
use super::tally::Counts;
use crate::marks::COUNT;

/// No seed is being played.
const NONE: u64 = u64::MAX;

/// Something that a thread tells.
#[derive(Debug)]
pub enum News {
    /// A seed did not pass.
    Failed(Box<Failure>),
    /// The thread has no more seeds.
    Done,
}

/// How one thread is getting on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulse {
    /// How many it has played.
    pub runs: u64,
    /// Which one it plays; `None` when it has no more.
    pub seed: Option<u64>,
}

/// Through which one thread is seen. Only that thread writes, so that nobody waits for anybody.
#[derive(Debug)]
struct Window {
    seed: AtomicU64,
    runs: AtomicU64,
    virtual_ms: AtomicU64,
    digest: AtomicU64,
    marks: [AtomicU64; COUNT],
}

impl Window {
    fn new() -> Self {
        let zero = AtomicU64::default;
        let marks = std::array::from_fn(|_| zero());
        Self { seed: AtomicU64::new(NONE), runs: zero(), virtual_ms: zero(), digest: zero(), marks }
    }

    fn add(&self, played: &Played) {
        let add = |counter: &AtomicU64, more: u64| {
            counter.store(counter.load(Ordering::Relaxed).wrapping_add(more), Ordering::Relaxed);
        };
        add(&self.runs, 1);
        add(&self.virtual_ms, played.virtual_time.as_millis() as u64);
        add(&self.digest, played.digest.number());
        played.reached.places().for_each(|place| add(&self.marks[place], 1));
    }

    fn pulse(&self) -> Pulse {
        let seed = self.seed.load(Ordering::Relaxed);
        Pulse { runs: self.runs.load(Ordering::Relaxed), seed: (seed != NONE).then_some(seed) }
    }
}

/// Who deals the seeds.
#[derive(Debug)]
struct Dealer {
    seeds: Range<u64>,
    next: AtomicU64,
    stopped: AtomicBool,
}

impl Dealer {
    fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    fn deal(&self) -> Option<u64> {
        if self.stopped.load(Ordering::Relaxed) {
            return None;
        }
        let seed = self.next.fetch_add(1, Ordering::Relaxed);
        self.seeds.contains(&seed).then_some(seed)
    }
}

/// See the module's documentation.
#[derive(Debug)]
pub struct Crew {
    sweep: Sweep,
    dealer: Arc<Dealer>,
    windows: Mutex<Vec<Arc<Window>>>,
    stops_at_failure: bool,
    news: UnboundedSender<News>,
}

impl Crew {
    /// A crew for these seeds, of nobody yet, and where to hear of it.
    #[must_use]
    pub fn new(sweep: Sweep, seeds: Range<u64>) -> (Self, UnboundedReceiver<News>) {
        let (news, heard) = unbounded_channel();
        let next = AtomicU64::new(seeds.start);
        let dealer = Arc::new(Dealer { seeds, next, stopped: AtomicBool::new(false) });
        (Self { sweep, dealer, windows: Mutex::default(), stops_at_failure: false, news }, heard)
    }

    /// The same crew, of which nobody begins another seed once one has failed.
    #[must_use]
    pub fn stopping_at_failure(self, stops_at_failure: bool) -> Self {
        Self { stops_at_failure, ..self }
    }

    /// One more thread, which begins to play at once.
    pub fn hire(&self) -> io::Result<()> {
        let window = Arc::new(Window::new());
        let (sweep, dealer) = (self.sweep.clone(), Arc::clone(&self.dealer));
        let (seen, news) = (Arc::clone(&window), self.news.clone());
        let stops_at_failure = self.stops_at_failure;
        let mut windows = self.windows();
        let name = format!("player-{}", windows.len() + 1);
        // Its handle is let go: one that hangs could never be waited for.
        thread::Builder::new().name(name).spawn(move || {
            while let Some(seed) = dealer.deal() {
                seen.seed.store(seed, Ordering::Relaxed);
                let played = sweep.play(seed);
                seen.add(&played);
                if stops_at_failure && played.failure.is_some() {
                    dealer.stop();
                }
                // Whoever listened may have heard enough.
                let _ = played.failure.map(|failure| news.send(News::Failed(failure)));
            }
            seen.seed.store(NONE, Ordering::Relaxed);
            let _ = news.send(News::Done);
        })?;
        windows.push(window);
        Ok(())
    }

    /// Nobody begins another one.
    pub fn stop(&self) {
        self.dealer.stop();
    }

    /// How each thread is getting on, in the order in which they were hired.
    #[must_use]
    pub fn pulses(&self) -> Vec<Pulse> {
        self.windows().iter().map(|window| window.pulse()).collect()
    }

    /// What all of them have counted so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for window in self.windows().iter() {
            counts.runs += window.runs.load(Ordering::Relaxed);
            counts.virtual_ms += window.virtual_ms.load(Ordering::Relaxed);
            let digest = Digest::from_number(window.digest.load(Ordering::Relaxed));
            counts.digest = counts.digest.plus(digest);
            for (sum, count) in counts.marks.iter_mut().zip(&window.marks) {
                *sum += count.load(Ordering::Relaxed);
            }
        }
        counts
    }

    /// The seeds that were played to their end, in stretches.
    #[must_use]
    pub fn covered(&self) -> Vec<Range<u64>> {
        let Range { start, end } = self.dealer.seeds;
        let begun = self.dealer.next.load(Ordering::Relaxed).min(end);
        let mut unfinished: Vec<u64> =
            self.pulses().into_iter().filter_map(|pulse| pulse.seed).collect();
        unfinished.sort_unstable();
        let mut covered = Vec::new();
        let mut from = start;
        for seed in unfinished.into_iter().chain([begun]) {
            if from < seed {
                covered.push(from..seed);
            }
            from = seed + 1;
        }
        covered
    }

    fn windows(&self) -> MutexGuard<'_, Vec<Arc<Window>>> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
