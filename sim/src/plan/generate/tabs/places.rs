//! The tabs of a plan in the making: which of them can do what, and what must happen at the end.

use crate::plan::Do;
use crate::plan::generate::dice::Dice;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Gone,
    Running,
    Frozen,
    Cached,
}

/// Where something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// In one tab.
    Tab(u8),
    /// In the whole browser, or beside it.
    All,
}

impl Scope {
    /// The tab, if it is one.
    pub(super) const fn tab(self) -> Option<u8> {
        match self {
            Self::Tab(tab) => Some(tab),
            Self::All => None,
        }
    }
}

/// See the module's documentation.
pub(super) struct Tabs {
    places: Vec<Place>,
    disk_full: bool,
}

impl Tabs {
    /// So many at most, and so many open at first.
    pub(super) fn new(most: u8, at_first: u8) -> Self {
        let place = |tab| if tab < at_first { Place::Running } else { Place::Gone };
        Self { places: (0..most).map(place).collect(), disk_full: false }
    }

    /// Does it, in a tab that is drawn if it needs one; `None` when that is not possible now.
    pub(super) fn draw(&mut self, dice: &mut Dice, what: Do) -> Option<Scope> {
        match what {
            Do::FillDisk | Do::FreeDisk => {
                let fills = what == Do::FillDisk;
                (std::mem::replace(&mut self.disk_full, fills) != fills).then_some(Scope::All)
            }
            Do::Agent | Do::Blur | Do::KillWorker | Do::KillWorkerMidWrite => Some(Scope::All),
            _ => {
                let able: Vec<u8> = self.that(|place| after(what, place).is_some());
                if able.is_empty() {
                    return None;
                }
                let tab = dice.pick(&able);
                self.act(what, tab);
                Some(Scope::Tab(tab))
            }
        }
    }

    fn act(&mut self, what: Do, tab: u8) {
        let place = &mut self.places[usize::from(tab)];
        *place = after(what, *place).expect("only what is possible is done");
    }

    fn that(&self, wanted: impl Fn(Place) -> bool) -> Vec<u8> {
        let places = (0..).zip(&self.places);
        places.filter(|(_, place)| wanted(**place)).map(|(tab, _)| tab).collect()
    }

    /// What heals everything: there is room, sleepers wake (most of them), and a tab runs, which the
    /// user looks at if they come back.
    pub(super) fn end(mut self, dice: &mut Dice, comes_back: bool) -> Vec<(Do, Option<u8>)> {
        let mut acts = Vec::new();
        if self.disk_full {
            acts.push((Do::FreeDisk, None));
        }
        for (tab, what) in self.sleepers() {
            if !dice.one_in(4) {
                self.act(what, tab);
                acts.push((what, Some(tab)));
            }
        }
        if self.that(|place| place == Place::Running).is_empty() {
            let first = self.sleepers().into_iter().next();
            let (tab, what) = first.unwrap_or((0, Do::Open));
            self.act(what, tab);
            acts.push((what, Some(tab)));
        }
        if comes_back {
            let running = self.that(|place| place == Place::Running);
            acts.push((Do::Focus, Some(dice.pick(&running))));
        }
        acts
    }

    /// Tabs that do not run, and what wakes each.
    fn sleepers(&self) -> Vec<(u8, Do)> {
        let wakes = |place| match place {
            Place::Frozen => Some(Do::Resume),
            Place::Cached => Some(Do::Restore),
            Place::Gone | Place::Running => None,
        };
        let places = (0..).zip(&self.places);
        places.filter_map(|(tab, place)| Some((tab, wakes(*place)?))).collect()
    }
}

/// Where a tab is after that, if it can be done there. As strict as a plan's check.
fn after(what: Do, place: Place) -> Option<Place> {
    use Place::{Cached, Frozen, Gone, Running};
    match (what, place) {
        (Do::Open, Gone) | (Do::Resume, Frozen) | (Do::Restore, Cached) => Some(Running),
        (Do::Close | Do::Crash, Running | Frozen | Cached) => Some(Gone),
        (Do::Freeze, Running) | (Do::Hide, Frozen) => Some(Frozen),
        (Do::Cache, Running) => Some(Cached),
        (Do::Send | Do::Reconnect | Do::Show | Do::Hide | Do::Focus | Do::Reload, Running) => {
            Some(Running)
        }
        _ => None,
    }
}
