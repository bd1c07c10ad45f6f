//! Which sockets are open, and for whom. Numbers are never used twice.

use super::effect::{Effect, End};
use super::{CloudEvent, Core, GuestIndex};

impl Core {
    /// Registers an open socket of `guest` and numbers it, from 1. Where the guest was forgotten
    /// since it was admitted, the socket ends at once.
    pub fn open_socket(&mut self, guest: GuestIndex, out: &mut Vec<Effect>) -> u64 {
        self.last_socket += 1;
        let socket = self.last_socket;
        let Some(owner) = self.guests.get_mut(guest) else {
            out.push(Effect::End { socket, end: End::guest_gone() });
            return socket;
        };
        owner.sockets += 1;
        self.sockets.insert(socket, guest);
        let guest = owner.instance.clone();
        out.push(Effect::Event(CloudEvent::SocketOpened { guest, socket }));
        socket
    }

    /// Takes a socket off the register; once.
    pub fn close_socket(&mut self, socket: u64, out: &mut Vec<Effect>) {
        if let Some(guest) = self.sockets.remove(&socket) {
            let owner = &mut self.guests[guest];
            owner.sockets -= 1;
            let guest = owner.instance.clone();
            out.push(Effect::Event(CloudEvent::SocketClosed { guest, socket }));
        }
    }

    /// Ends every open socket.
    pub fn end_sockets(&self, end: &End, out: &mut Vec<Effect>) {
        out.extend(self.sockets.keys().map(|&socket| Effect::End { socket, end: end.clone() }));
    }

    /// Whose socket it is, while it is open.
    pub(crate) fn owner(&self, socket: u64) -> Option<GuestIndex> {
        self.sockets.get(&socket).copied()
    }

    /// How many sockets are open.
    #[must_use]
    pub fn open_sockets(&self) -> usize {
        self.sockets.len()
    }
}
