//! comes-back: quiet within the bound, and nothing left after a shutdown.

use holdline_sim::trace::event::Route;
use holdline_sim::trace::reports::{State, Wish};
use holdline_sim::trace::{End, Endpoint, Frame, Kind, Life};

use super::log::Story;
use super::tabs::three;

#[test]
fn quiet_that_comes_too_late() {
    Story::new().healed(1_000).quiet(61_001).breaks("comes-back", 61_001, "60.001 s after");
    Story::new().healed(1_000).quiet(61_000).holds();
}

#[test]
fn quiet_that_never_comes_names_what_is_missing() {
    Story::new()
        .typed(0, "m1")
        .stored(10, 1, "m1")
        .delivered(20, "m1")
        .said(30, "a1")
        .client(40, Kind::State { state: State::Waiting(None) })
        .healed(1_000)
        .until(90_000)
        .breaks(
            "comes-back",
            61_000,
            "a1 had been said and not shown, the last state that a client reported was `waiting`",
        );
    Story::new().healed(1_000).until(31_000).breaks(
        "comes-back",
        31_000,
        "no client had reported a state",
    );
}

#[test]
fn messages_without_an_outcome_are_named_beside_the_loss_itself() {
    let found = Story::new().typed(0, "m1").typed(0, "m2").healed(10).until(90_000).judged();
    let back: Vec<_> = found.iter().filter(|one| one.oracle == "comes-back").collect();
    assert_eq!(back.len(), 1, "{found:#?}");
    assert!(back[0].text.contains("m1 m2 had not been reported"), "{}", back[0]);
}

#[test]
fn a_log_that_never_healed_is_not_judged() {
    Story::new().quiet(0).client(1_000, Kind::ShutDown).connecting(2_000, 1).until(90_000).holds();
}

fn quiet() -> Story {
    Story::new().open(0, 100, 1).frame_in(200, 1, Frame::Pong).healed(300).quiet(300)
}

#[test]
fn nothing_stirs_after_a_shutdown() {
    let down = || {
        quiet()
            .asked(1_000, Wish::ShutDown)
            .frame_out(1_000, 1, Frame::Close(Some(1000)))
            .ended(1_010, 1, End::Own)
            .client(1_010, Kind::ShutDown)
    };
    down().until(9_000).holds();
    down().connecting(2_000, 2).breaks("comes-back", 2_000, "connection 2");
    // One sentence for everything on one connection.
    down().request(2_000, 2, Endpoint::Messages).ended(2_100, 2, End::Own).breaks(
        "comes-back",
        2_000,
        "said at 1.01 s",
    );
    down().frame_out(2_000, 1, Frame::Ping).breaks("comes-back", 2_000, "connection 1");
    // A new process is a new life.
    down().host(2_000, false).host(3_000, true).connecting(4_000, 2).holds();
}

#[test]
fn every_connection_has_ended_after_a_shutdown() {
    let down = || quiet().asked(1_000, Wish::ShutDown).client(1_000, Kind::ShutDown);
    down().until(4_000).breaks("comes-back", 4_000, "never ended");
    down().ended(3_000, 1, End::Own).until(4_000).holds();
    down().host(2_000, false).until(4_000).holds();
}

#[test]
fn a_shutdown_that_never_ends() {
    let asked = || quiet().asked(1_000, Wish::ShutDown).ended(1_010, 1, End::Own);
    asked().until(14_000).breaks("comes-back", 14_000, "asked to shut down at 1 s and never said");
    asked().client(1_010, Kind::ShutDown).until(14_000).holds();
    asked().host(2_000, false).until(14_000).holds();
}

#[test]
fn a_hidden_leader_sends_a_message_a_minute() {
    let hidden = |life| three().life(1_000, "A", life).healed(310_000);
    let two = |healed: Story| healed.stored(360_000, 1, "m1").stored(420_000, 1, "m2");
    let trickling = |life| two(hidden(life));
    trickling(Life::Hidden).until(480_000).spares("comes-back");
    trickling(Life::Hidden).until(490_000).accuses(
        "comes-back",
        370_000,
        "expected everything delivered",
    );
    hidden(Life::Hidden).until(370_001).accuses(
        "comes-back",
        370_000,
        "expected everything delivered",
    );
    trickling(Life::Focused).until(480_000).accuses(
        "comes-back",
        370_000,
        "expected everything delivered",
    );
    // A tab that was hidden only lately is late by a second.
    let lately = two(three().life(309_000, "A", Life::Hidden).healed(310_000));
    lately.until(480_000).accuses("comes-back", 370_000, "expected everything delivered");
    // What was on its way when the faults healed is given up by one timer and goes with the next.
    let again = || Kind::Duplicate { message: "m1".into(), route: Route::Rest };
    let late = |at| hidden(Life::Hidden).cloud(at, again()).stored(at + 60_000, 1, "m2");
    late(430_000).until(550_000).spares("comes-back");
    late(436_000).until(550_000).accuses("comes-back", 370_000, "expected everything delivered");
}
