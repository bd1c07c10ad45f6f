//! What a client says of itself, as a person reads it in a log.

use holdline_client::{Because, Event, Holder, Inbound, State};

fn holder(because: Because) -> String {
    Event::Holder(Some(Holder { tab: "A".into(), epoch: 3, because })).to_string()
}

#[test]
fn events_read_as_sentences() {
    let inbound = |sequence| Inbound { id: "i7".into(), sequence, text: "hello".into() };
    assert_eq!(Event::Inbound(inbound(Some(7))).to_string(), "inbound 7");
    assert_eq!(Event::Inbound(inbound(None)).to_string(), "inbound i7");
    assert_eq!(Event::State(State::Open).to_string(), "state open");
    assert_eq!(Event::Holder(None).to_string(), "no tab holds the connection");
    let all = [
        (Because::First, "nobody had it"),
        (Because::Focused, "the user looks at it"),
        (Because::LeaderLeft, "the leader has gone"),
        (Because::LeaderSilent, "the leader is silent"),
        (Because::Alone, "on its own"),
    ];
    for (because, why) in all {
        assert_eq!(holder(because), format!("tab A holds the connection in epoch 3: {why}"));
    }
}
