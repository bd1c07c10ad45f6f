//! Where a hand-over is decided: another tab has the user's eyes and asks for the lead; this one lets
//! its client end what is half done, and yields.

use std::time::Duration;

use super::message::Say;
use super::{Coordinator, Effect, Role};
use crate::time::{Instant, Now};
use crate::types::State;

/// What a client that leaves may take, and its last words into the store.
const LEAVES_WITHIN: Duration = Duration::from_millis(400);

/// A hand-over that has begun. What the client says to the last goes into the store first: a wait
/// that a server has just asked for would be lost to the next leader.
#[derive(Debug, Clone)]
pub(super) struct Leaving {
    /// Who wanted to lead; nobody any more when that page was loaded anew.
    to: Option<String>,
    /// The client has said its last word.
    silent: bool,
    /// Not a moment longer.
    pub(super) until: Instant,
}

impl Coordinator {
    /// Another tab has the user's eyes. It gets the lead when nothing is half done here; it asks
    /// again otherwise.
    pub(super) fn wanted(&mut self, now: Now, tab: String, epoch: u64, out: &mut Vec<Effect>) {
        let Role::Leading(lead) = &self.role else { return };
        let ready = lead.leaving.is_none()
            && lead.guest.is_some()
            && !lead.guest_is_new
            && lead.owed.is_empty()
            && lead.can_be_continued()
            && !matches!(lead.state, State::Terminal(_))
            && now.mono.since(lead.since) >= self.config.tenure_min;
        if !ready || epoch != self.epoch || self.page.focused_since.is_some() {
            return;
        }
        let until = now.mono + LEAVES_WITHIN;
        if let Role::Leading(lead) = &mut self.role {
            lead.leaving = Some(Leaving { to: Some(tab), silent: false, until });
        }
        out.push(Effect::LeaveClient);
    }

    /// The client has stopped; whatever it said before is still to be stored.
    pub(super) fn client_left(&mut self) {
        if let Role::Leading(lead) = &mut self.role
            && let Some(leaving) = &mut lead.leaving
        {
            leaving.silent = true;
        }
    }

    /// The second half of a hand-over: all that was said is stored, or will not be.
    pub(super) fn yield_when_done(&mut self, now: Now, out: &mut Vec<Effect>) {
        let Role::Leading(lead) = &self.role else { return };
        let Some(Leaving { to, silent, until }) = &lead.leaving else { return };
        let stored = *silent && lead.committing.is_none() && lead.changes.is_empty();
        if !stored && now.mono < *until {
            return;
        }
        let because = lead.because;
        let to = to.clone();
        self.stop_client(out);
        let Some(to) = to else { return self.read_all(now, because, 0, out) };
        let until = now.mono + self.config.yield_within;
        self.role = Role::Yielding { to: to.clone(), until, because };
        self.say(Say::Yield { to }, out);
    }

    /// Whoever wanted to lead does not come: this tab goes on, if it is that one that it waits for.
    pub(super) fn comes_not(&mut self, now: Now, tab: &str, out: &mut Vec<Effect>) -> bool {
        match &mut self.role {
            Role::Yielding { to, because, .. } if to == tab => {
                let because = *because;
                self.read_all(now, because, 0, out);
                true
            }
            Role::Leading(lead) => lead
                .leaving
                .as_mut()
                .is_some_and(|leaving| leaving.to.take_if(|to| to == tab).is_some()),
            _ => false,
        }
    }
}
