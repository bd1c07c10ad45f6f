//! The client's tests, one binary: its machines by hand, its transport against a peer of bytes, its stores on a disk.

mod backoff;
mod client;
mod coordinator;
mod health_and_rate;
mod inbound;
mod outbox;
mod redb_journal;
mod redb_store;
mod retry_after;
mod session;
mod statuses;
mod waits;
mod wire;
mod words;
