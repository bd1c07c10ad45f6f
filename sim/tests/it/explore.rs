//! A panic, a run whose virtual time stands still, one that no clock ends, and a violation are told
//! apart; and a workers survives all of them.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use holdline_net::Program;
use holdline_sim::explore::failure::{Failure, Verdict};
use holdline_sim::explore::sweep::Sweep;
use holdline_sim::explore::workers::{WorkerEvent, Workers};
use holdline_sim::plan::generate::Options;
use holdline_sim::subjects::holdline::Holdline;
use holdline_sim::subjects::{PageProgram, Setting, Subject};
use holdline_sim::world::run::BackendKind;

/// How a client can be broken.
#[derive(Clone)]
enum Broken {
    /// It panics.
    Panics,
    /// It is always busy and lets no time pass.
    Spins,
    /// It comes back from nothing until it is let go.
    Blocks(Arc<AtomicBool>),
    /// It does nothing at all.
    Sleeps,
}

/// Seeds by how the client is broken in them; in all others it is whole.
struct Moody(BTreeMap<u64, Broken>);

impl Subject for Moody {
    fn name(&self) -> &'static str {
        "moody"
    }

    fn program(&self, setting: Setting) -> Program {
        let Some(broken) = self.0.get(&setting.seed).cloned() else {
            return Holdline.program(setting);
        };
        Rc::new(move |_| {
            let broken = broken.clone();
            Box::pin(async move {
                match broken {
                    Broken::Panics => panic!("on purpose"),
                    Broken::Spins => loop {
                        tokio::task::yield_now().await;
                    },
                    Broken::Blocks(go) => {
                        while !go.load(Ordering::Relaxed) {
                            std::thread::yield_now();
                        }
                    }
                    Broken::Sleeps => std::future::pending().await,
                }
            })
        })
    }

    fn page(&self) -> PageProgram {
        unreachable!("only plans of one client are played")
    }
}

fn sweep(broken: impl IntoIterator<Item = (u64, Broken)>) -> Sweep {
    let subject = Arc::new(Moody(broken.into_iter().collect()));
    Sweep { options: Options::default(), backend: BackendKind::Event, subject, digests: false }
}

#[track_caller]
fn failure(broken: Broken) -> Failure {
    *sweep([(3, broken)]).play(3).failure.expect("it is broken")
}

#[test]
fn a_panic_is_a_crash_with_its_place() {
    let failure = failure(Broken::Panics);
    assert_eq!(failure.verdict, Verdict::Crash);
    assert!(failure.text.contains("on purpose"), "{}", failure.text);
    assert!(failure.signature.to_string().starts_with("crash/run/explore.rs:"), "{failure:?}");
}

#[test]
fn a_client_that_lets_no_time_pass_hangs_and_the_moment_is_told() {
    let failure = failure(Broken::Spins);
    assert_eq!(failure.verdict, Verdict::Hang);
    assert!(failure.text.contains("virtual time stands still at 0 ms"), "{}", failure.text);
    assert_eq!(failure.signature.to_string(), "hang/run/virtual");
}

#[test]
fn a_client_that_does_nothing_has_only_not_come_back() {
    let failure = failure(Broken::Sleeps);
    assert_eq!(failure.verdict, Verdict::Liveness);
    assert!(failure.excerpt.contains("client"), "{}", failure.excerpt);
}

#[test]
fn a_crew_plays_on_beside_a_thread_that_never_comes_back() {
    let go = Arc::new(AtomicBool::new(false));
    let broken = [(1, Broken::Blocks(Arc::clone(&go))), (4, Broken::Panics)];
    let (workers, mut news) = Workers::new(sweep(broken), 0..8);
    workers.spawn().unwrap();
    workers.spawn().unwrap();
    let mut failed = Vec::new();
    // The other thread plays all the rest.
    while let WorkerEvent::Failed(failure) = news.blocking_recv().expect("the workers is there") {
        failed.push(failure.seed);
    }
    assert_eq!(failed, [4]);
    assert_eq!(workers.counts().runs, 7);
    assert_eq!(workers.covered(), [0..1, 2..8]);
    let stuck: Vec<_> =
        workers.heartbeats().into_iter().filter_map(|heartbeat| heartbeat.seed).collect();
    assert_eq!(stuck, [1]);
    go.store(true, Ordering::Relaxed);
    while !matches!(news.blocking_recv().expect("the workers is there"), WorkerEvent::Done) {}
    assert_eq!(workers.covered(), std::slice::from_ref(&(0..8)));
}

#[test]
fn a_crew_that_stops_at_a_failure_begins_no_other_seed() {
    let (workers, mut news) = Workers::new(sweep([(2, Broken::Panics)]), 0..u64::MAX);
    let workers = workers.stopping_at_failure(true);
    workers.spawn().unwrap();
    assert!(
        matches!(news.blocking_recv(), Some(WorkerEvent::Failed(failure)) if failure.seed == 2)
    );
    assert!(matches!(news.blocking_recv(), Some(WorkerEvent::Done)));
    assert_eq!(workers.counts().runs, 3);
}

#[test]
fn a_crew_that_is_stopped_finishes_what_it_has_begun() {
    let (workers, mut news) = Workers::new(sweep([]), 0..u64::MAX);
    workers.spawn().unwrap();
    while workers.counts().runs < 3 {
        std::thread::yield_now();
    }
    workers.stop();
    assert!(matches!(news.blocking_recv(), Some(WorkerEvent::Done)));
    let runs = workers.counts().runs;
    assert_eq!(workers.covered(), std::slice::from_ref(&(0..runs)));
}
