//! What clients and their network want of each other.
//!
//! A process is whatever has a network of its own: the client's machine between two crashes, or one
//! life of a page. One client after another lives in it. What a client wants is an [`Op`]; what comes
//! back is [`Mail`] in the process's [`Inbox`], and a page that is frozen does not open it.
//!
//! - `send`: what a client sends, and how its end of a connection closes.
//! - `receive`: what arrives.

mod receive;
mod send;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::Waker;

use holdline_client::core::{engine, session};

use super::conn::{Payload, Request};
use super::{Due, World};
use crate::trace::{End, Frame, Lane};
use holdline_browser::TabId;

/// One client in one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ClientRef {
    pub(super) process: u64,
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
pub(super) struct Inbox<T> {
    waiting: RefCell<VecDeque<T>>,
    waker: RefCell<Option<Waker>>,
}

impl<T> Default for Inbox<T> {
    fn default() -> Self {
        Self { waiting: RefCell::default(), waker: RefCell::default() }
    }
}

impl<T> Inbox<T> {
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

/// A process's inbox.
pub(super) type MailInbox = Inbox<(ClientRef, Mail)>;

/// The network's side of a process.
pub(super) struct Process {
    pub(super) lane: Lane,
    /// The tab, unless it is the client's machine.
    pub(super) tab: Option<TabId>,
    pub(super) inbox: Rc<MailInbox>,
    /// Connections kept for the next request.
    pub(super) idle: Vec<usize>,
    /// What reached a page that does not run.
    pub(super) held: Vec<Due>,
}

impl Process {
    pub(super) fn new(lane: Lane, tab: Option<TabId>, inbox: Rc<MailInbox>) -> Self {
        Self { lane, tab, inbox, idle: Vec::new(), held: Vec::new() }
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
    pub(super) fn carry_out_op(&mut self, owner: ClientRef, op: Op) {
        match op {
            Op::Ask(op, request) => self.ask(owner, op, *request),
            Op::Cancel(op) => {
                if let Some(index) = self.open(owner).take(op) {
                    self.client_close(index);
                }
            }
            Op::Write(socket, frame, payload) => self.write(owner, socket, frame, payload),
            Op::Close(socket, code) => self.close_socket(owner, socket, code),
            Op::Drop => {
                let open = self.open.remove(&owner).unwrap_or_default();
                let sockets = open.sockets.into_iter().map(|(_, conn)| conn);
                let conns = open.under_way.into_iter().map(|(_, conn)| conn).chain(sockets);
                conns.for_each(|conn| self.client_close(conn));
            }
        }
    }

    fn open(&mut self, owner: ClientRef) -> &mut Open {
        self.open.entry(owner).or_default()
    }

    fn tell(&mut self, owner: ClientRef, mail: Mail) {
        if let Some(process) = self.processes.get(&owner.process) {
            process.inbox.put((owner, mail));
        }
    }

    fn tell_session(&mut self, owner: ClientRef, input: session::Input) {
        self.tell(owner, Mail::Input(input.into()));
    }

    pub(super) fn lane(&self, index: usize) -> Lane {
        let process = self.conns[index].owner.process;
        self.processes.get(&process).map_or(Lane::Client, |process| process.lane)
    }

    /// Whether what this would reach does not run; then it is kept until it does.
    pub(super) fn is_held(&mut self, due: Due, sleeps: impl Fn(TabId) -> bool) -> Option<Due> {
        let (Due::Arrive { conn, leg: 0, up: false, .. }
        | Due::ClientCloses { conn }
        | Due::ClientLost { conn }) = &due
        else {
            return Some(due);
        };
        let process = self.conns[*conn].owner.process;
        let process = self.processes.get_mut(&process);
        match process.filter(|process| process.tab.is_some_and(sleeps)) {
            Some(process) => {
                process.held.push(due);
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
        let awake =
            |process: &&mut Process| !process.held.is_empty() && !process.tab.is_some_and(&sleeps);
        let awake = self.processes.values_mut().filter(awake);
        let held: Vec<Due> = awake.flat_map(|process| std::mem::take(&mut process.held)).collect();
        self.holds = self.processes.values().any(|process| !process.held.is_empty());
        let any = !held.is_empty();
        for due in held {
            self.carry_out(due);
        }
        any
    }

    /// A process is gone, and its connections end without a word.
    pub(super) fn end_process(&mut self, process: u64) {
        for index in 0..self.conns.len() {
            if self.conns[index].owner.process == process {
                self.client_close(index);
            }
        }
        self.open.retain(|owner, _| owner.process != process);
        self.processes.remove(&process);
    }

    /// Lets go of connections that are kept for another request.
    pub(super) fn close_idle(&mut self, process: u64) {
        let process = self.processes.get_mut(&process);
        let idle = process.map(|process| std::mem::take(&mut process.idle)).unwrap_or_default();
        for index in idle {
            self.client_close(index);
        }
    }

    /// The browser cuts a page's connections; the page hears of it when it runs again.
    pub(super) fn cut_process(&mut self, process: u64) {
        for index in 0..self.conns.len() {
            if self.conns[index].owner.process == process {
                self.client_lost(index, End::Own);
            }
        }
        if let Some(process) = self.processes.get_mut(&process) {
            process.idle.clear();
        }
    }
}
