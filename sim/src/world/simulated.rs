//! The stage with sockets: hosts on a simulated network, the real mock on one of them.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use holdline_mock_server::{Cloud, CloudError, End, FaultId, FaultRule};
use holdline_net::{Backend, LinkFault, NetError};

use super::link_faults::host_name;
use super::logged;
use super::proxy::Control;
use super::stage::{Stage, VirtualStage};
use super::user::User;
use crate::plan::Do;
use crate::plan::fault::{Fault, HostId};
use crate::subjects::Command;
use crate::trace::{Kind, Lane, Log};

/// See the module's documentation.
pub(super) struct Simulated {
    pub(super) cloud: Cloud,
    pub(super) proxy: Rc<Control>,
    pub(super) user: User,
    pub(super) log: Log,
    /// How far the wall clock of the client's machine is put forward.
    pub(super) wall_put: Rc<Cell<Duration>>,
    /// Dropped last: what becomes of tabs when their host goes is no part of the run.
    pub(super) net: Box<dyn Backend>,
}

impl Stage for Simulated {
    type Error = NetError;

    fn log(&self) -> Option<&Log> {
        Some(&self.log)
    }

    fn arm(&mut self, rule: FaultRule) -> FaultId {
        self.cloud.arm(rule)
    }

    fn disarm(&mut self, id: FaultId) {
        self.cloud.disarm(id);
    }

    fn agent_says(&mut self, text: &str) -> Result<(), CloudError> {
        self.cloud.agent_says(None, text).map(drop)
    }

    fn close_sockets(&mut self, end: &End) {
        self.cloud.close_sockets(end.clone());
    }

    fn let_leave(&mut self) -> Result<(), NetError> {
        self.advance(self.now() + Duration::from_millis(1))
    }

    fn expire_tokens(&mut self) {
        self.cloud.expire_tokens();
    }

    fn forget_guests(&mut self) {
        self.cloud.forget_guests();
    }

    fn change_link(&mut self, change: &LinkFault) -> Result<(), NetError> {
        self.net.apply(change)
    }

    fn change_proxy(&mut self, fault: &Fault, on: bool) {
        self.proxy.apply(fault, on);
    }

    fn reset_proxied(&mut self) {
        self.proxy.reset_all();
    }

    fn switch_host(&mut self, host: HostId, up: bool) {
        let name = host_name(host);
        if let (HostId::Client, false, User::Tabs(site)) = (host, up, &self.user) {
            site.remember();
        }
        self.log.push(Lane::Net, Kind::Host { host: logged::host(host), up });
        if up { self.net.restart(name) } else { self.net.crash(name) }
    }

    fn put_clock_forward(&mut self, by: Duration) {
        self.wall_put.set(self.wall_put.get() + by);
    }

    fn command(&mut self, tab: Option<u8>, command: Command) {
        self.user.command(tab, command);
    }

    fn do_in_browser(&mut self, what: Do, tab: Option<u8>) {
        self.user.step(what, tab);
    }
}

impl VirtualStage for Simulated {
    fn now(&self) -> Duration {
        self.net.clock()()
    }

    fn advance_unless(
        &mut self,
        until: Duration,
        done: &mut dyn FnMut(&Log) -> bool,
    ) -> Result<(), NetError> {
        let log = &self.log;
        self.net.advance(until, &mut || done(log))
    }

    fn advance(&mut self, until: Duration) -> Result<(), NetError> {
        self.net.advance(until, &mut || false)
    }

    fn disarm_all(&mut self) {
        self.cloud.disarm_all();
    }

    fn shut_down(&mut self) {
        self.user.shut_down(&self.log);
    }
}
