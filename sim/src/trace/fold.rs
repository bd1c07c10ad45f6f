//! Shortens what repeats: a day of pings, or a hundred messages paced out, is told by its first
//! and its last round. What is folded can repeat in turn, so it is folded again until nothing
//! changes.

use super::rows::{Body, Row};

/// Rows of one round, at most.
const PERIOD_MAX: usize = 16;
/// Fewer rounds than this are shown whole.
const ROUNDS_MIN: usize = 4;

/// Folds every stretch of rows that repeats itself but for numbers.
#[must_use]
pub fn fold(mut rows: Vec<Row>) -> Vec<Row> {
    loop {
        let before = rows.len();
        rows = fold_once(&rows);
        if rows.len() == before {
            return rows;
        }
    }
}

fn fold_once(rows: &[Row]) -> Vec<Row> {
    let signatures: Vec<String> = rows.iter().map(Row::signature).collect();
    let mut folded = Vec::with_capacity(rows.len());
    let mut at = 0;
    while at < rows.len() {
        let Some((period, rounds)) = best(&signatures[at..]) else {
            folded.push(rows[at].clone());
            at += 1;
            continue;
        };
        let end = at + period * rounds;
        folded.extend_from_slice(&rows[at..at + period]);
        let last = end - period;
        let mut line = rows[last - 1].clone();
        line.body = Body::Folded(format!("... {} more rounds ...", rounds - 2));
        line.say_nothing();
        folded.push(line);
        folded.extend_from_slice(&rows[last..end]);
        at = end;
    }
    folded
}

/// The period and number of rounds at the front that hide the most rows.
fn best(signatures: &[String]) -> Option<(usize, usize)> {
    (1..=PERIOD_MAX)
        .filter_map(|period| {
            let rounds = 1 + signatures
                .chunks_exact(period)
                .skip(1)
                .take_while(|round| *round == &signatures[..period])
                .count();
            (signatures.len() >= period && rounds >= ROUNDS_MIN).then_some((period, rounds))
        })
        .max_by_key(|&(period, rounds)| (period * (rounds - 2), std::cmp::Reverse(period)))
}
