//! When a session counts as live: the health of one open socket. Silence is probed, an unanswered probe is death.
//!
//! Any inbound traffic is life. A write that "succeeds" proves nothing and is not looked at.

use std::time::Duration;

use super::time::Instant;

/// The numbers of the probe. With the defaults a dead peer is found within 23 s of its last sign,
/// and a link never stays silent long enough for a proxy that cuts at 60 s of idleness
/// (article 000) to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HealthConfig {
    /// Silence after which a ping goes out. Default 15 s, the interval of the vendor's mobile
    /// transport; article 000 sends none and drops a link 30 s after its last acknowledgment.
    pub probe_after: Duration,
    /// Further silence after which the socket is dead. Default 8 s; no public source names one.
    /// With `probe_after` it stays under the 30 s of article 000, and it leaves room for three
    /// repeats of a lost packet after 1, 3 and 7 s (RFC 6298 5.5).
    pub answer_within: Duration,
}

impl Default for HealthConfig {
    fn default() -> Self {
        Self { probe_after: Duration::from_secs(15), answer_within: Duration::from_secs(8) }
    }
}

/// What the passing of time asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Nothing to do yet.
    Wait,
    /// Send a ping now.
    Probe,
    /// The socket is dead: drop it.
    Dead,
}

/// Watches one socket from its opening.
#[derive(Debug, Clone)]
pub struct Health {
    config: HealthConfig,
    last_inbound: Instant,
    probe_sent: Option<Instant>,
    confirmed: bool,
}

impl Health {
    /// A socket that opened now; a ping is expected to have been sent with it.
    #[must_use]
    pub const fn opened(config: HealthConfig, now: Instant) -> Self {
        Self { config, last_inbound: now, probe_sent: Some(now), confirmed: false }
    }

    /// Something came in, whatever it was.
    pub const fn inbound(&mut self, now: Instant) {
        self.last_inbound = now;
        self.probe_sent = None;
        self.confirmed = true;
    }

    /// Whether anything at all has come in since the opening.
    #[must_use]
    pub const fn confirmed(&self) -> bool {
        self.confirmed
    }

    /// When the last sign of life came in; the opening, while there has been none.
    #[must_use]
    pub const fn last_sign(&self) -> Instant {
        self.last_inbound
    }

    /// Acts on the time that has passed.
    pub fn check(&mut self, now: Instant) -> Check {
        if now < self.next_deadline() {
            return Check::Wait;
        }
        if self.probe_sent.is_some() {
            return Check::Dead;
        }
        self.probe_sent = Some(now);
        Check::Probe
    }

    /// When [`check`](Self::check) next has something to do.
    #[must_use]
    pub fn next_deadline(&self) -> Instant {
        match self.probe_sent {
            Some(sent) => sent + self.config.answer_within,
            None => self.last_inbound + self.config.probe_after,
        }
    }
}
