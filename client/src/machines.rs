//! The machines and the ids of one client: what they inherit from the client before, and from which
//! stream of the seed each draws. [`Client`](crate::Client) puts them into actors; whoever plays them
//! without any begins here, too.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use uuid::{Builder, Uuid};

use crate::config::Config;
use crate::core::outbox::Outbox;
use crate::core::session::Session;
use crate::core::time::Now;
use crate::core::waits::Door;
use crate::journal::Saved;

/// Generator streams, so that one part's draws never shift another's. Ids have the upper half.
const SESSION_STREAM: u64 = 1;
const OUTBOX_STREAM: u64 = 2;

/// What one client is made of.
#[derive(Debug)]
pub struct Machines {
    /// Its session; it begins with [`Input::Start`](crate::core::session::Input::Start).
    pub session: Session,
    /// Its outbox, still without what is pending.
    pub outbox: Outbox,
    /// The ids of its messages.
    pub ids: Ids,
}

impl Machines {
    /// Machines that go on at `now` with what was saved; a first client has nothing saved.
    #[must_use]
    pub fn new(config: Config, saved: &Saved, now: Now) -> Self {
        let generator = |stream| {
            let mut generator = ChaCha8Rng::seed_from_u64(config.seed);
            generator.set_stream(stream);
            generator
        };
        // A restart with the same seed must not draw the ids of the run before again.
        let ids = Ids(generator(now.wall.since_epoch().as_nanos() as u64 | 1 << 63));
        let session = Session::new(config.session, saved.cursor, generator(SESSION_STREAM))
            .having_seen(saved.seen.iter().map(|seen| seen.id.clone()))
            .inheriting(now, &saved.waits);
        let mut outbox = Outbox::new(config.outbox, now.mono, generator(OUTBOX_STREAM));
        if saved.guest.is_some() {
            let told = saved.waits.told_left(Door::Messages, now.wall);
            outbox = outbox.inheriting(now.mono, told);
        }
        Self { session, outbox, ids }
    }
}

/// Draws the ids of messages.
#[derive(Debug)]
pub struct Ids(ChaCha8Rng);

impl Ids {
    /// The next one.
    pub fn draw(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        self.0.fill_bytes(&mut bytes);
        Builder::from_random_bytes(bytes).into_uuid()
    }
}
