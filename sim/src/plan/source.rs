//! A plan's text as a table that still knows its lines, so that every error can show its own.
//!
//! It rewords what serde says where that is no word for a person, and decides nothing about plans.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use super::{PLAN_VERSION, Plan, PlanError};

/// The tables that may come several times, in double brackets.
const REPEATED: [&str; 2] = ["step", "fault"];
/// The table of a plan that is part of something larger.
const INNER: &str = "plan";
/// What such a plan has from the head of the whole.
const FROM_HEAD: [&str; 2] = ["title", "story"];

/// Something wrong at a place in the text.
#[derive(Debug)]
struct Wrong {
    at: Option<Range<usize>>,
    message: String,
}

impl From<toml::de::Error> for Wrong {
    fn from(error: toml::de::Error) -> Self {
        Self { at: error.span(), message: reworded(error.message()) }
    }
}

/// Something impossible in a plan that could be read.
#[derive(Debug)]
pub(super) struct Slip {
    /// The table it is in; empty for the head of the plan.
    pub(super) table: &'static str,
    /// Which of them, for `[[step]]` and `[[fault]]`.
    pub(super) index: usize,
    /// The key; if it is absent the table itself is shown.
    pub(super) key: &'static str,
    /// What is wrong and what would be right.
    pub(super) message: String,
}

/// Reads a plan; nothing in it is checked against anything else yet.
pub(super) fn read(name: &str, text: &str) -> Result<Plan, PlanError> {
    let read = DeTable::parse(text).map_err(Wrong::from).and_then(read_table);
    read.map_err(|wrong| invalid(name, text, wrong.at, wrong.message))
}

/// Reads a text with a head and the plan as its table `[plan]`, whose title and story are the head's.
pub(super) fn read_inner<Head: DeserializeOwned>(
    name: &str,
    text: &str,
) -> Result<(Head, Plan), PlanError> {
    let read = DeTable::parse(text).map_err(Wrong::from).and_then(head_and_plan);
    read.map_err(|wrong| invalid(name, text, wrong.at, wrong.message))
}

/// The error for a slip, with its line.
pub(super) fn point_at(name: &str, text: &str, slip: Slip) -> PlanError {
    let table = DeTable::parse(text).ok();
    let at = table.and_then(|table| {
        let head = table.get_ref();
        let inner = head.get(INNER).and_then(|plan| plan.get_ref().as_table());
        inner.and_then(|plan| place(plan, &slip)).or_else(|| place(head, &slip))
    });
    invalid(name, text, at, slip.message)
}

fn head_and_plan<Head: DeserializeOwned>(
    mut whole: Spanned<DeTable<'_>>,
) -> Result<(Head, Plan), Wrong> {
    let head = Head::deserialize(Deserializer::from(whole.clone()))?;
    let missing = || Wrong { at: None, message: "missing table [plan]".into() };
    let plan = whole.get_mut().remove(INNER).ok_or_else(missing)?;
    let at = plan.span();
    let DeValue::Table(mut plan) = plan.into_inner() else {
        let message = "plan is a table: write [plan], [plan.settings], [[plan.step]]".into();
        return Err(Wrong { at: Some(at), message });
    };
    for key in FROM_HEAD {
        if let Some((key, _)) = plan.get_key_value(key) {
            let message = format!("a plan in here has the {} of the whole", key.get_ref());
            return Err(Wrong { at: Some(key.span()), message });
        }
        plan.extend(whole.get_mut().remove_entry(key));
    }
    Ok((head, read_table(Spanned::new(at, plan))?))
}

fn read_table(mut table: Spanned<DeTable<'_>>) -> Result<Plan, Wrong> {
    if let Some(version) = table.get_mut().remove("version") {
        readable(&version)?;
    }
    for name in REPEATED {
        let Some(entries) = table.get_mut().get_mut(name) else { continue };
        let at = Some(entries.span());
        let DeValue::Array(entries) = entries.get_mut() else {
            let message = format!("there may be several: write [[{name}]], in double brackets");
            return Err(Wrong { at, message });
        };
        if name == "fault" {
            entries.iter_mut().try_for_each(by_kind)?;
        }
    }
    Ok(serde::Deserialize::deserialize(Deserializer::from(table))?)
}

/// What a newer version means by its words nobody here can know, so that nothing else is looked at.
fn readable(version: &Spanned<DeValue<'_>>) -> Result<(), Wrong> {
    let wrong = |message| Err(Wrong { at: Some(version.span()), message });
    let number = match version.get_ref() {
        DeValue::Integer(integer) => {
            i64::from_str_radix(integer.as_str(), integer.radix()).unwrap_or(i64::MAX)
        }
        _ => return wrong(format!("version is a number, like version = {PLAN_VERSION}")),
    };
    match number {
        1.. if number > i64::from(PLAN_VERSION) => wrong(format!(
            "version = {number} is of a newer holdline; this one reads plans up to version \
             {PLAN_VERSION}, so play it with a newer one"
        )),
        1.. => Ok(()),
        _ => wrong(format!("version = {number}: the first was 1")),
    }
}

/// From `{ kind = "loss", percent = 5 }` to `{ loss = { percent = 5 } }`. Serde's own way with
/// tagged enums forgets where in the text a key was.
fn by_kind(fault: &mut Spanned<DeValue<'_>>) -> Result<(), Wrong> {
    let at = fault.span();
    let DeValue::Table(table) = fault.get_mut() else {
        return Err(Wrong { at: Some(at), message: "a fault is a table, like [[fault]]".into() });
    };
    let kind = match table.remove("kind") {
        None => Spanned::new(at.clone(), "".into()),
        Some(kind) => {
            let at = kind.span();
            let DeValue::String(kind) = kind.into_inner() else {
                let message = "kind is a text, like kind = \"partition\"".into();
                return Err(Wrong { at: Some(at), message });
            };
            Spanned::new(at, kind)
        }
    };
    let body = DeValue::Table(std::mem::take(table));
    table.insert(kind, Spanned::new(at, body));
    Ok(())
}

/// Without the words of the format's library.
fn reworded(message: &str) -> String {
    let number = "expected a whole number, not negative";
    ["expected u8", "expected u16", "expected u32", "expected u64", "expected usize"]
        .into_iter()
        .fold(message.to_owned(), |message, jargon| message.replace(jargon, number))
        .replace("unknown variant ``", "missing field `kind`")
        .replace("unknown variant", "unknown value")
        .replace("expected a sequence", "expected a list")
        .replace("invalid type: map", "invalid type: table")
}

fn place(table: &DeTable<'_>, slip: &Slip) -> Option<Range<usize>> {
    let (table, whole) = match table.get(slip.table) {
        None => (table, None),
        Some(entry) => {
            let entry = match entry.get_ref() {
                DeValue::Array(entries) => entries.get(slip.index)?,
                _ => entry,
            };
            (entry.get_ref().as_table()?, Some(entry.span()))
        }
    };
    table.get_key_value(slip.key).map(|(key, value)| key.span().start..value.span().end).or(whole)
}

/// Names the line, and shows it with the place marked.
fn invalid(name: &str, text: &str, at: Option<Range<usize>>, message: String) -> PlanError {
    let at = at.unwrap_or(0..0);
    let start = text.floor_char_boundary(at.start.min(text.len()));
    let before = &text[..start];
    let line = before.matches('\n').count() + 1;
    let begin = before.rfind('\n').map_or(0, |newline| newline + 1);
    let shown = text[begin..].lines().next().unwrap_or_default().trim_end();
    let column = text[begin..start].chars().count();
    let end = text.floor_char_boundary(at.end.clamp(start, start.max(begin + shown.len())));
    let marks = "^".repeat(text[start..end].chars().count().max(1));
    let (gutter, indent) = (" ".repeat(line.to_string().len()), " ".repeat(column));
    let excerpt = format!("{gutter} |\n{line} | {shown}\n{gutter} | {indent}{marks}");
    PlanError::Invalid { name: name.to_owned(), line, message, excerpt }
}
