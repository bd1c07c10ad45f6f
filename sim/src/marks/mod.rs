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
            let mut bit = 1_u128;
            for mark in TABLES.into_iter().flatten() {
                if reached & bit == 0 && (mark.at)(event, &scene) {
                    reached |= bit;
                }
                bit <<= 1;
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
