//! The fault `rate-limited`. The vendor's rates: `2/s` and `5/s` for messages, `60/min` before
//! 2023-12-11, `10/min` for history, `2/min` for echoes.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::core::{Now, Refusal};
use crate::faults::{FieldValue, Outcome, REQUESTS, fault};

/// Guests that are counted; beyond, one of them is counted from zero again.
const MAX_COUNTED: usize = 10_000;
/// Who is no guest yet.
const NOBODY: &str = "";

fault! {
    /// Answers 429 to what comes faster than a rate, each guest counted by itself, with the seconds
    /// until the next is let through.
    "rate-limited" => RateLimited at REQUESTS {
        /// How many in which time; so many may come at once.
        rate: Rate,
    }

    fn decide(&self, _: Now) -> Outcome {
        Outcome::Refuse(Refusal::rate_limited(&self.rate.words(), self.rate.interval()))
    }
}

/// How many in a second or a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    times: u32,
    per: Duration,
}

impl Rate {
    fn parse(text: &str) -> Option<Self> {
        let (times, per) = text.split_once('/')?;
        let per = match per {
            "s" => Duration::from_secs(1),
            "min" => Duration::from_mins(1),
            _ => return None,
        };
        let times = times.parse().ok().filter(|times| (1..=1_000_000).contains(times))?;
        Some(Self { times, per })
    }

    fn interval(self) -> Duration {
        self.per / self.times
    }

    fn words(self) -> String {
        let per = if self.per == Duration::from_secs(1) { "second" } else { "minute" };
        format!("{} a {per}", self.times)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per = if self.per == Duration::from_secs(1) { "s" } else { "min" };
        write!(f, "{}/{per}", self.times)
    }
}

impl FieldValue for Rate {
    const FORM: &str = "rate: write it like 2/s or 60/min, at least 1";

    fn read(value: &Value) -> Option<Self> {
        Self::parse(value.as_str()?)
    }

    fn write(&self) -> Value {
        self.to_string().into()
    }
}

/// Who came when: the generic cell rate algorithm, which keeps one moment for each guest.
#[derive(Debug, Clone, Default)]
pub(in crate::faults) struct Pace {
    /// When all that came would have come at an even pace.
    due: BTreeMap<String, Duration>,
}

impl Pace {
    /// Whether one more of `guest` is within the rate; one that is not costs nothing.
    pub(in crate::faults) fn admits(
        &mut self,
        rate: Rate,
        now: Duration,
        guest: Option<&str>,
    ) -> bool {
        let guest = guest.unwrap_or(NOBODY);
        let due = self.due.get(guest).map_or(now, |due| now.max(*due));
        let interval = rate.interval();
        if due.saturating_sub(now) > rate.per.saturating_sub(interval) {
            return false;
        }
        if self.due.len() >= MAX_COUNTED && !self.due.contains_key(guest) {
            self.due.pop_first();
        }
        self.due.insert(guest.to_owned(), due + interval);
        true
    }
}
