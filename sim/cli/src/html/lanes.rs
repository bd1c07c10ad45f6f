//! The lanes of the page from left to right, and which machine is which.

use serde::Serialize;

use holdline_sim::trace::event::{Event, Lane, letter};

/// A lane, by its names.
#[derive(Debug, Serialize)]
pub(super) struct LaneName {
    short: String,
    long: String,
    kind: &'static str,
}

/// The lanes of a log from left to right: its client or its tabs, the proxy, the cloud.
#[derive(Debug)]
pub(super) struct Lanes(Vec<Lane>);

impl Lanes {
    pub(super) fn of(events: &[Event]) -> Self {
        let mut lanes = match events.iter().filter_map(|event| event.lane.tab()).max() {
            Some(last) => (0..=last).map(Lane::Tab).collect(),
            None => vec![Lane::Client],
        };
        lanes.extend([Lane::Proxy, Lane::Cloud]);
        Self(lanes)
    }

    /// `None` for the network, which is everywhere.
    pub(super) fn place(&self, lane: Lane) -> Option<usize> {
        self.0.iter().position(|known| *known == lane)
    }

    /// The tab that was opened last, or the only client: proxy and cloud follow it.
    pub(super) fn last_client(&self) -> usize {
        self.0.len() - 3
    }

    /// The place of a machine, of which the network is one more.
    pub(super) fn machine(&self, lane: Lane) -> usize {
        self.place(lane).unwrap_or(self.0.len())
    }

    /// Every machine, the network last.
    pub(super) fn machines(&self) -> impl Iterator<Item = Lane> {
        self.0.iter().copied().chain([Lane::Net])
    }

    /// How each is called.
    pub(super) fn names(&self) -> Vec<LaneName> {
        let name = |lane: &Lane| match lane {
            Lane::Tab(tab) => {
                let short = letter(*tab).to_string();
                LaneName { long: format!("tab {short}"), short, kind: "tab" }
            }
            Lane::Client => LaneName::plain("client", "client"),
            Lane::Proxy => LaneName::plain("proxy", "proxy"),
            Lane::Cloud | Lane::Net => LaneName::plain("cloud", "cloud"),
        };
        self.0.iter().map(name).collect()
    }
}

impl LaneName {
    fn plain(name: &str, kind: &'static str) -> Self {
        Self { short: name.to_owned(), long: name.to_owned(), kind }
    }
}
