//! Random tab life: from a seed to the text of a plan, by integers alone.
//!
//! - `dice`: everything that is drawn.
//! - `tabs`: which tab can do what, so that every plan passes its check.
//! - `faults`: what goes wrong between browser and cloud.
//!
//! Every kind of thing is switched on or off for each seed and has a rate of its own: plans in which
//! everything happens at once rarely get far enough into anything. It refuses what no client could
//! survive: at the end a tab runs and everything is healed. It makes text and no [`Plan`], so that
//! what failed can be kept as a file and stays what it was when the generator changes.
//!
//! [`Plan`]: super::Plan

mod dice;
mod faults;
mod tabs;

use std::fmt::Write as _;

use self::dice::Dice;
use self::tabs::Tabs;
use super::Do;
use super::browser::TABS_MAX;
use crate::trace::event::letter;

/// Rises with every change of what a seed gives.
pub const VERSION: u32 = 1;

/// A plan has at most so many steps.
const STEPS_MAX: usize = 240;
/// Messages written in one plan, so that the cloud's two a second never decide when it is over.
const SENDS_MAX: usize = 60;
/// Everything that can happen, but for `clear-site-data` and `upgrade-store`, which are a user's
/// wish to lose what is stored and a tab's to go its own way.
const KINDS: [Do; 19] = [
    Do::Send,
    Do::Agent,
    Do::Focus,
    Do::Show,
    Do::Hide,
    Do::Blur,
    Do::Open,
    Do::Close,
    Do::Reload,
    Do::Crash,
    Do::Freeze,
    Do::Resume,
    Do::Cache,
    Do::Restore,
    Do::Reconnect,
    Do::KillWorker,
    Do::KillWorkerMidWrite,
    Do::FillDisk,
    Do::FreeDisk,
];

/// One thing done.
#[derive(Debug, Clone, Copy)]
struct Act {
    at_ms: u64,
    what: Do,
    tab: Option<u8>,
}

/// The text of the plan of a seed. The same seed gives the same text.
#[must_use]
pub fn plan(seed: u64) -> String {
    let mut dice = Dice::new(seed);
    let most = dice.few(u64::from(TABS_MAX)) as u8;
    let at_first = dice.from(1, u64::from(most)) as u8;
    let life_ms = dice.from(30_000, 600_000);
    let mut text = head(seed, most, life_ms);
    // Where nobody sees the page its timers may be a minute late, and each of several waits with them.
    let comes_back = dice.one_in(2);
    let quiet_within = if comes_back { "1m" } else { "4m" };
    let _ = writeln!(text, "\n[settings]\nquiet-within = \"{quiet_within}\"");
    browser(&mut text, &mut dice, at_first);
    for act in life(&mut dice, Tabs::new(most, at_first), life_ms, comes_back) {
        let Act { at_ms, what, tab } = act;
        let _ = writeln!(text, "\n[[step]]\nat = \"{at_ms}ms\"\ndo = \"{what}\"");
        if let Some(tab) = tab {
            let _ = writeln!(text, "tab = \"{}\"", letter(tab));
        }
    }
    if dice.one_in(2) {
        text += &faults::draw(&mut dice, life_ms);
    }
    text
}

fn head(seed: u64, most: u8, life_ms: u64) -> String {
    let seconds = life_ms / 1_000;
    format!(
        "title = \"Tab life {seed}\"\nstory = \"Random life of at most {most} tabs for {seconds} s, \
         drawn from seed {seed}.\"\nseed = {seed}\n"
    )
}

fn browser(text: &mut String, dice: &mut Dice, tabs: u8) {
    let slow_store = if dice.one_in(4) { 20_000 } else { 1_000 };
    let frozen_channel = if dice.one_in(2) { "queue" } else { "drop" };
    let _ = writeln!(
        text,
        "\n[browser]\ntabs = {tabs}\nchannel-delay = \"{}us\"\nchannel-jitter = \"{}us\"\n\
         store-delay = \"{}us\"\nstore-jitter = \"{}us\"\nfrozen-channel = \"{frozen_channel}\"\n\
         freeze-event = {}\none-window = {}",
        dice.from(100, 25_000),
        dice.below(25_000),
        dice.from(50, slow_store),
        dice.below(slow_store),
        dice.one_in(2),
        dice.one_in(2),
    );
}

/// What happens, in order of time.
fn life(dice: &mut Dice, mut tabs: Tabs, life_ms: u64, comes_back: bool) -> Vec<Act> {
    let rates = rates(dice);
    // From one thing every 100 ms to one every 15 s.
    let gap_ms = 100 << dice.below(8);
    let bursts = dice.one_in(2);
    let mut acts = Vec::new();
    let (mut at_ms, mut sends) = (0, 0);
    while acts.len() < STEPS_MAX {
        let at_once = bursts && dice.one_in(3);
        at_ms += dice.below(if at_once { 60 } else { gap_ms * 2 });
        if at_ms >= life_ms {
            break;
        }
        let what = dice.weighted(&rates);
        if matches!(what, Do::Send | Do::Agent) {
            sends += 1;
            if sends > SENDS_MAX {
                continue;
            }
        }
        acts.extend(tabs.draw(dice, what).map(|scope| Act { at_ms, what, tab: scope.tab() }));
    }
    let at_ms = at_ms.min(life_ms) + 1_000;
    let end = tabs.end(dice, comes_back).into_iter();
    acts.extend(end.map(|(what, tab)| Act { at_ms, what, tab }));
    acts
}

/// How often each kind comes. What undoes another comes with it.
fn rates(dice: &mut Dice) -> Vec<(Do, u64)> {
    let mut rates: Vec<(Do, u64)> = KINDS
        .into_iter()
        .map(|what| {
            let rate = if dice.one_in(3) { 0 } else { 1 << dice.below(5) };
            let seldom = matches!(what, Do::Reconnect | Do::FillDisk | Do::Crash);
            (what, if seldom { rate / 4 } else { rate })
        })
        .collect();
    let rate_of = |rates: &[(Do, u64)], what| {
        rates.iter().find(|(of, _)| *of == what).map_or(0, |(_, rate)| *rate)
    };
    let pairs = [(Do::Freeze, Do::Resume), (Do::Cache, Do::Restore), (Do::FillDisk, Do::FreeDisk)];
    for (done, undone) in pairs {
        let rate = rate_of(&rates, done);
        for (what, undoing) in &mut rates {
            if *what == undone && rate == 0 {
                *undoing = 0;
            } else if *what == undone {
                *undoing = (*undoing).max(1);
            }
        }
    }
    // Without a word nothing can be lost.
    rates[0].1 = rates[0].1.max(1);
    rates[1].1 = rates[1].1.max(1);
    rates
}
