//! How fast a run is, always beside the bare backend doing the same exchange in the same process.
//!
//! `cargo bench -p holdline-sim` prints the table of `docs/speed.md`.

use std::fmt::Write as _;
use std::hint::black_box;
use std::rc::Rc;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use holdline_net::event::EventNet;
use holdline_net::tick::TickNet;
use holdline_net::{Backend, LinkProfile, NetStream, Program};
use holdline_sim::plan::generate::{Options, generate};
use holdline_sim::plan::{Plan, bundled};
use holdline_sim::subjects::holdline::Holdline;
use holdline_sim::world::run::{BackendKind, run};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A simulation is many small things that live shortly; this allocator was made for them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Connect and twenty messages, as fast as the server's limit allows.
const TWENTY: &str = r#"
title = "Twenty messages"
story = "Connect, and twenty messages at the pace the server allows."

[[step]]
at = "200ms"
do = "send"
count = 20
every = "550ms"

[expect]
delivered = 20
sockets = 1
"#;

const NOTHING: &str = "title = \"Nothing\"\nstory = \"Set up, connect, shut down, judge.\"\n";

/// Ten minutes in which the focus moves twenty times, with or without talk in between.
fn moving(tabs: u8, talk: bool) -> Plan {
    let mut text = format!(
        "title = \"Moving\"\nstory = \"The focus moves.\"\n\
         [settings]\nlasts = \"600s\"\n[browser]\ntabs = {tabs}\n"
    );
    let mut step = |at: u32, rest: String| {
        writeln!(text, "[[step]]\nat = \"{at}s\"\n{rest}").expect("a String takes anything");
    };
    for n in 0..20 {
        let letter = |n: u32| char::from(b'A' + (n * 7 % u32::from(tabs)) as u8);
        step(10 + n * 29, format!("do = \"focus\"\ntab = \"{}\"", letter(n + 1)));
        if talk {
            step(13 + n * 29, format!("do = \"send\"\ntab = \"{}\"", letter(n)));
            step(15 + n * 29, "do = \"agent\"".into());
        }
    }
    plan(&text)
}

/// Bytes of one frame or ack, about.
const LINE: usize = 100;

fn plan(text: &str) -> Plan {
    Plan::parse("bench", text).expect("the bench's plan is a plan")
}

fn play(plan: &Plan, backend: BackendKind) {
    let run = run(black_box(plan), &Holdline, backend).expect("the plan can be played");
    assert!(run.violations.is_empty(), "{:?}", run.violations);
}

/// The same exchange with nothing on the network but sockets: client, forwarder, echo.
fn bare(mut net: Box<dyn Backend>) {
    let echo: Program = Rc::new(|net| {
        Box::pin(async move {
            let listener = net.listen(80).await.expect("free");
            while let Ok(mut stream) = listener.accept().await {
                tokio::task::spawn_local(async move {
                    let mut line = [0; LINE];
                    while stream.read_exact(&mut line).await.is_ok() {
                        stream.write_all(&line).await.expect("open");
                    }
                });
            }
        })
    });
    let forward: Program = Rc::new(|net| {
        Box::pin(async move {
            let listener = net.listen(80).await.expect("free");
            while let Ok(mut down) = listener.accept().await {
                let net = Rc::clone(&net);
                tokio::task::spawn_local(async move {
                    let mut up = net.connect("cloud", 80).await.expect("up");
                    // The run is over when the client is; how the streams end does not matter.
                    let _ = tokio::io::copy_bidirectional(&mut down, &mut up).await;
                });
            }
        })
    });
    let client: Program = Rc::new(|net| {
        Box::pin(async move {
            let mut stream: NetStream = net.connect("proxy", 80).await.expect("up");
            let mut line = [7; LINE];
            for _ in 0..20 {
                stream.write_all(&line).await.expect("open");
                stream.read_exact(&mut line).await.expect("open");
                tokio::time::sleep(Duration::from_millis(550)).await;
            }
        })
    });
    net.add_host("cloud", echo);
    net.add_host("proxy", forward);
    net.add_host("client", client);
    net.advance(Duration::from_secs(18), &mut || false).expect("the net runs");
}

fn profile() -> LinkProfile {
    LinkProfile { latency: Duration::from_millis(10), ..LinkProfile::default() }
}

fn event() -> Box<dyn Backend> {
    Box::new(EventNet::new(&["cloud", "proxy", "client"], profile(), 1))
}

fn benches(c: &mut Criterion) {
    let twenty = plan(TWENTY);
    let nothing = plan(NOTHING);
    let idle_day = bundled::scenario("idle-day").expect("it is bundled").expect("it is a plan");

    let mut group = c.benchmark_group("connect plus 20 messages");
    group.bench_function("event, bare sockets", |b| b.iter(|| bare(event())));
    group.bench_function("event, whole run", |b| b.iter(|| play(&twenty, BackendKind::Event)));
    group.sample_size(10);
    group.bench_function("tick, bare sockets", |b| {
        b.iter(|| bare(Box::new(TickNet::new(profile(), 1))));
    });
    group.bench_function("tick, whole run", |b| b.iter(|| play(&twenty, BackendKind::Tick)));
    group.finish();

    let mut group = c.benchmark_group("set-up and tear-down");
    group.bench_function("three empty hosts", |b| {
        b.iter(|| {
            let mut net = event();
            for host in ["cloud", "proxy", "client"] {
                net.add_host(host, Rc::new(|_| Box::pin(std::future::pending())));
            }
            net.advance(Duration::from_millis(1), &mut || false).expect("the net runs");
        });
    });
    group.bench_function("a run without a message", |b| {
        b.iter(|| play(&nothing, BackendKind::Event));
    });
    group.finish();

    let mut group = c.benchmark_group("ten minutes, 20 focus moves");
    for (tabs, talk) in [(1, true), (5, false), (5, true), (16, false), (16, true)] {
        let plan = moving(tabs, talk);
        let name = format!("{tabs} tabs{}", if talk { ", 20 messages each way" } else { "" });
        group.bench_function(&name, |b| b.iter(|| play(&plan, BackendKind::Event)));
        let name = format!("pure tier, {name}");
        group.bench_function(name, |b| b.iter(|| play(&plan, BackendKind::Pure)));
    }
    group.finish();

    let mut group = c.benchmark_group("pure tier");
    let generated: Vec<Plan> = (0..200).map(|seed| generate(seed, &Options::default())).collect();
    group.bench_function("connect plus 20 messages", |b| {
        b.iter(|| play(&twenty, BackendKind::Pure));
    });
    group.bench_function("200 generated plans", |b| {
        b.iter(|| generated.iter().for_each(|plan| play(plan, BackendKind::Pure)));
    });
    group.finish();

    let mut group = c.benchmark_group("whole scenarios");
    group.sample_size(10);
    group.bench_function("idle day", |b| b.iter(|| play(&idle_day, BackendKind::Event)));
    group.bench_function("all bundled", |b| {
        let plans: Vec<Plan> = bundled::SCENARIOS.iter().map(|(_, text)| plan(text)).collect();
        b.iter(|| plans.iter().for_each(|plan| play(plan, BackendKind::Event)));
    });
    group.finish();
}

criterion_group!(runs, benches);
criterion_main!(runs);
