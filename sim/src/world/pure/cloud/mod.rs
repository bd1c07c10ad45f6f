//! The mock cloud's pure core, with thin twins of its handlers (`asked`) and of its socket actor
//! (`socket`).

mod asked;
mod socket;

use std::time::Duration;

use holdline_mock_server::core::{Admission, Core, Effect, Now, Push, Refusal};
use holdline_mock_server::faults::{Action, Delivery, FaultLayer};
use holdline_mock_server::profile::articles;
use holdline_mock_server::{FaultId, FaultRule};

use self::asked::refused;
use super::conn::{Answer, Body, CloudEnd, Packet, Payload, What};
use super::{Due, World};
use crate::plan::Plan;
use crate::trace::{End, Frame, Kind, Lane};
use crate::world::cloud::{SEED_OF_CLOUD, config, kind_of};
use holdline_net::WALL_AT_START;

/// The cloud on its host.
pub(super) struct CloudTwin {
    layer: FaultLayer,
    pub(super) down: bool,
    pub(super) refuses: bool,
}

/// What is said late.
#[derive(Debug)]
pub(super) enum Late {
    Answer(Answer),
    Socket(Result<Admission, Refusal>),
    Frame(Frame, Payload),
}

impl CloudTwin {
    pub(super) fn new(plan: &Plan) -> Self {
        let core = Core::new(config(&plan.cloud), plan.seed ^ SEED_OF_CLOUD);
        Self { layer: FaultLayer::new(core), down: false, refuses: false }
    }

    pub(super) fn arm(&mut self, now: Duration, rule: FaultRule) -> FaultId {
        self.layer.arm(moment(now), rule)
    }

    pub(super) fn disarm(&mut self, id: FaultId) {
        self.layer.disarm(id);
    }

    pub(super) fn disarm_all(&mut self) {
        self.layer.disarm_all();
    }
}

impl World {
    /// Something that no fault has a say in.
    pub(super) fn with_core<T>(
        &mut self,
        step: impl FnOnce(&mut Core, Now, &mut Vec<Effect>) -> T,
    ) -> T {
        self.with_cloud(|cloud, now, out| {
            cloud.operate(out, |core, effects| step(core, now, effects))
        })
    }

    /// One step of the cloud, and what it wants done.
    pub(super) fn with_cloud<T>(
        &mut self,
        step: impl FnOnce(&mut FaultLayer, Now, &mut Vec<Action>) -> T,
    ) -> T {
        let mut actions = Vec::new();
        let result = step(&mut self.cloud.layer, moment(self.now), &mut actions);
        for action in actions {
            match action {
                Action::Event(event) => {
                    let kind = kind_of(&self.log, &event);
                    self.log.push(Lane::Cloud, kind);
                }
                Action::Struck(fault, _) => {
                    let (kind, fault) = (fault.info().name, fault.to_string());
                    self.log.push(Lane::Cloud, Kind::Fired { kind, fault });
                }
                Action::Send { socket, push, .. } => {
                    if let Some(index) = self.seat(socket) {
                        let frame = self.agent_frame(&push);
                        self.cloud_frame(index, frame, Payload::Text(articles::push(&push)));
                    }
                }
                Action::End { socket, end } => {
                    if let Some(index) = self.seat(socket) {
                        self.end_socket(index, &end);
                    }
                }
            }
        }
        result
    }

    fn seat(&self, number: u64) -> Option<usize> {
        let is_it =
            |end: &CloudEnd| matches!(end, CloudEnd::Socket { socket, .. } if *socket == number);
        self.conns.iter().rposition(|conn| is_it(&conn.cloud))
    }

    fn agent_frame(&self, push: &Push) -> Frame {
        let known_by = match push {
            Push::Message(said) if said.message_id.is_empty() => &said.content,
            Push::Message(said) => &said.message_id,
            Push::Typing => "",
        };
        Frame::Agent(self.log.name_agent(known_by))
    }

    /// Something arrives at the cloud's host.
    pub(super) fn at_cloud(&mut self, index: usize, packet: Packet) {
        let is_gone = matches!(self.conns[index].cloud, CloudEnd::Nothing | CloudEnd::Closed);
        match packet {
            Packet::Syn => self.accept_at_cloud(index),
            Packet::Data(_) if is_gone => self.send(index, 1, false, Packet::Rst),
            Packet::Fin if !is_gone => {
                self.cloud_lost(index, End::Fin);
                self.send(index, 1, false, Packet::Fin);
            }
            Packet::Rst => self.cloud_lost(index, End::Rst),
            Packet::Data(data) => match data.what {
                What::Request(request) => self.asked(index, request),
                What::Frame(frame, payload) => self.cloud_heard(index, frame, &payload),
                What::Partial => self.cloud_heard_part(index),
                What::Answer(_) => {}
            },
            Packet::Fin | Packet::SynAck => {}
        }
    }

    fn accept_at_cloud(&mut self, index: usize) {
        let conn = &mut self.conns[index];
        if self.cloud.down || self.cloud.refuses {
            conn.cloud = CloudEnd::Closed;
            return self.send(index, 1, false, Packet::Rst);
        }
        conn.cloud = CloudEnd::Accepted;
        conn.cloud_number = self.log.next_conn(Lane::Cloud);
        self.send(index, 1, false, Packet::SynAck);
    }

    fn say(&mut self, index: usize, delivery: Delivery, late: Late) {
        if delivery.delay.is_zero() {
            self.answer_late(index, late);
        } else {
            let at = self.now + delivery.delay;
            self.push(at, Due::Answer { conn: index, late: Box::new(late) });
        }
    }

    pub(super) fn answer_late(&mut self, index: usize, late: Late) {
        match (late, self.conns[index].cloud) {
            (Late::Answer(answer), CloudEnd::Accepted) => self.answer(index, answer),
            (Late::Socket(Err(refusal)), CloudEnd::Accepted) => {
                self.answer(index, refused(&refusal));
            }
            (Late::Socket(Ok(Admission { guest, .. })), CloudEnd::Accepted) => {
                let socket = self.with_core(|core, _, out| core.open_socket(guest, out));
                self.conns[index].cloud = CloudEnd::Socket { guest, socket, closing: false };
                let answer = Answer { status: 101, retry_after: None, body: Body::Upgraded };
                self.answer(index, answer);
            }
            (Late::Frame(frame, payload), CloudEnd::Socket { closing: false, .. }) => {
                self.cloud_frame(index, frame, payload);
            }
            // Whoever asked has gone.
            _ => {}
        }
    }

    /// An answered connection was idle for long.
    pub(super) fn kept_long_enough(&mut self, index: usize, requests: u32) {
        let conn = &self.conns[index];
        if conn.cloud == CloudEnd::Accepted && conn.requests == requests {
            self.cloud_close(index);
        }
    }

    /// The answer to the cloud's close frame has not come.
    pub(super) fn cloud_closes(&mut self, index: usize) {
        if matches!(self.conns[index].cloud, CloudEnd::Socket { closing: true, .. }) {
            self.cloud_close(index);
        }
    }

    /// This end lets go.
    pub(super) fn cloud_close(&mut self, index: usize) {
        if self.cloud_over(index, End::Own) {
            self.send(index, 1, false, Packet::Fin);
        }
    }

    /// The other end, or the kernel, did.
    pub(super) fn cloud_lost(&mut self, index: usize, end: End) {
        self.cloud_over(index, end);
    }

    fn cloud_over(&mut self, index: usize, end: End) -> bool {
        let conn = self.conns[index].cloud_number;
        let before = std::mem::replace(&mut self.conns[index].cloud, CloudEnd::Closed);
        if matches!(before, CloudEnd::Nothing | CloudEnd::Closed) {
            return false;
        }
        if let CloudEnd::Socket { socket, .. } = before {
            self.with_core(|core, _, out| core.close_socket(socket, out));
        }
        self.log.push(Lane::Cloud, Kind::Ended { conn, end });
        true
    }

    /// Its process dies; its memory is kept.
    pub(super) fn crash_cloud(&mut self) {
        self.cloud.down = true;
        for index in 0..self.conns.len() {
            if self.conns[index].cloud != CloudEnd::Nothing {
                self.cloud_close(index);
            }
        }
    }
}

/// What time it is in the cloud.
fn moment(now: Duration) -> Now {
    Now { mono: now, wall: WALL_AT_START + now }
}
