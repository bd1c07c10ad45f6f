//! What one client was told to wait for, the next one of the same guest waits for.

use std::time::Duration;

use futures_util::StreamExt as _;
use holdline_client::{Call, Client, Clock, Event, MemoryJournal, Outcome, State, Why};

use super::peer::Peer;
use super::{in_world, start_with};

/// The wall clock at the beginning, in seconds.
const START: u64 = 1_700_000_000;

fn start(peer: &Peer, clock: &Clock, journal: &MemoryJournal) -> Client {
    start_with(peer, clock, journal.clone())
}

async fn until(client: &Client, wanted: impl Fn(&Event) -> bool) {
    let mut events = client.events();
    while let Some(event) = events.next().await {
        if wanted(&event) {
            return;
        }
    }
    panic!("it never came");
}

async fn open(client: &Client) {
    until(client, |event| *event == Event::State(State::Open)).await;
}

async fn waiting(client: &Client) {
    until(client, |event| matches!(event, Event::State(State::Waiting { .. }))).await;
}

/// When the peer saw requests to a path, in whole seconds.
fn times(peer: &Peer, path: &str) -> Vec<u64> {
    let lines = peer.log().into_iter().filter(|line| line.contains(path));
    lines.filter_map(|line| line.split(' ').next()?.parse().ok()).collect()
}

fn until_of(journal: &MemoryJournal, call: Call) -> u64 {
    journal.saved().waits.not_before[&call].since_epoch().as_secs() - START
}

#[tokio::test(start_paused = true)]
async fn a_refused_guest_creation_is_waited_out_by_the_next_client() {
    in_world(|peer, clock| async move {
        let journal = MemoryJournal::default();
        peer.refuse_next("guests", "429 Too Many\r\nRetry-After: 60");
        let first = start(&peer, &clock, &journal);
        waiting(&first).await;
        assert_eq!(until_of(&journal, Call::Guests), 60);
        drop(first);
        let second = start(&peer, &clock, &journal);
        let mut events = second.events();
        let Some(Event::State(state)) = events.next().await else { panic!("a state comes first") };
        assert!(matches!(state, State::Waiting { why: Why::Earlier, .. }), "{state}");
        second.reconnect();
        open(&second).await;
        let tries = times(&peer, "POST guests");
        assert!(tries[0] == 0 && tries[1] >= 60 && tries[1] <= 62, "{tries:?}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_handshake_is_waited_out_by_the_next_client() {
    in_world(|peer, clock| async move {
        let journal = MemoryJournal::default();
        // A 429 that names no time means 5 s.
        peer.refuse_next("websocket", "429 Too Many");
        let first = start(&peer, &clock, &journal);
        waiting(&first).await;
        assert_eq!(until_of(&journal, Call::Socket), 5);
        drop(first);
        open(&start(&peer, &clock, &journal)).await;
        let tries = times(&peer, "websocket");
        assert!(tries[1] >= 5, "{tries:?}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_message_is_waited_out_by_the_next_client() {
    in_world(|peer, clock| async move {
        let journal = MemoryJournal::default();
        let first = start(&peer, &clock, &journal);
        peer.refuse_next("messages", "503 Busy\r\nRetry-After: 30");
        first.send("hello");
        open(&first).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(until_of(&journal, Call::Messages), 30);
        drop(first);
        let second = start(&peer, &clock, &journal);
        until(&second, |event| matches!(event, Event::Delivered { .. })).await;
        let sent = times(&peer, "hello");
        assert!(sent.iter().all(|at| *at == 0 || *at >= 30), "{sent:?}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_history_is_waited_out_on_the_next_socket_and_by_the_next_client() {
    in_world(|peer, clock| async move {
        let journal = MemoryJournal::default();
        peer.refuse_next("messages?after=0", "503 Busy\r\nRetry-After: 40");
        let first = start(&peer, &clock, &journal);
        open(&first).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(until_of(&journal, Call::History), 40);
        drop(first);
        let second = start(&peer, &clock, &journal);
        open(&second).await;
        tokio::time::sleep(Duration::from_secs(60)).await;
        let tries = times(&peer, "after=");
        assert!(tries.len() == 2 && tries[1] >= 40, "{tries:?}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_next_client_keeps_the_pace_of_the_one_before() {
    in_world(|peer, clock| async move {
        let journal = MemoryJournal::default();
        let first = start(&peer, &clock, &journal);
        open(&first).await;
        assert_eq!(first.send("one").await, Outcome::Delivered);
        let sent_at = clock.now().mono;
        drop(first);
        let second = start(&peer, &clock, &journal);
        assert_eq!(second.send("two").await, Outcome::Delivered);
        assert!(clock.now().mono.since(sent_at) >= Duration::from_millis(500));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_backoff_goes_on_and_is_forgotten_once_a_session_has_proven_itself() {
    in_world(|peer, clock| async move {
        let journal = MemoryJournal::default();
        for _ in 0..4 {
            peer.refuse_next("websocket", "503 Busy");
        }
        let mut failures = Vec::new();
        for _ in 0..3 {
            waiting(&start(&peer, &clock, &journal)).await;
            failures.push(journal.saved().waits.failures);
        }
        // The second and third clients were dropped while they waited for what the first had begun.
        assert_eq!(failures, [1, 1, 1]);
        let last = start(&peer, &clock, &journal);
        open(&last).await;
        assert_eq!(journal.saved().waits.failures, 4);
        tokio::time::sleep(Duration::from_secs(30)).await;
        assert_eq!(journal.saved().waits.failures, 0);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_message_without_a_number_is_not_shown_again_by_the_next_client() {
    in_world(|peer, clock| async move {
        let journal = MemoryJournal::default();
        peer.greet_with(r#"{"type":"message","content":"hi","messageId":"a1"}"#);
        let mut shown = Vec::new();
        for _ in 0..2 {
            let client = start(&peer, &clock, &journal);
            let mut events = client.events();
            tokio::time::sleep(Duration::from_secs(1)).await;
            client.shutdown().await;
            let mut inbound = 0;
            while let Some(event) = events.next().await {
                inbound += u32::from(matches!(event, Event::Inbound(_)));
            }
            shown.push(inbound);
        }
        assert_eq!(shown, [1, 0]);
    })
    .await;
}
