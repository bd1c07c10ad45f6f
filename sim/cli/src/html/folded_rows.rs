//! What repeats is folded on the page as it is in the diagram; here the rows that were folded away
//! become the events that they stand for.

use std::collections::BTreeMap;

use serde::Serialize;

use holdline_sim::trace::event::Event;
use holdline_sim::trace::fold::fold;
use holdline_sim::trace::journeys::Journey;
use holdline_sim::trace::rows::{Body, Row, rows_of};

/// Events `from..to`, which the page shows as one line until it is asked for them.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Fold {
    from: usize,
    to: usize,
}

/// Every fold of a log, in order.
pub(super) fn folds(events: &[Event], journeys: &BTreeMap<usize, Journey>) -> Vec<Fold> {
    let rows = fold(rows_of(events));
    let mut folds = Vec::new();
    let mut from = 0;
    for (place, row) in rows.iter().enumerate() {
        if !is_folded(row) {
            from = row.index + 1;
            continue;
        }
        let next = rows[place + 1..].iter().find(|row| !is_folded(row));
        // What is shown by an arrow began where the arrow did.
        let begin = |index: usize| journeys.get(&index)?.left.filter(|&left| left >= from);
        let to = next.map_or(events.len(), |row| begin(row.index).unwrap_or(row.index));
        if folds.last().is_none_or(|fold: &Fold| fold.to < to) && from < to {
            folds.push(Fold { from, to });
        }
    }
    folds
}

fn is_folded(row: &Row) -> bool {
    matches!(row.body, Body::Folded(_))
}
