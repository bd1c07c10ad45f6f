//! One suite of socket behaviour, asked of every network: the two simulated ones and the real
//! loopback. Where turmoil's TCP differs, the difference itself is what is asserted.

use std::cell::{Cell, RefCell};
use std::io::ErrorKind;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use holdline_net::event::EventNet;
use holdline_net::loopback::Loopback;
use holdline_net::tick::TickNet;
use holdline_net::{
    Backend, Direction, HostNet, LinkFault, LinkProfile, NetError, NetStream, Program,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const PORT: u16 = 80;
const A_TO_B: Direction = Direction { from: "a", to: "b" };
const B_TO_A: Direction = Direction { from: "b", to: "a" };
const LATENCY: Duration = Duration::from_millis(20);

/// What was seen, with the time it was seen at.
#[derive(Clone, Default)]
struct Seen(Rc<RefCell<Vec<(Duration, String)>>>);

impl Seen {
    fn note(&self, net: &Rc<dyn HostNet>, what: impl Into<String>) {
        self.0.borrow_mut().push((net.now(), what.into()));
    }

    fn at(&self, what: &str) -> Option<Duration> {
        self.0.borrow().iter().find(|(_, seen)| seen == what).map(|(at, _)| *at)
    }

    fn all(&self) -> Vec<String> {
        self.0.borrow().iter().map(|(_, seen)| seen.clone()).collect()
    }
}

type Act = fn(Rc<dyn HostNet>, NetStream, Seen) -> LocalBoxFuture<'static, ()>;

fn server(seen: &Seen, act: Act) -> Program {
    let seen = seen.clone();
    Rc::new(move |net| {
        let seen = seen.clone();
        Box::pin(async move {
            let listener = net.listen(PORT).await.expect("the port is free");
            loop {
                let stream = listener.accept().await.expect("a listener goes on");
                tokio::task::spawn_local(act(Rc::clone(&net), stream, seen.clone()));
            }
        })
    })
}

fn client(seen: &Seen, act: Act) -> Program {
    let seen = seen.clone();
    Rc::new(move |net| {
        let seen = seen.clone();
        Box::pin(async move {
            match net.connect("b", PORT).await {
                Ok(stream) => act(net, stream, seen).await,
                Err(error) => seen.note(&net, format!("connect: {:?}", error.kind())),
            }
        })
    })
}

fn profile() -> LinkProfile {
    LinkProfile { latency: LATENCY, ..LinkProfile::default() }
}

fn event() -> Box<dyn Backend> {
    Box::new(EventNet::new(&["a", "b"], profile(), 7))
}

fn tick() -> Box<dyn Backend> {
    Box::new(TickNet::new(profile(), 7))
}

fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn cut(way: Direction, on: bool) -> LinkFault {
    LinkFault::Partition { way, on }
}

/// Plays server and client, with faults at their times, up to `end`.
fn play(
    mut net: Box<dyn Backend>,
    (serve, call): (Act, Act),
    faults: &[(Duration, LinkFault)],
    end: Duration,
) -> Seen {
    let seen = Seen::default();
    net.add_host("b", server(&seen, serve));
    net.add_host("a", client(&seen, call));
    for (at, fault) in faults {
        net.advance(*at, &mut || false).expect("the net runs");
        net.apply(fault).expect("the backend carries the fault");
    }
    net.advance(end, &mut || false).expect("the net runs");
    seen
}

/// The same on the real loopback, where nothing can be told to misbehave. Ends with the client.
fn play_loopback((serve, call): (Act, Act)) -> Seen {
    let seen = Seen::default();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let net: Rc<dyn HostNet> = Rc::new(Loopback::new());
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let serving = server(&seen, serve)(Rc::clone(&net));
        let calling = client(&seen, call)(Rc::clone(&net));
        tokio::select! {
            biased;
            () = serving => {}
            () = calling => {}
        }
    });
    seen
}

fn everywhere(acts: (Act, Act), check: impl Fn(&str, &Seen)) {
    check("event", &play(event(), acts, &[], s(30)));
    check("tick", &play(tick(), acts, &[], s(30)));
    check("loopback", &play_loopback(acts));
}

async fn line(stream: &mut NetStream) -> Result<String, ErrorKind> {
    let mut text = String::new();
    loop {
        match stream.read_u8().await {
            Ok(b'\n') => return Ok(text),
            Ok(byte) => text.push(char::from(byte)),
            Err(error) => return Err(error.kind()),
        }
    }
}

fn echo(_: Rc<dyn HostNet>, mut stream: NetStream, _: Seen) -> LocalBoxFuture<'static, ()> {
    Box::pin(async move {
        while let Ok(text) = line(&mut stream).await {
            if stream.write_all(format!("{text}\n").as_bytes()).await.is_err() {
                return;
            }
        }
    })
}

fn listen_for_ever(
    net: Rc<dyn HostNet>,
    mut stream: NetStream,
    seen: Seen,
) -> LocalBoxFuture<'static, ()> {
    Box::pin(async move {
        loop {
            match line(&mut stream).await {
                Ok(text) => seen.note(&net, text),
                Err(kind) => return seen.note(&net, format!("{kind:?}")),
            }
        }
    })
}

fn ask_once(
    net: Rc<dyn HostNet>,
    mut stream: NetStream,
    seen: Seen,
) -> LocalBoxFuture<'static, ()> {
    Box::pin(async move {
        stream.write_all(b"hello\n").await.expect("a fresh stream takes bytes");
        match line(&mut stream).await {
            Ok(text) => seen.note(&net, format!("got {text}")),
            Err(kind) => seen.note(&net, format!("{kind:?}")),
        }
    })
}

#[test]
fn connect_and_exchange() {
    everywhere((echo, ask_once), |name, seen| assert_eq!(seen.all(), ["got hello"], "{name}"));
}

#[test]
fn connecting_where_nobody_listens_is_refused() {
    let no_server: Program = Rc::new(|_| Box::pin(std::future::pending()));
    for mut net in [event(), tick()] {
        let seen = Seen::default();
        net.add_host("b", Rc::clone(&no_server));
        net.add_host("a", client(&seen, ask_once));
        net.advance(s(5), &mut || false).expect("the net runs");
        assert_eq!(seen.all(), ["connect: ConnectionRefused"], "{}", net.name());
    }
    let seen = Seen::default();
    let net: Rc<dyn HostNet> = Rc::new(Loopback::new());
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(client(&seen, ask_once)(net));
    assert_eq!(seen.all(), ["connect: ConnectionRefused"], "loopback");
}

#[test]
fn a_host_told_to_refuse_refuses_and_then_no_longer() {
    for net in [event(), tick()] {
        let name = net.name();
        let mut net = net;
        let seen = Seen::default();
        net.add_host("b", server(&seen, echo));
        net.apply(&LinkFault::Refuse { host: "b", on: true }).expect("carried");
        net.add_host("a", client(&seen, ask_once));
        net.advance(s(1), &mut || false).expect("the net runs");
        assert_eq!(seen.all(), ["connect: ConnectionRefused"], "{name}");
        assert!(seen.at("connect: ConnectionRefused").expect("seen") >= LATENCY * 2, "{name}");
        net.apply(&LinkFault::Refuse { host: "b", on: false }).expect("carried");
        net.crash("a");
        net.restart("a");
        net.advance(s(2), &mut || false).expect("the net runs");
        assert_eq!(seen.all().last().map(String::as_str), Some("got hello"), "{name}");
    }
}

#[test]
fn fin_is_read_as_the_end() {
    fn read_and_drop(
        _: Rc<dyn HostNet>,
        mut stream: NetStream,
        _: Seen,
    ) -> LocalBoxFuture<'static, ()> {
        Box::pin(async move { drop(line(&mut stream).await) })
    }
    everywhere((read_and_drop, ask_once), |name, seen| {
        assert_eq!(seen.all(), ["UnexpectedEof"], "{name}");
    });
}

#[test]
fn a_half_closed_stream_still_answers() {
    fn answer_after_the_end(
        _: Rc<dyn HostNet>,
        mut stream: NetStream,
        _: Seen,
    ) -> LocalBoxFuture<'static, ()> {
        Box::pin(async move {
            let mut all = Vec::new();
            stream.read_to_end(&mut all).await.expect("a clean end");
            all.push(b'\n');
            stream.write_all(&all).await.expect("the other half is open");
        })
    }
    fn close_then_read(
        net: Rc<dyn HostNet>,
        mut stream: NetStream,
        seen: Seen,
    ) -> LocalBoxFuture<'static, ()> {
        Box::pin(async move {
            stream.write_all(b"bye").await.expect("open");
            stream.shutdown().await.expect("open");
            seen.note(&net, line(&mut stream).await.expect("an answer"));
        })
    }
    everywhere((answer_after_the_end, close_then_read), |name, seen| {
        assert_eq!(seen.all(), ["bye"], "{name}");
    });
}

#[test]
fn rst_is_an_error_not_an_end() {
    fn read_and_abort(
        _: Rc<dyn HostNet>,
        mut stream: NetStream,
        _: Seen,
    ) -> LocalBoxFuture<'static, ()> {
        Box::pin(async move {
            drop(line(&mut stream).await);
            stream.abort();
        })
    }
    everywhere((read_and_abort, ask_once), |name, seen| {
        assert_eq!(seen.all(), ["ConnectionReset"], "{name}");
    });
}

#[test]
fn a_reader_that_does_not_read_stops_the_writer_and_loses_nothing() {
    const TOTAL: usize = 8 * 1024 * 1024;
    fn read_late(
        net: Rc<dyn HostNet>,
        mut stream: NetStream,
        seen: Seen,
    ) -> LocalBoxFuture<'static, ()> {
        Box::pin(async move {
            // Waits for the writer's word that it is stuck, by way of the shared notes.
            while !seen.all().iter().any(|what| what == "stuck") {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let mut total = 0;
            let mut small = [0; 1000];
            while total < TOTAL {
                total += stream.read(&mut small).await.expect("the stream is healthy");
            }
            seen.note(&net, format!("read {total}"));
            stream.write_all(b"done\n").await.expect("the stream is healthy");
        })
    }
    fn write_all(
        net: Rc<dyn HostNet>,
        mut stream: NetStream,
        seen: Seen,
    ) -> LocalBoxFuture<'static, ()> {
        Box::pin(async move {
            let chunk = vec![b'x'; 16 * 1024];
            let mut written = 0;
            while written < TOTAL {
                let n = chunk.len().min(TOTAL - written);
                tokio::select! {
                    biased;
                    wrote = stream.write(&chunk[..n]) => written += wrote.expect("healthy"),
                    () = tokio::time::sleep(Duration::from_millis(300)) => seen.note(&net, "stuck"),
                }
            }
            seen.note(&net, line(&mut stream).await.expect("an answer"));
        })
    }
    everywhere((read_late, write_all), |name, seen| {
        let all = seen.all();
        assert!(all.contains(&"stuck".to_owned()), "{name}: {all:?}");
        assert_eq!(all[all.len() - 2..], [format!("read {TOTAL}"), "done".into()], "{name}");
    });
}

#[test]
fn a_black_hole_takes_bytes_and_says_nothing() {
    fn write_into_the_void(
        net: Rc<dyn HostNet>,
        mut stream: NetStream,
        seen: Seen,
    ) -> LocalBoxFuture<'static, ()> {
        Box::pin(async move {
            tokio::time::sleep(s(2)).await;
            stream.write_all(b"hello\n").await.expect("the kernel takes it");
            seen.note(&net, "written");
            let kind = line(&mut stream).await.expect_err("nobody answers");
            seen.note(&net, format!("{kind:?}"));
        })
    }
    let faults = [(s(1), cut(A_TO_B, true)), (s(1), cut(B_TO_A, true))];
    for net in [event(), tick()] {
        let name = net.name();
        let seen = play(net, (echo, write_into_the_void), &faults, s(10));
        assert_eq!(seen.all(), ["written"], "{name}: ten seconds later, not a word");
    }
    let seen = play(event(), (echo, write_into_the_void), &faults, s(60));
    assert_eq!(seen.all(), ["written", "TimedOut"], "the kernel gives up in the end");
}

#[test]
fn a_partition_that_heals() {
    fn talk(
        net: Rc<dyn HostNet>,
        mut stream: NetStream,
        seen: Seen,
    ) -> LocalBoxFuture<'static, ()> {
        Box::pin(async move {
            tokio::time::sleep(s(2)).await;
            stream.write_all(b"same\n").await.expect("the kernel takes it");
            tokio::select! {
                biased;
                text = line(&mut stream) => seen.note(&net, text.expect("an answer")),
                () = tokio::time::sleep(s(10)) => seen.note(&net, "stalled"),
            }
            let mut fresh = net.connect("b", PORT).await.expect("the link is healed");
            fresh.write_all(b"fresh\n").await.expect("open");
            seen.note(&net, line(&mut fresh).await.expect("an answer"));
        })
    }
    let faults = [
        (s(1), cut(A_TO_B, true)),
        (s(1), cut(B_TO_A, true)),
        (s(6), cut(A_TO_B, false)),
        (s(6), cut(B_TO_A, false)),
    ];
    let seen = play(event(), (echo, talk), &faults, s(30));
    assert_eq!(seen.all(), ["same", "fresh"], "event: retransmission carries the stream over");
    let seen = play(tick(), (echo, talk), &faults, s(30));
    assert_eq!(seen.all(), ["stalled", "fresh"], "tick: turmoil's TCP does not retransmit");
}

#[test]
fn connecting_across_a_partition() {
    let faults = [
        (s(1), cut(A_TO_B, true)),
        (s(1), cut(B_TO_A, true)),
        (s(3), cut(A_TO_B, false)),
        (s(3), cut(B_TO_A, false)),
    ];
    let connect = |mut net: Box<dyn Backend>| {
        let seen = Seen::default();
        net.add_host("b", server(&seen, echo));
        let connecting = client(&seen, ask_once);
        net.add_host(
            "a",
            Rc::new(move |net| {
                let connecting = Rc::clone(&connecting);
                Box::pin(async move {
                    tokio::time::sleep(s(2)).await;
                    connecting(net).await;
                })
            }),
        );
        for (at, fault) in faults {
            net.advance(at, &mut || false).expect("the net runs");
            net.apply(&fault).expect("carried");
        }
        net.advance(s(10), &mut || false).expect("the net runs");
        seen
    };
    let seen = connect(event());
    assert_eq!(seen.all(), ["got hello"], "event: the SYN is repeated");
    assert!(seen.at("got hello").expect("seen") > s(3));
    let seen = connect(tick());
    assert_eq!(seen.all(), ["connect: ConnectionRefused"], "tick: turmoil refuses at once");
}

#[test]
fn a_one_way_partition_lets_the_other_way_through() {
    fn push(_: Rc<dyn HostNet>, mut stream: NetStream, _: Seen) -> LocalBoxFuture<'static, ()> {
        Box::pin(async move {
            for n in 0..5 {
                tokio::time::sleep(s(1)).await;
                if stream.write_all(format!("push {n}\n").as_bytes()).await.is_err() {
                    return;
                }
            }
            std::future::pending::<()>().await;
        })
    }
    let faults = [(Duration::from_millis(500), cut(A_TO_B, true))];
    for net in [event(), tick()] {
        let name = net.name();
        let seen = play(net, (push, listen_for_ever), &faults, s(8));
        let expected: Vec<_> = (0..5).map(|n| format!("push {n}")).collect();
        assert_eq!(seen.all(), expected, "{name}");
    }
}

#[test]
fn a_half_open_connection_is_noticed_by_writing() {
    fn forget(_: Rc<dyn HostNet>, mut stream: NetStream, _: Seen) -> LocalBoxFuture<'static, ()> {
        Box::pin(async move {
            drop(line(&mut stream).await);
            tokio::time::sleep(s(3)).await;
            stream.abort();
        })
    }
    fn write_late(
        net: Rc<dyn HostNet>,
        mut stream: NetStream,
        seen: Seen,
    ) -> LocalBoxFuture<'static, ()> {
        Box::pin(async move {
            stream.write_all(b"hello\n").await.expect("open");
            tokio::select! {
                biased;
                _ = line(&mut stream) => seen.note(&net, "told"),
                () = tokio::time::sleep(s(30)) => seen.note(&net, "not told"),
            }
            stream.write_all(b"anybody?\n").await.expect("the kernel takes it");
            let kind = line(&mut stream).await.expect_err("nobody is there");
            seen.note(&net, format!("{kind:?}"));
        })
    }
    let faults = [
        (s(2), cut(A_TO_B, true)),
        (s(2), cut(B_TO_A, true)),
        (s(25), cut(A_TO_B, false)),
        (s(25), cut(B_TO_A, false)),
    ];
    for net in [event(), tick()] {
        let name = net.name();
        let seen = play(net, (forget, write_late), &faults, s(60));
        assert_eq!(seen.all(), ["not told", "ConnectionReset"], "{name}");
    }
}

#[test]
fn what_is_held_arrives_when_it_is_released() {
    fn push(_: Rc<dyn HostNet>, mut stream: NetStream, _: Seen) -> LocalBoxFuture<'static, ()> {
        Box::pin(async move {
            for n in 0..3 {
                tokio::time::sleep(s(1)).await;
                stream.write_all(format!("push {n}\n").as_bytes()).await.expect("open");
            }
            std::future::pending::<()>().await;
        })
    }
    let hold = |on| LinkFault::Hold { way: A_TO_B, on };
    for net in [event(), tick()] {
        let name = net.name();
        let faults = [(Duration::from_millis(500), hold(true)), (s(5), hold(false))];
        let seen = play(net, (push, listen_for_ever), &faults, s(10));
        assert_eq!(seen.all(), ["push 0", "push 1", "push 2"], "{name}");
        assert!(seen.at("push 0").expect("seen") >= s(5), "{name}");
    }
}

#[test]
fn bytes_take_the_latency_and_keep_their_order_under_jitter() {
    fn count(_: Rc<dyn HostNet>, mut stream: NetStream, _: Seen) -> LocalBoxFuture<'static, ()> {
        Box::pin(async move {
            for n in 0..50 {
                stream.write_all(format!("{n}\n").as_bytes()).await.expect("open");
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
            std::future::pending::<()>().await;
        })
    }
    let jittery = LinkProfile { jitter: Duration::from_millis(40), ..profile() };
    for net in [event(), tick()] {
        let name = net.name();
        let faults = [(Duration::ZERO, LinkFault::Profile { way: A_TO_B, profile: jittery })];
        let seen = play(net, (count, listen_for_ever), &faults, s(10));
        let expected: Vec<_> = (0..50).map(|n| n.to_string()).collect();
        assert_eq!(seen.all(), expected, "{name}");
        assert!(seen.at("0").expect("seen") >= LATENCY * 2, "{name}: not before SYN and data");
    }
}

#[test]
fn loss_is_repaired_where_the_backend_retransmits_and_refused_where_it_does_not() {
    fn stream_one_way(
        _: Rc<dyn HostNet>,
        mut stream: NetStream,
        _: Seen,
    ) -> LocalBoxFuture<'static, ()> {
        Box::pin(async move {
            for n in 0..300 {
                stream.write_all(format!("{n}\n").as_bytes()).await.expect("open");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            std::future::pending::<()>().await;
        })
    }
    let lossy = LinkProfile { loss_ppm: 200_000, ..profile() };
    let fault = LinkFault::Profile { way: A_TO_B, profile: lossy };
    let faults = [(Duration::from_millis(100), fault)];
    let seen = play(event(), (stream_one_way, listen_for_ever), &faults, s(300));
    let expected: Vec<_> = (0..300).map(|n| n.to_string()).collect();
    assert_eq!(seen.all(), expected, "every line once, in order, under 20 % loss both ways");

    let refused = tick().apply(&fault).expect_err("turmoil cannot");
    assert!(matches!(refused, NetError::Unsupported { backend: "tick", .. }), "{refused}");
}

#[test]
fn a_handshake_that_was_given_up_keeps_no_port() {
    gives_up_and_comes_back(&[]);
}

#[test]
fn a_handshake_that_is_never_answered_keeps_no_port() {
    gives_up_and_comes_back(&[(Duration::ZERO, true), (s(30), false)]);
}

/// The first life of `a` gives up connecting; `b` starts anew; the second life connects.
fn gives_up_and_comes_back(cuts: &[(Duration, bool)]) {
    for mut net in [event(), tick()] {
        let seen = Seen::default();
        net.add_host("b", server(&seen, echo));
        let (notes, first) = (seen.clone(), Rc::new(Cell::new(true)));
        net.add_host(
            "a",
            Rc::new(move |net| {
                let (notes, first) = (notes.clone(), first.replace(false));
                Box::pin(async move {
                    let connect = net.connect("b", PORT);
                    if first {
                        // The SYN is answered, and the answer finds nobody.
                        let _ = tokio::time::timeout(LATENCY + LATENCY / 2, connect).await;
                        return;
                    }
                    let mut stream = connect.await.expect("somebody listens again");
                    stream.write_all(b"hello\n").await.expect("it is open");
                    notes.note(&net, line(&mut stream).await.expect("an echo"));
                })
            }),
        );
        for (at, on) in cuts {
            net.advance(*at, &mut || false).expect("time passes");
            net.apply(&cut(B_TO_A, *on)).expect("every backend carries a partition");
        }
        net.advance(s(31), &mut || false).expect("time passes");
        net.restart("b");
        net.restart("a");
        net.advance(s(33), &mut || false).expect("time passes");
        assert_eq!(seen.all(), ["hello"], "{}", net.name());
    }
}
