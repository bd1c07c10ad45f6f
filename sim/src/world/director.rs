//! How a plan is played: which step and which fault does what, in which order, on whatever [`Stage`]; and the
//! phases of a run: script, heal, wait for quiet, stay quiet, shut down, let go, aftermath.

use std::collections::BTreeMap;
use std::time::Duration;

use holdline_mock_server::{End, FaultId};

use super::cloud::rule_of;
use super::link_faults::link_faults;
use super::progress::Progress;
use super::stage::{Stage, VirtualStage};
use super::timetable::{Cue, timetable};
use crate::oracle::Bounds;
use crate::plan::fault::{Fault, HostId};
use crate::plan::{Do, Plan, Step};
use crate::subjects::Command;
use crate::trace::reports::Notice;
use crate::trace::{Kind, Lane};

/// What the text of a message with a button ends with.
const WITH_BUTTON: &str = " [button]";
/// After it is quiet, it must stay so for this long before the client is shut down.
const STAY_QUIET: Duration = Duration::from_secs(2);
/// A shut-down client has this long to let go of everything.
const LET_GO_WITHIN: Duration = Duration::from_secs(10);
/// And then nothing may move any more.
const AFTERMATH: Duration = Duration::from_secs(3);

/// What was begun and counted of a plan so far.
#[derive(Debug)]
pub struct Director<'a> {
    plan: &'a Plan,
    armed: BTreeMap<usize, FaultId>,
    lasting: Vec<usize>,
    typed: u32,
    said: u32,
}

/// Plays a whole run: the script, and the phases after it. A run that never comes to rest ends there, and the
/// oracles say so.
pub(super) fn play<S: VirtualStage>(
    plan: &Plan,
    bounds: &Bounds,
    stage: &mut S,
) -> Result<(), S::Error> {
    let mut director = Director::new(plan);
    for (at, cue) in timetable(plan) {
        stage.advance(at)?;
        director.carry_out(cue, stage)?;
    }
    stage.advance(plan.script_end())?;
    director.heal(stage)?;
    settle(plan, bounds, stage)
}

/// The second half: quiet within the bound, then a clean end.
fn settle<S: VirtualStage>(plan: &Plan, bounds: &Bounds, stage: &mut S) -> Result<(), S::Error> {
    let mut progress = Progress::new(may_end_terminal(plan), bounds.ttl);
    let give_up_at = stage.now() + plan.settings.quiet_within;
    stage.advance_unless(give_up_at, &mut |log| progress.is_quiet(log))?;
    if !stage.log().is_some_and(|log| progress.is_quiet(log)) {
        return Ok(());
    }
    note(stage, Kind::Quiet);
    stage.advance(stage.now() + STAY_QUIET)?;
    stage.shut_down();
    stage.advance_unless(stage.now() + LET_GO_WITHIN, &mut |log| progress.is_over(log))?;
    stage.advance(stage.now() + AFTERMATH)
}

/// A plan that expects a terminal state and never reconnects by hand ends in it.
fn may_end_terminal(plan: &Plan) -> bool {
    let terminal = plan.expect.state.as_ref().is_some_and(|state| state.starts_with("terminal"));
    terminal && plan.steps.iter().all(|step| step.what != Do::Reconnect)
}

fn note(stage: &impl Stage, kind: Kind) {
    if let Some(log) = stage.log() {
        log.push(Lane::Net, kind);
    }
}

impl<'a> Director<'a> {
    /// Nothing of the plan has begun.
    #[must_use]
    pub fn new(plan: &'a Plan) -> Self {
        Self { plan, armed: BTreeMap::new(), lasting: Vec::new(), typed: 0, said: 0 }
    }

    /// Takes a step, begins a fault or ends one.
    pub fn carry_out<S: Stage>(&mut self, cue: Cue, stage: &mut S) -> Result<(), S::Error> {
        match cue {
            Cue::Step(index) => {
                self.step(&self.plan.steps[index], stage);
                Ok(())
            }
            Cue::On(index) => self.begin(index, stage),
            Cue::Off(index) => self.end(index, stage),
        }
    }

    /// Ends every fault that still lasts.
    fn heal<S: VirtualStage>(&mut self, stage: &mut S) -> Result<(), S::Error> {
        for index in std::mem::take(&mut self.lasting) {
            self.end(index, stage)?;
        }
        stage.disarm_all();
        note(stage, Kind::Healed);
        Ok(())
    }

    fn step(&mut self, step: &Step, stage: &mut impl Stage) {
        match step.what {
            Do::Send => {
                self.typed += 1;
                let text = padded(format!("message {}", self.typed), step.bytes);
                stage.command(step.tab, Command::Send(text));
            }
            Do::Agent => {
                self.said += 1;
                let mut text = padded(format!("answer {}", self.said), step.bytes);
                if step.button {
                    text += WITH_BUTTON;
                }
                let said = stage.agent_says(&text);
                let Some(log) = stage.log() else { return };
                match said {
                    Ok(()) => log.name_agent_text(&text),
                    Err(error) => {
                        let text = format!("the agent cannot speak: {error}");
                        log.push(Lane::Cloud, Kind::Notice { notice: Notice::Other(text) });
                    }
                }
            }
            Do::Reconnect => stage.command(step.tab, Command::Reconnect),
            what => stage.do_in_browser(what, step.tab),
        }
    }

    fn begin<S: Stage>(&mut self, index: usize, stage: &mut S) -> Result<(), S::Error> {
        let fault = &self.plan.faults[index];
        stage.note_fault(fault, true);
        if fault.lasts() {
            self.lasting.push(index);
        }
        if let Some(rule) = rule_of(fault) {
            self.armed.insert(index, stage.arm(rule));
        }
        self.change(fault, true, stage)?;
        match fault {
            Fault::Rst(_) => stage.reset_proxied(),
            Fault::Crash(on) => stage.switch_host(on.host, false),
            Fault::Restart(restart) => {
                stage.close_sockets(&end_of(restart.code));
                stage.let_leave()?;
                stage.switch_host(HostId::Cloud, false);
            }
            Fault::Close(close) => stage.close_sockets(&end_of(close.code)),
            Fault::ExpireTokens(_) => stage.expire_tokens(),
            Fault::ForgetGuests(_) => stage.forget_guests(),
            Fault::ClockJump(jump) => stage.put_clock_forward(jump.by),
            _ => {}
        }
        Ok(())
    }

    fn end<S: Stage>(&mut self, index: usize, stage: &mut S) -> Result<(), S::Error> {
        let fault = &self.plan.faults[index];
        self.lasting.retain(|&lasting| lasting != index);
        stage.note_fault(fault, false);
        if let Some(id) = self.armed.remove(&index) {
            stage.disarm(id);
        }
        self.change(fault, false, stage)?;
        match fault {
            Fault::Crash(on) => stage.switch_host(on.host, true),
            Fault::Restart(_) => stage.switch_host(HostId::Cloud, true),
            _ => {}
        }
        Ok(())
    }

    fn change<S: Stage>(&self, fault: &Fault, on: bool, stage: &mut S) -> Result<(), S::Error> {
        for change in link_faults(fault, self.plan, on) {
            stage.change_link(&change)?;
        }
        stage.change_proxy(fault, on);
        Ok(())
    }
}

/// A close frame with this code; 1006 is none.
fn end_of(code: u16) -> End {
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
