//! From a file to a checked plan. Every error names the file, the line and what would be right.

use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use super::fault::{CutHow, Fault};
use super::{Do, Plan};

/// A run longer than this is a slip of the pen.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// So is a step repeated more often.
const COUNT_MAX: u32 = 100_000;

/// Why a plan cannot be used.
#[derive(Debug, Error)]
pub enum PlanError {
    /// The file cannot be read.
    #[error("{}: {source}; `holdline run --list` names the bundled scenarios", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Neither a file nor a bundled scenario.
    #[error("{name} is neither a file nor a bundled scenario; there are: {}", .known.join(", "))]
    UnknownScenario {
        /// What was asked for.
        name: String,
        /// The bundled ones.
        known: Vec<&'static str>,
    },
    /// The text is not a plan.
    #[error("{name}: {message}")]
    Syntax {
        /// File or scenario.
        name: String,
        /// With line, column, the text itself and the allowed values.
        message: String,
    },
    /// It is a plan, and an impossible one.
    #[error("{name}:{line}: {message}")]
    Impossible {
        /// File or scenario.
        name: String,
        /// Line of the step or fault, from 1.
        line: usize,
        /// What is wrong and what would be right.
        message: String,
    },
}

impl Plan {
    /// Reads and checks a file.
    pub fn load(path: &Path) -> Result<Self, PlanError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| PlanError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(&path.display().to_string(), &text)
    }

    /// Parses and checks a text; `name` goes into the errors.
    pub fn parse(name: &str, text: &str) -> Result<Self, PlanError> {
        let plan: Self = toml::from_str(text).map_err(|error| PlanError::Syntax {
            name: name.to_owned(),
            message: error.to_string().trim_end().to_owned(),
        })?;
        plan.check().map_err(|(table, index, message)| PlanError::Impossible {
            name: name.to_owned(),
            line: line_of(text, table, index),
            message,
        })?;
        Ok(plan)
    }

    /// The first impossible thing: its table, its number in there, and what is wrong.
    fn check(&self) -> Result<(), (&'static str, usize, String)> {
        for (index, step) in self.steps.iter().enumerate() {
            check_step(step).map_err(|message| ("step", index, message))?;
        }
        for (index, fault) in self.faults.iter().enumerate() {
            check_fault(fault).map_err(|message| ("fault", index, message))?;
        }
        if self.script_end() > LONGEST {
            return Err(("settings", 0, "the plan lasts longer than 30 days".into()));
        }
        Ok(())
    }
}

fn check_step(step: &super::Step) -> Result<(), String> {
    if !(1..=COUNT_MAX).contains(&step.count) {
        return Err(format!("count = {} is not in 1..={COUNT_MAX}", step.count));
    }
    if step.at > LONGEST || step.every > LONGEST {
        return Err("a step beyond 30 days".into());
    }
    if step.bytes.is_some() && step.what == Do::Reconnect {
        return Err("bytes means nothing for do = \"reconnect\"; leave it out".into());
    }
    Ok(())
}

fn check_fault(fault: &Fault) -> Result<(), String> {
    let (at, lasts) = fault.span();
    if at > LONGEST {
        return Err("a fault beyond 30 days".into());
    }
    if lasts == Some(Duration::ZERO) {
        return Err("for = \"0s\" is no time at all; leave `for` out to last until the heal phase".into());
    }
    match fault {
        Fault::Answer(f) if !(400..=599).contains(&f.status) => {
            Err(format!("status = {} is not in 400..=599", f.status))
        }
        Fault::Answer(f) if f.nth == 0 => Err("nth = 0: the first is 1".into()),
        Fault::Loss(f) if !(1..=90).contains(&f.percent) => {
            Err(format!("percent = {} is not in 1..=90", f.percent))
        }
        Fault::Slice(f) if f.bytes == 0 => Err("bytes = 0: a piece has at least 1".into()),
        Fault::IdleCut(f) if f.after.is_zero() && f.how != CutHow::Fin => {
            Err("after = \"0s\" would cut every connection before its first byte".into())
        }
        Fault::Close(f) if !is_close_code(f.code) => Err(bad_code(f.code)),
        Fault::Restart(f) if !is_close_code(f.code) => Err(bad_code(f.code)),
        _ => Ok(()),
    }
}

fn is_close_code(code: u16) -> bool {
    (1000..=1015).contains(&code) || (3000..=4999).contains(&code)
}

fn bad_code(code: u16) -> String {
    format!("code = {code} is no close code: 1000 to 1015 or 3000 to 4999 (RFC 6455, 7.4)")
}

/// The line of the n-th `[[table]]`, or of `[table]`; 1 if there is none.
fn line_of(text: &str, table: &str, index: usize) -> usize {
    let headers = [format!("[[{table}]]"), format!("[{table}]")];
    text.lines()
        .enumerate()
        .filter(|(_, line)| headers.iter().any(|header| line.trim_start().starts_with(header)))
        .nth(index)
        .map_or(1, |(line, _)| line + 1)
}
