//! Everything that a plan says beside its moments: left out where it can be, smaller where it
//! cannot.
//!
//! It works on the plan's text as a table, so that what a plan can say tomorrow is simplified too.
//! What a fault is about stays: another status, code or host would be another story.

use std::time::Duration;

use toml::{Table, Value};

use super::attempt::Attempts;
use super::moments::simpler;
use crate::plan::Plan;

/// Keys that stay as they are. Moments have a file of their own.
const KEPT: [&str; 8] = ["title", "story", "kind", "do", "tab", "at", "status", "code"];
/// Small numbers that are tried in place of a larger one.
const SMALL: [i64; 5] = [1, 2, 3, 5, 10];

/// Where a value is: the table, which of several, and the key.
type Place = (&'static str, usize, String);

/// Leaves out and makes smaller whatever can be.
pub(super) fn simplify(attempts: &mut Attempts<'_>) {
    attempts.take(Plan { seed: 1, ..attempts.best.clone() });
    for name in ["expect", "settings", "cloud", "client"] {
        attempt(attempts, |table| table.remove(name).is_some());
    }
    for place in places(&attempts.best) {
        if attempts.stopped {
            return;
        }
        let remove =
            |table: &mut Table| at(table, &place).is_some_and(|of| of.remove(&place.2).is_some());
        if attempt(attempts, remove) {
            continue;
        }
        // Another number would be another expectation.
        if place.0 == "expect" {
            continue;
        }
        let table = table_of(&attempts.best);
        let smaller = value(&table, &place).map(smaller).unwrap_or_default();
        for value in smaller {
            let put = |table: &mut Table| {
                at(table, &place).is_some_and(|to| to.insert(place.2.clone(), value).is_some())
            };
            if attempt(attempts, put) {
                break;
            }
        }
    }
}

/// Takes the plan with that change, if it is one and fails alike.
fn attempt(attempts: &mut Attempts<'_>, change: impl FnOnce(&mut Table) -> bool) -> bool {
    let mut table = table_of(&attempts.best);
    if !change(&mut table) {
        return false;
    }
    let text = toml::to_string(&table).expect("a table is plain data");
    Plan::parse("a candidate", &text).is_ok_and(|plan| attempts.take(plan))
}

/// Empty for a seed beyond what a table can hold: then nothing else is tried.
fn table_of(plan: &Plan) -> Table {
    plan.to_toml().parse().unwrap_or_default()
}

/// Every value that may be left out or be smaller.
fn places(plan: &Plan) -> Vec<Place> {
    let table = table_of(plan);
    let mut places = Vec::new();
    for name in ["settings", "cloud", "client", "browser", "step", "fault", "expect"] {
        let tables = match table.get(name) {
            Some(Value::Table(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_table).collect(),
            _ => Vec::new(),
        };
        for (index, one) in tables.into_iter().enumerate() {
            let keys = one.keys().filter(|key| !KEPT.contains(&key.as_str()));
            places.extend(keys.map(|key| (name, index, key.clone())));
        }
    }
    places
}

fn at<'a>(table: &'a mut Table, (name, index, _): &Place) -> Option<&'a mut Table> {
    match table.get_mut(*name)? {
        Value::Array(several) => several.get_mut(*index)?.as_table_mut(),
        one => one.as_table_mut(),
    }
}

fn value<'a>(table: &'a Table, (name, index, key): &Place) -> Option<&'a Value> {
    match table.get(*name)? {
        Value::Array(several) => several.get(*index)?.get(key),
        one => one.get(key),
    }
}

/// Smaller numbers, and shorter and rounder times.
fn smaller(value: &Value) -> Vec<Value> {
    match value {
        Value::Integer(number) => {
            let halves = [number / 2, number - 1];
            let mut numbers: Vec<i64> = SMALL.into_iter().chain(halves).collect();
            numbers.retain(|one| (1..*number).contains(one));
            numbers.sort_unstable();
            numbers.dedup();
            numbers.into_iter().map(Value::Integer).collect()
        }
        Value::String(text) => humantime::parse_duration(text)
            .map(|time| simpler(time).into_iter().map(text_of).collect())
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn text_of(time: Duration) -> Value {
    Value::String(format!("{}ms", time.as_millis()))
}
