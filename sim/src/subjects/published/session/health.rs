//! The health of one open socket: what counts as a sign of life, and how long none may come.

use std::time::Duration;

use super::super::defect::{Defect, Defects};

/// `HEALTH_TIMEOUT_MS`.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The interval of the article's monitor.
const EVERY: Duration = Duration::from_secs(10);
/// Silence that is probed with a ping.
const PROBE_AFTER: Duration = Duration::from_secs(15);
/// Time for the answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(8);

/// What came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// `messageReceived`.
    Ack,
    /// Anything else.
    Other,
}

/// What the monitor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Fine,
    /// Send a ping.
    Probe,
    Dead,
}

/// See the module's documentation.
pub(super) struct Health {
    defects: Defects,
    /// `lastAckTimestamp`; `None` is a zero, longer ago than anything.
    last: Option<Duration>,
    probed: Option<Duration>,
}

impl Health {
    /// Of a socket that has just opened.
    pub(super) fn opened(now: Duration, defects: Defects) -> Self {
        let last = if defects.has(Defect::A2) { None } else { Some(now) };
        Self { defects, last, probed: None }
    }

    pub(super) fn heard(&mut self, now: Duration, sign: Sign) {
        if sign == Sign::Other && self.defects.has(Defect::A3) {
            return;
        }
        self.last = Some(now);
        self.probed = None;
    }

    /// How long until the next check.
    pub(super) fn check_in(&self, now: Duration) -> Duration {
        match (self.last, self.probed) {
            _ if self.defects.has(Defect::A3) => EVERY,
            (None, _) => EVERY,
            (_, Some(probed)) => (probed + ANSWER_WITHIN).saturating_sub(now),
            (Some(last), None) => (last + PROBE_AFTER).saturating_sub(now),
        }
    }

    pub(super) fn check(&mut self, now: Duration) -> Verdict {
        let silence = self.last.map_or(Duration::MAX, |last| now.saturating_sub(last));
        if silence > TIMEOUT {
            return Verdict::Dead;
        }
        if self.defects.has(Defect::A3) {
            return Verdict::Fine;
        }
        match self.probed {
            Some(probed) if now >= probed + ANSWER_WITHIN => Verdict::Dead,
            None if silence >= PROBE_AFTER => {
                self.probed = Some(now);
                Verdict::Probe
            }
            _ => Verdict::Fine,
        }
    }
}
