//! What clients and their network want of each other.
//!
//! A house is one process that has a network: the client's machine between two crashes, or one life of
//! a page. One client after another lives in it. What a client wants is an [`Op`]; what comes back is
//! [`Mail`] behind the house's [`Door`], and a page that is frozen does not open it.
//!
//! - `says`: what a client sends, and how its end of a connection closes.
//! - `hears`: what arrives.

mod hears;
mod says;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::Waker;

use holdline_client::core::{engine, session};

use super::conn::{Payload, Request};
use super::{Due, World};
use crate::trace::{End, Frame, Lane};
use holdline_browser::TabId;

/// One client in one house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Caller {
    pub(super) house: u64,
    pub(super) client: u64,
}

/// What a client wants of its transport.
#[derive(Debug)]
pub(super) enum Op {
    Ask(session::Op, Box<Request>),
    Cancel(session::Op),
    Write(u64, Frame, Payload),
    /// With a code, a closing handshake; without one, the connection is dropped.
    Close(u64, Option<u16>),
    /// The client is dropped, and everything that it has open.
    Drop,
}

/// What comes back.
#[derive(Debug)]
pub(super) enum Mail {
    Input(engine::Input),
    /// Nothing is left of a socket.
    Over(u64),
}

/// Where something waits until somebody is there to take it.
pub(super) struct Door<T> {
    waiting: RefCell<VecDeque<T>>,
    waker: RefCell<Option<Waker>>,
}

impl<T> Default for Door<T> {
    fn default() -> Self {
        Self { waiting: RefCell::default(), waker: RefCell::default() }
    }
}

impl<T> Door<T> {
    pub(super) fn put(&self, what: T) {
        self.waiting.borrow_mut().push_back(what);
        self.waker.take().into_iter().for_each(Waker::wake);
    }

    pub(super) fn take(&self) -> Option<T> {
        self.waiting.borrow_mut().pop_front()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.borrow().is_empty()
    }

    /// Wakes whoever takes as soon as there is something.
    pub(super) fn watch(&self, waker: &Waker) {
        self.waker.replace(Some(waker.clone()));
    }
}

/// A house's door.
pub(super) type MailDoor = Door<(Caller, Mail)>;

/// The network's side of a house.
pub(super) struct House {
    pub(super) lane: Lane,
    /// The tab, unless it is the client's machine.
    pub(super) tab: Option<TabId>,
    pub(super) door: Rc<MailDoor>,
    /// Connections kept for the next request.
    pub(super) idle: Vec<usize>,
    /// What reached a page that does not run.
    pub(super) held: Vec<Due>,
}

impl House {
    pub(super) fn new(lane: Lane, tab: Option<TabId>, door: Rc<MailDoor>) -> Self {
        Self { lane, tab, door, idle: Vec::new(), held: Vec::new() }
    }
}

/// What a client has open.
#[derive(Default)]
pub(super) struct Open {
    /// What is under way, and on which connection.
    under_way: Vec<(session::Op, usize)>,
    /// Sockets that are not over, by their number.
    sockets: Vec<(u64, usize)>,
}

impl Open {
    fn take(&mut self, op: session::Op) -> Option<usize> {
        let at = self.under_way.iter().position(|(of, _)| *of == op)?;
        Some(self.under_way.swap_remove(at).1)
    }

    fn socket(&self, socket: u64) -> Option<usize> {
        self.sockets.iter().find(|(of, _)| *of == socket).map(|(_, conn)| *conn)
    }
}

impl World {
    pub(super) fn carry_out_op(&mut self, caller: Caller, op: Op) {
        match op {
            Op::Ask(op, request) => self.ask(caller, op, *request),
            Op::Cancel(op) => {
                if let Some(index) = self.open(caller).take(op) {
                    self.client_close(index);
                }
            }
            Op::Write(socket, frame, payload) => self.write(caller, socket, frame, payload),
            Op::Close(socket, code) => self.close_socket(caller, socket, code),
            Op::Drop => {
                let open = self.open.remove(&caller).unwrap_or_default();
                let sockets = open.sockets.into_iter().map(|(_, conn)| conn);
                let conns = open.under_way.into_iter().map(|(_, conn)| conn).chain(sockets);
                conns.for_each(|conn| self.client_close(conn));
            }
        }
    }

    fn open(&mut self, caller: Caller) -> &mut Open {
        self.open.entry(caller).or_default()
    }

    fn tell(&mut self, caller: Caller, mail: Mail) {
        if let Some(house) = self.houses.get(&caller.house) {
            house.door.put((caller, mail));
        }
    }

    fn tell_session(&mut self, caller: Caller, input: session::Input) {
        self.tell(caller, Mail::Input(input.into()));
    }

    pub(super) fn lane(&self, index: usize) -> Lane {
        let house = self.conns[index].caller.house;
        self.houses.get(&house).map_or(Lane::Client, |house| house.lane)
    }

    /// Whether what this would reach does not run; then it is kept until it does.
    pub(super) fn is_held(&mut self, due: Due, sleeps: impl Fn(TabId) -> bool) -> Option<Due> {
        let (Due::Arrive { conn, leg: 0, up: false, .. }
        | Due::ClientCloses { conn }
        | Due::ClientLost { conn }) = &due
        else {
            return Some(due);
        };
        let house = self.conns[*conn].caller.house;
        let house = self.houses.get_mut(&house);
        match house.filter(|house| house.tab.is_some_and(sleeps)) {
            Some(house) => {
                house.held.push(due);
                self.holds = true;
                None
            }
            None => Some(due),
        }
    }

    /// Delivers what was kept for pages that run again. Whether there was anything.
    pub(super) fn deliver_held(&mut self, sleeps: impl Fn(TabId) -> bool) -> bool {
        if !std::mem::take(&mut self.holds) {
            return false;
        }
        let awake = |house: &&mut House| !house.held.is_empty() && !house.tab.is_some_and(&sleeps);
        let awake = self.houses.values_mut().filter(awake);
        let held: Vec<Due> = awake.flat_map(|house| std::mem::take(&mut house.held)).collect();
        self.holds = self.houses.values().any(|house| !house.held.is_empty());
        let any = !held.is_empty();
        for due in held {
            self.carry_out(due);
        }
        any
    }

    /// A house is gone, and its connections end without a word.
    pub(super) fn leave_house(&mut self, house: u64) {
        for index in 0..self.conns.len() {
            if self.conns[index].caller.house == house {
                self.client_close(index);
            }
        }
        self.open.retain(|caller, _| caller.house != house);
        self.houses.remove(&house);
    }

    /// Lets go of connections that are kept for another request.
    pub(super) fn close_idle(&mut self, house: u64) {
        let house = self.houses.get_mut(&house);
        let idle = house.map(|house| std::mem::take(&mut house.idle)).unwrap_or_default();
        for index in idle {
            self.client_close(index);
        }
    }

    /// The browser cuts a page's connections; the page hears of it when it runs again.
    pub(super) fn cut_house(&mut self, house: u64) {
        for index in 0..self.conns.len() {
            if self.conns[index].caller.house == house {
                self.client_lost(index, End::Own);
            }
        }
        if let Some(house) = self.houses.get_mut(&house) {
            house.idle.clear();
        }
    }
}
