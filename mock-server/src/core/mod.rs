//! The pure machine of the cloud: guests, tokens, conversations, rate limits and expiry.
//!
//! Time is passed in with every call, randomness comes from the seed, and everything the world
//! should learn is pushed to `out` as an [`Effect`]. Commands and answers are data: what could not be read
//! comes as the refusal that it will be answered with, once it is known who asks. It refuses to do I/O, to
//! wait, to know how an answer is written or travels, and to know of any fault.
//!
//! | file | idea |
//! |---|---|
//! | `auth` | who is asking: OAuth bearer, guest token, and the order of refusals |
//! | `guests` | creating, refreshing and forgetting guests |
//! | `tokens` | the guest tokens, their expiry and the grace of a superseded one |
//! | `messages` | the one path of a guest's message, whichever route it took |
//! | `history` | what the agent said, and reading it again |
//! | `registry` | the guests and conversations that are remembered, and how many |
//! | `sockets` | which sockets are open, for whom |
//! | `hash` | a number for a text, by which it is found |
//! | `bucket` | the token bucket that holds the rate |
//! | `answer` | what is said and answered |
//! | `refusal` | every reason to say no |

mod answer;
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
mod registry;
mod sockets;
mod time;
mod tokens;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

pub use answer::{Ack, AgentMessage, Grant, GuestMessage, Page, Push};
pub use auth::{Admission, Carriers};
pub use bucket::TokenBucket;
pub use config::CloudConfig;
pub use effect::{Effect, End};
pub use error::CloudError;
pub use event::{CloudEvent, Route, StoredMessage};
pub(crate) use hash::hash;
pub use messages::Caller;
pub use refusal::{Refusal, RetryHint};
pub(crate) use refusal::{excerpt, whole_seconds};
pub use time::Now;

pub(crate) use registry::Guest;
pub use registry::GuestIndex;
use registry::Registry;
use tokens::Tokens;

/// The whole state of the cloud.
#[derive(Debug)]
pub struct Core {
    config: CloudConfig,
    rng: ChaCha8Rng,
    guests: Registry,
    tokens: Tokens,
    sockets: BTreeMap<u64, GuestIndex>,
    last_socket: u64,
}

impl Core {
    /// A cloud with no guest; ids and tokens are drawn from `seed`.
    #[must_use]
    pub fn new(config: CloudConfig, seed: u64) -> Self {
        Self {
            config,
            rng: ChaCha8Rng::seed_from_u64(seed),
            guests: Registry::default(),
            tokens: Tokens::default(),
            sockets: BTreeMap::new(),
            last_socket: 0,
        }
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
