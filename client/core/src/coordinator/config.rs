//! The numbers of the coordinator.

use std::time::Duration;

/// The bounds these add up to: a hand-over within 1 s of a focus that stays; a take-over within 1 s
/// of a crash (the lock is free at once) and within 5 s of a freeze without a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoordinatorConfig {
    /// How often a leader says that it lives. Default 2 s; the timers of a hidden page may make it
    /// a minute, which is why a follower asks before it doubts.
    pub beat: Duration,
    /// Silence after which a follower asks. Default 2.5 s: one beat was missed.
    pub probe_after: Duration,
    /// Wait for the answer to that. Default 1.5 s: a page that runs answers in milliseconds, hidden
    /// or not, because messages are not throttled.
    pub answer_within: Duration,
    /// More patience for a visible tab without the focus; twice that for a hidden one, so that one
    /// of many steals. Default 150 ms.
    pub patience_step: Duration,
    /// How long a tab has the focus before it wants to lead: flapping faster than that moves
    /// nothing. Default 250 ms.
    pub dwell: Duration,
    /// How often it says so. Default 500 ms.
    pub want_every: Duration,
    /// How long a leader leads before it hands over. Default 1 s.
    pub tenure_min: Duration,
    /// How long a leader that has stopped for another tab waits for it. Default 700 ms.
    pub yield_within: Duration,
    /// Longest wait for the store when a tab takes the lead; one that does not answer would keep the
    /// lock from everybody. Default 5 s.
    pub store_within: Duration,
    /// Wait before a failed use of the store is tried again. Default 250 ms.
    pub store_retry: Duration,
    /// Tries until the store is given up. Default 4.
    pub store_tries: u32,
    /// Messages of the agent kept for tabs that come later. Default 500.
    pub feed_max: usize,
    /// Ids kept of messages without a number. Default 5,000.
    pub seen_max: usize,
    /// How long an id is kept. Default 30 days (article 004).
    pub seen_life: Duration,
    /// Outcomes kept for tabs that missed them. Default 500.
    pub settled_max: usize,
    /// Longest text in bytes; the outbox of the client has the same bound. Default 4,096.
    pub max_text_bytes: usize,
    /// Messages of one tab that have not ended at most; more are refused at once. Default 500, as
    /// in the client's outbox.
    pub open_max: usize,
}

impl Default for CoordinatorConfig {
    fn default() -> Self {
        Self {
            beat: Duration::from_secs(2),
            probe_after: Duration::from_millis(2_500),
            answer_within: Duration::from_millis(1_500),
            patience_step: Duration::from_millis(150),
            dwell: Duration::from_millis(250),
            want_every: Duration::from_millis(500),
            tenure_min: Duration::from_secs(1),
            yield_within: Duration::from_millis(700),
            store_within: Duration::from_secs(5),
            store_retry: Duration::from_millis(250),
            store_tries: 4,
            feed_max: 500,
            seen_max: 5_000,
            seen_life: Duration::from_hours(30 * 24),
            settled_max: 500,
            max_text_bytes: 4_096,
            open_max: 500,
        }
    }
}
