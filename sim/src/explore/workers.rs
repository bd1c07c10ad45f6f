//! The threads of a sweep, each with a simulation of its own, and what can be seen of them meanwhile.
//!
//! They share one counter, from which they take the seeds, and a flag that stops them. What a thread has learnt
//! it counts in statistics of its own, which anybody may read: a run that passes costs nobody
//! a lock, and nothing of it is kept.

use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::counts::Counts;
use super::digest::Digest;
use super::failure::Failure;
use super::sweep::{Played, Sweep};
use crate::marks::COUNT;

/// No seed is being played.
const NONE: u64 = u64::MAX;

/// What a worker reports.
#[derive(Debug)]
pub enum WorkerEvent {
    /// A seed did not pass.
    Failed(Box<Failure>),
    /// The thread has no more seeds.
    Done,
}

/// How one thread is getting on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heartbeat {
    /// How many it has played.
    pub runs: u64,
    /// Which one it plays; `None` when it has no more.
    pub seed: Option<u64>,
}

/// What one worker has done so far. Only that thread writes, so that nobody waits for anybody.
#[derive(Debug)]
struct WorkerStats {
    seed: AtomicU64,
    runs: AtomicU64,
    virtual_ms: AtomicU64,
    digest: AtomicU64,
    marks: [AtomicU64; COUNT],
}

impl WorkerStats {
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

    fn heartbeat(&self) -> Heartbeat {
        let seed = self.seed.load(Ordering::Relaxed);
        Heartbeat { runs: self.runs.load(Ordering::Relaxed), seed: (seed != NONE).then_some(seed) }
    }
}

/// The seeds that are left.
#[derive(Debug)]
struct SeedQueue {
    range: Range<u64>,
    next: AtomicU64,
    stopped: AtomicBool,
}

impl SeedQueue {
    fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    fn next(&self) -> Option<u64> {
        if self.stopped.load(Ordering::Relaxed) {
            return None;
        }
        let seed = self.next.fetch_add(1, Ordering::Relaxed);
        self.range.contains(&seed).then_some(seed)
    }
}

/// See the module's documentation.
#[derive(Debug)]
pub struct Workers {
    sweep: Sweep,
    seeds: Arc<SeedQueue>,
    stats: Mutex<Vec<Arc<WorkerStats>>>,
    stops_at_failure: bool,
    news: UnboundedSender<WorkerEvent>,
}

impl Workers {
    /// Workers for these seeds, none of them started yet, and what they will report.
    #[must_use]
    pub fn new(sweep: Sweep, seeds: Range<u64>) -> (Self, UnboundedReceiver<WorkerEvent>) {
        let (news, events) = unbounded_channel();
        let next = AtomicU64::new(seeds.start);
        let seeds = Arc::new(SeedQueue { range: seeds, next, stopped: AtomicBool::new(false) });
        (Self { sweep, seeds, stats: Mutex::default(), stops_at_failure: false, news }, events)
    }

    /// The same workers, none of which begins another seed once one has failed.
    #[must_use]
    pub fn stopping_at_failure(self, stops_at_failure: bool) -> Self {
        Self { stops_at_failure, ..self }
    }

    /// One more thread, which begins to play at once.
    pub fn spawn(&self) -> io::Result<()> {
        let worker = Arc::new(WorkerStats::new());
        let (sweep, seeds) = (self.sweep.clone(), Arc::clone(&self.seeds));
        let (seen, news) = (Arc::clone(&worker), self.news.clone());
        let stops_at_failure = self.stops_at_failure;
        let mut stats = self.stats();
        let name = format!("worker-{}", stats.len() + 1);
        // Its handle is let go: one that hangs could never be waited for.
        thread::Builder::new().name(name).spawn(move || {
            while let Some(seed) = seeds.next() {
                seen.seed.store(seed, Ordering::Relaxed);
                let played = sweep.play(seed);
                seen.add(&played);
                if stops_at_failure && played.failure.is_some() {
                    seeds.stop();
                }
                // Whoever listened may have events enough.
                let _ = played.failure.map(|failure| news.send(WorkerEvent::Failed(failure)));
            }
            seen.seed.store(NONE, Ordering::Relaxed);
            let _ = news.send(WorkerEvent::Done);
        })?;
        stats.push(worker);
        Ok(())
    }

    /// No worker begins another seed.
    pub fn stop(&self) {
        self.seeds.stop();
    }

    /// How each thread is getting on, in the order in which they were started.
    #[must_use]
    pub fn heartbeats(&self) -> Vec<Heartbeat> {
        self.stats().iter().map(|worker| worker.heartbeat()).collect()
    }

    /// What all of them have counted so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for worker in self.stats().iter() {
            counts.runs += worker.runs.load(Ordering::Relaxed);
            counts.virtual_ms += worker.virtual_ms.load(Ordering::Relaxed);
            let digest = Digest::from_number(worker.digest.load(Ordering::Relaxed));
            counts.digest = counts.digest.plus(digest);
            for (sum, count) in counts.marks.iter_mut().zip(&worker.marks) {
                *sum += count.load(Ordering::Relaxed);
            }
        }
        counts
    }

    /// The seeds that were played to their end, in stretches.
    #[must_use]
    pub fn covered(&self) -> Vec<Range<u64>> {
        let Range { start, end } = self.seeds.range;
        let begun = self.seeds.next.load(Ordering::Relaxed).min(end);
        let mut unfinished: Vec<u64> =
            self.heartbeats().into_iter().filter_map(|heartbeat| heartbeat.seed).collect();
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

    fn stats(&self) -> MutexGuard<'_, Vec<Arc<WorkerStats>>> {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
