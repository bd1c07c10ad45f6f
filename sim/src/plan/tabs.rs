//! Steps of tabs that no browser can carry out: they are followed in order of time, as the director
//! does, and the first that finds its tab in the wrong place is told.
//!
//! Who has the focus is not followed: nothing becomes impossible by it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::fault::{Fault, HostId};
use super::{Do, Plan, Step};
use holdline_browser::{BrowserSettings, TABS_MAX, letter};
use holdline_net::duration::written;

/// A key and what is wrong with it.
type Fix = (&'static str, String);

/// Where a tab that is open can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Running,
    Frozen,
    Cached,
}

/// The tabs that are open at one moment.
struct Tabs<'a> {
    plan: &'a Plan,
    browser: &'a BrowserSettings,
    open: BTreeMap<u8, Place>,
    /// What became of those that are not.
    gone: BTreeMap<u8, (Do, Duration)>,
    disk_full: bool,
}

/// The first impossible step: its number, the key and what is wrong.
pub(super) fn check(plan: &Plan) -> Result<(), (usize, Fix)> {
    let Some(browser) = &plan.browser else {
        let steps = plan.steps.iter().enumerate();
        return steps
            .into_iter()
            .try_for_each(|(index, step)| without_browser(step).map_err(|fix| (index, fix)));
    };
    for (index, step) in plan.steps.iter().enumerate() {
        needs_tab(step).map_err(|fix| (index, fix))?;
    }
    let open = (0..browser.tabs).map(|tab| (tab, Place::Running)).collect();
    let mut tabs = Tabs { plan, browser, open, gone: BTreeMap::new(), disk_full: false };
    for (at, index) in in_order(plan) {
        tabs.step(at, &plan.steps[index]).map_err(|fix| (index, fix))?;
    }
    Ok(())
}

/// How many different tabs are ever open.
pub(super) fn ever_open(plan: &Plan) -> usize {
    let from_start = plan.browser.as_ref().map_or(0, |browser| browser.tabs);
    let opened = |tab: &u8| {
        let mut steps = plan.steps.iter();
        steps.any(|step| step.what == Do::Open && step.tab == Some(*tab))
    };
    (0..TABS_MAX).filter(|tab| *tab < from_start || opened(tab)).count()
}

/// What asks a browser for something is refused where there is none.
fn without_browser(step: &Step) -> Result<(), Fix> {
    if step.what.is_of_browser() {
        let what = step.what;
        let text = format!("do = \"{what}\" needs a browser; add a [browser] table, with tabs = 2");
        return Err(("do", text));
    }
    match step.tab {
        Some(tab) => Err((
            "tab",
            format!(
                "tab = \"{}\", and the plan has no tabs; add a [browser] table, or leave it out",
                letter(tab)
            ),
        )),
        None => Ok(()),
    }
}

fn needs_tab(step: &Step) -> Result<(), Fix> {
    let what = step.what;
    match (what, step.tab) {
        (Do::Blur, Some(_)) => {
            Err(("tab", "blur takes the focus from whichever tab has it; leave tab out".to_owned()))
        }
        (Do::Reconnect, _) => Ok(()),
        (Do::Send, None) => Err(("do", "send in which tab? add one, like tab = \"A\"".into())),
        (what, None) if what.is_life() => {
            Err(("do", format!("{what} which tab? add one, like tab = \"A\"")))
        }
        (what, Some(_)) if what != Do::Send && !what.is_life() => {
            Err(("tab", format!("tab means nothing for do = \"{what}\"; leave it out")))
        }
        _ => Ok(()),
    }
}

/// Every step as often as it is done, as the director's timetable has them.
fn in_order(plan: &Plan) -> Vec<(Duration, usize)> {
    let mut cues: Vec<(Duration, usize)> = Vec::new();
    for (index, step) in plan.steps.iter().enumerate() {
        cues.extend((0..step.count).map(|n| (step.at + step.every * n, index)));
    }
    cues.sort_unstable();
    cues
}

impl Tabs<'_> {
    fn step(&mut self, at: Duration, step: &Step) -> Result<(), Fix> {
        match (step.what, step.tab) {
            (Do::Agent, _) => Ok(()),
            (what, Some(tab)) => self.of_tab(at, what, tab),
            (what, None) => self.of_browser(at, what),
        }
    }

    fn of_tab(&mut self, at: Duration, what: Do, tab: u8) -> Result<(), Fix> {
        if self.machine_is_down(at) {
            return Err(("at", format!("the machine is down at {}: no tab is there", written(at))));
        }
        let place = self.open.get(&tab).copied();
        let wrong = |is: &str, way_out: &str| {
            let (name, at) = (letter(tab), written(at));
            Err(("tab", format!("{what} {name} at {at}, but {name} is {is} then; {way_out}")))
        };
        let Some(place) = place else {
            if what == Do::Open {
                self.open.insert(tab, Place::Running);
                return Ok(());
            }
            return match self.gone.get(&tab) {
                Some((how, since)) => wrong(
                    &format!("gone since the {how} at {}", written(*since)),
                    "open it again first",
                ),
                None => wrong("not open", "open it first, or raise tabs in [browser]"),
            };
        };
        let next = match (what, place) {
            (Do::Open, _) => return wrong("open already", "close it first, or open another"),
            (Do::Close | Do::Crash, _) => {
                self.open.remove(&tab);
                self.gone.insert(tab, (what, at));
                return Ok(());
            }
            (Do::Restore, Place::Cached) | (Do::Resume, Place::Frozen) => Place::Running,
            (Do::Restore, _) => return wrong("not cached", "do = \"cache\" comes first"),
            (Do::Resume, _) => return wrong("not frozen", "do = \"freeze\" comes first"),
            (_, Place::Cached) => return wrong("cached", "restore it first"),
            (Do::Hide, Place::Frozen) => place,
            (_, Place::Frozen) => return wrong("frozen", "resume it first"),
            (Do::Freeze, Place::Running) => Place::Frozen,
            (Do::Cache, Place::Running) => Place::Cached,
            (_, Place::Running) => place,
        };
        self.open.insert(tab, next);
        Ok(())
    }

    fn of_browser(&mut self, at: Duration, what: Do) -> Result<(), Fix> {
        let wrong = |text: String| Err(("do", text));
        match what {
            Do::KillWorker | Do::KillWorkerMidWrite if !self.browser.has_worker() => wrong(
                format!("{what}: the browser has no worker; leave out worker or secure-origin"),
            ),
            Do::FillDisk | Do::UpgradeStore if self.browser.private => {
                wrong(format!("{what}: a private window has no store; leave out private"))
            }
            Do::FillDisk if self.disk_full => {
                wrong(format!("the disk is full already at {}; free-disk it first", written(at)))
            }
            Do::FreeDisk if !self.disk_full => {
                wrong(format!("the disk is not full at {}; fill-disk it first", written(at)))
            }
            _ => {
                self.disk_full = match what {
                    Do::FillDisk => true,
                    Do::FreeDisk | Do::ClearSiteData => false,
                    _ => self.disk_full,
                };
                Ok(())
            }
        }
    }

    fn machine_is_down(&self, at: Duration) -> bool {
        self.plan.faults.iter().any(|fault| match fault {
            Fault::Crash(crash) if crash.host == HostId::Client => {
                crash.at <= at && crash.lasts.is_none_or(|lasts| at < crash.at + lasts)
            }
            _ => false,
        })
    }
}
