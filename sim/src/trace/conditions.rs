//! The conditions under which a client runs: faults, hosts that stop, connections that are cut, and
//! what becomes of the browser as a whole. The log writes each as the text that people read.

use std::fmt;

use super::text::serialize_as_text;

/// A machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Host {
    /// The client's machine, with its browser if it has one.
    Client,
    /// The proxy.
    Proxy,
    /// The cloud.
    Cloud,
}

/// A link between two machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// Between client and proxy.
    ClientProxy,
    /// Between proxy and cloud.
    ProxyCloud,
}

/// A fault that someone injects.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// What it does.
    pub effect: Effect,
    /// Whether it has an end; otherwise it is a moment.
    pub lasts: bool,
    /// A short description of it for people.
    pub text: String,
}

/// What a fault does, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// A link carries nothing, in one direction or both.
    Partition(Link),
    /// A link keeps what it is given.
    Hold(Link),
    /// A link is slow.
    Latency(Link),
    /// A link loses packets.
    Loss(Link),
    /// A machine stops, or refuses connections.
    Outage(Host),
    /// The proxy resets, cuts, swallows, slices or delays.
    Proxy,
    /// The cloud answers, acknowledges or closes differently.
    Cloud,
    /// Every token of the cloud expires.
    ExpireTokens,
    /// The wall clock of the client's machine is put forward.
    PutClockForward,
}

impl Effect {
    /// The link that it disturbs, if it disturbs one.
    #[must_use]
    pub fn link(self) -> Option<Link> {
        match self {
            Self::Partition(link) | Self::Hold(link) | Self::Latency(link) | Self::Loss(link) => {
                Some(link)
            }
            _ => None,
        }
    }
}

/// How the proxy cuts a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// With RST, because it was told to.
    Reset,
    /// With FIN, because the connection was idle.
    IdleFin,
    /// With RST, because the connection was idle.
    IdleRst,
    /// It forwards nothing any more, because the connection was idle.
    IdleSilence,
}

/// What becomes of the browser as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BrowserChange {
    /// Its service worker is killed.
    WorkerKilled,
    /// Its service worker will be killed in the middle of its next write.
    WorkerDoomed,
    /// Everything that the site has stored is gone.
    SiteDataCleared,
    /// Its store has no room for more.
    DiskFull,
    /// It has room again.
    DiskFreed,
    /// A page of a newer version begins to upgrade the store.
    StoreUpgrade,
    /// The store is upgraded.
    StoreUpgraded,
    /// The store is not upgraded, and why.
    StoreNotUpgraded(String),
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client => "client",
            Self::Proxy => "proxy",
            Self::Cloud => "cloud",
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reset => "RST",
            Self::IdleFin => "idle, FIN",
            Self::IdleRst => "idle, RST",
            Self::IdleSilence => "idle, silence",
        })
    }
}

impl fmt::Display for BrowserChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WorkerKilled => f.write_str("the worker is killed"),
            Self::WorkerDoomed => f.write_str("the worker will be killed in its next write"),
            Self::SiteDataCleared => f.write_str("site data cleared"),
            Self::DiskFull => f.write_str("the disk is full"),
            Self::DiskFreed => f.write_str("the disk has room again"),
            Self::StoreUpgrade => f.write_str("a newer page upgrades the store"),
            Self::StoreUpgraded => f.write_str("the store is upgraded"),
            Self::StoreNotUpgraded(why) => write!(f, "the store is not upgraded: {why}"),
        }
    }
}

serialize_as_text!(Host, Fault, Cut, BrowserChange);
