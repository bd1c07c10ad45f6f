//! The client of the first article, alone on its machine.
//!
//! It keeps the article's parts and their order of effects; where a part has a defect, one `if` asks
//! whether this client has it, and the other branch is what would have been right. What is right is
//! kept as small as it can be and still come through every bundled scenario.
//!
//! - `client`: `GenesysWebMessagingClient`, its public surface and its state; `actor` runs its tasks.
//! - `socket`: `WebMessagingConnection`, an actor for each socket; `health` is its monitor.
//! - `reconnect`: what happens when a connection is lost; `backoff` says how long to wait.
//! - `guests`: `authenticateGuest` and the refresh; `api` asks over REST, `doors` obeys Retry-After.
//! - `buffer`: `MessageBuffer`; `outbox` fills it; `flush` is `resendBufferViaRest`, `roads` its two
//!   ways.
//! - `inbound`: what the agent says; `app` is the application that shows it.
//! - `clock`: the two clocks.

mod actor;
mod api;
mod backoff;
mod buffer;
mod client;
mod clock;
mod doors;
mod flush;
mod guests;
mod health;
mod inbound;
mod outbox;
mod reconnect;
mod roads;
mod socket;

use std::cell::RefCell;
use std::rc::Rc;

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use self::client::{Client, Saved};
use super::defect::{Defect, Defects};
use crate::subjects::{Command, Setting};
use crate::trace::Kind;
use crate::trace::reports::Wish;
use holdline_net::HostNet;

/// What a machine keeps when its client crashes.
#[derive(Clone)]
pub(super) struct Machine {
    disk: Rc<RefCell<Saved>>,
    entropy: Rc<RefCell<ChaCha8Rng>>,
}

impl Machine {
    pub(super) fn new(seed: u64) -> Self {
        let entropy = ChaCha8Rng::seed_from_u64(seed);
        Self { disk: Rc::default(), entropy: Rc::new(RefCell::new(entropy)) }
    }

    /// What a client finds when it starts.
    fn saved(&self, defects: Defects) -> Rc<RefCell<Saved>> {
        if defects.has(Defect::A27) { Rc::default() } else { Rc::clone(&self.disk) }
    }
}

/// Runs it on `machine`, up to the end.
pub(super) async fn run(
    net: Rc<dyn HostNet>,
    setting: Setting,
    defects: Defects,
    machine: Machine,
) {
    let saved = machine.saved(defects);
    let client = Client::start(net, &setting, defects, saved, machine.entropy);
    loop {
        match setting.commands.next().await {
            Command::Send(text) => client.send_message(text),
            Command::Reconnect => {
                setting.log.push(setting.lane, Kind::Asked { what: Wish::Reconnect });
                client.reconnect_now();
            }
            Command::ShutDown => {
                client.shutdown().await;
                setting.log.push(setting.lane, Kind::ShutDown);
                return;
            }
        }
    }
}
