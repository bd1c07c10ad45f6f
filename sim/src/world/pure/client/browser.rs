//! The browser of the pure tier: the very one of the full tier, on a runtime that is nothing but
//! alarms and a list of orders.
//!
//! Whoever waits in it is woken by an alarm, by mail in an inbox or by another part of the browser; what
//! the pages want of the network is written down and carried out when all of them are still.

use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use holdline_client::Config;
use tokio::task::LocalSet;

use super::page;
use super::runtime::{Order, Runtime};
use crate::plan::{BrowserSettings, Plan};
use crate::subjects::Setting;
use crate::world::pure::World;
use crate::world::pure::transport::Process;
use crate::world::site::{Site, lane};
use holdline_browser::{PollAgain, TabId};
use holdline_net::{HostName, HostNet, NetListener, NetStream, NowFn, Program};

/// The browser's host, on or off.
pub(in crate::world::pure) struct Tabs {
    pub(in crate::world::pure) site: Site,
    program: Program,
    runtime: Runtime,
    running: Option<LocalSet>,
    again: Arc<PollAgain>,
}

impl Tabs {
    pub(in crate::world::pure) fn new(
        settings: &BrowserSettings,
        plan: &Plan,
        setting: &Setting,
        config: Config,
        now: NowFn,
    ) -> Self {
        let runtime = Runtime::new(NowFn::clone(&now));
        let timers = Rc::new(runtime.clone());
        let log = setting.log.clone();
        let database = holdline_browser::store::DATABASE;
        let site = Site::timed(settings, plan, database, now, timers, log);
        let pages = runtime.clone();
        let program = site.program(
            Rc::new(move |page, setting| {
                let config = Config { seed: setting.seed, ..config.clone() };
                Box::pin(page::run(page, setting, config, pages.clone()))
            }),
            setting,
        );
        Self { site, program, runtime, running: None, again: Arc::default() }
    }

    pub(in crate::world::pure) fn start(&mut self, world: &mut World) {
        let set = LocalSet::new();
        let now = self.runtime.clock();
        set.spawn_local((self.program)(Rc::new(NoNetwork(now))));
        self.running = Some(set);
        self.again.set();
        self.run(world);
    }

    pub(in crate::world::pure) fn crash(&mut self, world: &mut World) {
        self.running = None;
        self.run(world);
    }

    pub(in crate::world::pure) fn next_tick(&self) -> Option<Duration> {
        self.runtime.next_alarm()
    }

    /// Whether the tab's page does not run.
    pub(in crate::world::pure) fn sleeps(&self, tab: TabId) -> bool {
        self.site.sleeps(tab)
    }

    /// Lets everything in the browser run that can, and carries out what it wants.
    pub(in crate::world::pure) fn run(&mut self, world: &mut World) {
        self.runtime.fire();
        let waker = Waker::from(Arc::clone(&self.again));
        let mut cx = Context::from_waker(&waker);
        loop {
            while self.again.take() {
                if let Some(set) = &mut self.running {
                    let _ = set.poll_unpin(&mut cx);
                }
            }
            let orders = self.runtime.take_orders();
            if orders.is_empty() && !world.deliver_held(|tab| self.sleeps(tab)) {
                return;
            }
            for order in orders {
                match order {
                    Order::Attach(process, tab, inbox) => {
                        world.processes.insert(process, Process::new(lane(tab), Some(tab), inbox));
                    }
                    Order::Op(owner, op) => world.carry_out_op(owner, op),
                    Order::Cut(process) => world.cut_process(process),
                    Order::Detach(process, done) => {
                        world.end_process(process);
                        drop(done);
                    }
                }
            }
        }
    }
}

/// The network that programs see, of which they need nothing but the time.
struct NoNetwork(NowFn);

impl HostNet for NoNetwork {
    fn connect(&self, _: HostName, _: u16) -> LocalBoxFuture<'static, io::Result<NetStream>> {
        Box::pin(std::future::ready(Err(io::ErrorKind::Unsupported.into())))
    }

    fn listen(&self, _: u16) -> LocalBoxFuture<'static, io::Result<Box<dyn NetListener>>> {
        Box::pin(std::future::ready(Err(io::ErrorKind::Unsupported.into())))
    }

    fn now(&self) -> Duration {
        (self.0)()
    }
}
