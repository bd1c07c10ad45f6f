//! The numbers a run is held to. They are promises of the client's documentation, not measurements.

use std::time::Duration;

/// What the oracles hold a run to. The defaults are those of the client; a runner fills in what its
/// plan sets differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// Wait after a 429 that names no valid time. 5 s (article 000).
    pub retry_after_default: Duration,
    /// The longest wait that a server can impose. 120 s.
    pub retry_after_cap: Duration,
    /// Widest first delay of a reconnect. 1 s (article 000, `baseDelay`).
    pub backoff_base: Duration,
    /// Widest delay of any reconnect. 15 s (article 000 has 30 s, the client narrows it).
    pub backoff_cap: Duration,
    /// How long a socket with inbound traffic must live to count as stable. 10 s.
    pub stable_after: Duration,
    /// How long a socket may stay open without anything coming in. 25 s: a probe after 15 s, 8 s
    /// for its answer, and the rest for the way.
    pub dead_peer: Duration,
    /// Most messages pending. 500.
    pub outbox_count: usize,
    /// Most bytes of text pending. 1 MiB.
    pub outbox_bytes: usize,
    /// Life time of a message from its acceptance. 300 s (article 000, `BUFFER_TTL_MS`).
    pub ttl: Duration,
    /// After how many tries in a row the client under test is set to give up. Never.
    pub max_attempts: Option<u32>,
    /// How soon after the last fault has healed everything is delivered and quiet. 60 s.
    pub quiet_within: Duration,
    /// How long the hand-over of the connection from one tab to another may take, and two sockets
    /// may stand together. 1 s.
    pub hand_over: Duration,
    /// How soon after the crash or the close of the tab that held the connection another has it. 1 s.
    pub take_over: Duration,
    /// And how soon after its freeze without a word. 5 s.
    pub take_over_frozen: Duration,
    /// How soon after anything else some tab has a socket again. 20 s: the widest delay of a
    /// reconnect, and a handshake.
    pub listen_again: Duration,
    /// By how much timers of tabs that are hidden for long may be late. 60 s.
    pub hidden_timers: Duration,
    /// How long a tab is hidden before they are that late: until then a second is the most. 5 min.
    pub hidden_timers_after: Duration,
    /// How soon every tab shows what the agent said. 30 s: a dead connection may have to be noticed
    /// first.
    pub seen_within: Duration,
    /// UNIX time at virtual zero, for a `Retry-After` that is a date (RFC 9110 10.2.3).
    /// 1 January 2026, 00:00 UTC: 490,896 hours.
    pub wall_at_start: Duration,
}

/// Timers of a tab that was hidden only lately fire at whole seconds.
pub(super) const SECOND: Duration = Duration::from_secs(1);

impl Bounds {
    /// How late a timer may be that is due at `at`, in a tab that is hidden since then.
    pub(super) fn late_by(&self, hidden: Option<Duration>, at: Duration) -> Duration {
        match hidden {
            None => Duration::ZERO,
            Some(_) if self.is_long_hidden(hidden, at) => self.hidden_timers,
            Some(_) => SECOND,
        }
    }

    /// Whether a tab that is hidden since then has been so for long at `at`.
    pub(super) fn is_long_hidden(&self, hidden: Option<Duration>, at: Duration) -> bool {
        hidden.is_some_and(|since| at > since + self.hidden_timers_after)
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            retry_after_default: Duration::from_secs(5),
            retry_after_cap: Duration::from_mins(2),
            backoff_base: Duration::from_secs(1),
            backoff_cap: Duration::from_secs(15),
            stable_after: Duration::from_secs(10),
            dead_peer: Duration::from_secs(25),
            outbox_count: 500,
            outbox_bytes: 1024 * 1024,
            ttl: Duration::from_mins(5),
            max_attempts: None,
            quiet_within: Duration::from_mins(1),
            hand_over: Duration::from_secs(1),
            take_over: Duration::from_secs(1),
            take_over_frozen: Duration::from_secs(5),
            listen_again: Duration::from_secs(20),
            hidden_timers: Duration::from_mins(1),
            hidden_timers_after: Duration::from_mins(5),
            seen_within: Duration::from_secs(30),
            wall_at_start: Duration::from_hours(490_896),
        }
    }
}
