//! One client: its user types, the agent answers, somebody presses "reconnect"; and the phases of the
//! plan.
//!
//! Refuses two things that would be nobody's fault. What only the user can mend (a cloud that says 403
//! or closes with 1008, a client that may give up) is over half a minute before the end, and then the
//! user presses "reconnect". And the time until it must be quiet grows with what the plan itself makes
//! slow: the waits that the cloud names, and the messages that are left.

use std::time::Duration;

use super::Dice;
use super::options::Kinds;
use super::swarm::{self, Rates, Scene};
use crate::plan::fault::Answer;
use crate::plan::fault_kind::FaultKind;
use crate::plan::{ClientSettings, CloudSettings, Do, Expect, Fault, Plan, Settings, Step};

/// The longest wait that a client lets a server impose.
const TOLD_MAX: Duration = Duration::from_mins(2);
/// When the last fault is over, what it has sent on its way arrives within this.
const ARRIVES_WITHIN: Duration = Duration::from_secs(30);
/// A message takes so long when the cloud admits one a second, and answers each second one with 429.
const PER_MESSAGE: Duration = Duration::from_secs(2);

/// The plan of a seed.
pub(super) fn plan(seed: u64, kinds: Kinds) -> Plan {
    let mut dice = Dice::new(seed);
    let life_ms = dice.from(1_000, 8_000) * dice.few(12);
    let mut settings = settings(&mut dice);
    let cloud = cloud(&mut dice);
    let rates = Rates::draw(&mut dice, kinds);
    let client = client(&mut dice, !rates.has(FaultKind::SwallowUpgrade));
    let mut steps = steps(&mut dice, life_ms);
    let grave = client.max_attempts.is_some() || GRAVE.iter().any(|kind| rates.has(*kind));
    let moments_ms: Vec<u64> = steps.iter().map(|step| step.at.as_millis() as u64).collect();
    let scene = Scene { life_ms, moments_ms: &moments_ms, all_end: grave };
    let faults = swarm::draw(&mut dice, &rates, &scene);
    if grave {
        let over = faults.iter().map(Fault::end).chain(steps.iter().map(Step::end)).max();
        let at = over.unwrap_or_default() + ARRIVES_WITHIN;
        steps.push(step(at, Do::Reconnect));
    }
    settings.quiet_within = quiet_within(&steps, &faults);
    Plan {
        title: format!("Seed {seed}"),
        story: format!("One client for {} s, drawn from seed {seed}.", life_ms / 1_000),
        seed,
        settings,
        cloud,
        client,
        browser: None,
        steps,
        faults,
        expect: Expect::default(),
    }
}

/// What can bring a client to a state that only its user ends.
const GRAVE: [FaultKind; 4] =
    [FaultKind::Answer, FaultKind::Close, FaultKind::Restart, FaultKind::ExpireTokens];

fn settings(dice: &mut Dice) -> Settings {
    let latency_ms = dice.pick(&[1, 5, 10, 10, 10, 30, 80, 250]);
    let jitter_ms = if dice.one_in(2) { dice.below(latency_ms + 1) } else { 0 };
    Settings {
        latency: Duration::from_millis(latency_ms),
        jitter: Duration::from_millis(jitter_ms),
        ..Settings::default()
    }
}

fn cloud(dice: &mut Dice) -> CloudSettings {
    // A life of a token in which no answer can be under way for a tenth of it.
    let token_ttl = dice.one_in(6).then(|| Duration::from_secs(dice.from(100, 300)));
    let messages_per_second = dice.one_in(8).then(|| dice.pick(&[1, 3, 10]));
    CloudSettings { token_ttl, messages_per_second, ..CloudSettings::default() }
}

fn client(dice: &mut Dice, may_give_up: bool) -> ClientSettings {
    ClientSettings {
        app_throws: None,
        buffer_messages: dice.one_in(8).then(|| dice.few(8) as usize),
        buffer_bytes: dice.one_in(12).then(|| dice.from(64, 4_096) as usize),
        ttl: dice.one_in(6).then(|| Duration::from_secs(dice.from(3, 60))),
        max_attempts: (dice.one_in(12) && may_give_up).then(|| dice.from(2, 6) as u32),
    }
}

/// What people do, in order of time for each of them.
fn steps(dice: &mut Dice, life_ms: u64) -> Vec<Step> {
    let mut steps = Vec::new();
    for what in [Do::Send, Do::Agent, Do::Reconnect] {
        let most = match what {
            Do::Send => 6,
            Do::Agent => 4,
            _ if dice.one_in(4) => 3,
            _ => continue,
        };
        for _ in 0..dice.few(most) {
            let at = Duration::from_millis(dice.below(life_ms));
            let mut step = step(at, what);
            if what != Do::Reconnect {
                step.count = if dice.one_in(3) { dice.few(8) as u32 } else { 1 };
                step.every = Duration::from_millis(dice.below(1_500));
                step.bytes = dice.one_in(8).then(|| dice.from(16, 5_000) as usize);
            }
            steps.push(step);
        }
    }
    steps
}

fn step(at: Duration, what: Do) -> Step {
    Step { at, what, tab: None, count: 1, every: Duration::ZERO, bytes: None, button: false }
}

/// How soon it must be quiet: as usual, after what the plan makes slow by itself.
fn quiet_within(steps: &[Step], faults: &[Fault]) -> Duration {
    let sent = steps.iter().filter(|step| step.what == Do::Send).map(|step| step.count).sum();
    let told = faults
        .iter()
        .any(|fault| matches!(fault, Fault::Answer(Answer { retry_after: Some(_), .. })));
    let told = if told { TOLD_MAX } else { Duration::ZERO };
    Settings::default().quiet_within + told + PER_MESSAGE * sent
}
