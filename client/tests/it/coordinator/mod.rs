//! The tab coordinator as a pure machine: several of them around one store, one lock, one channel
//! and one server, all of them as slow and as unreliable as they are allowed to be.

mod by_acquire;
mod by_effect;
mod by_example;
mod by_feed;
mod by_follower;
mod by_hand_over;
mod by_leader;
mod by_leader_log;
mod by_outgoing;
mod by_property;
mod by_role;
mod by_word;
mod one_tab;
mod world;
