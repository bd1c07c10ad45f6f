//! The diagram of a log with tabs: a lane for each of them, and the cloud.
//!
//! ```text
//!   I focused   | visible   : hidden   # frozen   % cached   (nothing) not open
//!   * holds the connection   + has one of its own
//!       time                                      A   B   C                   cloud
//!      2.000                 B types m1, accepted I*  :   :                     |
//!      2.023                                      I*- m1 ---------------------->| stores m1
//!      2.043                                      I*<------------------ ack m1 -|
//!      2.045                       B m1 delivered I*  :   :                     |
//!      4.020                        A B C show a1 I*<---------------------- a1 -|
//!      5.000                  A hidden, B focused :*  I   :                     |
//!      5.004               B leads epoch 2: focus :*  I*  :                     |
//! ```
//!
//! Several tabs that do the same within ten milliseconds share a row. A row shows the lanes as they
//! are at its end. The proxy has no lane, and what it does is a banner. A run that is still long
//! when everything that repeats has been folded is squeezed: of stretches in which only the focus
//! and the connection move, the first and the last row stay.

use super::browser::{Browser, Place, Sight, Tab};
use super::event::{Event, Kind, Life, letter};
use super::journeys::Way;
use super::line::{Line, TIME, WIDTH, clock, cut};
use super::rows::{Body, Row};

const LEGEND: [&str; 2] = [
    "  I focused   | visible   : hidden   # frozen   % cached   (nothing) not open",
    "  * holds the connection   + has one of its own",
];
/// More tabs than this stand closer together.
const WIDE_MAX: usize = 5;
/// A diagram with more rows is squeezed.
const ROWS_MAX: usize = 200;
/// Fewer rows of routine than this are left alone.
const STRETCH_MIN: usize = 5;
/// Letters in a row that are written as `A-D`.
const RANGE_MIN: usize = 4;

/// Where the lanes of a log stand.
pub(super) struct Lanes {
    tabs: usize,
    first: usize,
    step: usize,
    cloud: usize,
}

impl Lanes {
    /// `None` for a log without tabs.
    pub(super) fn of(events: &[Event]) -> Option<Self> {
        let tabs = 1 + usize::from(events.iter().filter_map(|event| event.lane.tab()).max()?);
        let (last, step, cloud) = if tabs <= WIDE_MAX { (56, 4, 78) } else { (68, 2, 84) };
        let first = last - step * (tabs - 1).min((last - TIME) / step);
        Some(Self { tabs, first, step, cloud })
    }

    pub(super) fn render(&self, rows: &[Row]) -> String {
        let mut text = LEGEND.join("\n") + "\n" + &self.header() + "\n";
        for row in rows {
            text.push_str(&self.line(row));
            text.push('\n');
        }
        text
    }

    fn lane(&self, tab: usize) -> usize {
        self.first + self.step * tab
    }

    fn header(&self) -> String {
        let mut line = Line::blank();
        line.right(0, TIME, "time");
        for tab in 0..self.tabs {
            line.put(self.lane(tab), &letter(tab as u8).to_string());
        }
        line.put(self.cloud - 2, "cloud");
        line.finish()
    }

    fn line(&self, row: &Row) -> String {
        let mut line = Line::blank();
        line.right(0, TIME, &clock(row.at));
        for (tab, glyph) in row.lanes.iter().enumerate() {
            line.put(self.lane(tab), glyph);
        }
        line.put(self.cloud, "|");
        line.right(TIME + 1, self.first - 1, &said(row));
        line.put(self.cloud + 2, &cut(&row.cloud, WIDTH - self.cloud - 2));
        let lanes = self.first - 1..self.cloud;
        match &row.body {
            Body::Lanes => {}
            Body::Arrow { way, label, lost } => {
                let tab = row.tab.map_or(self.tabs - 1, usize::from);
                let near = self.lane(tab) + 2;
                let span = match (way, lost) {
                    (_, false) => near..self.cloud,
                    (Way::ToCloud, true) => near..self.cloud - 4,
                    (Way::ToClient, true) => near + 4..self.cloud,
                };
                line.arrow(span, *way, label, *lost);
            }
            Body::Proxy(text) | Body::Banner(text) => line.banner(lanes, text, '='),
            Body::Folded(text) => line.banner(lanes, text, ' '),
        }
        line.finish()
    }

    /// Without the middle of every stretch of routine, if there are too many rows.
    #[expect(clippy::unused_self, reason = "only a diagram with tabs is squeezed")]
    pub(super) fn squeezed(&self, rows: Vec<Row>) -> Vec<Row> {
        if rows.len() <= ROWS_MAX {
            return rows;
        }
        let mut kept: Vec<Row> = Vec::new();
        for stretch in rows.chunk_by(|one, other| one.routine && other.routine) {
            let [first, middle @ .., last] = stretch else {
                kept.extend_from_slice(stretch);
                continue;
            };
            if stretch.len() < STRETCH_MIN {
                kept.extend_from_slice(stretch);
                continue;
            }
            kept.push(first.clone());
            kept.push(summary(middle));
            kept.push(last.clone());
        }
        kept
    }
}

/// One row instead of many.
fn summary(rows: &[Row]) -> Row {
    let focus = |row: &&Row| row.lives.iter().any(|(_, life)| *life == Life::Focused);
    let lead = |row: &&Row| matches!(row.said, Some(Kind::Leads { .. }));
    let count = rows.len();
    let (moves, leads) = (rows.iter().filter(focus).count(), rows.iter().filter(lead).count());
    let mut row = rows[count - 1].clone();
    let text = format!("... {count} rows: focus moves {moves} x, the lead {leads} x ...");
    row.body = Body::Folded(text);
    row.say_nothing();
    row
}

/// Each lane's cell, as it is now.
#[must_use]
pub fn glyphs(browser: &Browser) -> Vec<String> {
    let last = browser.tabs().map(|(tab, _)| usize::from(tab)).max();
    let mut glyphs = vec![String::new(); last.map_or(0, |last| last + 1)];
    for (tab, state) in browser.tabs() {
        glyphs[usize::from(tab)] = glyph(state);
    }
    glyphs
}

fn glyph(tab: &Tab) -> String {
    let state = match (tab.place, tab.sight) {
        (Place::Gone, _) => return String::new(),
        (Place::Frozen, _) => '#',
        (Place::Cached, _) => '%',
        (Place::Running, Sight::Focused) => 'I',
        (Place::Running, Sight::Visible) => '|',
        (Place::Running, Sight::Hidden) => ':',
    };
    let mark = match (tab.apart, tab.leads) {
        (true, _) => '+',
        (false, Some(_)) => '*',
        (false, None) => ' ',
    };
    [state, mark].iter().collect()
}

/// What is said beside the lanes, and by whom.
fn said(row: &Row) -> String {
    if row.tabs.is_empty() {
        return row.client.clone();
    }
    let text = match &row.said {
        Some(Kind::Shown { message }) if row.tabs.len() > 1 => format!("show {message}"),
        Some(Kind::Follows { why }) if row.tabs.len() > 1 => format!("follow: {why}"),
        Some(Kind::ShutDown) if row.tabs.len() > 1 => "are shut down".to_owned(),
        _ => row.client.clone(),
    };
    format!("{} {text}", letters(&row.tabs))
}

/// What has become of tabs at one moment: `A hidden, B focused`.
pub(super) fn lives_text(lives: &[(u8, Life)]) -> String {
    let mut groups: Vec<(Life, Vec<u8>)> = Vec::new();
    for (tab, life) in lives {
        match groups.iter_mut().find(|(known, _)| known == life) {
            Some((_, tabs)) => tabs.push(*tab),
            None => groups.push((*life, vec![*tab])),
        }
    }
    let words = groups.iter().map(|(life, tabs)| format!("{} {}", letters(tabs), word(*life)));
    words.collect::<Vec<_>>().join(", ")
}

/// Takes in what becomes of a tab, and leaves out what goes without saying.
pub(super) fn add_life(lives: &mut Vec<(u8, Life)>, tab: u8, life: Life) {
    let already = |known| lives.contains(&(tab, known));
    let implied = match life {
        Life::Hidden => already(Life::Opened),
        Life::Blurred => already(Life::Hidden),
        Life::Shown => already(Life::Focused),
        _ => false,
    };
    if implied {
        return;
    }
    lives.retain(|&(of, known)| {
        let said_better =
            matches!((known, life), (Life::Blurred, Life::Hidden) | (Life::Shown, Life::Focused));
        of != tab || !said_better
    });
    lives.push((tab, life));
}

/// What becomes of a tab, in one word.
#[must_use]
pub fn word(life: Life) -> &'static str {
    match life {
        Life::Opened => "opened",
        Life::Shown => "visible",
        Life::Hidden => "hidden",
        Life::Focused => "focused",
        Life::Blurred => "blurred",
        Life::Frozen => "FROZEN",
        Life::Resumed => "resumed",
        Life::Cached => "CACHED",
        Life::Restored => "restored",
        Life::Reloaded => "reloaded",
        Life::Closed => "closed",
        Life::Crashed => "CRASHED",
    }
}

/// `A C`, and `A-D` for four neighbours and more.
fn letters(tabs: &[u8]) -> String {
    let mut tabs = tabs.to_vec();
    tabs.sort_unstable();
    let runs = tabs.chunk_by(|one, next| one + 1 == *next).map(|run| match run {
        [first, .., last] if run.len() >= RANGE_MIN => {
            format!("{}-{}", letter(*first), letter(*last))
        }
        _ => {
            let letters: Vec<String> = run.iter().map(|tab| letter(*tab).to_string()).collect();
            letters.join(" ")
        }
    });
    runs.collect::<Vec<_>>().join(" ")
}
