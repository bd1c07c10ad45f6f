//! The ASCII space-time diagram: a lane for client, proxy and cloud, at most 100 columns.
//!
//! ```text
//!       time                           client          proxy           cloud
//!      2.000                     types m1 |               |               |
//!      2.020                              |- m1 ------------------------->| stores m1
//!      2.040                 m1 delivered |<--------------------- ack m1 -|
//! ```
//!
//! `x` breaks off what never arrived; `=` lines are faults, `*` is the proxy's doing, `!` a fault
//! of the cloud that fired, `[...]` a state of the client.

use std::fmt::Write as _;
use std::ops::Range;
use std::time::Duration;

use super::event::Event;
use super::fold::fold;
use super::rows::{Body, Row, Way, rows_of};

/// No line is longer.
pub const WIDTH: usize = 100;
const TIME: usize = 10;
const CLIENT: usize = 40;
const PROXY: usize = 56;
const CLOUD: usize = 72;

/// The whole run as a story.
#[must_use]
pub fn diagram(events: &[Event]) -> String {
    render(&fold(rows_of(events)))
}

/// The lines around one event, unfolded: `context` rows on either side.
#[must_use]
pub fn excerpt(events: &[Event], around: usize, context: usize) -> String {
    let rows = rows_of(events);
    let middle = rows.partition_point(|row| row.index < around).min(rows.len().saturating_sub(1));
    let range: Range<usize> =
        middle.saturating_sub(context)..(middle + context + 1).min(rows.len());
    render(&rows[range])
}

fn render(rows: &[Row]) -> String {
    let mut text = header();
    for row in rows {
        text.push_str(&line(row));
        text.push('\n');
    }
    text
}

fn header() -> String {
    let mut line = Line::blank();
    line.right(0, TIME, "time");
    for (column, name) in [(CLIENT, "client"), (PROXY, "proxy"), (CLOUD, "cloud")] {
        line.put(column - name.len() / 2, name);
    }
    line.finish() + "\n"
}

fn line(row: &Row) -> String {
    let mut line = Line::blank();
    line.right(0, TIME, &clock(row.at));
    for lane in [CLIENT, PROXY, CLOUD] {
        line.put(lane, "|");
    }
    line.right(TIME + 1, CLIENT - 1, &row.client);
    line.put(CLOUD + 2, &cut(&row.cloud, WIDTH - CLOUD - 2));
    match &row.body {
        Body::Lanes => {}
        Body::Arrow { way, label, lost } => line.arrow(*way, label, *lost),
        Body::Proxy(text) => line.put(PROXY, text),
        Body::Banner(text) => line.banner(text, '='),
        Body::Folded(text) => line.banner(text, ' '),
    }
    line.finish()
}

/// Seconds with milliseconds, up to a day and more.
fn clock(at: Duration) -> String {
    format!("{}.{:03}", at.as_secs(), at.subsec_millis())
}

fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    text.chars().take(max - 2).chain("..".chars()).collect()
}

struct Line(Vec<char>);

impl Line {
    fn blank() -> Self {
        Self(vec![' '; WIDTH])
    }

    fn put(&mut self, column: usize, text: &str) {
        for (cell, c) in self.0[column..].iter_mut().zip(text.chars()) {
            *cell = if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
        }
    }

    /// Right-aligned in `from..to`.
    fn right(&mut self, from: usize, to: usize, text: &str) {
        let text = cut(text, to - from);
        self.put(to - text.chars().count(), &text);
    }

    fn arrow(&mut self, way: Way, label: &str, lost: bool) {
        let (from, to) = match (way, lost) {
            (_, false) => (CLIENT + 1, CLOUD),
            (Way::ToCloud, true) => (CLIENT + 1, PROXY),
            (Way::ToClient, true) => (PROXY + 1, CLOUD),
        };
        let label = cut(label, to - from - 5);
        let dashes = |n: usize| "-".repeat(n);
        let rest = to - from - label.chars().count() - 4;
        let mut arrow = String::new();
        let tip = if lost { 'x' } else { '>' };
        let _ = match way {
            Way::ToCloud => write!(arrow, "- {label} {}{tip}", dashes(rest)),
            Way::ToClient => {
                let tip = if lost { 'x' } else { '<' };
                write!(arrow, "{tip}{} {label} -", dashes(rest))
            }
        };
        self.put(from, &arrow);
    }

    /// Centred over the lanes, and wider than they are where the text needs it.
    fn banner(&mut self, text: &str, rule: char) {
        let lanes = CLOUD - CLIENT - 1;
        let text = cut(text, WIDTH - CLIENT);
        let width = lanes.max(text.chars().count() + 4);
        let left = (width - text.chars().count() - 2) / 2;
        let right = width - 2 - left - text.chars().count();
        let rule = |n: usize| rule.to_string().repeat(n);
        let from = CLIENT + 1 - (width - lanes) / 2;
        self.put(from, &format!("{} {text} {}", rule(left), rule(right)));
    }

    fn finish(self) -> String {
        let text: String = self.0.into_iter().collect();
        text.trim_end().to_owned()
    }
}
