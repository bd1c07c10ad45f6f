//! The oracles that judge a single client, over all tabs of a browser together.

use holdline_sim::trace::reports::{Failure, Feature, Wish};
use holdline_sim::trace::{End, Endpoint, Frame, Kind, Life};

use super::log::Story;
use super::tabs::{open, three};

fn delivered(message: &str) -> Kind {
    Kind::Delivered { message: message.into() }
}

fn failed(message: &str) -> Kind {
    Kind::Failed { message: message.into(), reason: Failure::Expired }
}

#[test]
fn an_ordinary_run_with_tabs_violates_nothing() {
    let frame = |frame| Kind::FrameOut { conn: 1, frame };
    let heard = |frame| Kind::FrameIn { conn: 1, frame };
    open()
        .tab(120, 'A', heard(Frame::Pong))
        .accepted(2_000, 'B', "m1")
        .tab(2_003, 'A', frame(Frame::Message("m1".into())))
        .stored(2_023, 1, "m1")
        .tab(2_043, 'A', heard(Frame::Ack("m1".into())))
        .tab(2_045, 'B', delivered("m1"))
        .said(4_000, "a1")
        .tab(4_020, 'A', heard(Frame::Agent("a1".into())))
        .shows(4_022, "ABC", "a1")
        .life(5_000, "A", Life::Hidden)
        .life(5_000, "B", Life::Focused)
        .leads(5_003, 'B', 2)
        .socket(5_050, 'B', 1)
        .follows(5_055, 'A')
        .tab(5_055, 'A', frame(Frame::Close(Some(1000))))
        .tab_ended(5_095, 'A', 1)
        .tab(5_100, 'B', heard(Frame::Pong))
        .healed(20_000)
        .quiet(20_000)
        .tab(22_000, 'A', Kind::Asked { what: Wish::ShutDown })
        .tab(22_000, 'B', Kind::Asked { what: Wish::ShutDown })
        .tab(22_000, 'B', frame(Frame::Close(Some(1000))))
        .tab(22_040, 'B', Kind::Ended { conn: 1, end: End::Fin })
        .tab(22_040, 'A', Kind::ShutDown)
        .tab(22_040, 'B', Kind::ShutDown)
        .until(25_000)
        .holds();
}

#[test]
fn typed_in_a_tab_is_no_promise_before_it_is_accepted() {
    let typed = Kind::Typed { message: "m1".into(), bytes: 10 };
    let typed = || three().tab(1_000, 'B', typed.clone());
    typed().life(1_001, "B", Life::Crashed).healed(2_000).until(90_000).spares("no-loss");
    let accepted = || typed().tab(1_001, 'B', Kind::Accepted { message: "m1".into() });
    let gone = || accepted().life(1_002, "B", Life::Crashed).healed(2_000);
    gone().until(90_000).accuses("no-loss", 90_000, "neither stored nor reported");
    gone().stored(3_000, 1, "m1").until(90_000).spares("no-loss");
    gone().tab(3_000, 'A', failed("m1")).until(90_000).spares("no-loss");
}

#[test]
fn the_tab_that_took_a_message_reports_it() {
    let stored = || three().accepted(1_000, 'B', "m1").stored(1_020, 1, "m1").healed(2_000);
    stored().until(90_000).accuses("no-loss", 90_000, "never reported");
    let elsewhere = stored().tab(3_000, 'A', delivered("m1"));
    elsewhere.until(90_000).accuses("no-loss", 90_000, "never reported");
    stored().tab(3_000, 'B', delivered("m1")).until(90_000).spares("no-loss");
    // One that is frozen cannot.
    stored().life(2_500, "B", Life::Frozen).until(90_000).spares("no-loss");
}

#[test]
fn shown_and_reported_once_in_every_page() {
    let said = || open().said(1_000, "a1").shows(1_020, "ABC", "a1");
    said().spares("no-duplicate");
    said().shows(1_030, "B", "a1").accuses("no-duplicate", 1_030, "a1 was shown");
    said().life(2_000, "B", Life::Reloaded).shows(2_100, "B", "a1").spares("no-duplicate");
    let twice = three().tab(1_000, 'A', delivered("m1")).tab(1_100, 'A', delivered("m1"));
    twice.accuses("no-duplicate", 1_100, "m1 was reported");
    three().stored(1_000, 1, "m1").stored(2_000, 1, "m1").accuses("no-duplicate", 2_000, "m1");
}

#[test]
fn what_was_accepted_before_the_other_was_typed_comes_first() {
    let both = || three().accepted(1_000, 'A', "m1").accepted(1_500, 'B', "m2");
    both().stored(2_000, 1, "m2").stored(2_010, 1, "m1").accuses("in-order", 2_010, "after m2");
    both().stored(2_000, 1, "m1").stored(2_010, 1, "m2").spares("in-order");
    // Taken at the same time.
    let typed = |message: &str| Kind::Typed { message: message.into(), bytes: 10 };
    let accepted = |message: &str| Kind::Accepted { message: message.into() };
    let at_once = three()
        .tab(1_000, 'A', typed("m1"))
        .tab(1_000, 'B', typed("m2"))
        .tab(1_001, 'A', accepted("m1"))
        .tab(1_001, 'B', accepted("m2"));
    at_once.stored(2_000, 1, "m2").stored(2_010, 1, "m1").spares("in-order");
    // In one tab the order is that of typing.
    let one_tab = three()
        .tab(1_000, 'A', typed("m1"))
        .tab(1_000, 'A', typed("m2"))
        .tab(1_001, 'A', accepted("m2"))
        .tab(1_001, 'A', accepted("m1"));
    one_tab.stored(2_000, 1, "m2").stored(2_010, 1, "m1").accuses("in-order", 2_010, "after m2");
}

#[test]
fn each_page_shows_in_order() {
    let said = || three().said(10, "a1").said(11, "a2").shows(100, "A", "a2");
    said().shows(200, "A", "a1").accuses("in-order", 200, "a1 was shown after a2");
    said().shows(200, "B", "a1").spares("in-order");
}

#[test]
fn a_time_that_the_server_named_holds_for_every_tab() {
    let told_once = Kind::Answer {
        conn: 1,
        endpoint: Endpoint::Messages,
        status: 429,
        retry_after: Some("7".into()),
        message: None,
    };
    let told = || three().tab(10_000, 'A', told_once.clone());
    let asks = |story: Story, ms| story.tab_asks(ms, 'B', 1, Endpoint::Messages);
    asks(told(), 16_999).accuses("retry-after", 16_999, "0.001 s before");
    asks(told(), 17_000).spares("retry-after");
    // The word has to spread first, and a tab that died at once spread none.
    asks(told(), 10_100).spares("retry-after");
    asks(told(), 10_101).accuses("retry-after", 10_101, "POST");
    asks(told().life(10_050, "A", Life::Crashed), 12_000).spares("retry-after");
    asks(told().life(10_101, "A", Life::Crashed), 12_000).accuses("retry-after", 12_000, "POST");
    asks(told().lacks(11_000, 'B', Feature::Store), 12_000).spares("retry-after");
    // What the store has no room for is known to one tab alone, until it has.
    let wrote = |story: Story, ms, accepted| {
        story.tab(ms, 'A', Kind::Wrote { epoch: 1, stored: 1, accepted })
    };
    let unsaved = || wrote(told(), 10_020, false);
    asks(unsaved(), 12_000).spares("retry-after");
    asks(wrote(unsaved(), 11_000, true), 12_000).accuses("retry-after", 12_000, "POST");
    let again = unsaved().tab_asks(12_000, 'A', 2, Endpoint::Messages);
    again.accuses("retry-after", 12_000, "POST");
    // Handed over, it is gone with the client that was told, whatever that tab writes later.
    let handed_over = |story: Story| wrote(story.follows(10_030, 'A'), 11_000, true);
    asks(handed_over(unsaved()), 12_000).spares("retry-after");
    asks(handed_over(told()), 12_000).accuses("retry-after", 12_000, "POST");
    // A page that runs apart has nowhere to remember it for the next.
    let apart = || three().lacks(100, 'A', Feature::Store).tab(10_000, 'A', told_once.clone());
    let asks_again = |story: Story| story.tab_asks(12_000, 'A', 2, Endpoint::Messages);
    asks_again(apart()).accuses("retry-after", 12_000, "POST");
    asks_again(apart().life(11_000, "A", Life::Reloaded)).spares("retry-after");
    let slept = apart().life(11_000, "A", Life::Frozen).life(11_500, "A", Life::Resumed);
    asks_again(slept).accuses("retry-after", 12_000, "POST");
}

#[test]
fn every_tab_has_a_backoff_of_its_own() {
    let refused = |tab, ms| {
        let asks = three().tab_asks(1_000, 'A', 1, Endpoint::Socket);
        let refused = asks.tab_answer(1_000, 'A', 1, Endpoint::Socket, 500);
        refused.tab_asks(ms, tab, 2, Endpoint::Socket)
    };
    refused('A', 4_001).accuses("backoff", 4_001, "failure number 1");
    refused('A', 4_000).spares("backoff");
    refused('B', 60_000).spares("backoff");
    // The timers of a hidden tab may put off whatever it waits for: by a second, and in the end a minute.
    let hidden = |asked, ms| {
        let asks = three().tab_asks(asked, 'C', 1, Endpoint::Socket);
        let told = asks.tab_answer(asked, 'C', 1, Endpoint::Socket, 500);
        told.tab_asks(ms, 'C', 2, Endpoint::Socket)
    };
    hidden(1_000, 5_000).spares("backoff");
    hidden(1_000, 5_001).accuses("backoff", 5_001, "outside the window of 2 s");
    hidden(295_000, 299_001).accuses("backoff", 299_001, "outside the window of 2 s");
    hidden(299_000, 362_000).spares("backoff");
    hidden(299_000, 362_001).accuses("backoff", 362_001, "outside the window of 61 s");
    let story = || {
        let asks = three().tab_asks(1_000, 'A', 1, Endpoint::Socket);
        asks.tab_answer(1_000, 'A', 1, Endpoint::Socket, 500)
    };
    let hidden = |ms| story().life(1_500, "A", Life::Hidden).tab_asks(ms, 'A', 2, Endpoint::Socket);
    hidden(5_000).spares("backoff");
    hidden(5_001).accuses("backoff", 5_001, "outside the window of 2 s");
    let leads = story().leads(50_000, 'A', 2).tab_asks(50_001, 'A', 2, Endpoint::Socket);
    leads.spares("backoff");
    // Eleven tries of one tab within ten seconds are a hot loop; of sixteen tabs they are not.
    let many = |tab: fn(u32) -> char| {
        (0..11_u32).fold(three(), |story, n| {
            let (at, tab) = (1_000 + u64::from(n) * 900, tab(n));
            let asks = story.tab_asks(at, tab, n + 1, Endpoint::Refresh);
            asks.tab_answer(at, tab, n + 1, Endpoint::Refresh, 200)
        })
    };
    many(|_| 'A').accuses("backoff", 10_000, "hot loop");
    many(|n| char::from(b'A' + n as u8)).spares("backoff");
}

#[test]
fn the_tabs_have_one_outbox() {
    let two = || {
        let story = three().bounded(|bounds| bounds.outbox_count = 2);
        story.accepted(1_000, 'A', "m1").accepted(1_001, 'B', "m2")
    };
    two().accepted(1_002, 'C', "m3").until(2_000).accuses("bounded", 1_002, "3 messages");
    two().stored(1_002, 1, "m1").accepted(1_003, 'C', "m3").until(2_000).spares("bounded");
    let refused = two().tab(1_002, 'C', Kind::Typed { message: "m3".into(), bytes: 10 });
    refused.until(2_000).spares("bounded");
    let old = || three().accepted(1_000, 'B', "m1");
    old().until(362_001).accuses("bounded", 362_000, "still pending");
    old().life(5_000, "B", Life::Closed).until(400_000).spares("bounded");
}

#[test]
fn a_dead_connection_is_noticed_in_every_tab_that_runs() {
    let open = || three().life(50, "A", Life::Focused).socket(100, 'A', 1);
    open().until(26_101).accuses("dead-peer", 26_100, "connection 1 of tab A");
    open().until(26_100).spares("dead-peer");
    // Hidden, its probe is late and so is the look at the answer: by a second, and in the end a minute.
    let hidden = |ms| open().life(5_000, "A", Life::Hidden).until(ms);
    hidden(28_100).spares("dead-peer");
    hidden(28_101).accuses("dead-peer", 28_100, "tab A");
    let heard = |at, ms| {
        let hidden = three().life(5_000, "A", Life::Hidden).socket(at, 'A', 1);
        hidden.until(ms)
    };
    heard(279_000, 307_001).accuses("dead-peer", 307_000, "tab A");
    heard(279_001, 425_001).spares("dead-peer");
    heard(279_001, 425_002).accuses("dead-peer", 425_001, "tab A");
    let frozen = || open().life(5_000, "A", Life::Frozen).until(900_000);
    frozen().spares("dead-peer");
    let resumed = |ms| frozen().life(900_000, "A", Life::Resumed).until(ms);
    resumed(926_000).spares("dead-peer");
    resumed(926_001).accuses("dead-peer", 926_000, "since 900 s");
}

#[test]
fn a_tab_lets_go_when_it_hands_over_and_not_otherwise() {
    let heard = || open().tab(5_000, 'A', Kind::FrameIn { conn: 1, frame: Frame::Pong });
    let ended = |story: Story| story.tab_ended(6_000, 'A', 1).until(9_000);
    ended(heard()).accuses("dead-peer", 6_000, "tab A let go of connection 1");
    ended(heard().follows(5_900, 'A')).spares("dead-peer");
    ended(heard().follows(5_900, 'B')).accuses("dead-peer", 6_000, "healthy link");
    ended(heard().leads(5_900, 'B', 2)).spares("dead-peer");
    heard().life(6_000, "A", Life::Crashed).tab_ended(6_000, 'A', 1).spares("dead-peer");
    ended(heard()).life(9_000, "A", Life::Closed).accuses("dead-peer", 6_000, "tab A");
}

#[test]
fn no_tab_holds_anything_after_a_shutdown() {
    let asked = |tab| (tab, Kind::Asked { what: Wish::ShutDown });
    let shut = |story: Story, tab| {
        let (tab, asked) = asked(tab);
        story.tab(2_000, tab, asked).tab(2_000, tab, Kind::ShutDown)
    };
    let quiet = || open().healed(1_000).quiet(1_000);
    shut(quiet(), 'A').until(9_000).accuses("comes-back", 9_000, "connection 1");
    shut(quiet().tab_ended(1_500, 'A', 1), 'A').until(9_000).spares("comes-back");
    let stirred =
        shut(quiet().tab_ended(1_500, 'A', 1), 'B').tab_asks(3_000, 'B', 4, Endpoint::Other);
    stirred.accuses("comes-back", 3_000, "tab B used connection 4");
    // A page that is gone holds nothing, and was asked nothing.
    let closed = shut(quiet(), 'B').life(3_000, "A", Life::Closed);
    closed.until(9_000).spares("comes-back");
    let (tab, kind) = asked('C');
    quiet().tab(2_000, tab, kind).tab_ended(2_000, 'A', 1).accuses(
        "comes-back",
        2_000,
        "tab C was",
    );
}
