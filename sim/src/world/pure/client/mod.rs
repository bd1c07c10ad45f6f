//! The client's engine, with a shell that does nothing but the I/O of the pure tier.
//!
//! - `perform`: what the engine wants, done.
//! - `alone`: the only client on its machine.
//! - `tab`: those that a tab's coordinator starts and stops; `page`: the page around them; `browser`:
//!   the browser around all, on its `runtime`.

mod alone;
mod browser;
mod page;
mod perform;
mod runtime;
mod tab;

use holdline_client::core::engine::{self, Engine};
use holdline_client::core::profile::articles::codec;
use holdline_client::core::session;
use holdline_client::{Config, Entry, Event, Ids, Now, Saved};

pub(super) use self::alone::Alone;
pub(super) use self::browser::Tabs;
use super::transport::{Mail, Op};
use crate::trace::Log;

/// What is around a client.
pub(super) trait Shell {
    fn op(&mut self, op: Op);
    fn publish(&mut self, event: Event);
    fn record(&mut self, entry: Entry);
    /// The client has handed over, and says nothing more.
    fn left(&mut self);
}

/// One client.
pub(super) struct Client {
    engine: Engine,
    /// Sockets that are not over.
    sockets: Vec<u64>,
    guest_body: String,
    oauth_token: String,
    log: Log,
    finished: bool,
}

impl Client {
    /// Goes on with what was saved, and draws ids.
    fn new(config: Config, saved: &Saved, now: Now, log: Log) -> (Self, Ids) {
        let guest_body = codec::guest_body(&config.guest);
        let oauth_token = config.oauth_token.clone();
        let (engine, ids) = Engine::new(config, saved, now);
        let (sockets, finished) = (Vec::new(), false);
        (Self { engine, sockets, guest_body, oauth_token, log, finished }, ids)
    }

    fn take(&mut self, mail: Mail) {
        match mail {
            Mail::Input(input) => {
                if let engine::Input::Session(session::Input::Dialed(socket, Ok(()))) = &input {
                    self.sockets.push(*socket);
                }
                self.engine.handle(input);
            }
            Mail::Over(socket) => self.sockets.retain(|of| *of != socket),
        }
    }

    /// Ends in good order and settles nothing.
    fn leave(&mut self, shell: &mut impl Shell) {
        if let Some(op) = self.engine.leave() {
            shell.op(Op::Cancel(op));
        }
    }

    /// Whether nothing is left of it.
    fn is_over(&self) -> bool {
        self.finished && self.sockets.is_empty()
    }

    /// Carries out everything that the engine wants at this moment.
    fn run(&mut self, now: Now, shell: &mut impl Shell) {
        while let Some(output) = self.engine.poll_output(now) {
            self.perform(output, shell);
        }
    }
}
