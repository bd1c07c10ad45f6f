//! What comes faster than a rate is answered 429, each guest counted by itself. The vendor's rates:
//! `2/s` and `5/s` for messages, `60/min` before 2023-12-11, `10/min` for history, `2/min` for echoes.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Bend, Mischief, Occasion};
use crate::core::{Now, Refusal};

/// Guests that are counted; beyond, one of them begins anew.
const MAX_COUNTED: usize = 10_000;
/// Who is no guest yet.
const NOBODY: &str = "";

/// What comes faster than `rate` is answered 429 with the seconds until the next is let through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RateLimited {
    /// How many in which time, like `2/s` or `60/min`; so many may come at once.
    pub rate: Rate,
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
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let per = if self.per == Duration::from_secs(1) { "s" } else { "min" };
        to.collect_str(&format_args!("{}/{per}", self.times))
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| {
            let says = format!("`{text}` is no rate: write it like 2/s or 60/min, at least 1");
            serde::de::Error::custom(says)
        })
    }
}

impl Mischief for RateLimited {
    const ABOUT: &str = "answers 429 to what comes faster than `rate`, like 2/s, 5/s, 60/min, 10/min \
                         or 2/min, each guest by itself";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.is_request()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::Refuse(Refusal::rate_limited(&self.told(), self.rate.interval()))
    }
}

impl RateLimited {
    fn told(&self) -> String {
        let per = if self.rate.per == Duration::from_secs(1) { "second" } else { "minute" };
        format!("{} a {per}", self.rate.times)
    }
}

/// Who came when: the generic cell rate algorithm, which keeps one moment for each guest.
#[derive(Debug, Clone, Default)]
pub(super) struct Pace {
    /// When all that came would have come at an even pace.
    due: BTreeMap<String, Duration>,
}

impl Pace {
    /// Whether one more of `guest` is within the rate; one that is not costs nothing.
    pub(super) fn admits(&mut self, rate: Rate, now: Duration, guest: Option<&str>) -> bool {
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
