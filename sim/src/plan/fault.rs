//! Every fault a plan can name, with its times.
//!
//! A fault begins at `at`. One that lasts has `for`; without it, it lasts until the heal phase,
//! which ends every fault. Durations are checked when the plan is loaded, and that is where the
//! `kind` of a `[[fault]]` is read: by itself a [`Fault`] is `{ kind = { ... } }`.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::duration::{is_none_at_all, optional, optional_text, plain, text};

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

/// A link between two neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkName {
    /// Between client and proxy.
    ClientProxy,
    /// Between proxy and cloud.
    ProxyCloud,
}

/// A host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostId {
    /// The client's machine.
    Client,
    /// The proxy.
    Proxy,
    /// The cloud.
    Cloud,
}

/// Which direction a partition cuts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartitionWay {
    /// Both.
    #[default]
    Both,
    /// From the client towards the cloud.
    Up,
    /// From the cloud towards the client.
    Down,
}

/// A link that loses everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Partition {
    /// When it begins.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub at: Duration,
    /// How long it lasts; until the heal phase if absent.
    #[serde(
        default,
        rename = "for",
        deserialize_with = "optional",
        serialize_with = "optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub lasts: Option<Duration>,
    /// Which link. Default `client-proxy`.
    #[serde(default = "client_proxy", skip_serializing_if = "is_client_proxy")]
    pub link: LinkName,
    /// Which direction. Default `both`.
    #[serde(default, skip_serializing_if = "PartitionWay::is_both")]
    pub way: PartitionWay,
}

/// A fault of a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OnLink {
    /// When it begins.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub at: Duration,
    /// How long it lasts; until the heal phase if absent.
    #[serde(
        default,
        rename = "for",
        deserialize_with = "optional",
        serialize_with = "optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub lasts: Option<Duration>,
    /// Which link. Default `client-proxy`.
    #[serde(default = "client_proxy", skip_serializing_if = "is_client_proxy")]
    pub link: LinkName,
}

/// A slow link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SlowLink {
    /// When it begins.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub at: Duration,
    /// How long it lasts.
    #[serde(
        default,
        rename = "for",
        deserialize_with = "optional",
        serialize_with = "optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub lasts: Option<Duration>,
    /// Which link. Default `client-proxy`.
    #[serde(default = "client_proxy", skip_serializing_if = "is_client_proxy")]
    pub link: LinkName,
    /// One-way delay.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub latency: Duration,
    /// Up to this much more, per packet.
    #[serde(
        default,
        deserialize_with = "plain",
        serialize_with = "text",
        skip_serializing_if = "is_none_at_all"
    )]
    pub jitter: Duration,
}

/// A link that loses packets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LossyLink {
    /// When it begins.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub at: Duration,
    /// How long it lasts.
    #[serde(
        default,
        rename = "for",
        deserialize_with = "optional",
        serialize_with = "optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub lasts: Option<Duration>,
    /// Which link. Default `client-proxy`.
    #[serde(default = "client_proxy", skip_serializing_if = "is_client_proxy")]
    pub link: LinkName,
    /// How many of a hundred packets, 1 to 90.
    pub percent: u32,
}

/// A fault of a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OnHost {
    /// When it begins.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub at: Duration,
    /// How long it lasts.
    #[serde(
        default,
        rename = "for",
        deserialize_with = "optional",
        serialize_with = "optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub lasts: Option<Duration>,
    /// Which host.
    pub host: HostId,
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
    #[serde(
        default,
        rename = "for",
        deserialize_with = "optional",
        serialize_with = "optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub lasts: Option<Duration>,
}

/// How a proxy ends a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CutHow {
    /// FIN to both sides.
    Fin,
    /// RST to both sides.
    Rst,
    /// Nothing to anybody; nothing is forwarded any more.
    Silence,
}

/// An impatient proxy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct IdleCut {
    /// When it becomes impatient.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub at: Duration,
    /// How long it stays so.
    #[serde(
        default,
        rename = "for",
        deserialize_with = "optional",
        serialize_with = "optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub lasts: Option<Duration>,
    /// How long a connection may be idle. Article 000: corporate firewalls often take 60 s.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub after: Duration,
    /// How it cuts.
    pub how: CutHow,
}

/// A proxy that forwards in pieces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Slice {
    /// When it begins.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub at: Duration,
    /// How long it lasts.
    #[serde(
        default,
        rename = "for",
        deserialize_with = "optional",
        serialize_with = "optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub lasts: Option<Duration>,
    /// Bytes per piece, at least 1.
    pub bytes: usize,
}

/// A proxy that forwards late.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Coalesce {
    /// When it begins.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub at: Duration,
    /// How long it lasts.
    #[serde(
        default,
        rename = "for",
        deserialize_with = "optional",
        serialize_with = "optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub lasts: Option<Duration>,
    /// How long it waits for more.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub wait: Duration,
}

/// A restart of the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Restart {
    /// When it goes.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub at: Duration,
    /// How long it is away.
    #[serde(rename = "for", deserialize_with = "plain", serialize_with = "text")]
    pub lasts: Duration,
    /// Close code of every socket before it goes; 1006 drops them without a close frame.
    pub code: u16,
}

/// The door a cloud fault stands at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Door {
    /// Creating a guest.
    Guests,
    /// Refreshing a token.
    Refresh,
    /// The WebSocket handshake.
    Socket,
    /// Messages, on either road.
    Messages,
    /// Fetching what was missed.
    History,
    /// Any of them.
    Any,
}

/// A status instead of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Answer {
    /// When it is armed.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub at: Duration,
    /// How long it stays armed.
    #[serde(
        default,
        rename = "for",
        deserialize_with = "optional",
        serialize_with = "optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub lasts: Option<Duration>,
    /// Where.
    pub on: Door,
    /// 400 to 599.
    pub status: u16,
    /// `Retry-After`: whole seconds (`7`), a date so far ahead (`date 30s`), or any text. Absent
    /// means no header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<String>,
    /// The first that is hit, counted from 1 since it was armed. Default 1.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub nth: u64,
    /// How many in a row. Default all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
}

/// A fault of some messages (or handshakes).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OnMessage {
    /// When it is armed.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub at: Duration,
    /// The first that is hit, counted from 1 since it was armed. Default 1.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub nth: u64,
    /// How many in a row. Default 1.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub count: u64,
}

/// Late acknowledgements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AckDelayed {
    /// When it is armed.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub at: Duration,
    /// How late.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub by: Duration,
    /// The first that is hit. Default 1.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub nth: u64,
    /// How many in a row. Default 1.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub count: u64,
}

/// The cloud closes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Close {
    /// When.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub at: Duration,
    /// With which code; 1006 drops the connection.
    pub code: u16,
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
}

fn client_proxy() -> LinkName {
    LinkName::ClientProxy
}

fn first() -> u64 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes what it may skip like this")]
fn is_client_proxy(link: &LinkName) -> bool {
    *link == client_proxy()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes what it may skip like this")]
fn is_first(number: &u64) -> bool {
    *number == first()
}

impl PartitionWay {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes what it may skip like this"
    )]
    fn is_both(&self) -> bool {
        *self == Self::Both
    }
}

impl Fault {
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

/// A short, stable text for diagrams.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Partition(p) => match p.way {
                PartitionWay::Both => write!(f, "partition {}", p.link),
                PartitionWay::Up => write!(f, "partition {}, up only", p.link),
                PartitionWay::Down => write!(f, "partition {}, down only", p.link),
            },
            Self::Hold(hold) => write!(f, "hold {}", hold.link),
            Self::Latency(slow) => write!(f, "latency {:?} {}", slow.latency, slow.link),
            Self::Loss(loss) => write!(f, "{} % loss {}", loss.percent, loss.link),
            Self::Rst(_) => f.write_str("proxy resets everything"),
            Self::Refuse(on) => write!(f, "{} refuses", on.host),
            Self::SwallowHandshake(_) => f.write_str("proxy swallows connections"),
            Self::IdleCut(cut) => {
                let how = match cut.how {
                    CutHow::Fin => "FIN",
                    CutHow::Rst => "RST",
                    CutHow::Silence => "silence",
                };
                write!(f, "proxy cuts after {:?} idle: {how}", cut.after)
            }
            Self::Slice(slice) => write!(f, "proxy slices to {} bytes", slice.bytes),
            Self::Coalesce(coalesce) => write!(f, "proxy waits {:?}", coalesce.wait),
            Self::Crash(on) => write!(f, "crash of {}", on.host),
            Self::Restart(restart) => write!(f, "restart with {}", restart.code),
            Self::Answer(answer) => {
                write!(f, "{} answers {}", answer.on, answer.status)?;
                answer.retry_after.as_ref().map_or(Ok(()), |after| write!(f, ", wait {after}"))
            }
            Self::AckLostBeforeAccept(_) => f.write_str("a message will be swallowed"),
            Self::AckLostAfterAccept(_) => f.write_str("an ack will be lost"),
            Self::AckDelayed(delayed) => write!(f, "an ack will be {:?} late", delayed.by),
            Self::AckDoubled(_) => f.write_str("an ack will be doubled"),
            Self::SwallowUpgrade(_) => f.write_str("a handshake will not be answered"),
            Self::Close(close) => write!(f, "cloud closes with {}", close.code),
            Self::ExpireTokens(_) => f.write_str("tokens expire"),
            Self::ForgetGuests(_) => f.write_str("guests are forgotten"),
            Self::ClockJump(jump) => {
                write!(f, "the client's clock is put forward by {:?}", jump.by)
            }
        }
    }
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Guests => "guests",
            Self::Refresh => "refresh",
            Self::Socket => "socket",
            Self::Messages => "messages",
            Self::History => "history",
            Self::Any => "everything",
        })
    }
}

impl fmt::Display for LinkName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ClientProxy => "client-proxy",
            Self::ProxyCloud => "proxy-cloud",
        })
    }
}

impl fmt::Display for HostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client => "client",
            Self::Proxy => "proxy",
            Self::Cloud => "cloud",
        })
    }
}
