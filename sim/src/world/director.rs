//! The plan in order of time, and who carries out what: the network, the proxy, the cloud, the
//! user at the client.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use holdline_mock_server::{Cloud, End, FaultId};

use super::cloud::rule_of;
use super::proxy::Control;
use super::user::User;
use super::{CLIENT, CLOUD, PROXY};
use crate::plan::fault::{Fault, HostId, LinkName, PartitionWay};
use crate::plan::{Do, Plan, Step};
use crate::subjects::Command;
use crate::trace::{Kind, Lane, Log};
use holdline_net::{Backend, Direction, HostName, LinkFault, LinkProfile, NetError};

/// What the text of a message with a button ends with.
const WITH_BUTTON: &str = " [button]";

/// One entry of the timetable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cue {
    /// A fault ends; ends come before beginnings of the same moment.
    Off(usize),
    /// The fault with this index begins.
    On(usize),
    /// The step with this index is taken.
    Step(usize),
}

/// What is typed and said in a plan, numbered.
#[derive(Debug, Default)]
pub struct Words {
    typed: u32,
    said: u32,
}

impl Words {
    /// The guest's next message.
    pub(super) fn message(&mut self, step: &Step) -> String {
        self.typed += 1;
        padded(format!("message {}", self.typed), step.bytes)
    }

    /// The agent's.
    pub fn answer(&mut self, step: &Step) -> String {
        self.said += 1;
        let text = padded(format!("answer {}", self.said), step.bytes);
        if step.button { text + WITH_BUTTON } else { text }
    }
}

/// Everything the director can lay hands on.
pub(super) struct Director<'a> {
    pub(super) plan: &'a Plan,
    pub(super) cloud: Cloud,
    pub(super) proxy: Rc<Control>,
    pub(super) user: User,
    pub(super) log: Log,
    /// How far the wall clock of the client's machine is put forward.
    pub(super) wall_put: Rc<Cell<Duration>>,
    armed: BTreeMap<usize, FaultId>,
    lasting: Vec<usize>,
    words: Words,
}

impl<'a> Director<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        cloud: Cloud,
        proxy: Rc<Control>,
        user: User,
        log: Log,
    ) -> Self {
        let (armed, lasting) = (BTreeMap::new(), Vec::new());
        let wall_put = Rc::default();
        Self { plan, cloud, proxy, user, log, wall_put, armed, lasting, words: Words::default() }
    }

    /// Plays the script up to its end.
    pub(super) fn play(&mut self, net: &mut dyn Backend) -> Result<(), NetError> {
        for (at, cue) in timetable(self.plan) {
            net.advance(at, &mut || false)?;
            match cue {
                Cue::Step(index) => self.step(index),
                Cue::On(index) => self.begin(index, net)?,
                Cue::Off(index) => self.end(index, net)?,
            }
        }
        net.advance(self.plan.script_end(), &mut || false)
    }

    /// Ends every fault that still lasts.
    pub(super) fn heal(&mut self, net: &mut dyn Backend) -> Result<(), NetError> {
        for index in std::mem::take(&mut self.lasting) {
            self.end(index, net)?;
        }
        self.cloud.disarm_all();
        self.log.push(Lane::Net, Kind::Healed);
        Ok(())
    }

    fn step(&mut self, index: usize) {
        let step = &self.plan.steps[index];
        match step.what {
            Do::Send => {
                let text = self.words.message(step);
                self.user.command(step.tab, Command::Send(text));
            }
            Do::Agent => {
                let text = self.words.answer(step);
                match self.cloud.agent_says(None, &text) {
                    Ok(_) => self.log.name_agent_text(&text),
                    Err(error) => {
                        let text = format!("the agent cannot speak: {error}");
                        self.log.push(Lane::Cloud, Kind::Notice { text });
                    }
                }
            }
            Do::Reconnect => self.user.command(step.tab, Command::Reconnect),
            what => self.user.step(what, step.tab),
        }
    }

    fn begin(&mut self, index: usize, net: &mut dyn Backend) -> Result<(), NetError> {
        let fault = &self.plan.faults[index];
        self.log.push(Lane::Net, Kind::Fault { what: fault.to_string(), on: true });
        if fault.lasts() {
            self.lasting.push(index);
        }
        if let Some(rule) = rule_of(fault) {
            self.armed.insert(index, self.cloud.arm(rule));
        }
        for change in link_changes(fault, self.plan, true) {
            net.apply(&change)?;
        }
        self.proxy.apply(fault, true);
        match fault {
            Fault::Rst(_) => self.proxy.reset_all(),
            Fault::Crash(on) => self.host(on.host, false, net),
            Fault::Restart(restart) => {
                self.cloud.close_sockets(end_of(restart.code));
                // The close frames leave before the process does.
                let now = net.clock()();
                net.advance(now + Duration::from_millis(1), &mut || false)?;
                self.host(HostId::Cloud, false, net);
            }
            Fault::Close(close) => self.cloud.close_sockets(end_of(close.code)),
            Fault::ExpireTokens(_) => self.cloud.expire_tokens(),
            Fault::ForgetGuests(_) => self.cloud.forget_guests(),
            Fault::ClockJump(jump) => self.wall_put.set(self.wall_put.get() + jump.by),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, index: usize, net: &mut dyn Backend) -> Result<(), NetError> {
        let fault = &self.plan.faults[index];
        self.lasting.retain(|&lasting| lasting != index);
        self.log.push(Lane::Net, Kind::Fault { what: fault.to_string(), on: false });
        if let Some(id) = self.armed.remove(&index) {
            self.cloud.disarm(id);
        }
        for change in link_changes(fault, self.plan, false) {
            net.apply(&change)?;
        }
        self.proxy.apply(fault, false);
        match fault {
            Fault::Crash(on) => self.host(on.host, true, net),
            Fault::Restart(_) => self.host(HostId::Cloud, true, net),
            _ => {}
        }
        Ok(())
    }

    fn host(&self, host: HostId, up: bool, net: &mut dyn Backend) {
        let name = host_name(host);
        if let (HostId::Client, false, User::Tabs(site)) = (host, up, &self.user) {
            site.remember();
        }
        self.log.push(Lane::Net, Kind::Host { host: name.to_owned(), up });
        if up { net.restart(name) } else { net.crash(name) }
    }
}

/// Steps and faults with their moments, in order.
#[must_use]
pub fn timetable(plan: &Plan) -> Vec<(Duration, Cue)> {
    let mut cues = Vec::new();
    for (index, step) in plan.steps.iter().enumerate() {
        cues.extend((0..step.count).map(|n| (step.at + step.every * n, Cue::Step(index))));
    }
    for (index, fault) in plan.faults.iter().enumerate() {
        let (at, lasts) = fault.span();
        cues.push((at, Cue::On(index)));
        cues.extend(lasts.map(|lasts| (at + lasts, Cue::Off(index))));
    }
    cues.sort();
    cues
}

/// What a fault changes about links, when it begins or ends.
pub(super) fn link_changes(fault: &Fault, plan: &Plan, on: bool) -> Vec<LinkFault> {
    let usual = profile(plan);
    let profiled = |link, profile| {
        let profile = if on { profile } else { usual };
        vec![LinkFault::Profile { way: up(link), profile }]
    };
    match fault {
        Fault::Partition(f) => {
            let (there, back) = (up(f.link), down(f.link));
            let ways = match f.way {
                PartitionWay::Both => vec![there, back],
                PartitionWay::Up => vec![there],
                PartitionWay::Down => vec![back],
            };
            ways.into_iter().map(|way| LinkFault::Partition { way, on }).collect()
        }
        Fault::Hold(f) => vec![LinkFault::Hold { way: up(f.link), on }],
        Fault::Latency(f) => {
            profiled(f.link, LinkProfile { latency: f.latency, jitter: f.jitter, ..usual })
        }
        Fault::Loss(f) => profiled(f.link, LinkProfile { loss_ppm: f.percent * 10_000, ..usual }),
        Fault::Refuse(f) => vec![LinkFault::Refuse { host: host_name(f.host), on }],
        _ => Vec::new(),
    }
}

/// The links as the plan begins with them.
pub(super) fn profile(plan: &Plan) -> LinkProfile {
    LinkProfile { latency: plan.settings.latency, jitter: plan.settings.jitter, loss_ppm: 0 }
}

fn up(link: LinkName) -> Direction {
    match link {
        LinkName::ClientProxy => Direction { from: CLIENT, to: PROXY },
        LinkName::ProxyCloud => Direction { from: PROXY, to: CLOUD },
    }
}

fn down(link: LinkName) -> Direction {
    let Direction { from, to } = up(link);
    Direction { from: to, to: from }
}

pub(super) fn host_name(host: HostId) -> HostName {
    match host {
        HostId::Client => CLIENT,
        HostId::Proxy => PROXY,
        HostId::Cloud => CLOUD,
    }
}

/// A close frame with this code; 1006 is none.
#[must_use]
pub fn end_of(code: u16) -> End {
    match code {
        1006 => End::Drop,
        code => End::Code(code, String::new()),
    }
}

/// The text, made as long as the step wants it.
fn padded(mut text: String, bytes: Option<usize>) -> String {
    if let Some(bytes) = bytes {
        text.push(' ');
        text += &".".repeat(bytes.saturating_sub(text.len()));
    }
    text
}
