//! The bad habits of a proxy.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use holdline_net::duration::{optional, plain, text};

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
    #[serde(default, rename = "for", with = "optional", skip_serializing_if = "Option::is_none")]
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
    #[serde(default, rename = "for", with = "optional", skip_serializing_if = "Option::is_none")]
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
    #[serde(default, rename = "for", with = "optional", skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Duration>,
    /// How long it waits for more.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub wait: Duration,
}
