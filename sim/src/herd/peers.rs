//! The schedules of others, as their sources have them; each is one line of arithmetic.
//!
//! What a client does beside its delays (counters reset by uptime, page events, other hosts) is left
//! out, and so is a limit of tries where it is far above what an outage of minutes needs.

use std::time::Duration;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::{Client, Schedule};

/// Microseconds until the next try; none when there will be no other.
type Rule = fn(&mut Peer) -> Option<u64>;

/// What a rule can look at.
struct Peer {
    /// Failures before this one.
    n: u32,
    /// The delay before, in microseconds.
    last_us: u64,
    /// What was drawn once for the life of the page, in milliseconds.
    drawn_ms: Option<u64>,
    rng: ChaCha8Rng,
    rule: Rule,
}

impl Client for Peer {
    fn next_delay(&mut self, _: Duration) -> Option<Duration> {
        let delay_us = (self.rule)(self)?;
        self.last_us = delay_us;
        self.n += 1;
        Some(Duration::from_micros(delay_us))
    }
}

impl Peer {
    fn uniform_us(&mut self, from_ms: u64, to_ms: u64) -> u64 {
        self.rng.random_range(from_ms * 1000..=to_ms * 1000)
    }

    fn doubled_ms(&self, base_ms: u64, cap_ms: u64) -> u64 {
        (base_ms << self.n.min(20)).min(cap_ms)
    }

    /// Nothing at first, then `base` times 1.3 for each failure.
    fn grown_us(&self, base_ms: u64, cap_ms: u64) -> u64 {
        let Some(steps) = self.n.checked_sub(1) else { return 0 };
        let most_us = cap_ms * 1000;
        (0..steps.min(20)).fold(base_ms * 1000, |us, _| us * 13 / 10).min(most_us)
    }

    /// The entry of a list for this failure.
    fn listed_us(&self, list_ms: &[u64]) -> Option<u64> {
        list_ms.get(self.n as usize).map(|ms| ms * 1000)
    }
}

/// A schedule out of a name, a rule in words, and the same rule as arithmetic.
macro_rules! schedules {
    ($($name:literal: $words:literal, $rule:expr;)+) => {
        /// All of them, the articles' first.
        pub(super) fn schedules() -> impl Iterator<Item = Schedule> {
            [$(Schedule {
                name: $name,
                rule: $words,
                start: |rng| {
                    Box::new(Peer { n: 0, last_us: 0, drawn_ms: None, rng, rule: $rule })
                },
            }),+]
            .into_iter()
        }
    };
}

schedules! {
    "article 000, as it runs": "1 s + U(0, 1 s) for ever: its counter never counts (A7)",
        |peer| Some(peer.uniform_us(1000, 2000));
    "article 000, as written": "2^n s + U(0, 1 s) up to 30 s, its limit of 5 tries set aside",
        |peer| {
            let exponential_us = peer.doubled_ms(1000, 1 << 20) * 1000;
            Some((exponential_us + peer.uniform_us(0, 1000)).min(30_000_000))
        };
    "phoenix": "0.01, 0.05, 0.1, 0.15, 0.2, 0.25, 0.5, 1, 2 s, then 5 s",
        |peer| peer.listed_us(&[10, 50, 100, 150, 200, 250, 500, 1000, 2000]).or(Some(5_000_000));
    "partysocket": "0 s, then 3 s x 1.3^n up to 10 s",
        |peer| Some(peer.grown_us(3000, 10_000));
    "pusher-js": "1 s",
        |_| Some(1_000_000);
    "mqtt.js": "1 s",
        |_| Some(1_000_000);
    "Genesys SDK": "5 s, 60 tries",
        |peer| (peer.n < 60).then_some(5_000_000);
    "SignalR": "0, 2, 10, 30 s, and no more",
        |peer| peer.listed_us(&[0, 2000, 10_000, 30_000]);
    "graphql-ws": "2^n s + U(0.3 s, 3 s), 5 tries",
        |peer| (peer.n < 5).then(|| peer.doubled_ms(1000, 32_000) * 1000 + peer.uniform_us(300, 3000));
    "socket.io-client": "2^n s, half more or less, up to 5 s",
        |peer| {
            let exponential_ms = peer.doubled_ms(1000, 1 << 20);
            Some(peer.uniform_us(exponential_ms / 2, exponential_ms / 2 * 3).min(5_000_000))
        };
    "reconnecting-websocket": "0 s, then b x 1.3^n up to 10 s; b in [1 s, 5 s], once a page",
        |peer| {
            let drawn_ms = match peer.drawn_ms {
                Some(drawn_ms) => drawn_ms,
                None => *peer.drawn_ms.insert(peer.rng.random_range(1000..=5000)),
            };
            Some(peer.grown_us(drawn_ms, 10_000))
        };
    "ably-js": "0 s, then 15 s x min((n + 2)/3, 2) x [0.8, 1]",
        |peer| {
            let Some(before) = peer.n.checked_sub(1) else { return Some(0) };
            let most_ms = 5000 * u64::from(before + 3).min(6);
            Some(peer.uniform_us(most_ms / 5 * 4, most_ms))
        };
    "centrifuge-js": "0.5 s + U(0, 0.5 s x 2^n), up to 20 s",
        |peer| {
            let window_ms = peer.doubled_ms(500, 20_000);
            Some((500_000 + peer.uniform_us(0, window_ms)).min(20_000_000))
        };
    "full jitter to 30 s": "U(0, 2^n s up to 30 s)",
        |peer| {
            let window_ms = peer.doubled_ms(1000, 30_000);
            Some(peer.uniform_us(0, window_ms))
        };
    "decorrelated jitter to 30 s": "U(1 s, 3 x the delay before), up to 30 s",
        |peer| {
            let most_ms = (peer.last_us / 1000 * 3).max(3000);
            Some(peer.uniform_us(1000, most_ms).min(30_000_000))
        };
}
