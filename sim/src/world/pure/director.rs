//! The plan in order of time, and the phases of a run: a twin of `world::director` and of the second
//! half of `world::run` for a world that nobody has to wait for.

use std::collections::BTreeMap;
use std::time::Duration;

use holdline_mock_server::FaultId;

use super::{User, World};
use crate::plan::fault::{Fault, HostId};
use crate::plan::{Do, Plan};
use crate::subjects::Command;
use crate::trace::{Kind, Lane};
use crate::world::cloud::rule_of;
use crate::world::director::{Cue, Words, end_of, host_name, link_changes, timetable};
use crate::world::progress::Progress;
use crate::world::run::{AFTERMATH, LET_GO_WITHIN, STAY_QUIET, bounds, may_end_terminal};
use crate::world::{CLIENT, CLOUD, PROXY};
use holdline_net::{Direction, LinkFault};

/// What was begun and counted so far.
#[derive(Default)]
struct Begun {
    armed: BTreeMap<usize, FaultId>,
    lasting: Vec<usize>,
    words: Words,
}

impl World {
    /// Plays the script, heals everything and waits for quiet.
    pub(super) fn direct(&mut self, plan: &Plan) {
        let mut begun = Begun::default();
        for (at, cue) in timetable(plan) {
            self.advance(at, None);
            if self.stalled.is_some() {
                return;
            }
            match cue {
                Cue::Step(index) => self.do_step(plan, index, &mut begun),
                Cue::On(index) => self.begin_fault(plan, index, &mut begun),
                Cue::Off(index) => self.end_fault(plan, index, &mut begun),
            }
        }
        self.advance(plan.script_end(), None);
        for index in std::mem::take(&mut begun.lasting) {
            self.end_fault(plan, index, &mut begun);
        }
        self.cloud.disarm_all();
        self.log.push(Lane::Net, Kind::Healed);
        self.settle(plan);
    }

    fn settle(&mut self, plan: &Plan) {
        let mut progress = Progress::new(may_end_terminal(plan), bounds(plan).ttl);
        let patience = self.now + plan.settings.quiet_within;
        self.advance(patience, Some(&mut |log| progress.is_quiet(log)));
        if !progress.is_quiet(&self.log) {
            return;
        }
        self.log.push(Lane::Net, Kind::Quiet);
        self.advance(self.now + STAY_QUIET, None);
        self.shut_down();
        self.advance(self.now + LET_GO_WITHIN, Some(&mut |log| progress.is_over(log)));
        self.advance(self.now + AFTERMATH, None);
    }

    fn do_step(&mut self, plan: &Plan, index: usize, begun: &mut Begun) {
        let step = &plan.steps[index];
        match step.what {
            Do::Send => {
                let text = begun.words.message(step);
                self.command(step.tab, Command::Send(text));
            }
            Do::Agent => {
                let text = begun.words.answer(step);
                match self.with_core(|core, now, out| core.agent_says(now, None, &text, out)) {
                    Ok(_) => self.log.name_agent_text(&text),
                    Err(error) => {
                        let text = format!("the agent cannot speak: {error}");
                        self.log.push(Lane::Cloud, Kind::Notice { text });
                    }
                }
            }
            Do::Reconnect => self.command(step.tab, Command::Reconnect),
            what => self.browser_does(what, step.tab),
        }
    }

    fn begin_fault(&mut self, plan: &Plan, index: usize, begun: &mut Begun) {
        let fault = &plan.faults[index];
        self.log.push(Lane::Net, Kind::Fault { what: fault.to_string(), on: true });
        if fault.lasts() {
            begun.lasting.push(index);
        }
        if let Some(rule) = rule_of(fault) {
            begun.armed.insert(index, self.cloud.arm(rule));
        }
        self.change(plan, fault, true);
        match fault {
            Fault::Rst(_) => self.reset_all(),
            Fault::IdleCut(_) => self.watch_idleness(),
            Fault::Crash(on) => self.host(on.host, false),
            Fault::Restart(restart) => {
                let end = end_of(restart.code);
                self.with_core(|core, _, out| core.end_sockets(&end, out));
                // The close frames leave before the process does.
                self.advance(self.now + Duration::from_millis(1), None);
                self.host(HostId::Cloud, false);
            }
            Fault::Close(close) => {
                let end = end_of(close.code);
                self.with_core(|core, _, out| core.end_sockets(&end, out));
            }
            Fault::ExpireTokens(_) => self.with_core(|core, now, _| core.expire_tokens(now)),
            Fault::ForgetGuests(_) => self.with_core(|core, _, out| core.forget_guests(out)),
            Fault::ClockJump(jump) => self.wall_put.set(self.wall_put.get() + jump.by),
            _ => {}
        }
    }

    fn end_fault(&mut self, plan: &Plan, index: usize, begun: &mut Begun) {
        let fault = &plan.faults[index];
        begun.lasting.retain(|&lasting| lasting != index);
        self.log.push(Lane::Net, Kind::Fault { what: fault.to_string(), on: false });
        if let Some(id) = begun.armed.remove(&index) {
            self.cloud.disarm(id);
        }
        self.change(plan, fault, false);
        match fault {
            Fault::Crash(on) => self.host(on.host, true),
            Fault::Restart(_) => self.host(HostId::Cloud, true),
            _ => {}
        }
    }

    /// What a fault changes about links and habits, when it begins or ends.
    fn change(&mut self, plan: &Plan, fault: &Fault, on: bool) {
        for change in link_changes(fault, plan, on) {
            self.change_link(change);
        }
        self.proxy.habits.apply(fault, on);
    }

    fn change_link(&mut self, change: LinkFault) {
        match change {
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
    }

    fn host(&mut self, host: HostId, up: bool) {
        let name = host_name(host).to_owned();
        if let (HostId::Client, false, Some(User::Tabs(tabs))) = (host, up, &self.user) {
            tabs.site.remember();
        }
        self.log.push(Lane::Net, Kind::Host { host: name, up });
        match (host, up) {
            (HostId::Client, false) => self.crash_user(),
            (HostId::Client, true) => self.start_user(),
            (HostId::Proxy, false) => self.crash_proxy(),
            (HostId::Proxy, true) => self.proxy.down = false,
            (HostId::Cloud, false) => self.crash_cloud(),
            (HostId::Cloud, true) => self.cloud.down = false,
        }
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

    fn command(&mut self, tab: Option<u8>, command: Command) {
        self.with_user(|user, world| match user {
            User::Alone(alone) => alone.command(world, command),
            User::Tabs(tabs) => {
                tabs.site.command(tab, command);
                tabs.run(world);
            }
        });
    }

    fn browser_does(&mut self, what: Do, tab: Option<u8>) {
        self.with_user(|user, world| match user {
            User::Alone(_) => unreachable!("{what} needs a browser, as the plan's check knows"),
            User::Tabs(tabs) => {
                tabs.site.step(what, tab);
                tabs.run(world);
            }
        });
    }

    fn shut_down(&mut self) {
        self.with_user(|user, world| match user {
            User::Alone(alone) => {
                world.log.push(Lane::Client, Kind::Asked { what: "shut down".into() });
                alone.command(world, Command::ShutDown);
            }
            User::Tabs(tabs) => {
                tabs.site.shut_down();
                tabs.run(world);
            }
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
