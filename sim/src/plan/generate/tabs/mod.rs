//! The lives of one to sixteen tabs: opened, seen, frozen, reloaded, crashed, written in.
//!
//! - `places`: which tab can do what, so that every plan passes its check.
//! - `faults`: what goes wrong between browser and cloud.
//!
//! It refuses what no client could survive: at the end a tab runs and everything is healed.

mod faults;
mod places;

use std::time::Duration;

use self::places::Tabs;
use super::dice::Dice;
use super::options::Kinds;
use crate::plan::{
    BrowserSettings, ClientSettings, CloudSettings, Do, Expect, FrozenChannel, Plan, Settings, Step,
};

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

/// The plan of a seed, with so many tabs at least and at most.
pub(super) fn plan(seed: u64, (least, most): (u8, u8), kinds: Kinds) -> Plan {
    let mut dice = Dice::new(seed);
    let most = least - 1 + dice.few(u64::from(most - least) + 1) as u8;
    let at_first = dice.from(1, u64::from(most)) as u8;
    let life_ms = dice.from(30_000, 600_000);
    // Where nobody sees the page its timers may be a minute late, and each of several waits with them.
    let comes_back = dice.one_in(2);
    let quiet_within = Duration::from_mins(if comes_back { 1 } else { 4 });
    let browser = browser(&mut dice, at_first);
    let steps = life(&mut dice, Tabs::new(most, at_first), life_ms, comes_back);
    let goes_wrong = dice.one_in(2);
    let faults = if goes_wrong { faults::draw(&mut dice, life_ms, kinds) } else { Vec::new() };
    Plan {
        title: format!("Tab life {seed}"),
        story: format!(
            "Random life of at most {most} tabs for {} s, drawn from seed {seed}.",
            life_ms / 1_000
        ),
        seed,
        settings: Settings { quiet_within, ..Settings::default() },
        cloud: CloudSettings::default(),
        client: ClientSettings::default(),
        browser: Some(browser),
        steps,
        faults,
        expect: Expect::default(),
    }
}

fn browser(dice: &mut Dice, tabs: u8) -> BrowserSettings {
    let slow_store_us = if dice.one_in(4) { 20_000 } else { 1_000 };
    let frozen_channel = if dice.one_in(2) { FrozenChannel::Queue } else { FrozenChannel::Drop };
    BrowserSettings {
        tabs,
        channel_delay: Duration::from_micros(dice.from(100, 25_000)),
        channel_jitter: Duration::from_micros(dice.below(25_000)),
        store_delay: Duration::from_micros(dice.from(50, slow_store_us)),
        store_jitter: Duration::from_micros(dice.below(slow_store_us)),
        frozen_channel,
        freeze_event: dice.one_in(2),
        one_window: dice.one_in(2),
        ..BrowserSettings::default()
    }
}

/// What happens, in order of time.
fn life(dice: &mut Dice, mut tabs: Tabs, life_ms: u64, comes_back: bool) -> Vec<Step> {
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
        acts.extend(tabs.draw(dice, what).map(|scope| step(at_ms, what, scope.tab())));
    }
    let at_ms = at_ms.min(life_ms) + 1_000;
    let end = tabs.end(dice, comes_back).into_iter();
    acts.extend(end.map(|(what, tab)| step(at_ms, what, tab)));
    acts
}

fn step(at_ms: u64, what: Do, tab: Option<u8>) -> Step {
    let (at, every) = (Duration::from_millis(at_ms), Duration::ZERO);
    Step { at, what, tab, count: 1, every, bytes: None, button: false }
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
