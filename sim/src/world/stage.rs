//! What a director can lay hands on. There are three stages: the simulated network (`simulated`), the pure
//! tier (`pure`), and a real mock with whoever is connected to it (`holdline mock --perform`).

use std::time::Duration;

use holdline_mock_server::{CloudError, End, FaultId, FaultRule};
use holdline_net::LinkFault;

use super::logged;
use crate::plan::Do;
use crate::plan::fault::{Fault, HostId};
use crate::subjects::Command;
use crate::trace::{Kind, Lane, Log};

/// What the steps and faults of a plan are done to. A stage carries out; what is done, and in which order, is
/// the [`Director`](super::director::Director)'s.
pub trait Stage {
    /// Why it cannot go on.
    type Error;

    /// The log, where there is one.
    fn log(&self) -> Option<&Log>;
    /// A fault begins or ends.
    fn note_fault(&self, fault: &Fault, on: bool) {
        if let Some(log) = self.log() {
            log.push(Lane::Net, Kind::Fault { what: logged::fault(fault), on });
        }
    }

    /// Arms a fault of the cloud.
    fn arm(&mut self, rule: FaultRule) -> FaultId;
    /// Disarms it; one that has struck often enough is disarmed already.
    fn disarm(&mut self, id: FaultId);
    /// The agent says something to the newest guest.
    fn agent_says(&mut self, text: &str) -> Result<(), CloudError>;
    /// Ends every socket of the cloud.
    fn close_sockets(&mut self, end: &End);
    /// Lets what was sent a moment ago leave its host before that dies.
    fn let_leave(&mut self) -> Result<(), Self::Error>;
    /// Every guest token is expired from now on.
    fn expire_tokens(&mut self);
    /// The cloud knows no guest any more.
    fn forget_guests(&mut self);

    /// Changes a link.
    fn change_link(&mut self, change: &LinkFault) -> Result<(), Self::Error>;
    /// Changes what the proxy does, where the fault is about that.
    fn change_proxy(&mut self, fault: &Fault, on: bool);
    /// The proxy resets every connection that it carries.
    fn reset_proxied(&mut self);
    /// A host dies, or its program starts again.
    fn switch_host(&mut self, host: HostId, up: bool);

    /// Puts the wall clock of the client's machine forward.
    fn put_clock_forward(&mut self, by: Duration);
    /// The user does something in the client, or in the client of a tab.
    fn command(&mut self, tab: Option<u8>, command: Command);
    /// Something is done to the browser or to a tab of it.
    fn do_in_browser(&mut self, what: Do, tab: Option<u8>);
}

/// A stage whose time the director lets pass.
pub(super) trait VirtualStage: Stage {
    /// Virtual time since the beginning.
    fn now(&self) -> Duration;
    /// Lets time pass up to `until`, or to the moment at which `done` says so of the log.
    fn advance_unless(
        &mut self,
        until: Duration,
        done: &mut dyn FnMut(&Log) -> bool,
    ) -> Result<(), Self::Error>;
    /// Lets time pass.
    fn advance(&mut self, until: Duration) -> Result<(), Self::Error>;
    /// Disarms every fault of the cloud.
    fn disarm_all(&mut self);
    /// Asks every client to shut down.
    fn shut_down(&mut self);
}
