//! What can be chosen about the mock's behaviour, by a flag or in a file; both are read by the same
//! eyes. What is not said anywhere is as the mock has it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use holdline_mock_server::{CloudConfig, ControlAccess, MockConfig};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// A token that lives longer lives for ever.
const TOKEN_TTL_MAX: Duration = Duration::from_hours(10 * 365 * 24);

/// Why a file of settings is none.
#[derive(Debug, thiserror::Error)]
pub(super) enum SettingsError {
    #[error("cannot read {}: {source}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{}: {source}", path.display())]
    Malformed { path: PathBuf, source: toml::de::Error },
}

/// The settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Settings {
    /// OAuth bearer token that creates guests [default: holdline-oauth]
    #[arg(long, value_parser = bearer)]
    #[serde(deserialize_with = "of_bearer")]
    oauth_token: Option<String>,
    /// Accepts sockets without a guest token, as the articles' client opens them
    #[arg(long, num_args = 0, default_missing_value = "true")]
    lenient: Option<bool>,
    /// Life of a guest token, like 30m [default: 30m]
    #[arg(long, value_parser = token_ttl)]
    #[serde(deserialize_with = "of_token_ttl")]
    token_ttl: Option<Duration>,
    /// Messages a second and session [default: 2]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    #[serde(deserialize_with = "of_rate")]
    messages_per_second: Option<u32>,
    /// Feeds ids and tokens: the same seed gives the same ones [default: 1]
    #[arg(long)]
    seed: Option<u64>,
    /// An origin that browsers may come from, like <https://shop.example>; none is all of them
    #[arg(long, value_parser = origin)]
    #[serde(deserialize_with = "of_origins")]
    allow_origin: Vec<String>,
    /// Opens the control API to other machines, to who sends this token
    #[arg(long, value_parser = bearer)]
    #[serde(deserialize_with = "of_bearer")]
    control_token: Option<String>,
    /// How fast the cloud's clock runs: 60 is a minute a second, 0 stands still until it is advanced
    /// [default: 1]
    #[arg(long, value_parser = speed)]
    #[serde(deserialize_with = "of_speed")]
    speed: Option<u64>,
    /// Tenants at a time [default: 10000]
    #[arg(long, value_parser = at_least_one)]
    max_tenants: Option<usize>,
    /// Guests kept for each tenant; beyond, the oldest without a socket is forgotten [default: 10000]
    #[arg(long, value_parser = at_least_one)]
    max_guests: Option<usize>,
    /// Bytes that the conversations of a tenant may hold together; beyond, the oldest message is
    /// forgotten [default: 16777216]
    #[arg(long, value_parser = at_least_one)]
    max_conversation_bytes: Option<usize>,
    /// Journal entries kept for each tenant [default: 10000]
    #[arg(long, value_parser = at_least_one)]
    journal_entries: Option<usize>,
}

impl Settings {
    /// What a file says; an error names the line and what is allowed.
    pub(super) fn read(path: &Path) -> Result<Self, SettingsError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| SettingsError::Unreadable { path: path.to_owned(), source })?;
        toml::from_str(&text)
            .map_err(|source| SettingsError::Malformed { path: path.to_owned(), source })
    }

    /// These, and where they say nothing, the others.
    pub(super) fn or(self, other: Self) -> Self {
        let origins =
            if self.allow_origin.is_empty() { other.allow_origin } else { self.allow_origin };
        Self {
            oauth_token: self.oauth_token.or(other.oauth_token),
            lenient: self.lenient.or(other.lenient),
            token_ttl: self.token_ttl.or(other.token_ttl),
            messages_per_second: self.messages_per_second.or(other.messages_per_second),
            seed: self.seed.or(other.seed),
            allow_origin: origins,
            control_token: self.control_token.or(other.control_token),
            speed: self.speed.or(other.speed),
            max_tenants: self.max_tenants.or(other.max_tenants),
            max_guests: self.max_guests.or(other.max_guests),
            max_conversation_bytes: self.max_conversation_bytes.or(other.max_conversation_bytes),
            journal_entries: self.journal_entries.or(other.journal_entries),
        }
    }

    /// The bearer that creates guests.
    pub(super) fn oauth_token(&self) -> String {
        self.oauth_token.clone().unwrap_or_else(|| CloudConfig::default().oauth_token)
    }

    /// The mock that behaves so, on a machine of these names.
    pub(super) fn mock_config(self, names: &[String]) -> MockConfig {
        let usual = MockConfig::default();
        let cloud = CloudConfig {
            oauth_token: self.oauth_token(),
            strict_socket_auth: !self.lenient.unwrap_or_default(),
            token_ttl: self.token_ttl.unwrap_or(usual.cloud.token_ttl),
            messages_per_second: self
                .messages_per_second
                .unwrap_or(usual.cloud.messages_per_second),
            max_guests: self.max_guests.unwrap_or(usual.cloud.max_guests),
            max_conversation_bytes: self
                .max_conversation_bytes
                .unwrap_or(usual.cloud.max_conversation_bytes),
            ..usual.cloud
        };
        let mut domains = usual.domains;
        domains.extend(names.iter().map(|name| name.to_ascii_lowercase()));
        MockConfig {
            cloud,
            seed: self.seed.unwrap_or(usual.seed),
            max_tenants: self.max_tenants.unwrap_or(usual.max_tenants),
            domains,
            allowed_origins: self.allow_origin,
            control: self.control_token.map_or(ControlAccess::Loopback, ControlAccess::Token),
            journal_entries: self.journal_entries.unwrap_or(usual.journal_entries),
            speed: self.speed.unwrap_or(usual.speed),
        }
    }
}

fn token_ttl(text: &str) -> Result<Duration, String> {
    let ttl = humantime::parse_duration(text)
        .map_err(|_| "write it like 90s, 30m or 1h 30m".to_owned())?;
    if (Duration::from_secs(1)..=TOKEN_TTL_MAX).contains(&ttl) {
        return Ok(ttl);
    }
    Err("a token lives from 1s to 10 years (87600h)".into())
}

/// RFC 6750, 2.1: what a bearer token is made of.
fn bearer(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~+/=".contains(c);
    if !text.is_empty() && text.chars().all(allowed) {
        return Ok(text.to_owned());
    }
    Err("a bearer token is made of letters, digits and -._~+/= (RFC 6750, 2.1)".into())
}

/// A name as DNS has it (RFC 1123, 2.1).
pub(super) fn dns_name(text: &str) -> Result<String, String> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    if text.len() <= 253 && text.split('.').all(label) {
        return Ok(text.to_owned());
    }
    Err("write a DNS name like mock.example.test".into())
}

/// RFC 6454, 6.2: a scheme and a host, nothing behind them.
fn origin(text: &str) -> Result<String, String> {
    match text.split_once("://") {
        Some(("http" | "https", host)) if !host.is_empty() && !host.contains('/') => {
            Ok(text.to_owned())
        }
        _ => Err("write an origin like https://shop.example, without a path".into()),
    }
}

/// In thousandths of real time.
fn speed(text: &str) -> Result<u64, String> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let thousandths = format!("{part:0<3}");
    let is_number = thousandths.len() == 3 && thousandths.chars().all(|c| c.is_ascii_digit());
    match (whole.parse::<u64>(), thousandths.parse::<u64>()) {
        (Ok(whole @ 0..=100_000), Ok(part)) if is_number => Ok(whole * 1000 + part),
        _ => Err("write it like 60, 1 or 0.5; at most 100000".into()),
    }
}

pub(super) fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&number| number > 0).ok_or("a whole number from 1 on".into())
}

/// A text in a file, read as the flag of the same name is.
fn of<'de, T, D: Deserializer<'de>>(
    from: D,
    parse: fn(&str) -> Result<T, String>,
) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(from)?;
    parse(&text).map(Some).map_err(|says| D::Error::custom(format!("`{text}`: {says}")))
}

fn of_bearer<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    of(from, bearer)
}

fn of_token_ttl<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    of(from, token_ttl)
}

fn of_origins<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let all = Vec::<String>::deserialize(from)?;
    all.iter()
        .map(|text| origin(text).map_err(|says| D::Error::custom(format!("`{text}`: {says}"))))
        .collect()
}

fn of_rate<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
    match u32::deserialize(from)? {
        0 => Err(D::Error::custom("`0`: at least 1 message a second")),
        rate => Ok(Some(rate)),
    }
}

fn of_speed<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "write it like 60, 1 or 0.5")]
    enum Number {
        Whole(u64),
        Part(f64),
    }
    let text = match Number::deserialize(from)? {
        Number::Whole(number) => number.to_string(),
        Number::Part(number) => number.to_string(),
    };
    speed(&text).map(Some).map_err(|says| D::Error::custom(format!("`{text}`: {says}")))
}
