//! Follows the log while it grows: is everything delivered, shown and quiet?

use std::collections::BTreeSet;

use crate::trace::{Event, Kind, Lane, Log, Message};

/// What has come in so far, and what is still missing.
pub(super) struct Progress {
    read: usize,
    pending: BTreeSet<Message>,
    unseen: BTreeSet<Message>,
    state: String,
    open_conns: BTreeSet<u32>,
    shut_down: bool,
    may_end_terminal: bool,
}

impl Progress {
    /// `may_end_terminal`: the plan means the client to end in a terminal state.
    pub(super) fn new(may_end_terminal: bool) -> Self {
        Self {
            read: 0,
            pending: BTreeSet::new(),
            unseen: BTreeSet::new(),
            state: String::new(),
            open_conns: BTreeSet::new(),
            shut_down: false,
            may_end_terminal,
        }
    }

    /// Everything typed has its outcome, everything said is shown, and the client is online.
    pub(super) fn is_quiet(&mut self, log: &Log) -> bool {
        self.read(log);
        let rests =
            self.state == "open" || self.may_end_terminal && self.state.starts_with("terminal");
        self.pending.is_empty() && self.unseen.is_empty() && rests
    }

    /// The client says that it is shut down, and holds no connection.
    pub(super) fn is_over(&mut self, log: &Log) -> bool {
        self.read(log);
        self.shut_down && self.open_conns.is_empty()
    }

    fn read(&mut self, log: &Log) {
        log.look(self.read, |events| {
            self.read += events.len();
            for event in events {
                self.on(event);
            }
        });
    }

    fn on(&mut self, event: &Event) {
        match &event.kind {
            Kind::Typed { message, .. } => {
                self.pending.insert(message.clone());
            }
            Kind::Delivered { message } | Kind::Failed { message, .. } => {
                self.pending.remove(message);
            }
            Kind::Said { message, .. } => {
                self.unseen.insert(message.clone());
            }
            Kind::Shown { message } => {
                self.unseen.remove(message);
            }
            Kind::State { state } => self.state.clone_from(state),
            Kind::ShutDown => self.shut_down = true,
            Kind::Connecting { conn } => {
                self.open_conns.insert(*conn);
            }
            Kind::ConnectFailed { conn, .. } | Kind::Ended { conn, .. }
                if event.lane == Lane::Client =>
            {
                self.open_conns.remove(conn);
            }
            _ => {}
        }
    }
}
