//! The pure machine of the cloud: guests, tokens, conversations, rate limits and expiry.
//!
//! Time is passed in with every call, randomness comes from the seed, and everything the world
//! should learn is pushed to `out` as an [`Effect`]. It refuses to do I/O, to wait, and to know
//! how an answer travels: a [`Reply`] says what to answer and how faults bend it.
//!
//! | file | idea |
//! |---|---|
//! | `auth` | who is asking: OAuth bearer, guest token, and the order of refusals |
//! | `guests` | creating, refreshing and forgetting guests |
//! | `tokens` | the guest tokens, their expiry and the grace of a superseded one |
//! | `messages` | the one path of a guest's message, whichever road it took |
//! | `history` | what the agent said, and reading it again |
//! | `roll` | the guests and conversations that are remembered, and how many |
//! | `sockets` | which sockets are open, for whom |
//! | `hash` | a number for a text, by which it is found |
//! | `bucket` | the token bucket that holds the rate |
//! | `wire` | the JSON shapes, parsed and written |
//! | `refusal` | every reason to say no |

mod auth;
mod bucket;
mod config;
mod effect;
mod error;
mod event;
mod guests;
mod hash;
mod history;
mod messages;
mod overview;
mod refusal;
mod reply;
mod roll;
mod sockets;
mod time;
mod tokens;
mod wire;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

pub use auth::{Admission, Carriers};
pub use bucket::TokenBucket;
pub use config::CloudConfig;
pub use effect::{Effect, End};
pub use error::CloudError;
pub use event::{CloudEvent, Road, StoredMessage};
pub(crate) use hash::hash;
pub use messages::Caller;
pub use refusal::{Refusal, RetryHint};
pub(crate) use refusal::{excerpt, whole_seconds};
pub use time::Now;
pub(crate) use wire::to_json;
pub use wire::{Ack, AgentMessage, Grant, Page};

use crate::faults::{Board, FaultId, FaultRule};
pub use crate::faults::{Delivery, Reply};
pub use roll::GuestIndex;
use roll::Roll;
use tokens::Tokens;

/// The whole state of the cloud.
#[derive(Debug)]
pub struct Core {
    config: CloudConfig,
    rng: ChaCha8Rng,
    guests: Roll,
    tokens: Tokens,
    sockets: BTreeMap<u64, GuestIndex>,
    last_socket: u64,
    pub(crate) board: Board,
}

impl Core {
    /// A cloud with no guest; ids and tokens are drawn from `seed`.
    #[must_use]
    pub fn new(config: CloudConfig, seed: u64) -> Self {
        Self {
            config,
            rng: ChaCha8Rng::seed_from_u64(seed),
            guests: Roll::default(),
            tokens: Tokens::default(),
            sockets: BTreeMap::new(),
            last_socket: 0,
            board: Board::default(),
        }
    }

    /// Arms a fault; it counts occurrences from now on.
    pub fn arm(&mut self, now: Now, rule: FaultRule) -> FaultId {
        self.board.arm(rule, now.mono)
    }

    /// Disarms one fault; a fault that is no longer armed stays so.
    pub fn disarm(&mut self, id: FaultId) {
        self.board.disarm(id);
    }

    /// Disarms every fault.
    pub fn disarm_all(&mut self) {
        self.board.disarm_all();
    }

    /// The guest's messages in order of acceptance, as far back as they are remembered; empty for an
    /// unknown guest.
    #[must_use]
    pub fn conversation(&self, guest: &str) -> Vec<StoredMessage> {
        let stored = self.guests.find(guest).map(|index| self.guests[index].stored());
        stored.map(|stored| stored.iter().cloned().collect()).unwrap_or_default()
    }

    /// The `webchatInstanceId` of every guest that is remembered, gone ones too, in order of creation.
    #[must_use]
    pub fn guests(&self) -> Vec<String> {
        self.guests.iter().map(|(_, guest)| guest.instance.clone()).collect()
    }

    fn draw_uuid(&mut self) -> String {
        let mut bytes = [0; 16];
        self.rng.fill_bytes(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }
}
