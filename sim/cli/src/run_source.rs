//! What a command is asked to play: a token, a plan file, a bundled scenario or a known bug.

use std::path::Path;

use thiserror::Error;

use super::output::write_into;
use super::print_error;
use super::report::quoted;
use super::subject::SubjectArgs;
use holdline_sim::catalogue::bundled::plan_named;
use holdline_sim::plan::{Plan, PlanError};
use holdline_sim::replay::{Source, Token, TokenError};
use holdline_sim::subjects::{UnderTest, UnderTestError};
use holdline_sim::trace::AuditHash;
use holdline_sim::world::run::BackendKind;

/// A plan, whom to play it with, and what is known of the run before.
pub(super) struct RunSource {
    /// How a person calls it.
    pub(super) name: String,
    pub(super) plan: Plan,
    pub(super) subject: UnderTest,
    /// On which tier.
    pub(super) backend: BackendKind,
    /// What the audit hash was, where a token says so.
    pub(super) hash: Option<AuditHash>,
    /// Where the plan is from, if not from a file.
    pub(super) source: Option<Source>,
}

/// Why nothing can be played.
#[derive(Debug, Error)]
pub(super) enum RunSourceError {
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Subject(#[from] UnderTestError),
}

impl RunSource {
    /// A file wins over a token, a bundled scenario and a known bug.
    pub(super) fn read(text: &str, subject: &SubjectArgs) -> Result<Self, RunSourceError> {
        if Token::is_meant(text) && !Path::new(text).exists() {
            return Self::of_token(&text.parse()?, subject);
        }
        let plan = plan_named(text)?;
        let (source, subject) = (source_of(text), subject.choose()?);
        let (name, backend) = (text.to_owned(), BackendKind::Event);
        Ok(Self { name, plan, subject, backend, hash: None, source })
    }

    fn of_token(token: &Token, subject: &SubjectArgs) -> Result<Self, RunSourceError> {
        let plan = token.source.plan()?;
        let told = token.under_test()?;
        let chosen = subject.chosen()?.unwrap_or(told);
        // With another subject it is another run.
        let hash = token.hash.filter(|_| chosen.id() == told.id());
        let (name, source) = (token.source.to_string(), Some(token.source.clone()));
        let backend = BackendKind::tier(token.is_pure);
        Ok(Self { name, plan, subject: chosen, backend, hash, source })
    }

    /// The same on the pure tier, where that is asked for: another run, unless it was one already.
    pub(super) fn on_pure(self, is_asked: bool) -> Self {
        if !is_asked || self.backend.is_pure() {
            return self;
        }
        Self { backend: BackendKind::Pure, hash: None, ..self }
    }

    /// The command that plays this run again.
    pub(super) fn replay_command(&self, hash: Option<AuditHash>) -> String {
        let Self { name, plan, subject, backend, source, .. } = self;
        replay_command(plan, source.as_ref(), PlanPlace::File(name), (subject, *backend), hash)
    }
}

/// Where a plan is that no token has room for.
#[derive(Debug, Clone, Copy)]
pub(super) enum PlanPlace<'a> {
    /// In this file.
    File(&'a str),
    /// Nowhere yet: it is written into this folder.
    Folder(&'a Path),
}

/// Where a plan goes that has no place of its own.
pub(super) const FAILURES: &str = "holdline-failures";

/// Where the plan of that name is from: a bundled scenario, unless a file of that name is there.
pub(super) fn source_of(name: &str) -> Option<Source> {
    Source::scenario(name).filter(|_| !Path::new(name).exists())
}

/// The command that shows a run again: with a token, or with the plan's file where a token has no
/// room for it. What cannot be written is complained about.
pub(super) fn replay_command(
    plan: &Plan,
    source: Option<&Source>,
    home: PlanPlace<'_>,
    (subject, backend): (&UnderTest, BackendKind),
    hash: Option<AuditHash>,
) -> String {
    let is_pure = backend.is_pure();
    let tier = if is_pure { " --pure" } else { "" };
    let token = source
        .and_then(|source| Token::of(source.clone(), subject, hash))
        .or_else(|| Token::packed(plan, subject, hash))
        .and_then(|token| token.on(is_pure));
    let of_file = |file: &str| format!("holdline replay{tier} {}{}", quoted(file), named(subject));
    match (token, home) {
        (Some(token), _) => format!("holdline replay {token}"),
        (None, PlanPlace::File(file)) => of_file(file),
        (None, PlanPlace::Folder(folder)) => {
            let text = plan.to_toml();
            let name = format!("{}.toml", &blake3::hash(text.as_bytes()).to_hex()[..12]);
            match write_into(folder, &name, text.as_bytes()) {
                Ok(path) => of_file(&path.display().to_string()),
                Err(error) => {
                    print_error(&error);
                    of_file("FILE")
                }
            }
        }
    }
}

/// The arguments that name a subject, unless it goes without saying.
pub(super) fn named(subject: &UnderTest) -> String {
    let word = subject.id();
    let sign = word.find(['+', '-']).unwrap_or(word.len());
    let ids = word.get(sign + 1..).unwrap_or_default().replace(['+', '-'], ",");
    match (&word[..sign], word.get(sign..=sign)) {
        ("holdline", _) => String::new(),
        (name, Some("+")) => format!(" --subject {name} --defects {ids}"),
        (name, Some("-")) => format!(" --subject {name} --without-defects {ids}"),
        (name, _) => format!(" --subject {name}"),
    }
}
