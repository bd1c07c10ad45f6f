//! From a plan to a judged run: set up, play, heal, wait for quiet, shut down, judge.

use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use thiserror::Error;

use super::link_faults::usual_profile;
use super::proxy::{self, Control};
use super::simulated::Simulated;
use super::site::Site;
use super::user::User;
use super::{CLIENT, CLOUD, PROXY, cloud, director, expect, panics, pure};
use crate::oracle::{self, Bounds, Violation};
use crate::plan::Plan;
use crate::subjects::{Commands, Setting, Subject};
use crate::trace::log::hash_of;
use crate::trace::{AuditHash, Event, Kind, Lane, Log};
use holdline_net::WALL_AT_START;
use holdline_net::event::EventNet;
use holdline_net::tick::TickNet;
use holdline_net::{Backend, NetError};

/// Which simulated network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BackendKind {
    /// Event-driven, on turmoil-net.
    #[default]
    Event,
    /// Ticking, on turmoil.
    Tick,
    /// None at all: the machines alone, with whole messages between them.
    Pure,
}

impl BackendKind {
    /// The two that sweeps and tokens know: without sockets, or with them.
    #[must_use]
    pub const fn tier(is_pure: bool) -> Self {
        if is_pure { Self::Pure } else { Self::Event }
    }

    /// Whether it is the tier without sockets.
    #[must_use]
    pub const fn is_pure(self) -> bool {
        matches!(self, Self::Pure)
    }
}

impl fmt::Display for BackendKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Event => "event",
            Self::Tick => "tick",
            Self::Pure => "pure",
        })
    }
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Run {
    /// Everything that happened.
    pub events: Vec<Event>,
    /// The hash over it.
    pub hash: AuditHash,
    /// What must not have happened, in order of time. Empty: the run passes.
    pub violations: Vec<Violation>,
    /// How much virtual time it took.
    pub virtual_time: Duration,
}

impl Run {
    /// Messages delivered, of messages typed.
    #[must_use]
    pub fn messages(&self) -> (usize, usize) {
        let count = |wanted: fn(&Kind) -> bool| {
            self.events.iter().filter(|event| wanted(&event.kind)).count()
        };
        (
            count(|kind| matches!(kind, Kind::Delivered { .. })),
            count(|kind| matches!(kind, Kind::Typed { .. })),
        )
    }
}

/// Why there is no verdict.
#[derive(Debug, Error)]
pub enum RunError {
    /// The network cannot play this plan.
    #[error(transparent)]
    Net(#[from] NetError),
    /// Something panicked: client, mock or harness.
    #[error("crashed: {0}")]
    Crashed(String),
}

/// A run that was judged, and whose hash nobody has asked for yet.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    pub(crate) events: Vec<Event>,
    pub(crate) violations: Vec<Violation>,
    pub(crate) virtual_time: Duration,
}

impl Judged {
    pub(crate) fn hashed(self) -> Run {
        let Self { events, violations, virtual_time } = self;
        Run { hash: hash_of(&events), events, violations, virtual_time }
    }
}

/// Plays and judges one plan.
pub fn run(plan: &Plan, subject: &dyn Subject, backend: BackendKind) -> Result<Run, RunError> {
    judged(plan, subject, backend).map(Judged::hashed)
}

/// Plays and judges one plan, and does not hash its log.
pub(crate) fn judged(
    plan: &Plan,
    subject: &dyn Subject,
    backend: BackendKind,
) -> Result<Judged, RunError> {
    panics::watch();
    let bounds = bounds(plan);
    let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        play(plan, &bounds, subject, backend)
    }));
    if let Some(message) = panics::take() {
        return Err(RunError::Crashed(message));
    }
    let (log, virtual_time) =
        played.unwrap_or_else(|_| Err(RunError::Crashed("a panic without a word".into())))?;
    let events = log.take();
    let mut violations = oracle::judge(&events, &bounds);
    violations.extend(expect::judge(&plan.expect, &events));
    Ok(Judged { events, violations, virtual_time })
}

fn play(
    plan: &Plan,
    bounds: &Bounds,
    subject: &dyn Subject,
    backend: BackendKind,
) -> Result<(Log, Duration), RunError> {
    if backend.is_pure() {
        return Ok(pure::play(plan, bounds, subject)?);
    }
    let profile = usual_profile(plan);
    let mut net: Box<dyn Backend> = match backend {
        BackendKind::Event => Box::new(EventNet::new(&[CLOUD, PROXY, CLIENT], profile, plan.seed)),
        BackendKind::Tick => Box::new(TickNet::new(profile, plan.seed)),
        BackendKind::Pure => unreachable!("it has no network, and was played above"),
    };
    let clock = net.clock();
    let log = Log::new(clock.clone());
    let cloud = cloud::cloud(plan, clock.clone(), log.clone());
    let control = Rc::new(Control::default());
    let commands = Rc::new(Commands::default());
    let wall_put = Rc::default();
    let setting = Setting {
        gateway: PROXY,
        commands: Rc::clone(&commands),
        log: log.clone(),
        lane: Lane::Client,
        seed: plan.seed,
        client: plan.client.clone(),
        wall_at_start: WALL_AT_START,
        wall_put: Rc::clone(&wall_put),
    };
    net.add_host(CLOUD, cloud::program(cloud.clone(), log.clone()));
    net.add_host(PROXY, proxy::program(Rc::clone(&control), log.clone()));
    let user = match &plan.browser {
        None => {
            net.add_host(CLIENT, subject.program(setting));
            User::Alone(commands)
        }
        Some(browser) => {
            let site = Site::new(browser, plan, subject.database(), clock.clone(), log.clone());
            net.add_host(CLIENT, site.program(subject.page(), &setting));
            User::Tabs(site)
        }
    };

    let mut stage = Simulated { cloud, proxy: control, user, log: log.clone(), wall_put, net };
    director::play(plan, bounds, &mut stage)?;
    let elapsed = clock();
    drop(stage);
    Ok((log, elapsed))
}

fn bounds(plan: &Plan) -> Bounds {
    let usual = Bounds::default();
    Bounds {
        outbox_count: plan.client.buffer_messages.unwrap_or(usual.outbox_count),
        outbox_bytes: plan.client.buffer_bytes.unwrap_or(usual.outbox_bytes),
        ttl: plan.client.ttl.unwrap_or(usual.ttl),
        max_attempts: plan.client.max_attempts,
        quiet_within: plan.settings.quiet_within,
        wall_at_start: WALL_AT_START,
        ..usual
    }
}
