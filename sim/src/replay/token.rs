//! A token: a run in at most 200 characters, which any shell and any chat leaves as they are.
//!
//! `hl1:s:partition-2m:1f2e3d4c:holdline:0123456789abcdef:89abcdef`: the format's version, where the
//! plan is from (see [`Source`]), who was under test, the audit hash of the run, and a checksum over
//! all of that. A run that crashed has no hash, and `-` in its place; before the hash of a run on the pure tier
//! stands a `p`. Runs on the ticking network have no tokens.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::source::{Source, is_plain};
use crate::plan::{Plan, PlanError, bundled};
use crate::subjects::{UnderTest, UnderTestError};
use crate::trace::AuditHash;

/// No token is longer.
pub const LONGEST: usize = 200;
/// Between the parts.
pub(super) const SEPARATOR: char = ':';
/// What every token begins with, whatever its version.
const FAMILY: &str = "hl";
/// The version of the format.
const VERSION: u32 = 1;
/// Before the hash of a run on the pure tier.
pub const PURE: char = 'p';
/// In place of the hash of a run that has none.
const NO_HASH: &str = "-";

/// See the module's documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Where the plan is from.
    pub source: Source,
    /// Who was under test, in one word: see [`UnderTest::id`].
    pub subject: String,
    /// The audit hash of the run; `None` where there was none.
    pub hash: Option<AuditHash>,
    /// Whether it was played on the pure tier; then a [`PURE`] stands before the hash.
    pub is_pure: bool,
}

/// Why a token cannot be played.
#[derive(Debug, Error)]
pub enum TokenError {
    /// It is not what was printed.
    #[error("the token is damaged: {0}; copy it again, from `hl{VERSION}:` to its end")]
    Damaged(&'static str),
    /// It is of a newer holdline.
    #[error(
        "the token is of format {0}, and this holdline reads format {VERSION}; play it with the holdline that printed it"
    )]
    Newer(u32),
    /// No such scenario.
    #[error("the token names the scenario `{0}`, and there is none of that name; play it with the holdline that printed it, or one of: {known}", known = known())]
    UnknownScenario(String),
    /// The scenario is another one now.
    #[error(
        "the scenario `{0}` has changed since the token was made; play the token with the holdline that printed it, or the scenario as it is now: holdline replay {0}"
    )]
    ScenarioChanged(String),
    /// No such generator.
    #[error(
        "the token names the generator `{0}`, which this holdline has not; play it with the holdline that printed it"
    )]
    UnknownGenerator(String),
    /// The generator makes another plan of that seed now.
    #[error(
        "the token is of version {version} of the generator `{name}`, and this is version {ours}, which makes another plan of seed {seed}; play it with the holdline that printed it"
    )]
    OtherGenerator {
        /// Its name.
        name: String,
        /// Its version then.
        version: u32,
        /// Its version now.
        ours: u32,
        /// The seed.
        seed: u64,
    },
    /// The plan in it is none.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Nobody of that name can be put under test.
    #[error("the token names who was under test: {0}")]
    Subject(#[from] UnderTestError),
}

impl Token {
    /// The token for a run; `None` where it would be too long, and the plan needs a file.
    #[must_use]
    pub fn of(source: Source, subject: &UnderTest, hash: Option<AuditHash>) -> Option<Self> {
        Self { source, subject: subject.id(), hash, is_pure: false }.fitting()
    }

    /// The same run on the pure tier, or not.
    #[must_use]
    pub fn on(self, is_pure: bool) -> Option<Self> {
        Self { is_pure, ..self }.fitting()
    }

    fn fitting(self) -> Option<Self> {
        let plain = self.parts().iter().all(|part| is_plain(part));
        (plain && self.to_string().len() <= LONGEST).then_some(self)
    }

    /// The token that holds the plan itself, with as much of its words as there is room for.
    #[must_use]
    pub fn packed(plan: &Plan, subject: &UnderTest, hash: Option<AuditHash>) -> Option<Self> {
        let story = Plan {
            story: "It came in a token, which has no room for stories.".into(),
            ..plan.clone()
        };
        let title = Plan { title: "From a token".into(), ..story.clone() };
        let plans = [plan.clone(), story, title].into_iter();
        plans.map(Box::new).find_map(|plan| Self::of(Source::Packed(plan), subject, hash))
    }

    /// Whether a text is meant as a token.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        version_of(text).is_some()
    }

    /// Who was under test.
    pub fn under_test(&self) -> Result<UnderTest, TokenError> {
        Ok(UnderTest::from_id(&self.subject)?)
    }

    fn parts(&self) -> Vec<String> {
        let hash = self.hash.map_or_else(|| NO_HASH.to_owned(), |hash| hash.to_string());
        let mut parts = self.source.parts();
        let tier = if self.is_pure { String::from(PURE) } else { String::new() };
        parts.extend([self.subject.clone(), tier + &hash]);
        parts
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = SEPARATOR.to_string();
        let said = format!("{FAMILY}{VERSION}{separator}{}", self.parts().join(&separator));
        write!(f, "{said}{separator}{}", checksum(&said))
    }
}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let text = text.trim();
        match version_of(text) {
            None => return Err(TokenError::Damaged("it has not the beginning of one")),
            Some(version) if version > VERSION => return Err(TokenError::Newer(version)),
            Some(_) => {}
        }
        let cut = TokenError::Damaged("its end is missing");
        let Some((said, sum)) = text.rsplit_once(SEPARATOR) else { return Err(cut) };
        if sum.len() < checksum(said).len() {
            return Err(cut);
        }
        if sum != checksum(said) {
            return Err(TokenError::Damaged("its checksum is not the one of what it says"));
        }
        let parts: Vec<&str> = said.split(SEPARATOR).collect();
        let [_, source @ .., subject, hash] = &parts[..] else { return Err(cut) };
        let (is_pure, hash) = match hash.strip_prefix(PURE) {
            Some(hash) => (true, hash),
            None => (false, *hash),
        };
        let hash = match hash {
            NO_HASH => None,
            hash => {
                let no_hash = |_| TokenError::Damaged("its audit hash is none");
                Some(hash.parse().map_err(no_hash)?)
            }
        };
        Ok(Self { source: Source::read(source)?, subject: (*subject).to_owned(), hash, is_pure })
    }
}

/// The version of the format, if it is a token at all.
fn version_of(text: &str) -> Option<u32> {
    let (version, _) = text.trim().strip_prefix(FAMILY)?.split_once(SEPARATOR)?;
    version.parse().ok()
}

fn checksum(said: &str) -> String {
    blake3::hash(said.as_bytes()).to_hex()[..8].to_owned()
}

fn known() -> String {
    bundled::SCENARIOS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}
