//! `--perform`: the mock as a stage: what happens to cloud and network in a plan, in real time, against whoever
//! is connected. The clock of the plan begins with the first guest. What the user does is the client's own
//! business; what cannot be done to a real network is told and left out.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use holdline_mock_server::faults::{ConnectionReset, ConnectionSilent};
use holdline_mock_server::{Cloud, CloudError, End, Fault as CloudFault, FaultId, FaultRule, Mock};
use holdline_net::LinkFault;
use holdline_sim::plan::fault::{Fault, HostId};
use holdline_sim::plan::{Do, Plan};
use holdline_sim::subjects::Command;
use holdline_sim::trace::Log;
use holdline_sim::world::director::Director;
use holdline_sim::world::stage::Stage;
use holdline_sim::world::timetable::timetable;

use crate::print_note;

/// How often it looks for the first guest.
const POLL_EVERY: Duration = Duration::from_millis(20);

/// Performs the plan once.
pub(super) async fn perform(mock: Mock, plan: Plan) {
    let cloud = mock.cloud();
    while cloud.guests().is_empty() {
        tokio::time::sleep(POLL_EVERY).await;
    }
    print_note(&format!("performing: {}\n", plan.title));
    let mut stage = Live { cloud, mock, unreachable: BTreeMap::new(), closing: false };
    let mut director = Director::new(&plan);
    let mut now = Duration::ZERO;
    for (at, cue) in timetable(&plan) {
        tokio::time::sleep(at.saturating_sub(now)).await;
        now = at;
        let Ok(()) = director.carry_out(cue, &mut stage);
    }
    print_note("performed\n");
}

/// A mock on a real port. Nobody waits for it, and it has no log.
struct Live {
    mock: Mock,
    cloud: Cloud,
    /// Faults that stand for a host that is away, refuses or swallows connections.
    unreachable: BTreeMap<&'static str, FaultId>,
    /// Close frames are on their way, and no socket is dropped before them.
    closing: bool,
}

impl Live {
    fn left_out() {
        print_note("    (left out: only a simulated network can do that)\n");
    }

    /// New connections to the mock have this fault from now on, or no more.
    fn set_unreachable(&mut self, why: &'static str, fault: impl Into<CloudFault>, on: bool) {
        if let Some(id) = self.unreachable.remove(why) {
            self.cloud.disarm(id);
        }
        if on {
            self.unreachable.insert(why, self.cloud.arm(FaultRule::new(fault)));
        }
    }
}

impl Stage for Live {
    type Error = Infallible;

    fn log(&self) -> Option<&Log> {
        None
    }

    fn note_fault(&self, fault: &Fault, on: bool) {
        if on {
            print_note(&format!("  {fault}\n"));
        }
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

    fn let_leave(&mut self) -> Result<(), Infallible> {
        self.closing = true;
        Ok(())
    }

    fn expire_tokens(&mut self) {
        self.cloud.expire_tokens();
    }

    fn forget_guests(&mut self) {
        self.cloud.forget_guests();
    }

    fn change_link(&mut self, change: &LinkFault) -> Result<(), Infallible> {
        match *change {
            LinkFault::Partition { on, .. } | LinkFault::Hold { on, .. } => {
                self.mock.hold_network(on);
            }
            LinkFault::Refuse { on, .. } => {
                self.set_unreachable("refuses", ConnectionReset {}, on);
            }
            LinkFault::Profile { .. } => Self::left_out(),
        }
        Ok(())
    }

    fn change_proxy(&mut self, fault: &Fault, on: bool) {
        match fault {
            Fault::SwallowHandshake(_) => {
                let silent = ConnectionSilent {};
                self.set_unreachable("swallows", silent, on);
            }
            Fault::IdleCut(_) | Fault::Slice(_) | Fault::Coalesce(_) if on => Self::left_out(),
            _ => {}
        }
    }

    fn reset_proxied(&mut self) {
        self.cloud.close_sockets(End::Drop);
    }

    fn switch_host(&mut self, _: HostId, up: bool) {
        if !std::mem::take(&mut self.closing) && !up {
            self.cloud.close_sockets(End::Drop);
        }
        self.set_unreachable("down", ConnectionReset {}, !up);
    }

    fn put_clock_forward(&mut self, _: Duration) {
        Self::left_out();
    }

    /// A real client's user does what they like.
    fn command(&mut self, _: Option<u8>, _: Command) {}

    fn do_in_browser(&mut self, _: Do, _: Option<u8>) {}
}
