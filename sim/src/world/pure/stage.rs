//! The pure tier as a stage: what a plan does to the links, the proxy, the cloud and the user of a world that
//! nobody has to wait for.

use std::time::Duration;

use holdline_mock_server::{CloudError, End, FaultId, FaultRule};
use holdline_net::{Direction, LinkFault, NetError};

use super::{User, World};
use crate::plan::Do;
use crate::plan::fault::{Fault, HostId};
use crate::subjects::Command;
use crate::trace::reports::Wish;
use crate::trace::{Kind, Lane, Log};
use crate::world::stage::{Stage, VirtualStage};
use crate::world::{CLIENT, CLOUD, PROXY, logged};

impl Stage for World {
    type Error = NetError;

    fn log(&self) -> Option<&Log> {
        Some(&self.log)
    }

    fn arm(&mut self, rule: FaultRule) -> FaultId {
        self.cloud.arm(self.now, rule)
    }

    fn disarm(&mut self, id: FaultId) {
        self.cloud.disarm(id);
    }

    fn agent_says(&mut self, text: &str) -> Result<(), CloudError> {
        self.with_cloud(|cloud, now, out| cloud.agent_says(now, None, text, out)).map(drop)
    }

    fn close_sockets(&mut self, end: &End) {
        self.with_core(|core, _, out| core.end_sockets(end, out));
    }

    fn let_leave(&mut self) -> Result<(), NetError> {
        VirtualStage::advance(self, self.now + Duration::from_millis(1))
    }

    fn expire_tokens(&mut self) {
        self.with_core(|core, now, _| core.expire_tokens(now));
    }

    fn forget_guests(&mut self) {
        self.with_core(|core, _, out| core.forget_guests(out));
    }

    fn change_link(&mut self, change: &LinkFault) -> Result<(), NetError> {
        match *change {
            LinkFault::Partition { way, on } => {
                self.links[leg_of(way)].cut[usize::from(is_up(way))] = on;
            }
            LinkFault::Hold { way, on: true } => self.links[leg_of(way)].hold = true,
            LinkFault::Hold { way, on: false } => self.release(leg_of(way)),
            LinkFault::Profile { way, profile } => self.links[leg_of(way)].profile = profile,
            LinkFault::Refuse { host: PROXY, on } => self.proxy.refuses = on,
            LinkFault::Refuse { host: CLOUD, on } => self.cloud.refuses = on,
            // Nobody dials the client.
            LinkFault::Refuse { .. } => {}
        }
        Ok(())
    }

    fn change_proxy(&mut self, fault: &Fault, on: bool) {
        self.proxy.habits.apply(fault, on);
        if let (Fault::IdleCut(_), true) = (fault, on) {
            self.watch_idleness();
        }
    }

    fn reset_proxied(&mut self) {
        self.reset_all();
    }

    fn switch_host(&mut self, host: HostId, up: bool) {
        if let (HostId::Client, false, Some(User::Tabs(tabs))) = (host, up, &self.user) {
            tabs.site.remember();
        }
        self.log.push(Lane::Net, Kind::Host { host: logged::host(host), up });
        match (host, up) {
            (HostId::Client, false) => self.crash_user(),
            (HostId::Client, true) => self.start_user(),
            (HostId::Proxy, false) => self.crash_proxy(),
            (HostId::Proxy, true) => self.proxy.down = false,
            (HostId::Cloud, false) => self.crash_cloud(),
            (HostId::Cloud, true) => self.cloud.down = false,
        }
    }

    fn put_clock_forward(&mut self, by: Duration) {
        self.wall_put.set(self.wall_put.get() + by);
    }

    fn command(&mut self, tab: Option<u8>, command: Command) {
        self.with_user(|user, world| match user {
            User::Alone(alone) => alone.command(world, command),
            User::Tabs(tabs) => {
                tabs.site.command(tab, command);
                tabs.run(world);
            }
        });
    }

    fn do_in_browser(&mut self, what: Do, tab: Option<u8>) {
        self.with_user(|user, world| match user {
            User::Alone(_) => unreachable!("{what} needs a browser, as the plan's check knows"),
            User::Tabs(tabs) => {
                tabs.site.step(what, tab);
                tabs.run(world);
            }
        });
    }
}

impl VirtualStage for World {
    fn now(&self) -> Duration {
        self.now
    }

    fn advance_unless(
        &mut self,
        until: Duration,
        done: &mut dyn FnMut(&Log) -> bool,
    ) -> Result<(), NetError> {
        self.pass_time(until, Some(done))
    }

    fn advance(&mut self, until: Duration) -> Result<(), NetError> {
        self.pass_time(until, None)
    }

    fn disarm_all(&mut self) {
        self.cloud.disarm_all();
    }

    fn shut_down(&mut self) {
        self.with_user(|user, world| match user {
            User::Alone(alone) => {
                world.log.push(Lane::Client, Kind::Asked { what: Wish::ShutDown });
                alone.command(world, Command::ShutDown);
            }
            User::Tabs(tabs) => {
                tabs.site.shut_down();
                tabs.run(world);
            }
        });
    }
}

/// What is done to whoever is in front of the client's machine.
impl World {
    pub(super) fn start_user(&mut self) {
        self.with_user(|user, world| match user {
            User::Alone(alone) => alone.start(world),
            User::Tabs(tabs) => tabs.start(world),
        });
    }

    fn crash_user(&mut self) {
        self.with_user(|user, world| match user {
            User::Alone(alone) => alone.crash(world),
            User::Tabs(tabs) => tabs.crash(world),
        });
    }
}

/// 0 is the link of the client.
fn leg_of(Direction { from, to }: Direction) -> usize {
    usize::from(from == CLOUD || to == CLOUD)
}

fn is_up(Direction { from, to }: Direction) -> bool {
    from == CLIENT || to == CLOUD
}
