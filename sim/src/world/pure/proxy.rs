//! The proxy: the habits of `world::proxy`, for whole messages.

use std::time::Duration;

use super::conn::{Packet, ProxyEnd, What};
use super::{Due, World};
use crate::plan::fault::CutHow;
use crate::trace::conditions::Cut;
use crate::trace::tap::PARTIAL_EVERY;
use crate::trace::{Kind, Lane};
use crate::world::logged;
use crate::world::proxy::Habits;

/// A slice a millisecond.
const SLICE_EVERY: Duration = Duration::from_millis(1);

/// What it does at the moment.
#[derive(Debug, Default)]
pub(super) struct ProxyHabits {
    pub(super) habits: Habits,
    pub(super) down: bool,
    pub(super) refuses: bool,
}

impl World {
    /// `up`: it comes from the client.
    pub(super) fn at_proxy(&mut self, index: usize, up: bool, packet: Packet) {
        let leg = usize::from(!up);
        let conn = &mut self.conns[index];
        match (conn.proxy, packet) {
            (ProxyEnd::Nothing, Packet::Syn) => self.greet(index),
            (ProxyEnd::Greeted, Packet::Rst) => conn.proxy = ProxyEnd::Gone,
            (ProxyEnd::Greeted, packet) => self.accept(index, packet),
            (ProxyEnd::Dialing, Packet::SynAck) => self.reached(index),
            (ProxyEnd::Dialing | ProxyEnd::Piped, Packet::Rst) => {
                conn.proxy = ProxyEnd::Gone;
                self.send(index, usize::from(up), up, Packet::Rst);
            }
            (ProxyEnd::Dialing, packet) => conn.early.push(packet),
            (ProxyEnd::Piped, packet) => self.forward(index, up, packet),
            (ProxyEnd::Silent, Packet::Fin) if self.conns[index].cloud_number == 0 => {
                self.conns[index].proxy = ProxyEnd::Gone;
                self.send(index, leg, !up, Packet::Fin);
            }
            (ProxyEnd::Nothing | ProxyEnd::Gone, Packet::Data(_) | Packet::SynAck) => {
                self.send(index, leg, !up, Packet::Rst);
            }
            _ => {}
        }
    }

    fn greet(&mut self, index: usize) {
        if self.proxy.down || self.proxy.refuses {
            self.conns[index].proxy = ProxyEnd::Gone;
            return self.send(index, 0, false, Packet::Rst);
        }
        self.conns[index].proxy = ProxyEnd::Greeted;
        self.send(index, 0, false, Packet::SynAck);
    }

    /// The handshake is whole, and the first packet is there.
    fn accept(&mut self, index: usize, packet: Packet) {
        if self.proxy.habits.swallow {
            self.conns[index].proxy = ProxyEnd::Silent;
            return self.at_proxy(index, true, packet);
        }
        self.conns[index].proxy = ProxyEnd::Dialing;
        self.conns[index].early.push(packet);
        self.send(index, 1, true, Packet::Syn);
    }

    /// The cloud has accepted.
    fn reached(&mut self, index: usize) {
        let now = self.now;
        let conn = &mut self.conns[index];
        conn.proxy = ProxyEnd::Piped;
        conn.active = now;
        for packet in std::mem::take(&mut conn.early) {
            self.forward(index, true, packet);
        }
        if let Some((after, _)) = self.proxy.habits.idle_cut {
            self.push(now + after, Due::Idle { conn: index });
        }
    }

    fn forward(&mut self, index: usize, up: bool, packet: Packet) {
        let Habits { slice_bytes, coalesce, .. } = self.proxy.habits;
        let now = self.now;
        let conn = &mut self.conns[index];
        conn.active = now;
        let busy = &mut conn.busy[usize::from(up)];
        let mut at = now.max(*busy);
        if let (Some(wait), true) = (coalesce, at == now)
            && !matches!(packet, Packet::Fin)
        {
            at = now + wait;
            *busy = at;
        }
        let pieces = match (slice_bytes, &packet) {
            (Some(size), Packet::Data(data)) => data.bytes.div_ceil(size.max(1)) as u32,
            _ => 1,
        };
        if pieces > 1 {
            let last = at + SLICE_EVERY * (pieces - 1);
            *busy = last + SLICE_EVERY;
            if matches!(&packet, Packet::Data(data) if matches!(data.what, What::Frame(..))) {
                let mut part_at = at;
                while part_at < last {
                    let part =
                        Packet::Data(Box::new(super::conn::Data { bytes: 1, what: What::Partial }));
                    self.push(part_at, Due::Forward { conn: index, up, packet: part });
                    part_at += PARTIAL_EVERY;
                }
            }
            at = last;
        }
        if at == now {
            self.forward_now(index, up, packet);
        } else {
            self.push(at, Due::Forward { conn: index, up, packet });
        }
    }

    pub(super) fn forward_now(&mut self, index: usize, up: bool, packet: Packet) {
        let conn = &mut self.conns[index];
        if conn.proxy != ProxyEnd::Piped {
            return;
        }
        conn.active = self.now;
        if matches!(packet, Packet::Fin) {
            conn.ended[usize::from(up)] = true;
            if conn.ended == [true; 2] {
                conn.proxy = ProxyEnd::Gone;
            }
        }
        self.send(index, usize::from(up), up, packet);
    }

    /// One of its two connections is lost: it resets both.
    pub(super) fn proxy_breaks(&mut self, index: usize) {
        let conn = &mut self.conns[index];
        if matches!(conn.proxy, ProxyEnd::Dialing | ProxyEnd::Piped) {
            conn.proxy = ProxyEnd::Gone;
            self.end_both(index, true);
        }
    }

    fn end_both(&mut self, index: usize, reset: bool) {
        let packet = || if reset { Packet::Rst } else { Packet::Fin };
        self.send(index, 0, false, packet());
        self.send(index, 1, true, packet());
    }

    /// Resets every connection it carries.
    pub(super) fn reset_all(&mut self) {
        for index in 0..self.conns.len() {
            if matches!(self.conns[index].proxy, ProxyEnd::Dialing | ProxyEnd::Piped) {
                self.proxy_breaks(index);
                self.log.push(Lane::Proxy, Kind::Cut { how: Cut::Reset });
            }
        }
    }

    /// Its process dies.
    pub(super) fn crash_proxy(&mut self) {
        self.proxy.down = true;
        for index in 0..self.conns.len() {
            let carries = !matches!(self.conns[index].proxy, ProxyEnd::Nothing | ProxyEnd::Gone);
            if carries {
                self.conns[index].proxy = ProxyEnd::Gone;
                self.end_both(index, false);
            }
        }
    }

    /// It becomes impatient.
    pub(super) fn watch_idleness(&mut self) {
        let Some((after, _)) = self.proxy.habits.idle_cut else { return };
        for index in 0..self.conns.len() {
            if self.conns[index].proxy == ProxyEnd::Piped {
                let at = (self.conns[index].active + after).max(self.now);
                self.push(at, Due::Idle { conn: index });
            }
        }
    }

    pub(super) fn look_for_idleness(&mut self, index: usize) {
        let Some((after, how)) = self.proxy.habits.idle_cut else { return };
        let conn = &mut self.conns[index];
        if conn.proxy != ProxyEnd::Piped {
            return;
        }
        let due = conn.active + after;
        if due > self.now {
            return self.push(due, Due::Idle { conn: index });
        }
        self.log.push(Lane::Proxy, Kind::Cut { how: logged::cut(how) });
        if how == CutHow::Silence {
            conn.proxy = ProxyEnd::Silent;
        } else {
            conn.proxy = ProxyEnd::Gone;
            self.end_both(index, how == CutHow::Rst);
        }
    }
}
