//! The plan in order of time, and the phases of a run: a twin of `world::director` and of the second
//! half of `world::run` for a world that nobody has to wait for.

use std::collections::BTreeMap;
use std::time::Duration;

use holdline_mock_server::FaultId;

use super::World;
use super::links::Link;
use crate::net::LinkProfile;
use crate::plan::fault::{Fault, HostId, LinkName, PartitionWay};
use crate::plan::{Do, Plan};
use crate::subjects::Command;
use crate::trace::{Kind, Lane, Log};
use crate::world::cloud::rule_of;
use crate::world::director::{Cue, WITH_BUTTON, end_of, host_name, padded, profile, timetable};
use crate::world::progress::Progress;
use crate::world::run::{AFTERMATH, LET_GO_WITHIN, STAY_QUIET, bounds, may_end_terminal};

/// What was begun and counted so far.
#[derive(Default)]
struct Begun {
    armed: BTreeMap<usize, FaultId>,
    lasting: Vec<usize>,
    typed: u32,
    said: u32,
}

/// No one stops the clock.
fn never(_: &Log) -> bool {
    false
}

impl World {
    /// Plays the script, heals everything and waits for quiet.
    pub(super) fn direct(&mut self, plan: &Plan) {
        let mut begun = Begun::default();
        for (at, cue) in timetable(plan) {
            self.advance(at, &mut never);
            match cue {
                Cue::Step(index) => self.do_step(plan, index, &mut begun),
                Cue::On(index) => self.begin_fault(plan, index, &mut begun),
                Cue::Off(index) => self.end_fault(plan, index, &mut begun),
            }
        }
        self.advance(plan.script_end(), &mut never);
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
        self.advance(patience, &mut |log| progress.is_quiet(log));
        if !progress.is_quiet(&self.log) {
            return;
        }
        self.log.push(Lane::Net, Kind::Quiet);
        self.advance(self.now + STAY_QUIET, &mut never);
        self.log.push(Lane::Client, Kind::Asked { what: "shut down".into() });
        self.command(Command::ShutDown);
        self.advance(self.now + LET_GO_WITHIN, &mut |log| progress.is_over(log));
        self.advance(self.now + AFTERMATH, &mut never);
    }

    fn do_step(&mut self, plan: &Plan, index: usize, begun: &mut Begun) {
        let step = &plan.steps[index];
        match step.what {
            Do::Send => {
                begun.typed += 1;
                let text = padded(format!("message {}", begun.typed), step.bytes);
                self.command(Command::Send(text));
            }
            Do::Agent => {
                begun.said += 1;
                let text = padded(format!("answer {}", begun.said), step.bytes);
                let text = if step.button { text + WITH_BUTTON } else { text };
                match self.with_core(|core, now, out| core.agent_says(now, None, &text, out)) {
                    Ok(_) => self.log.name_agent_text(&text),
                    Err(error) => {
                        let text = format!("the agent cannot speak: {error}");
                        self.log.push(Lane::Cloud, Kind::Notice { text });
                    }
                }
            }
            Do::Reconnect => self.command(Command::Reconnect),
            what => unreachable!("{what} needs a browser, as the plan's check knows"),
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
                self.advance(self.now + Duration::from_millis(1), &mut never);
                self.host(HostId::Cloud, false);
            }
            Fault::Close(close) => {
                let end = end_of(close.code);
                self.with_core(|core, _, out| core.end_sockets(&end, out));
            }
            Fault::ExpireTokens(_) => self.with_core(|core, now, _| core.expire_tokens(now)),
            Fault::ForgetGuests(_) => self.with_core(|core, _, out| core.forget_guests(out)),
            Fault::ClockJump(jump) => self.client.put_wall(jump.by),
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
        let usual = profile(plan);
        let habits = &mut self.proxy.habits;
        match fault {
            Fault::Partition(f) => {
                let (down, up) = match f.way {
                    PartitionWay::Both => (true, true),
                    PartitionWay::Up => (false, true),
                    PartitionWay::Down => (true, false),
                };
                let cut = &mut self.link(f.link).cut;
                cut[0] = if down { on } else { cut[0] };
                cut[1] = if up { on } else { cut[1] };
            }
            Fault::Hold(f) if on => self.link(f.link).hold = true,
            Fault::Hold(f) => self.release(leg_of(f.link)),
            Fault::Latency(f) => {
                let slow = LinkProfile { latency: f.latency, jitter: f.jitter, ..usual };
                self.link(f.link).profile = if on { slow } else { usual };
            }
            Fault::Loss(f) => {
                let lossy = LinkProfile { loss_ppm: f.percent * 10_000, ..usual };
                self.link(f.link).profile = if on { lossy } else { usual };
            }
            Fault::Refuse(f) => match f.host {
                HostId::Proxy => self.proxy.refuses = on,
                HostId::Cloud => self.cloud.refuses = on,
                HostId::Client => {}
            },
            Fault::SwallowHandshake(_) => habits.swallow = on,
            Fault::IdleCut(cut) => habits.idle_cut = on.then_some((cut.after, cut.how)),
            Fault::Slice(slice) => habits.slice_bytes = on.then_some(slice.bytes),
            Fault::Coalesce(coalesce) => habits.coalesce = on.then_some(coalesce.wait),
            _ => {}
        }
    }

    fn link(&mut self, link: LinkName) -> &mut Link {
        &mut self.links[leg_of(link)]
    }

    fn host(&mut self, host: HostId, up: bool) {
        let name = host_name(host).to_owned();
        self.log.push(Lane::Net, Kind::Host { host: name, up });
        match (host, up) {
            (HostId::Client, false) => self.crash_client(),
            (HostId::Client, true) => self.start_client(),
            (HostId::Proxy, false) => self.crash_proxy(),
            (HostId::Proxy, true) => self.proxy.down = false,
            (HostId::Cloud, false) => self.crash_cloud(),
            (HostId::Cloud, true) => self.cloud.down = false,
        }
    }
}

fn leg_of(link: LinkName) -> usize {
    match link {
        LinkName::ClientProxy => 0,
        LinkName::ProxyCloud => 1,
    }
}
