//! Whom the director tells what the user does: the one client on its machine, or the tabs of a browser.

use std::rc::Rc;

use super::site::Site;
use crate::plan::Do;
use crate::subjects::{Command, Commands};
use crate::trace::reports::Wish;
use crate::trace::{Kind, Lane, Log};

/// See the module's documentation.
pub(super) enum User {
    /// One client.
    Alone(Rc<Commands>),
    /// A browser.
    Tabs(Site),
}

impl User {
    /// Tells the client, or the one in a tab.
    pub(super) fn command(&self, tab: Option<u8>, command: Command) {
        match self {
            Self::Alone(commands) => commands.give(command),
            Self::Tabs(site) => site.command(tab, command),
        }
    }

    /// Does something to the browser.
    pub(super) fn step(&self, what: Do, tab: Option<u8>) {
        match self {
            Self::Alone(_) => unreachable!("{what} needs a browser, as the plan's check knows"),
            Self::Tabs(site) => site.step(what, tab),
        }
    }

    /// Asks everybody to end.
    pub(super) fn shut_down(&self, log: &Log) {
        match self {
            Self::Alone(commands) => {
                log.push(Lane::Client, Kind::Asked { what: Wish::ShutDown });
                commands.give(Command::ShutDown);
            }
            Self::Tabs(site) => site.shut_down(),
        }
    }
}
