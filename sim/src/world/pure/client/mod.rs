//! The client's machines, with a thin twin of their actors: what the machines tell each other goes
//! through one queue, and each has one deadline.
//!
//! - `effects`: what the machines want done.
//! - `alone`: the only client on its machine.
//! - `tab`: those that a tab's coordinator starts and stops; `page`: the page around them; `browser`:
//!   the browser around all, on its `runtime`.

mod alone;
mod browser;
mod effects;
mod page;
mod runtime;
mod tab;

use std::collections::VecDeque;

use holdline_client::core::outbox::{self, Draft, Outbox};
use holdline_client::core::profile::articles::codec;
use holdline_client::core::session::{self, Session};
use holdline_client::{Config, Entry, Event, Ids, Instant, Machines, Now, Saved};
use uuid::Uuid;

pub(super) use self::alone::Alone;
pub(super) use self::browser::Tabs;
use super::transport::{Mail, Op};
use crate::trace::{Log, Message};

/// What is around a client.
pub(super) trait Shell {
    fn op(&mut self, op: Op);
    fn publish(&mut self, event: Event);
    fn record(&mut self, entry: Entry);
}

/// One client.
pub(super) struct Client {
    session: Session,
    /// Gone after a shutdown.
    outbox: Option<Outbox>,
    mail: VecDeque<Mail>,
    /// Sockets that are not over.
    sockets: Vec<u64>,
    guest_body: String,
    oauth_token: String,
    log: Log,
    /// It takes no message any more.
    ends: bool,
    /// It has handed over, and this was the last that it says.
    left: bool,
    finished: bool,
}

impl Client {
    /// Goes on with what was saved, and draws ids.
    fn new(config: Config, saved: &Saved, now: Now, log: Log) -> (Self, Ids) {
        let guest_body = codec::guest_body(&config.guest);
        let oauth_token = config.oauth_token.clone();
        let Machines { session, outbox, ids } = Machines::new(config, saved, now);
        let mut mail: VecDeque<Mail> = saved
            .pending
            .iter()
            .map(|message| Mail::Outbox(outbox::Input::Restore(message.clone().into())))
            .collect();
        mail.push_back(Mail::Session(session::Input::Start(saved.guest.clone())));
        let client = Self {
            session,
            outbox: Some(outbox),
            mail,
            sockets: Vec::new(),
            guest_body,
            oauth_token,
            log,
            ends: false,
            left: false,
            finished: false,
        };
        (client, ids)
    }

    fn put(&mut self, mail: Mail) {
        self.mail.push_back(mail);
    }

    fn has_mail(&self) -> bool {
        !self.mail.is_empty()
    }

    /// A message that is remembered elsewhere; a client that is about to end takes none.
    fn submit(&mut self, draft: Draft) {
        if !self.ends {
            self.put(Mail::Outbox(outbox::Input::Submit(draft)));
        }
    }

    /// Ends in good order and settles nothing.
    fn leave(&mut self, shell: &mut impl Shell) {
        self.ends = true;
        self.outbox = None;
        shell.op(Op::CancelPosts);
        self.put(Mail::Session(session::Input::Shutdown));
    }

    /// As [`leave`](Self::leave), and lets the message that is under way end first.
    fn hand_over(&mut self) {
        self.ends = true;
        self.put(Mail::Outbox(outbox::Input::Leave));
    }

    /// Whether nothing is left of it.
    fn is_over(&self) -> bool {
        self.finished && self.sockets.is_empty()
    }

    fn take_left(&mut self) -> bool {
        std::mem::take(&mut self.left)
    }

    fn deadlines(&self) -> [Option<Instant>; 2] {
        [self.session.next_deadline(), self.outbox.as_ref().and_then(Outbox::next_deadline)]
    }

    /// Hands out the machines' mail until there is none.
    fn run(&mut self, now: Now, shell: &mut impl Shell) {
        while let Some(mail) = self.mail.pop_front() {
            match mail {
                Mail::Session(input) => self.step_session(now, input, shell),
                Mail::Outbox(input) => self.step_outbox(now, input, shell),
                Mail::Over(socket) => self.sockets.retain(|of| *of != socket),
            }
        }
    }

    /// Tells the machines whose deadline has come. Whether there was one.
    fn put_ticks(&mut self, is_due: impl Fn(Instant) -> bool) -> bool {
        let [session, outbox] = self.deadlines().map(|at| at.is_some_and(&is_due));
        if session {
            self.put(Mail::Session(session::Input::Tick));
        }
        if outbox {
            self.put(Mail::Outbox(outbox::Input::Tick));
        }
        session || outbox
    }

    fn step_session(&mut self, now: Now, input: session::Input, shell: &mut impl Shell) {
        if let session::Input::Dialed(socket, Ok(())) = &input {
            self.sockets.push(*socket);
        }
        let mut effects = Vec::new();
        self.session.on(now, input, &mut effects);
        for effect in effects {
            self.of_session(effect, shell);
        }
    }

    fn step_outbox(&mut self, now: Now, input: outbox::Input, shell: &mut impl Shell) {
        let Some(outbox) = &mut self.outbox else { return };
        let ends = matches!(input, outbox::Input::Shutdown);
        let mut effects = Vec::new();
        outbox.on(now, input, &mut effects);
        for effect in effects {
            self.of_outbox(effect, shell);
        }
        if ends {
            self.outbox = None;
        }
    }

    fn named(&self, id: Uuid, text: &str) -> Message {
        self.log.name_guest(&id.to_string(), Some(text))
    }
}
