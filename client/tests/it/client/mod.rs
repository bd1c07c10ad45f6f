//! The whole client in paused time against a scripted server in memory.

mod next_client;
mod peer;

use std::future::Future;
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use holdline_client::{
    Client, Clock, Config, Entry, Event, EventStream, Inbound, Journal, JournalError,
    MemoryJournal, NoJournal, Notice, Outcome, Reason, SUBSCRIBER_EVENTS_MAX, Saved, StartError,
    State, TerminalReason, Why,
};
use peer::{Manner, Peer};
use tokio::task::LocalSet;

fn config() -> Config {
    Config { base_url: "http://cloud".into(), oauth_token: "oauth".into(), ..Config::default() }
}

async fn in_world<F: Future>(play: impl FnOnce(Peer, Clock) -> F) {
    let local = LocalSet::new();
    local
        .run_until(async {
            let clock = Clock::at(Duration::from_secs(1_700_000_000));
            play(Peer::new(&clock), clock).await;
        })
        .await;
}

fn start(peer: &Peer, clock: &Clock) -> Client {
    start_with(peer, clock, NoJournal)
}

fn start_with(peer: &Peer, clock: &Clock, journal: impl Journal + 'static) -> Client {
    let client = Client::builder(config()).http(peer.http()).clock(clock.clone());
    client.journal(journal).start().expect("the config is good")
}

async fn reach(events: &mut EventStream, wanted: &State) {
    while let Some(event) = events.next().await {
        if event == Event::State(wanted.clone()) {
            return;
        }
    }
    panic!("never reached {wanted}");
}

#[tokio::test(start_paused = true)]
async fn messages_go_by_rest_first_then_live_and_everything_ends() {
    in_world(|peer, clock| async move {
        let client = start(&peer, &clock);
        let mut events = client.events();
        let early = client.send("typed before the opening");
        assert_eq!(early.await, Outcome::Delivered);
        reach(&mut events, &State::Open).await;
        assert_eq!(client.send("typed live").await, Outcome::Delivered);
        let pending = client.send("too late");
        client.shutdown().await;
        assert_eq!(pending.await, Outcome::Failed(Reason::ShutDown));
        assert_eq!(client.send("after the end").await, Outcome::Failed(Reason::ShutDown));
        assert_eq!(client.state(), State::Closed);
        let log: Vec<String> =
            peer.log().into_iter().filter(|line| !line.contains("after=")).collect();
        assert_eq!(
            log,
            [
                "0 POST guests -",
                "0 GET websocket -",
                "0 POST messages typed before the opening",
                "0 frame typed live",
                "0 close 1000",
            ]
        );
        while events.next().await.is_some() {}
        assert_eq!(peer.open_connections(), 0);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_handshake_is_retried_no_earlier_than_told() {
    in_world(|peer, clock| async move {
        peer.refuse_next("websocket", "503 Service Unavailable\r\nRetry-After: 7");
        peer.refuse_next("websocket", "429 Too Many\r\nRetry-After: soon");
        let client = start(&peer, &clock);
        reach(&mut client.events(), &State::Open).await;
        let tries: Vec<u64> = peer
            .log()
            .iter()
            .filter(|line| line.contains("websocket"))
            .filter_map(|line| line.split(' ').next()?.parse().ok())
            .collect();
        assert!(tries[1] >= 7 && tries[2] >= tries[1] + 5, "{tries:?}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_mute_peer_is_found_and_its_message_goes_another_way() {
    in_world(|peer, clock| async move {
        peer.next_manner(Manner::Mute);
        let client = start(&peer, &clock);
        let mut events = client.events();
        reach(&mut events, &State::Open).await;
        assert_eq!(client.send("hello").await, Outcome::Delivered);
        assert!(clock.now().mono.since_start() < Duration::from_secs(6));
        while !matches!(
            events.next().await,
            Some(Event::State(State::Waiting { why: Why::DeadPeer, .. }))
        ) {}
        reach(&mut events, &State::Open).await;
        let sent: Vec<String> =
            peer.log().into_iter().filter(|line| line.contains("hello")).collect();
        assert_eq!(sent, ["0 frame hello", "5 POST messages hello"]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_frame_that_trickles_in_for_a_minute_keeps_its_socket() {
    in_world(|peer, clock| async move {
        peer.next_manner(Manner::Trickling);
        let client = start(&peer, &clock);
        let mut events = client.events();
        reach(&mut events, &State::Open).await;
        let slow = Inbound { id: "a1".into(), sequence: Some(1), text: "slow".into() };
        assert_eq!(events.next().await, Some(Event::Inbound(slow)));
        assert!(clock.now().mono.since_start() >= Duration::from_mins(1));
        let sockets = peer.log().iter().filter(|line| line.contains("websocket")).count();
        assert_eq!(sockets, 1);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_close_frame_is_read_though_the_peer_takes_no_more_writes() {
    in_world(|peer, clock| async move {
        peer.next_manner(Manner::Hasty(4401));
        let client = start(&peer, &clock);
        reach(&mut client.events(), &State::Terminal(TerminalReason::SessionEnded)).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_stuck_socket_holds_up_neither_messages_nor_the_shutdown() {
    in_world(|peer, clock| async move {
        peer.next_manner(Manner::Stuck);
        let client = start(&peer, &clock);
        reach(&mut client.events(), &State::Open).await;
        let long = "x".repeat(4_000);
        assert_eq!(client.send(long).await, Outcome::Delivered);
        let before = clock.now().mono;
        client.shutdown().await;
        assert!(clock.now().mono.since(before) <= Duration::from_millis(1_100));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn agent_messages_and_odd_frames_reach_every_subscriber() {
    in_world(|peer, clock| async move {
        peer.greet_with(r#"{"type":"message","content":"hi","messageId":"a1","sequence":1}"#);
        peer.greet_with(r#"{"type":"message","content":"hi","messageId":"a1","sequence":1}"#);
        peer.greet_with(r#"{"type":"typing"}"#);
        peer.greet_with("not json");
        let client = start(&peer, &clock);
        let streams = [client.events(), client.events()];
        tokio::time::sleep(Duration::from_secs(1)).await;
        for mut stream in streams {
            let mut seen = Vec::new();
            while let Some(Some(event)) = stream.next().now_or_never() {
                if !matches!(event, Event::State(_)) {
                    seen.push(event);
                }
            }
            let inbound = Inbound { id: "a1".into(), sequence: Some(1), text: "hi".into() };
            assert_eq!(
                seen,
                [
                    Event::Inbound(inbound),
                    Event::Notice(Notice::UnknownFrame("typing".into())),
                    Event::Notice(Notice::MalformedFrame("not JSON".into())),
                ]
            );
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_restarted_client_goes_on_with_guest_and_pending_messages() {
    in_world(|peer, clock| async move {
        let journal = MemoryJournal::default();
        let first = start_with(&peer, &clock, journal.clone());
        reach(&mut first.events(), &State::Open).await;
        let ids = [first.send("one").id(), first.send("two").id()];
        drop(first);
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(journal.saved().pending.len(), 2);
        let second = start_with(&peer, &clock, journal.clone());
        let mut events = second.events();
        for id in ids {
            while events.next().await != Some(Event::Delivered { id }) {}
        }
        assert_eq!(journal.saved().pending, []);
        let guests = peer.log().iter().filter(|line| line.contains("POST guests")).count();
        assert_eq!(guests, 1);
        assert!(!ids.contains(&second.send("three").id()), "ids are not drawn twice");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn dropping_the_last_handle_ends_everything() {
    in_world(|peer, clock| async move {
        let client = start(&peer, &clock);
        let clone = client.clone();
        let mut events = client.events();
        reach(&mut events, &State::Open).await;
        drop(client);
        let receipt = clone.send("hello");
        drop(clone);
        assert_eq!(receipt.await, Outcome::Failed(Reason::ShutDown));
        while events.next().await.is_some() {}
        let requests = peer.log().len();
        tokio::time::sleep(Duration::from_mins(10)).await;
        assert_eq!((peer.log().len(), peer.open_connections()), (requests, 0));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_terminal_refusal_keeps_the_messages_for_a_reconnect() {
    in_world(|peer, clock| async move {
        peer.refuse_next("guests", "401 Unauthorized");
        let client = start(&peer, &clock);
        let receipt = client.send("hello");
        let mut events = client.events();
        reach(&mut events, &State::Terminal(TerminalReason::Unauthorized)).await;
        tokio::time::sleep(Duration::from_mins(1)).await;
        assert_eq!(peer.log().len(), 1);
        client.reconnect();
        assert_eq!(receipt.await, Outcome::Delivered);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_config_that_cannot_work_is_refused_with_the_value() {
    in_world(|peer, clock| async move {
        let wrong = Config { base_url: "cloud".into(), ..config() };
        let error = Client::builder(wrong).http(peer.http()).clock(clock.clone()).start();
        assert_eq!(error.expect_err("refused"), StartError::BaseUrl("cloud".into()));
        let wrong = Config { oauth_token: "two words".into(), ..config() };
        let error = Client::builder(wrong).http(peer.http()).clock(clock).start();
        assert_eq!(error.expect_err("refused"), StartError::OauthToken);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_that_does_not_read_is_told_what_it_missed() {
    in_world(|peer, clock| async move {
        let client = start(&peer, &clock);
        let mut events = client.events();
        let too_long = "x".repeat(4_097);
        for _ in 0..SUBSCRIBER_EVENTS_MAX + 10 {
            let failed = client.send(too_long.as_str()).await;
            assert_eq!(failed, Outcome::Failed(Reason::TooLong { bytes: 4_097, limit: 4_096 }));
        }
        let first = events.next().await;
        assert!(matches!(first, Some(Event::Notice(Notice::EventsMissed(10..)))), "{first:?}");
        client.shutdown().await;
        // The queue, and one more notice for what the end itself pushed out.
        assert!(events.count().await <= SUBSCRIBER_EVENTS_MAX + 1);
    })
    .await;
}

/// A journal on a full disk.
struct FullDisk;

impl Journal for FullDisk {
    fn load(&mut self) -> Result<Saved, JournalError> {
        Err(JournalError { detail: "unreadable".into() })
    }

    fn record(&mut self, _: &Entry) -> Result<(), JournalError> {
        Err(JournalError { detail: "full".into() })
    }
}

#[tokio::test(start_paused = true)]
async fn a_failing_journal_is_reported_and_stops_nothing() {
    in_world(|peer, clock| async move {
        let client = start_with(&peer, &clock, FullDisk);
        let mut events = client.events();
        assert_eq!(client.send("hello").await, Outcome::Delivered);
        client.shutdown().await;
        let mut told = Vec::new();
        while let Some(event) = events.next().await {
            if let Event::Notice(Notice::JournalFailed(detail)) = event {
                told.push(detail);
            }
        }
        assert!(told.contains(&"unreadable".into()) && told.contains(&"full".into()), "{told:?}");
    })
    .await;
}
