//! The herd: what thousands of clients do when their server has been away.
//!
//! Only schedules are played, no sockets: at time zero the server goes and every connection ends; a
//! try fails at once while it is away and succeeds at once when it is back. Time is a number of
//! microseconds, chance is `ChaCha8` with a stream of its own for each client, and nothing else
//! happens, so that what is seen is the schedule and not the machine.
//!
//! - [`schedules`]: every schedule that is compared, ours first.
//! - `holdline`: ours, as the real session of the client goes through it.
//! - `peers`: the articles' and those of well-known clients.
//! - [`plot`]: the picture.
//!
//! It does not model a server that is overwhelmed by the crowd: how large the crowd is, is the answer.

mod holdline;
mod peers;
pub mod plot;

use std::time::Duration;

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

/// Tries are counted in steps of this. 100 ms.
pub const STEP: Duration = Duration::from_millis(100);
/// The most tries in one step that a herd of ten thousand may make: a hundredth of it.
pub const PEAK_MAX: u64 = 100;
/// The longest that all but one in a hundred may take to be back. 15 s.
pub const BACK_MAX: Duration = Duration::from_secs(15);
/// Who is not back this long after the server is gives the picture nothing more to show.
const WATCHED: Duration = Duration::from_secs(60);

/// How large, how long, and by which chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Herd {
    /// How many clients.
    pub clients: u32,
    /// How long the server is away.
    pub outage: Duration,
    /// Feeds every draw.
    pub seed: u64,
}

/// One client of a herd.
pub trait Client {
    /// How long after a failure at this time it tries next; `None` when it gives up. The first
    /// failure is the end of its connection.
    fn next_delay(&mut self, at: Duration) -> Option<Duration>;
}

/// A schedule that is compared.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    /// Whose.
    pub name: &'static str,
    /// In one line.
    pub rule: &'static str,
    start: fn(ChaCha8Rng) -> Box<dyn Client>,
}

/// Every schedule, ours first, then the articles', then the others by name.
pub fn schedules() -> impl Iterator<Item = Schedule> {
    std::iter::once(holdline::SCHEDULE).chain(peers::schedules())
}

/// What a herd did under one schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Whose schedule.
    pub name: &'static str,
    /// In one line.
    pub rule: &'static str,
    /// All tries of all clients, those that succeeded included.
    pub tries: u64,
    /// Clients that gave up.
    pub gave_up: u64,
    /// The most tries in one step, from the moment the server is back.
    pub peak: u64,
    /// How long half of all clients took to be back, in milliseconds; `None` if fewer ever were.
    pub back_p50_ms: Option<u64>,
    /// And all but one in a hundred.
    pub back_p99_ms: Option<u64>,
    /// Tries in each step from the moment the server is back.
    #[serde(skip)]
    pub steps: Vec<u64>,
}

impl Outcome {
    /// Whether it keeps both bounds.
    #[must_use]
    pub fn holds(&self) -> bool {
        let in_time = |ms: u64| Duration::from_millis(ms) <= BACK_MAX;
        self.peak <= PEAK_MAX && self.back_p99_ms.is_some_and(in_time)
    }

    /// Tries of one client in the mean, to a tenth.
    #[must_use]
    pub fn tries_each(&self, herd: &Herd) -> String {
        let tenths = self.tries * 10 / u64::from(herd.clients.max(1));
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

impl Herd {
    /// Lets the whole herd go through one schedule.
    #[must_use]
    pub fn play(&self, schedule: &Schedule) -> Outcome {
        let mut tries = 0;
        let mut steps = vec![0; (WATCHED.as_millis() / STEP.as_millis()) as usize];
        let mut back = Vec::new();
        for number in 0..self.clients {
            let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
            rng.set_stream(u64::from(number));
            let mut client = (schedule.start)(rng);
            let mut at = Duration::ZERO;
            let late = loop {
                let Some(delay) = client.next_delay(at) else { break None };
                at += delay;
                tries += 1;
                if at >= self.outage {
                    break Some(at.saturating_sub(self.outage));
                }
            };
            let Some(late) = late else { continue };
            back.push(late);
            if let Some(step) = steps.get_mut((late.as_micros() / STEP.as_micros()) as usize) {
                *step += 1;
            }
        }
        back.sort_unstable();
        let part_ms = |percent: u64| {
            let rank = (u64::from(self.clients) * percent).div_ceil(100).saturating_sub(1);
            back.get(rank as usize).map(|late| late.as_micros().div_ceil(1000) as u64)
        };
        Outcome {
            name: schedule.name,
            rule: schedule.rule,
            tries,
            gave_up: u64::from(self.clients) - back.len() as u64,
            peak: steps.iter().copied().max().unwrap_or_default(),
            back_p50_ms: part_ms(50),
            back_p99_ms: part_ms(99),
            steps,
        }
    }
}

/// Milliseconds for people, to a tenth of a second: `7.2 s`.
#[must_use]
pub fn seconds(ms: u64) -> String {
    let tenths = (ms + 50) / 100;
    match tenths % 10 {
        0 if ms.is_multiple_of(1000) => format!("{} s", tenths / 10),
        tenth => format!("{}.{tenth} s", tenths / 10),
    }
}
