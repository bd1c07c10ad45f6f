//! `handleDisconnect` and `reconnectWithBackoff`: what a lost connection leads to.

use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use holdline_client::transport::Refused;

use super::super::defect::Defect;
use super::api::Fault;
use super::backoff;
use super::client::Client;
use super::doors::Door;
use super::guests::GuestSession;
use super::socket::{Order, SocketEvent, What};
use crate::trace::reports::{State, Terminal, Wait};

/// `MAX_RECONNECT_ATTEMPTS`.
const MAX_ATTEMPTS: u32 = 5;
/// How long a socket must live to start the counter again.
const STABLE_AFTER: Duration = Duration::from_secs(10);

/// How a connection ended.
#[derive(Debug, Clone)]
pub(super) enum Ending {
    DeadPeer,
    Closed(u16),
    Refused(u16),
    /// Before there was a socket.
    Failed(Fault),
    GuestGone,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DeadPeer => f.write_str("dead peer"),
            Self::Closed(code) => write!(f, "closed {code}"),
            Self::Refused(status) => write!(f, "status {status}"),
            Self::Failed(fault) => write!(f, "{fault}"),
            Self::GuestGone => f.write_str("guest gone"),
        }
    }
}

impl Client {
    /// `initialize`.
    pub(super) async fn initialize(self: Rc<Self>) {
        self.state(State::Connecting);
        self.running.set(!self.has(Defect::A31));
        match self.connect().await {
            Ok(()) => self.running.set(true),
            // The sample has no `catch`.
            Err(fault) if self.has(Defect::A31) => self.notice(format!("no session: {fault}")),
            Err(fault) => self.lost(Ending::Failed(fault), true),
        }
    }

    /// What a socket says.
    pub(super) fn on_socket(self: &Rc<Self>, event: SocketEvent) {
        let current = event.generation == self.generation();
        if !current && !self.has(Defect::A5) {
            if self.has(Defect::A6) && matches!(event.what, What::Closed { .. }) {
                self.count_an_old_end();
            }
            return;
        }
        match event.what {
            What::Open => self.opened(current),
            What::Text(text) => {
                self.heard();
                self.on_message(&text);
            }
            What::Heard => self.heard(),
            What::Unhealthy => {
                if !self.has(Defect::A4) {
                    self.order(Order::Terminate);
                }
                self.lost(Ending::DeadPeer, current);
            }
            What::Closed { code, refused } => self.lost(self.closed(code, refused), current),
        }
    }

    fn opened(self: &Rc<Self>, current: bool) {
        if current {
            self.link_is_open();
        }
        self.state(State::Open);
        if !self.has(Defect::A12) {
            self.start_flush();
        }
        self.catch_up();
    }

    /// A socket that has been good for a while starts the counter again.
    fn heard(&self) {
        if self.open_for() >= Some(STABLE_AFTER) {
            self.attempt.set(0);
        }
    }

    fn closed(&self, code: u16, refused: Option<Refused>) -> Ending {
        match refused.filter(|_| !self.has(Defect::A24)) {
            Some(Refused { status, retry_after }) => {
                self.told(Door::Socket, status, retry_after.as_deref());
                Ending::Refused(status)
            }
            None => Ending::Closed(code),
        }
    }

    /// `handleDisconnect`.
    fn lost(self: &Rc<Self>, ending: Ending, current: bool) {
        if current {
            self.let_go();
        }
        if !self.running.get() {
            return;
        }
        if !self.has(Defect::A24) {
            match ending {
                Ending::Closed(code @ (1008 | 4401)) => return self.end(Terminal::Closed(code)),
                Ending::Refused(403) => return self.end(Terminal::Forbidden),
                Ending::Refused(401) if self.renewed.get() => {
                    return self.end(Terminal::Unauthorized);
                }
                Ending::Refused(401 | 404 | 410) if !self.renewed.replace(true) => {
                    self.token_refused();
                    return self.start_flow(ending, true);
                }
                Ending::Failed(ref fault) if self.end_if_final(fault) => return,
                _ => {}
            }
        }
        self.start_flow(ending, false);
    }

    fn start_flow(self: &Rc<Self>, ending: Ending, at_once: bool) {
        if self.flows.get() > 0 && !self.has(Defect::A5) {
            return;
        }
        self.flows.set(self.flows.get() + 1);
        let client = Rc::clone(self);
        self.spawn(async move {
            client.reconnect(ending, at_once).await;
            client.flows.set(client.flows.get() - 1);
        });
    }

    /// `reconnectWithBackoff`.
    async fn reconnect(self: &Rc<Self>, mut ending: Ending, mut at_once: bool) {
        loop {
            if !std::mem::take(&mut at_once) {
                let attempt = self.attempt.get();
                self.attempt.set(attempt + 1);
                if let Some(most) = self.max_attempts().filter(|most| attempt >= *most) {
                    return self.end(Terminal::GaveUp(most));
                }
                let wait = backoff::delay(attempt, &mut self.entropy(), self.defects());
                self.state(State::Waiting(Some(Wait::Other(ending.to_string()))));
                self.sleep_unless_asked(wait.max(self.closed_for(Door::Socket))).await;
            }
            self.state(State::Connecting);
            match self.connect().await {
                Ok(()) => break,
                // `onReconnect()` is not awaited: nobody hears of it.
                Err(fault) if self.has(Defect::A8) => {
                    return self.notice(format!("unhandled rejection: {fault}"));
                }
                Err(fault) if !self.has(Defect::A24) && self.end_if_final(&fault) => return,
                Err(fault) => ending = Ending::Failed(fault),
            }
        }
        if self.has(Defect::A7) {
            self.attempt.set(0);
        }
        if self.has(Defect::A12) || self.has(Defect::A20) {
            self.start_flush();
        }
    }

    /// A session, and a socket for it; not that it opens.
    async fn connect(self: &Rc<Self>) -> Result<(), Fault> {
        let session = self.session_to_connect().await?;
        self.wait_for(Door::Socket).await;
        self.setup_connection(&session);
        Ok(())
    }

    fn max_attempts(&self) -> Option<u32> {
        let published = self.has(Defect::A30).then_some(MAX_ATTEMPTS);
        self.setting().client.max_attempts.or(published)
    }

    /// The counter is every flow's: the end of a socket that was given up long ago counts as well.
    fn count_an_old_end(&self) {
        self.attempt.set(self.attempt.get() + 1);
        if self.attempt.get() > MAX_ATTEMPTS {
            self.end(Terminal::GaveUp(MAX_ATTEMPTS));
        }
    }

    /// No further try.
    pub(super) fn end(&self, why: Terminal) {
        self.running.set(false);
        self.state(State::Terminal(why));
    }

    /// Ends if there is nothing to hope for; whether it does.
    pub(super) fn end_if_final(&self, fault: &Fault) -> bool {
        let why = match fault.status() {
            Some(401) => Terminal::Unauthorized,
            Some(403) => Terminal::Forbidden,
            _ => return false,
        };
        self.end(why);
        true
    }

    /// What a refusal of a request says about the session.
    pub(super) async fn look_at(self: &Rc<Self>, fault: &Fault, session: Option<GuestSession>) {
        let Some(session) = session.filter(|_| !self.has(Defect::A24)) else { return };
        if fault.status() != Some(401) && !fault.is_gone() {
            return;
        }
        match self.renew(&session).await {
            Ok(renewed) if renewed.instance != session.instance => {
                self.order(Order::Terminate);
                self.lost(Ending::GuestGone, true);
            }
            Ok(_) => {}
            Err(refused) => {
                if self.end_if_final(&refused) {
                    self.order(Order::Terminate);
                    self.let_go();
                }
            }
        }
    }

    /// The user asks to connect now.
    pub(in super::super) fn reconnect_now(self: &Rc<Self>) {
        self.asked.notify_waiters();
        if self.running.get() || self.has(Defect::A30) {
            return;
        }
        self.running.set(true);
        self.attempt.set(0);
        self.renewed.set(false);
        self.start_flow(Ending::Closed(1000), true);
    }

    async fn sleep_unless_asked(&self, wait: Duration) {
        let asked = self.asked.notified();
        tokio::select! {
            biased;
            () = asked => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}
