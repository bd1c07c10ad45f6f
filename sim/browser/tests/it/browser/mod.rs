//! The simulated browser. Each file opens with a tutorial that shows the thing in use, and goes on
//! with the edges that hurt. `harness` is what they all stand on.

mod channel;
mod client_adapters;
mod harness;
mod locks;
mod page;
mod sockets;
mod timers;
mod window;
