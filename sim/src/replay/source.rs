//! Where the plan of a token is from: a bundled scenario, a generator and a seed, or the token
//! itself.
//!
//! Each says of what version it is, so that a token never gives another plan than it was made of.

use std::fmt;

use super::pack::{pack, unpack};
use super::token::{SEPARATOR, TokenError};
use crate::plan::generate::{GENERATOR_VERSION, Options, generate};
use crate::plan::{Plan, bundled};

/// See the module's documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A bundled scenario, by its name and the fingerprint of its text.
    Scenario {
        /// Its name.
        name: String,
        /// Of its text.
        fingerprint: u32,
    },
    /// What a generator makes of a seed.
    Generated {
        /// Its name; there is `explore`.
        generator: String,
        /// Its version.
        version: u32,
        /// The seed.
        seed: u64,
        /// What else it was told, in its own short words; often nothing.
        options: String,
    },
    /// The plan itself, without what changes nothing: it has another story.
    Packed(Box<Plan>),
}

impl Source {
    /// The bundled scenario of that name.
    #[must_use]
    pub fn scenario(name: &str) -> Option<Self> {
        let fingerprint = fingerprint_of(name)?;
        Some(Self::Scenario { name: name.to_owned(), fingerprint })
    }

    /// What the generator of sweeps makes of a seed.
    #[must_use]
    pub fn explored(seed: u64, options: &Options) -> Self {
        let (generator, version) = (EXPLORE.to_owned(), GENERATOR_VERSION);
        Self::Generated { generator, version, seed, options: options.to_string() }
    }

    /// The plan again.
    pub fn plan(&self) -> Result<Plan, TokenError> {
        match self {
            Self::Packed(plan) => Ok((**plan).clone()),
            Self::Scenario { name, fingerprint } => {
                let now = fingerprint_of(name).zip(bundled::scenario(name));
                let (now, plan) = now.ok_or_else(|| TokenError::UnknownScenario(name.clone()))?;
                if now != *fingerprint {
                    return Err(TokenError::ScenarioChanged(name.clone()));
                }
                Ok(plan?)
            }
            Self::Generated { generator, version, seed, options } => {
                generated(generator, *version, *seed, options)
            }
        }
    }

    /// The parts of a token that stand for it.
    pub(super) fn parts(&self) -> Vec<String> {
        match self {
            Self::Scenario { name, fingerprint } => {
                vec!["s".into(), name.clone(), format!("{fingerprint:08x}")]
            }
            Self::Generated { generator, version, seed, options } => {
                let (version, seed) = (version.to_string(), seed.to_string());
                vec!["g".into(), generator.clone(), version, seed, options.clone()]
            }
            Self::Packed(plan) => vec!["p".into(), pack(plan)],
        }
    }

    /// And back; the checksum was right.
    pub(super) fn read(parts: &[&str]) -> Result<Self, TokenError> {
        match parts {
            ["s", name, fingerprint] => {
                let fingerprint = u32::from_str_radix(fingerprint, 16).map_err(|_| malformed())?;
                Ok(Self::Scenario { name: (*name).to_owned(), fingerprint })
            }
            ["g", generator, version, seed, options] => Ok(Self::Generated {
                generator: (*generator).to_owned(),
                version: version.parse().map_err(|_| malformed())?,
                seed: seed.parse().map_err(|_| malformed())?,
                options: (*options).to_owned(),
            }),
            ["p", packed] => {
                let text = unpack(packed).ok_or_else(malformed)?;
                Ok(Self::Packed(Box::new(Plan::parse("the token's plan", &text)?)))
            }
            _ => Err(malformed()),
        }
    }
}

const EXPLORE: &str = "explore";

/// The plan that a generator makes of a seed, if it is still the same generator.
fn generated(name: &str, version: u32, seed: u64, options: &str) -> Result<Plan, TokenError> {
    if name != EXPLORE {
        return Err(TokenError::UnknownGenerator(name.to_owned()));
    }
    if version != GENERATOR_VERSION {
        let (name, ours) = (name.to_owned(), GENERATOR_VERSION);
        return Err(TokenError::OtherGenerator { name, version, ours, seed });
    }
    Ok(generate(seed, &options.parse().map_err(|_| malformed())?))
}

/// Of the text of a bundled scenario.
fn fingerprint_of(name: &str) -> Option<u32> {
    let (_, text) = bundled::SCENARIOS.iter().find(|(known, _)| *known == name)?;
    let hash = blake3::hash(text.as_bytes());
    hash.as_bytes().first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
}

/// A checksum that is right around something that makes no sense.
fn malformed() -> TokenError {
    TokenError::Damaged("it says something that no token says")
}

/// As a person calls it.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scenario { name, .. } => f.write_str(name),
            Self::Generated { generator, seed, options, .. } => {
                write!(f, "{generator} {seed}")?;
                if options.is_empty() { Ok(()) } else { write!(f, " ({options})") }
            }
            Self::Packed(plan) => f.write_str(&plan.title),
        }
    }
}

/// Whether a text can be a part of a token.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".,=+_-".contains(&byte))
        && !text.contains(SEPARATOR)
}
