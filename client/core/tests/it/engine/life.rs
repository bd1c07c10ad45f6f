//! A client connects, talks, and comes back.

use std::time::Duration;

use holdline_core::request_error::RequestError;
use holdline_core::session;
use holdline_core::types::{Event, Notice, Outcome, State, TerminalReason};

use super::pair::{Pair, refused};

#[test]
fn it_creates_a_guest_and_opens_a_socket() {
    let mut pair = Pair::new();
    pair.drive_until_open();
    assert_eq!(pair.server.requests, ["create", "dial", "history"]);
    assert_eq!(pair.saved.guest.as_ref().expect("it was recorded").instance, "guest-1");
}

#[test]
fn a_message_goes_over_the_open_socket_and_is_forgotten_when_it_ends() {
    let mut pair = Pair::new();
    pair.drive_until_open();
    let id = pair.send("hello");
    assert_eq!(pair.saved.pending.len(), 1);
    pair.drive_until(|pair| !pair.outcomes().is_empty());
    assert_eq!(pair.outcomes(), [(id, Outcome::Delivered)]);
    assert_eq!(pair.server.messages, [("hello".to_owned(), true)]);
    assert!(pair.saved.pending.is_empty());
}

#[test]
fn what_piled_up_goes_by_rest_and_in_order_and_what_comes_after_it_by_the_socket() {
    let mut pair = Pair::new();
    let typed = ["one", "two", "three"];
    let ids = typed.map(|text| pair.send(text));
    pair.drive_until(|pair| pair.outcomes().len() == 3);
    assert_eq!(pair.outcomes(), ids.map(|id| (id, Outcome::Delivered)));
    pair.send("four");
    pair.drive_until(|pair| pair.outcomes().len() == 4);
    let by_socket = [("one", false), ("two", false), ("three", false), ("four", true)];
    let by_socket = by_socket.map(|(text, by_socket)| (text.to_owned(), by_socket));
    assert_eq!(pair.server.messages, by_socket);
}

#[test]
fn a_401_by_rest_is_cured_by_a_refresh_and_the_message_sent_again() {
    let mut pair = Pair::new();
    let id = pair.send("hello");
    pair.server.refusals.push_back(("post", refused(401)));
    pair.drive_until(|pair| !pair.outcomes().is_empty());
    assert_eq!(pair.outcomes(), [(id, Outcome::Delivered)]);
    let after = pair.server.requests.iter().skip_while(|name| **name != "post");
    let after: Vec<_> = after.filter(|name| **name != "history").copied().collect();
    assert_eq!(after, ["post", "refresh", "post"]);
}

#[test]
fn a_guest_that_is_gone_takes_its_messages_along_and_is_replaced() {
    let mut pair = Pair::new();
    let id = pair.send("hello");
    pair.server.refusals.push_back(("post", refused(410)));
    pair.drive_until(|pair| pair.server.requests.iter().filter(|of| **of == "create").count() == 2);
    let outcomes = pair.outcomes();
    assert!(matches!(outcomes[..], [(of, Outcome::Failed(_))] if of == id), "{outcomes:?}");
    pair.drive_until_open();
}

#[test]
fn a_socket_that_ends_is_opened_anew_and_what_was_under_way_sent_again() {
    let mut pair = Pair::new();
    pair.drive_until_open();
    pair.server.is_deaf = true;
    let id = pair.send("hello");
    pair.drive_until(|pair| !pair.server.messages.is_empty());
    pair.server.is_deaf = false;
    let socket = pair.socket.take().expect("it is open");
    pair.arrives(session::Input::Ended(socket, None));
    pair.drive_until(|pair| !pair.outcomes().is_empty());
    assert_eq!(pair.outcomes(), [(id, Outcome::Delivered)]);
    assert_eq!(pair.server.messages.len(), 1, "the server knows it by its id");
    pair.drive_until_open();
}

#[test]
fn a_silent_socket_is_given_up_within_23_s() {
    let mut pair = Pair::new();
    pair.drive_until_open();
    pair.drive(Duration::from_secs(1));
    pair.server.is_deaf = true;
    let before = pair.now().mono;
    pair.drive_until(|pair| !pair.closed.is_empty());
    let silent = pair.now().mono.since(before);
    assert!(silent <= Duration::from_secs(23), "{silent:?}");
}

#[test]
fn what_the_server_asked_for_is_waited_for_and_recorded() {
    let mut pair = Pair::new();
    let fault =
        RequestError::Status { status: 429, code: String::new(), retry_after: Some("30".into()) };
    pair.server.refusals.push_back(("create", fault));
    pair.drive(Duration::from_secs(1));
    let State::Waiting { until, .. } = pair.state().expect("a state").clone() else {
        panic!("it waits: {:?}", pair.events);
    };
    assert!(until.since_start() >= Duration::from_secs(30), "{until:?}");
    assert_eq!(pair.saved.waits.not_before.len(), 1);
    pair.drive_until_open();
    assert!(pair.now().mono >= until);
}

#[test]
fn a_terminal_answer_ends_it_until_somebody_asks_to_reconnect() {
    let mut pair = Pair::new();
    pair.server.refusals.push_back(("create", refused(403)));
    pair.drive_until(|pair| matches!(pair.state(), Some(State::Terminal(_))));
    assert_eq!(pair.state(), Some(&State::Terminal(TerminalReason::Forbidden)));
    pair.drive(Duration::from_hours(1));
    assert_eq!(pair.server.requests, ["create"]);
    pair.engine.handle(session::Input::Reconnect);
    pair.drive_until_open();
}

#[test]
fn a_next_engine_goes_on_with_what_was_recorded() {
    let mut pair = Pair::new();
    pair.drive_until_open();
    pair.server.is_deaf = true;
    let id = pair.send("hello");
    pair.drive_until(|pair| !pair.server.messages.is_empty());
    // It crashes: nothing that it wants is carried out any more.
    let mut next = Pair::going_on(pair.saved);
    next.drive_until(|pair| !pair.outcomes().is_empty());
    assert_eq!(next.outcomes(), [(id, Outcome::Delivered)]);
    assert_eq!(next.server.requests[0], "dial", "the guest is the same");
}

#[test]
fn an_agents_message_is_shown_once_and_its_place_recorded() {
    let mut pair = Pair::new();
    pair.drive_until_open();
    let socket = pair.socket.expect("it is open");
    let message = holdline_core::types::Inbound {
        id: "a-1".into(),
        sequence: Some(1),
        text: "how can I help?".into(),
    };
    for _ in 0..2 {
        let said = session::Incoming::Message(message.clone());
        pair.arrives(session::Input::Frame(socket, said));
    }
    pair.drive(Duration::from_secs(1));
    let shown = pair.events.iter().filter(|event| matches!(event, Event::Inbound(_)));
    assert_eq!(shown.count(), 1);
    assert_eq!(pair.saved.cursor, 1);
    let gap = |event: &Event| matches!(event, Event::Notice(Notice::SequenceGap { .. }));
    assert!(!pair.events.iter().any(gap));
}

#[test]
fn nothing_is_wanted_before_the_next_deadline_once_everything_was_polled() {
    let mut pair = Pair::new();
    pair.drive_until_open();
    pair.drive(Duration::from_secs(5));
    let now = pair.now();
    assert_eq!(pair.engine.poll_output(now), None);
    assert!(!pair.engine.handle_timeout(now.mono), "no deadline has come");
    let deadline = pair.engine.next_deadline().expect("it probes its socket");
    assert!(deadline > now.mono);
}
