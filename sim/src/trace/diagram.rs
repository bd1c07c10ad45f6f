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
//! of the cloud that fired, `[...]` a state of the client. A log with tabs has a lane for each of
//! them instead: see [`tab_lanes`](super::tab_lanes).

use std::ops::Range;

use super::event::Event;
use super::fold::fold;
use super::journeys::Way;
use super::line::{Line, TIME, clock, cut};
use super::rows::{Body, Row, rows_of};
use super::tab_lanes::Lanes;

pub use super::line::WIDTH;

const CLIENT: usize = 40;
const PROXY: usize = 56;
const CLOUD: usize = 72;

/// The whole run as a story.
#[must_use]
pub fn diagram(events: &[Event]) -> String {
    let rows = fold(rows_of(events));
    match Lanes::of(events) {
        Some(lanes) => lanes.render(&lanes.squeezed(rows)),
        None => render(&rows),
    }
}

/// The story up to event `last`, without what had not arrived by then, and unfolded.
#[must_use]
pub fn diagram_until(events: &[Event], last: usize) -> String {
    let mut rows = rows_of(events);
    rows.retain(|row| row.index <= last);
    match Lanes::of(events) {
        Some(lanes) => lanes.render(&rows),
        None => render(&rows),
    }
}

/// The lines around one event, unfolded: `context` rows on either side.
#[must_use]
pub fn excerpt(events: &[Event], around: usize, context: usize) -> String {
    let rows = rows_of(events);
    let middle = rows.partition_point(|row| row.index < around).min(rows.len().saturating_sub(1));
    let range: Range<usize> =
        middle.saturating_sub(context)..(middle + context + 1).min(rows.len());
    match Lanes::of(events) {
        Some(lanes) => lanes.render(&rows[range]),
        None => render(&rows[range]),
    }
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
        Body::Arrow { way, label, lost } => {
            let span = match (way, lost) {
                (_, false) => CLIENT + 1..CLOUD,
                (Way::ToCloud, true) => CLIENT + 1..PROXY,
                (Way::ToClient, true) => PROXY + 1..CLOUD,
            };
            line.arrow(span, *way, label, *lost);
        }
        Body::Proxy(text) => line.put(PROXY, text),
        Body::Banner(text) => line.banner(CLIENT + 1..CLOUD, text, '='),
        Body::Folded(text) => line.banner(CLIENT + 1..CLOUD, text, ' '),
    }
    line.finish()
}
