//! Every fault a plan can name, with its times.
//!
//! A fault begins at `at`. One that lasts has `for`; without it, it lasts until the heal phase,
//! which ends every fault. Durations are checked when the plan is loaded, and that is where the
//! `kind` of a `[[fault]]` is read: by itself a [`Fault`] is `{ kind = { ... } }`.
//!
//! - `network`, `proxy`, `cloud`: the fields of each fault, by where it strikes.
//! - `words`: each fault in a few words.

mod cloud;
mod network;
mod proxy;
mod words;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use holdline_net::duration::{optional, plain, text};

pub use cloud::{AckDelayed, Answer, Close, Door, OnMessage, Restart};
pub use network::{HostId, LinkName, LossyLink, OnHost, OnLink, Partition, PartitionWay, SlowLink};
pub use proxy::{Coalesce, CutHow, IdleCut, Slice};

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// Packets of a link are lost, both ways or one way.
    Partition(Partition),
    /// Packets of a link wait until the fault ends.
    Hold(OnLink),
    /// A link becomes slow.
    Latency(SlowLink),
    /// A link loses packets.
    Loss(LossyLink),
    /// The proxy resets every connection it carries.
    Rst(Moment),
    /// A host answers every connection attempt with RST.
    Refuse(OnHost),
    /// The proxy takes connections and forwards nothing.
    SwallowHandshake(Span),
    /// The proxy cuts what is idle.
    IdleCut(IdleCut),
    /// The proxy cuts what it forwards into pieces of this size.
    Slice(Slice),
    /// The proxy waits before it forwards, so that writes run together.
    Coalesce(Coalesce),
    /// A host's process dies and starts again.
    Crash(OnHost),
    /// The cloud closes every socket, is away, and comes back with its memory.
    Restart(Restart),
    /// The cloud answers with a status.
    Answer(Answer),
    /// A message is neither stored nor acknowledged.
    AckLostBeforeAccept(OnMessage),
    /// A message is stored and not acknowledged.
    AckLostAfterAccept(OnMessage),
    /// A message is acknowledged late.
    AckDelayed(AckDelayed),
    /// A message is acknowledged twice.
    AckDoubled(OnMessage),
    /// The cloud never answers a WebSocket handshake.
    SwallowUpgrade(OnMessage),
    /// The cloud closes every socket with this code; 1006 drops the connection.
    Close(Close),
    /// Every guest token is expired from now on.
    ExpireTokens(Moment),
    /// The cloud no longer knows any guest.
    ForgetGuests(Moment),
    /// The wall clock of the client's machine is put forward.
    ClockJump(ClockJump),
}

/// Something that happens at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Moment {
    /// When.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub at: Duration,
}

/// Something that lasts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Span {
    /// When it begins.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub at: Duration,
    /// How long it lasts.
    #[serde(default, rename = "for", with = "optional", skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Duration>,
}

/// A wall clock that is put forward, as after a sleep or by NTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ClockJump {
    /// When.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub at: Duration,
    /// By how much.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub by: Duration,
}

impl Fault {
    /// When it begins and how long it lasts; `None` for a fault of one moment, or one that lasts
    /// until the heal phase.
    #[must_use]
    pub fn span(&self) -> (Duration, Option<Duration>) {
        match self {
            Self::Partition(f) => (f.at, f.lasts),
            Self::Hold(f) => (f.at, f.lasts),
            Self::Latency(f) => (f.at, f.lasts),
            Self::Loss(f) => (f.at, f.lasts),
            Self::Refuse(f) | Self::Crash(f) => (f.at, f.lasts),
            Self::SwallowHandshake(f) => (f.at, f.lasts),
            Self::IdleCut(f) => (f.at, f.lasts),
            Self::Slice(f) => (f.at, f.lasts),
            Self::Coalesce(f) => (f.at, f.lasts),
            Self::Restart(f) => (f.at, Some(f.lasts)),
            Self::Answer(f) => (f.at, f.lasts),
            Self::Rst(f) | Self::ExpireTokens(f) | Self::ForgetGuests(f) => (f.at, None),
            Self::Close(f) => (f.at, None),
            Self::ClockJump(f) => (f.at, None),
            Self::AckDelayed(f) => (f.at, None),
            Self::AckLostBeforeAccept(f)
            | Self::AckLostAfterAccept(f)
            | Self::AckDoubled(f)
            | Self::SwallowUpgrade(f) => (f.at, None),
        }
    }

    /// When it begins, to be changed.
    pub(crate) fn at_mut(&mut self) -> &mut Duration {
        match self {
            Self::Partition(f) => &mut f.at,
            Self::Hold(f) => &mut f.at,
            Self::Latency(f) => &mut f.at,
            Self::Loss(f) => &mut f.at,
            Self::Refuse(f) | Self::Crash(f) => &mut f.at,
            Self::SwallowHandshake(f) => &mut f.at,
            Self::IdleCut(f) => &mut f.at,
            Self::Slice(f) => &mut f.at,
            Self::Coalesce(f) => &mut f.at,
            Self::Restart(f) => &mut f.at,
            Self::Answer(f) => &mut f.at,
            Self::Rst(f) | Self::ExpireTokens(f) | Self::ForgetGuests(f) => &mut f.at,
            Self::Close(f) => &mut f.at,
            Self::ClockJump(f) => &mut f.at,
            Self::AckDelayed(f) => &mut f.at,
            Self::AckLostBeforeAccept(f)
            | Self::AckLostAfterAccept(f)
            | Self::AckDoubled(f)
            | Self::SwallowUpgrade(f) => &mut f.at,
        }
    }

    /// When it is over, as far as the script goes.
    #[must_use]
    pub fn end(&self) -> Duration {
        let (at, lasts) = self.span();
        at + lasts.unwrap_or_default()
    }

    /// Whether it has an end: a moment has none, and a fault of some messages ends by itself.
    #[must_use]
    pub fn lasts(&self) -> bool {
        !matches!(
            self,
            Self::Rst(_)
                | Self::ExpireTokens(_)
                | Self::ForgetGuests(_)
                | Self::Close(_)
                | Self::ClockJump(_)
                | Self::AckDelayed(_)
                | Self::AckLostBeforeAccept(_)
                | Self::AckLostAfterAccept(_)
                | Self::AckDoubled(_)
                | Self::SwallowUpgrade(_)
        )
    }
}
