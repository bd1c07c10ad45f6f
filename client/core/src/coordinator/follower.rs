//! Following: hear the leader, ask when it is silent, want the lead when the user looks here.

use std::time::Duration;

use super::feed::AfterRead;
use super::message::{self, Message, Say, Saying};
use super::{Ask, Coordinator, Effect, Role};
use crate::store::records::{END, FEED};
use crate::store::stored::Stored;
use crate::store::{Contents, StoreError, numbered};
use crate::time::{Instant, Now};
use crate::types::{Because, State};

/// The leader as it was last heard.
#[derive(Debug, Clone)]
pub(super) struct Leader {
    pub(super) tab: String,
    pub(super) state: Saying,
    pub(super) because: Because,
}

/// What a follower knows of the leader, and how long it has been patient.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    leader: Option<Leader>,
    heard_at: Instant,
    probed_at: Option<Instant>,
    wanted_at: Option<Instant>,
    /// Spreads tabs that would lose their patience in the same moment.
    stagger: Duration,
    /// Said by a tab in an epoch that the store has not confirmed yet.
    announced: Option<(u64, Leader)>,
    /// What the leader said last, where the feed ended then, and in which epoch: it says the same
    /// again as long as nothing is new.
    beat: Option<(String, u64, u64)>,
}

impl Watch {
    pub(super) const fn new(stagger: Duration) -> Self {
        Self {
            leader: None,
            heard_at: Instant::ZERO,
            probed_at: None,
            wanted_at: None,
            stagger,
            announced: None,
            beat: None,
        }
    }

    pub(super) const fn leader(&self) -> Option<&Leader> {
        self.leader.as_ref()
    }

    /// Patience begins anew.
    pub(super) fn begin(&mut self, now: Instant) {
        (self.heard_at, self.probed_at, self.wanted_at) = (now, None, None);
    }

    /// Nobody leads, as far as is known.
    pub(super) fn forget(&mut self, now: Instant) {
        (self.leader, self.announced, self.beat) = (None, None, None);
        self.begin(now);
    }

    /// A tab says that it follows. It may be a page that came instead of the leader: how long the leader
    /// has been silent is counted on, and what this page says is not the leader's word.
    fn leads_not(&mut self, tab: &str) {
        if self.leader.take_if(|leader| leader.tab == tab).is_some() {
            self.beat = None;
        }
    }

    fn hears(&mut self, now: Instant, leader: Leader) {
        self.leader = Some(leader);
        (self.heard_at, self.probed_at) = (now, None);
    }

    /// Where the feed ends, if this is what the leader said before.
    fn hears_again(&mut self, now: Instant, text: &str, epoch: u64) -> Option<u64> {
        let (said, head, of) = self.beat.as_ref()?;
        if said != text || *of != epoch {
            return None;
        }
        (self.heard_at, self.probed_at) = (now, None);
        Some(*head)
    }
}

impl Coordinator {
    pub(super) fn watch_at(&self) -> Option<Instant> {
        let silent_at = match self.watch.probed_at {
            Some(probed_at) => probed_at + self.patience(),
            None => self.watch.heard_at + self.config.probe_after,
        };
        self.want_at().into_iter().chain([silent_at]).min()
    }

    fn patience(&self) -> Duration {
        let steps = match (self.page.focused_since, self.page.visible) {
            (Some(_), _) => 0,
            (None, true) => 1,
            (None, false) => 2,
        };
        self.config.answer_within + self.config.patience_step * steps + self.watch.stagger
    }

    /// When this tab next says that it wants to lead.
    fn want_at(&self) -> Option<Instant> {
        let rested = self.page.focused_since? + self.config.dwell;
        self.watch.leader.as_ref()?;
        Some(self.watch.wanted_at.map_or(rested, |at| rested.max(at + self.config.want_every)))
    }

    pub(super) fn watch(&mut self, now: Now, out: &mut Vec<Effect>) {
        if self.want_at().is_some_and(|at| now.mono >= at) {
            self.watch.wanted_at = Some(now.mono);
            self.say(Say::Want, out);
        }
        match self.watch.probed_at {
            Some(probed_at) if now.mono >= probed_at + self.patience() => {
                self.watch.forget(now.mono);
                self.steal(Because::LeaderSilent, out);
            }
            // Silence may be this tab's own: it was frozen, or its timers were late. So it asks.
            None if now.mono >= self.watch.heard_at + self.config.probe_after => {
                self.watch.probed_at = Some(now.mono);
                self.say(Say::Probe, out);
            }
            _ => {}
        }
    }

    fn steal(&mut self, because: Because, out: &mut Vec<Effect>) {
        self.role = Role::Following { because };
        out.push(Effect::AskLock(Ask::Steal));
    }

    pub(super) fn heard(&mut self, now: Now, text: &str, out: &mut Vec<Effect>) {
        if self.is_apart() {
            return;
        }
        if !self.leads()
            && let Some(head) = self.watch.hears_again(now.mono, text, self.epoch)
        {
            return self.feed_reaches(head, out);
        }
        let message = match message::parse(text, &self.scope) {
            Ok(message) => message,
            Err(why) => return self.odd(now, why, out),
        };
        // Only the store is believed about epochs; a forged one costs no more than a look.
        if message.epoch > self.epoch {
            self.newer(&message, out);
        }
        let Message { tab, epoch, say, .. } = message;
        match say {
            Say::Hello { shown } => {
                self.watch.leads_not(&tab);
                self.answer_hello(now, &tab, shown, out);
            }
            Say::Probe => self.beat(now, out),
            Say::Want => self.wanted(now, tab, epoch, out),
            Say::Call { id, unsaved } => self.answer_call(id, unsaved, out),
            Say::Bye if self.comes_not(now, &tab, out) => {}
            Say::Reconnect if self.leads() => out.push(Effect::ReconnectClient),
            // What follows is for a leader to say, and only for the one of this epoch.
            _ if epoch != self.epoch => {}
            Say::Beat { head, state, because } => {
                self.watch.beat = Some((text.to_owned(), head, epoch));
                self.heard_beat(now, Leader { tab, state, because }, head, out);
            }
            Say::Yield { to } => self.yielded(now, &to, out),
            Say::Settled { id, outcome } => self.settle(id, outcome, out),
            Say::Feed { number, message, unsaved } => {
                self.feed.told(number, message, unsaved, out);
                if self.feed.needs_read() {
                    self.catch_up(out);
                }
            }
            Say::Bye => {
                if self.watch.leader().is_some_and(|leader| leader.tab == tab) {
                    self.watch.forget(now.mono);
                }
            }
            Say::Reconnect => {}
        }
    }

    fn newer(&mut self, message: &Message, out: &mut Vec<Effect>) {
        if let Say::Beat { state, because, .. } = &message.say {
            let leader =
                Leader { tab: message.tab.clone(), state: state.clone(), because: *because };
            self.watch.announced = Some((message.epoch, leader));
        }
        self.catch_up(out);
    }

    fn heard_beat(&mut self, now: Now, leader: Leader, head: u64, out: &mut Vec<Effect>) {
        if matches!(self.role, Role::Leading(_)) {
            // Without room in the store two tabs can hold one epoch; one of them must go.
            if leader.tab < self.tab {
                self.step_down(now, format!("tab {} leads too", leader.tab), out);
            }
            return;
        }
        self.watch.hears(now.mono, leader);
        self.feed_reaches(head, out);
    }

    fn feed_reaches(&mut self, head: u64, out: &mut Vec<Effect>) {
        self.feed.reaches(head);
        if self.feed.needs_read() {
            self.catch_up(out);
        }
    }

    fn yielded(&mut self, now: Now, to: &str, out: &mut Vec<Effect>) {
        // The leader has stopped for this tab, so it comes, wherever the user looks by now: a hidden
        // leader's timers are too late to go on soon. An offer that was long on its way is void:
        // whoever made it has gone on.
        let asked_at = self.watch.wanted_at;
        self.watch.begin(now.mono);
        let in_time = asked_at.is_some_and(|at| now.mono < at + self.config.yield_within * 2);
        let wanted = to == self.tab && in_time;
        if wanted && matches!(self.role, Role::Following { .. }) {
            self.steal(Because::Focused, out);
        }
    }

    /// Reads what the feed has behind what was shown, and the epoch with it.
    pub(super) fn catch_up(&mut self, out: &mut Vec<Effect>) {
        let op = self.next_op();
        if let Some(first) = self.feed.begin_read(op) {
            let from = numbered(FEED, first);
            out.push(Effect::Read { op, from, to: format!("{FEED}{END}") });
        }
    }

    pub(super) fn catch_up_again(&mut self, now: Now, out: &mut Vec<Effect>) {
        if !self.is_apart() && self.feed.is_due(now.mono) {
            self.catch_up(out);
        }
    }

    /// Takes the answer to a read, if it is one of the feed and waited for.
    pub(super) fn caught_up(
        &mut self,
        now: Now,
        op: u64,
        result: &Result<Contents, StoreError>,
        out: &mut Vec<Effect>,
    ) {
        let Some(from) = self.feed.end_read(op) else { return };
        let contents = match result {
            Ok(contents) => contents,
            Err(StoreError::Foreign(why)) => {
                return self.alone(crate::types::Feature::Store, why.clone(), out);
            }
            Err(_) => return self.feed.read_failed(now.mono),
        };
        let stored = Stored::read(contents);
        self.report_odd(&stored, out);
        self.fenced(now, contents.epoch, out);
        if from > self.feed.read_from() {
            // This tab went back further meanwhile.
            return self.catch_up(out);
        }
        self.feed.take(stored.feed, out);
        match self.feed.after_read(now.mono, out) {
            AfterRead::Done => {}
            AfterRead::ReadAgain => self.catch_up(out),
            AfterRead::AskLeader => self.say(Say::Hello { shown: self.feed.settled() }, out),
        }
    }

    /// The store is at this epoch: whoever led in an older one, or was about to, leads no more.
    pub(super) fn fenced(&mut self, now: Now, stored: u64, out: &mut Vec<Effect>) {
        if stored <= self.epoch {
            return;
        }
        self.epoch = stored;
        if self.feed.begin_epoch() {
            self.catch_up(out);
        }
        if matches!(self.role, Role::Leading(_) | Role::Reading { .. }) {
            self.step_down(now, format!("epoch {stored} has begun"), out);
        }
        match self.watch.announced.take() {
            Some((epoch, leader)) if epoch == stored => self.watch.hears(now.mono, leader),
            _ => {
                if let Some(leader) = &mut self.watch.leader {
                    leader.state = Saying::of(now, &State::Connecting);
                }
            }
        }
    }
}
