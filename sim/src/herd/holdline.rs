//! Our own schedule: not rebuilt, but the client's session itself, told that its socket has ended and
//! that each handshake has failed.
//!
//! It decides nothing: when the session tries next is what the session says.

use std::time::Duration;

use holdline_client::core::credentials::SavedGuest;
use holdline_client::core::request_error::RequestError;
use holdline_client::core::session::{Effect, Incoming, Input, Session, SessionConfig};
use holdline_client::core::time::{Instant, Now, Wall};
use rand_chacha::ChaCha8Rng;

use super::{Client, Schedule};

pub(super) const SCHEDULE: Schedule = Schedule {
    name: "holdline",
    rule: "U(0.1 s, 2^n s up to 15 s); once at 15 s, U(13.5 s, 15 s)",
    start: |rng| Box::new(Ours::connected(rng)),
};

/// How long every session was open when the server goes: long enough to have proven itself.
const OPEN_FOR: Duration = Duration::from_mins(1);
/// The guest's token outlives the longest outage there is.
const TOKEN_LIFE: Duration = Duration::from_hours(24);

struct Ours {
    session: Session,
    /// The generation of the socket, and then of the handshake that will fail.
    under_way: u64,
    lost: bool,
}

impl Ours {
    /// A session with an open socket that has been heard of.
    fn connected(rng: ChaCha8Rng) -> Self {
        let session = Session::new(SessionConfig::default(), 0, rng);
        let mut ours = Self { session, under_way: 0, lost: false };
        let guest = SavedGuest {
            instance: "instance".into(),
            token: "token".into(),
            expires_at: Wall::new(TOKEN_LIFE),
        };
        ours.tell(Duration::ZERO, Input::Start(Some(guest)));
        ours.tell(Duration::ZERO, Input::Dialed(ours.under_way, Ok(())));
        ours.tell(OPEN_FOR, Input::Frame(ours.under_way, Incoming::Alive));
        ours
    }

    fn tell(&mut self, at: Duration, input: Input) {
        let now = Now { mono: Instant::new(at), wall: Wall::new(at) };
        let mut effects = Vec::new();
        self.session.on(now, input, &mut effects);
        for effect in effects {
            if let Effect::Dial(generation, _) = effect {
                self.under_way = generation;
            }
        }
    }
}

impl Client for Ours {
    fn next_delay(&mut self, at: Duration) -> Option<Duration> {
        let at = OPEN_FOR + at;
        if std::mem::replace(&mut self.lost, true) {
            self.tell(at, Input::Tick);
            self.tell(at, Input::Dialed(self.under_way, Err(RequestError::Network)));
        } else {
            self.tell(at, Input::Ended(self.under_way, None));
        }
        let until = self.session.next_deadline()?;
        Some(until.since(Instant::new(at)))
    }
}
