//! Faults of links and of the hosts at their ends.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use holdline_net::duration::{is_none_at_all, optional, plain, text};

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
    #[serde(default, rename = "for", with = "optional", skip_serializing_if = "Option::is_none")]
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
    #[serde(default, rename = "for", with = "optional", skip_serializing_if = "Option::is_none")]
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
    #[serde(default, rename = "for", with = "optional", skip_serializing_if = "Option::is_none")]
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
    #[serde(default, rename = "for", with = "optional", skip_serializing_if = "Option::is_none")]
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
    #[serde(default, rename = "for", with = "optional", skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Duration>,
    /// Which host.
    pub host: HostId,
}

fn client_proxy() -> LinkName {
    LinkName::ClientProxy
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes what it may skip like this")]
fn is_client_proxy(link: &LinkName) -> bool {
    *link == client_proxy()
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
