//! `sometimes` marks: named states that a sweep must reach. An oracle that never gets the chance to
//! fail proves nothing, and a mark that no run reaches shows it.
//!
//! - `client`, `network`, `cloud`, `tabs`: the marks, each a sentence and a small predicate.
//! - `scene`: what an event happens in the middle of.
//!
//! Like an oracle, a mark sees the event log and nothing else. It accuses nobody: to reach one is
//! good, and where a log leaves two readings the stricter one is taken.

mod client;
mod cloud;
mod network;
mod on;
mod scene;
mod tabs;

use crate::trace::Event;

use self::scene::Scene;

/// A state worth reaching.
#[derive(Debug)]
pub struct Mark {
    /// Its short name.
    pub name: &'static str,
    /// When it is reached, in one sentence.
    pub reached_when: &'static str,
    /// The kinds of events that can reach it.
    on: on::Kinds,
    /// Whether this event reaches it, in a scene that does not know the event yet.
    at: fn(&Event, &Scene<'_>) -> bool,
}

/// All tables, in the order in which marks are told.
const TABLES: [&[Mark]; 4] = [client::MARKS, network::MARKS, cloud::MARKS, tabs::MARKS];

/// How many marks there are.
pub const COUNT: usize =
    client::MARKS.len() + network::MARKS.len() + cloud::MARKS.len() + tabs::MARKS.len();

/// A set of marks has a bit for each.
const _: () = assert!(COUNT <= 128);

/// For each kind that can reach one, which marks it can reach.
const MARKS_ON: [u128; on::COUNT] = {
    let mut marks_on = [0; on::COUNT];
    let (mut table, mut place) = (0, 0);
    while table < TABLES.len() {
        let mut row = 0;
        while row < TABLES[table].len() {
            let mut kind = 0;
            while kind < on::COUNT {
                if TABLES[table][row].on >> kind & 1 == 1 {
                    marks_on[kind] |= 1 << place;
                }
                kind += 1;
            }
            place += 1;
            row += 1;
        }
        table += 1;
    }
    marks_on
};

fn marks_on(kind: on::Kinds) -> u128 {
    if kind == 0 { 0 } else { MARKS_ON[kind.trailing_zeros() as usize] }
}

/// The mark at a place in the order of [`all`].
fn mark(mut place: usize) -> &'static Mark {
    for table in TABLES {
        match table.get(place) {
            Some(mark) => return mark,
            None => place -= table.len(),
        }
    }
    unreachable!("there are {COUNT} marks")
}

/// Every mark.
pub fn all() -> impl Iterator<Item = &'static Mark> {
    TABLES.into_iter().flatten()
}

/// Marks that only a run with tabs can reach.
#[must_use]
pub fn is_of_tabs(name: &str) -> bool {
    tabs::MARKS.iter().any(|mark| mark.name == name)
}

/// Which marks were reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reached(u128);

impl Reached {
    /// What a log reaches.
    #[must_use]
    pub fn of(events: &[Event]) -> Self {
        let mut scene = Scene::default();
        let mut reached = 0_u128;
        for event in events {
            let mut left = marks_on(on::of(&event.kind)) & !reached;
            while left != 0 {
                let place = left.trailing_zeros();
                left &= left - 1;
                if (mark(place as usize).at)(event, &scene) {
                    reached |= 1 << place;
                }
            }
            scene.on(event);
        }
        Self(reached)
    }

    /// The places of the marks that were reached, in the order of [`all`].
    pub fn places(self) -> impl Iterator<Item = usize> {
        (0..COUNT).filter(move |place| self.0 >> place & 1 == 1)
    }

    /// The marks that were reached.
    pub fn marks(self) -> impl Iterator<Item = &'static Mark> {
        all().enumerate().filter(move |(place, _)| self.0 >> place & 1 == 1).map(|(_, mark)| mark)
    }
}
