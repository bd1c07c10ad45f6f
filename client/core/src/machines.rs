//! The machines and the ids of one client, and of one tab: what they inherit from the client before,
//! and from which stream of the seed each draws.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use uuid::{Builder, Uuid};

use crate::config::Config;
use crate::coordinator::{Coordinator, CoordinatorConfig};
use crate::journal::Saved;
use crate::outbox::Outbox;
use crate::session::Session;
use crate::time::Now;
use crate::types::Feature;
use crate::waits::Call;

/// Generator streams, so that one part's draws never shift another's. Ids have the upper half.
const SESSION_STREAM: u64 = 1;
const OUTBOX_STREAM: u64 = 2;
const PATIENCE_STREAM: u64 = 11;
const IDS_OF_TAB_STREAM: u64 = 12;

/// What one client is made of.
#[derive(Debug)]
pub struct Machines {
    /// Its session; it begins with [`Input::Start`](crate::session::Input::Start).
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
        let generator = |stream| generator(config.seed, stream);
        // A restart with the same seed must not draw the ids of the run before again.
        let ids = Ids(generator(now.wall.since_epoch().as_nanos() as u64 | 1 << 63));
        let session = Session::new(config.session, saved.cursor, generator(SESSION_STREAM))
            .having_seen(saved.seen.iter().map(|seen| seen.id.clone()))
            .inheriting(now, &saved.waits);
        let mut outbox = Outbox::new(config.outbox, now.mono, generator(OUTBOX_STREAM));
        if saved.guest.is_some() {
            let told = saved.waits.told_left(Call::Messages, now.wall);
            outbox = outbox.inheriting(now.mono, told);
        }
        Self { session, outbox, ids }
    }
}

/// What one tab is made of, beside the client that it runs while it leads.
#[derive(Debug)]
pub struct TabMachines {
    /// Its coordinator; it takes part after [`Input::Connect`](crate::coordinator::Input::Connect).
    pub coordinator: Coordinator,
    /// The ids of its messages.
    pub ids: Ids,
}

impl TabMachines {
    /// Machines of the tab called `tab` in `scope`, which begins at `now` and must do without what
    /// is `missing`.
    #[must_use]
    pub fn new(
        seed: u64,
        numbers: CoordinatorConfig,
        (scope, tab): (&str, String),
        missing: Vec<(Feature, String)>,
        now: Now,
    ) -> Self {
        let patience = generator(seed, PATIENCE_STREAM);
        let coordinator = Coordinator::new(numbers, scope.to_owned(), tab, missing, patience);
        // A reloaded page with the same seed must not draw the ids of the page before again.
        let born = now.wall.since_epoch().as_nanos() as u64;
        Self { coordinator, ids: Ids(generator(seed, IDS_OF_TAB_STREAM ^ born << 8)) }
    }
}

fn generator(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(stream);
    generator
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
