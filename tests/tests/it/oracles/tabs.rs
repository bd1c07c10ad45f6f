//! one-socket, someone-listens, every-tab-sees, one-guest and fenced.

use holdline_sim::trace::conditions::BrowserChange;
use holdline_sim::trace::reports::{Feature, State, Terminal, Wait, Wish};
use holdline_sim::trace::{End, Endpoint, Frame, Kind, Life};

use super::log::Story;

/// Three tabs; A is in front and leads.
pub(crate) fn three() -> Story {
    Story::new().life(0, "ABC", Life::Opened).life(0, "A", Life::Focused).leads(1, 'A', 1)
}

/// And has a socket.
pub(crate) fn open() -> Story {
    three().socket(100, 'A', 1)
}

/// A hands over to B with a second socket in between.
fn handed_over(closed_ms: u64) -> Story {
    open()
        .leads(5_000, 'B', 2)
        .socket(5_040, 'B', 1)
        .follows(5_041, 'A')
        .tab_ended(closed_ms, 'A', 1)
        .until(closed_ms + 1)
}

fn cleared() -> Kind {
    Kind::World { what: BrowserChange::SiteDataCleared }
}

#[test]
fn two_sockets_stand_together_for_a_hand_over() {
    handed_over(6_041).accuses("one-socket", 6_040, "tab A (connection 1) and tab B");
    handed_over(6_040).spares("one-socket");
    // A socket with a close frame is open no more.
    open()
        .socket(5_000, 'B', 1)
        .tab(5_500, 'A', Kind::FrameOut { conn: 1, frame: Frame::Close(Some(1000)) })
        .until(9_000)
        .spares("one-socket");
}

#[test]
fn one_tab_can_have_two_sockets_as_well() {
    open().socket(2_000, 'A', 2).until(3_001).accuses("one-socket", 3_000, "tab A (connection 2)");
}

#[test]
fn a_frozen_tab_cannot_close_its_socket_until_it_runs_again() {
    let frozen = || open().life(2_000, "A", Life::Frozen).socket(8_000, 'B', 1).until(20_000);
    frozen().spares("one-socket");
    let resumed = |ms| frozen().life(60_000, "A", Life::Resumed).tab_ended(ms, 'A', 1).until(ms);
    resumed(61_001).accuses("one-socket", 61_000, "from 60 s");
    resumed(61_000).spares("one-socket");
}

#[test]
fn tabs_that_go_leave_no_socket_and_tabs_apart_have_their_own() {
    for life in [Life::Closed, Life::Crashed, Life::Reloaded, Life::Cached] {
        open().life(2_000, "A", life).socket(2_100, 'B', 1).until(9_000).spares("one-socket");
    }
    for what in [Feature::Locks, Feature::Store, Feature::Channel] {
        let apart = open().lacks(200, 'B', what).socket(300, 'B', 1);
        apart.until(9_000).spares("one-socket");
    }
    let apart = open().lacks(200, 'B', Feature::Worker).socket(300, 'B', 1);
    apart.until(9_000).accuses("one-socket", 1_300, "tab B");
}

#[test]
fn the_cloud_sees_two_sockets_where_nothing_disturbed_the_tabs() {
    let two = |story: Story, guest| {
        story
            .cloud(90_000, Kind::SocketOpened { guest: 1, socket: 1 })
            .cloud(95_000, Kind::SocketOpened { guest, socket: 2 })
            .cloud(97_001, Kind::SocketClosed { guest: 1, socket: 1 })
    };
    two(three(), 1).accuses("one-socket", 97_000, "guest 1, 1 and 2");
    two(three(), 2).spares("one-socket");
    two(three().fault(70_000, true).fault(70_001, false), 1).spares("one-socket");
    two(three().life(70_000, "A", Life::Frozen), 1).spares("one-socket");
    two(Story::new(), 1).spares("one-socket");
}

#[test]
fn somebody_listens_soon_after_the_leader_goes() {
    for life in [Life::Closed, Life::Crashed, Life::Reloaded] {
        let gone = |ms| open().life(5_000, "A", life).socket(ms, 'B', 1);
        gone(6_001).accuses("someone-listens", 6_000, "from 5 s to 6 s");
        gone(6_000).spares("someone-listens");
        // The end of the stream may be seen before the end of the page.
        let ended = open().tab_ended(5_000, 'A', 1).life(5_000, "A", life);
        ended.socket(6_001, 'B', 1).accuses("someone-listens", 6_000, "1 s at most");
    }
    let handed = |ms| open().follows(5_000, 'A').tab_ended(5_000, 'A', 1).socket(ms, 'B', 1);
    handed(6_001).accuses("someone-listens", 6_000, "1 s at most");
    handed(6_000).spares("someone-listens");
}

#[test]
fn a_freeze_without_a_word_takes_longer_and_hidden_tabs_longer_still() {
    let frozen_at = |at, sight, ms| {
        open().life(4_000, "B", sight).life(at, "A", Life::Frozen).socket(ms, 'B', 1)
    };
    let frozen = |sight, ms| frozen_at(5_000, sight, ms);
    frozen(Life::Focused, 10_001).accuses("someone-listens", 10_000, "5 s at most");
    frozen(Life::Focused, 10_000).spares("someone-listens");
    frozen(Life::Hidden, 12_001).accuses("someone-listens", 12_000, "7 s at most");
    frozen(Life::Hidden, 12_000).spares("someone-listens");
    // Its timers are a minute late from the fifth minute on, and so is what it begins just before.
    let minutes = |at, ms| frozen_at(at, Life::Hidden, ms);
    minutes(280_000, 287_001).accuses("someone-listens", 287_000, "7 s at most");
    minutes(280_001, 405_001).spares("someone-listens");
    minutes(280_001, 405_002).accuses("someone-listens", 405_001, "125 s at most");
    let said = |ms| {
        open()
            .follows(5_000, 'A')
            .life(5_000, "A", Life::Frozen)
            .life(5_000, "B", Life::Focused)
            .socket(ms, 'B', 1)
    };
    said(6_001).accuses("someone-listens", 6_000, "1 s at most");
}

#[test]
fn whoever_sleeps_at_the_hand_over_is_missed_first() {
    let open = || open().life(4_000, "C", Life::Focused);
    let dozes = |ms| {
        let handed = open().follows(5_000, 'A').tab_ended(5_000, 'A', 1);
        handed.life(5_000, "B", Life::Frozen).socket(ms, 'C', 1)
    };
    dozes(10_001).accuses("someone-listens", 10_000, "5 s at most");
    dozes(10_000).spares("someone-listens");
    // Who is left is hidden, and whoever could have been on time sleeps from that very moment on.
    let left = |at, ms| {
        let gone = three().socket(100, 'A', 1).life(1_000, "C", Life::Hidden);
        let gone = gone.life(2_000, "B", Life::Shown).life(5_000, "A", Life::Closed);
        gone.follows(5_000, 'A').life(at, "B", Life::Frozen).socket(ms, 'C', 1)
    };
    left(5_000, 12_001).accuses("someone-listens", 12_000, "7 s at most");
    left(5_000, 12_000).spares("someone-listens");
    let wakes = || {
        let asleep = open().life(9_400, "A", Life::Frozen).life(10_000, "A", Life::Resumed);
        asleep.follows(10_000, 'A').tab_ended(10_000, 'A', 1).leads(10_005, 'C', 2)
    };
    let waits = Kind::State { state: State::Waiting(Some(Wait::Earlier)) };
    let waiting = |ms| wakes().tab(10_006, 'C', waits.clone()).socket(ms, 'C', 1);
    waiting(15_007).accuses("someone-listens", 15_006, "from 9.4 s");
    waiting(15_006).spares("someone-listens");
    // A leader that waits for nothing of before is as fast as ever.
    let idle = wakes().socket(14_401, 'C', 1);
    idle.accuses("someone-listens", 14_400, "from 9.4 s");
}

#[test]
fn a_wait_goes_on_where_everybody_slept_over_it() {
    let cut = |story: Story| {
        story.tab(5_000, 'A', Kind::FrameIn { conn: 1, frame: Frame::Close(Some(1011)) })
    };
    let wakes = |story: Story, ms| {
        let asleep = story.life(6_000, "ABC", Life::Frozen).life(10_000, "ABC", Life::Resumed);
        asleep.tab_ended(10_000, 'A', 2).follows(10_000, 'B').socket(ms, 'A', 3)
    };
    wakes(cut(open()), 25_001).accuses("someone-listens", 25_000, "from 10 s");
    wakes(cut(open()), 25_000).spares("someone-listens");
    // Who had a socket again before it slept has nothing to wait for.
    wakes(cut(open()).socket(5_900, 'A', 2), 11_001).accuses(
        "someone-listens",
        11_000,
        "1 s at most",
    );
}

#[test]
fn the_start_and_a_healed_fault_take_a_backoff() {
    three().socket(20_001, 'A', 1).accuses("someone-listens", 20_000, "from 0 s");
    three().socket(20_000, 'A', 1).spares("someone-listens");
    let healed = |ms| {
        let cut = open().fault(5_000, true).tab_ended(30_000, 'A', 1);
        cut.fault(60_000, false).socket(ms, 'A', 2)
    };
    healed(80_001).accuses("someone-listens", 80_000, "from 30 s");
    healed(80_000).spares("someone-listens");
    open().fault(5_000, true).tab_ended(30_000, 'A', 1).until(900_000).spares("someone-listens");
}

#[test]
fn nobody_has_to_listen_where_nobody_can() {
    let closed = |tabs| open().life(5_000, tabs, Life::Closed).until(90_000);
    closed("ABC").spares("someone-listens");
    closed("A").accuses("someone-listens", 6_000, "from 5 s");
    open().life(5_000, "ABC", Life::Frozen).until(900_000).spares("someone-listens");
    let state = Kind::State { state: State::Terminal(Terminal::Forbidden) };
    open().tab(4_999, 'A', state).tab_ended(5_000, 'A', 1).until(90_000).spares("someone-listens");
    let shut = Kind::Asked { what: Wish::ShutDown };
    open().tab(5_000, 'A', shut).tab_ended(5_000, 'A', 1).until(90_000).spares("someone-listens");
    // A time that the server names.
    let told = Kind::Answer {
        conn: 2,
        endpoint: Endpoint::Socket,
        status: 429,
        retry_after: Some("100".into()),
        message: None,
    };
    let refused = |ms| {
        let gone = open().life(4_000, "B", Life::Focused).life(5_000, "A", Life::Closed);
        let asks = gone.tab_asks(5_100, 'B', 2, Endpoint::Socket);
        asks.tab(5_200, 'B', told.clone()).socket(ms, 'B', 3)
    };
    refused(125_200).spares("someone-listens");
    refused(125_201).accuses("someone-listens", 125_200, "from 5 s");
}

#[test]
fn the_echo_of_a_close_is_no_excuse() {
    open()
        .tab(5_000, 'A', Kind::FrameOut { conn: 1, frame: Frame::Close(Some(1000)) })
        .follows(5_000, 'A')
        .tab(5_040, 'A', Kind::FrameIn { conn: 1, frame: Frame::Close(Some(1000)) })
        .tab(5_040, 'A', Kind::Ended { conn: 1, end: End::Fin })
        .socket(6_001, 'B', 1)
        .accuses("someone-listens", 6_000, "from 5 s");
}

#[test]
fn every_tab_shows_what_is_said() {
    let said = || open().said(5_000, "a1").shows(5_020, "AB", "a1");
    said().until(35_001).accuses("every-tab-sees", 35_000, "tab C had not shown a1");
    said().shows(35_000, "C", "a1").until(90_000).spares("every-tab-sees");
    said().until(35_000).spares("every-tab-sees");
    said().healed(6_000).quiet(6_000).accuses("every-tab-sees", 6_000, "tab C");
}

#[test]
fn a_late_tab_shows_everything_and_a_new_page_shows_it_again() {
    let said = || open().said(5_000, "a1").shows(5_020, "ABC", "a1");
    let late = || said().life(50_000, "D", Life::Opened);
    late().until(80_001).accuses("every-tab-sees", 80_000, "tab D had not shown a1");
    late().shows(50_100, "D", "a1").until(90_000).spares("every-tab-sees");
    let reloaded = || said().life(50_000, "B", Life::Reloaded);
    reloaded().until(80_001).accuses("every-tab-sees", 80_000, "tab B");
    reloaded().shows(50_100, "B", "a1").until(90_000).spares("every-tab-sees");
    // A page that comes back has shown it already.
    let restored = said().life(50_000, "B", Life::Cached).life(60_000, "B", Life::Restored);
    restored.until(200_000).spares("every-tab-sees");
    let again = said().life(50_000, "B", Life::Cached).life(60_000, "B", Life::Restored);
    again.shows(60_100, "B", "a1").accuses("every-tab-sees", 60_100, "second time");
}

#[test]
fn frozen_tabs_and_bad_weather_have_time() {
    let frozen = |ms: u64| {
        let missed = open().life(4_000, "C", Life::Frozen).said(5_000, "a1");
        missed.shows(5_020, "AB", "a1").life(90_000, "C", Life::Resumed).until(ms)
    };
    frozen(120_000).spares("every-tab-sees");
    frozen(120_001).accuses("every-tab-sees", 120_000, "tab C");
    let fault = |ms| open().fault(4_000, true).said(5_000, "a1").fault(90_000, false).until(ms);
    fault(120_000).spares("every-tab-sees");
    // A listener that was hidden for five minutes may ask again a minute later.
    let hidden = |said: u64, ms| {
        let all = open().life(1_000, "ABC", Life::Hidden).said(said, "a1");
        all.shows(said + 20, "AB", "a1").until(ms)
    };
    hidden(271_000, 301_001).accuses("every-tab-sees", 301_000, "tab C");
    hidden(271_001, 361_001).spares("every-tab-sees");
    hidden(271_001, 361_002).accuses("every-tab-sees", 361_001, "tab C");
    let seen_again = |ms| hidden(310_000, 390_000).life(390_000, "A", Life::Shown).until(ms);
    seen_again(420_000).spares("every-tab-sees");
    seen_again(420_001).accuses("every-tab-sees", 420_000, "tab C");
    let silent = three().said(5_000, "a1").until(900_000);
    silent.spares("every-tab-sees");
}

#[test]
fn shown_twice_or_in_another_order() {
    let said = || open().said(5_000, "a1").said(5_001, "a2");
    let twice = said().shows(5_020, "A", "a1").shows(5_030, "A", "a1");
    twice.accuses("every-tab-sees", 5_030, "tab A showed a1 a second time");
    let order = said().shows(5_020, "B", "a2").shows(5_030, "B", "a1");
    order.accuses("every-tab-sees", 5_030, "after a2");
    let each = said().shows(5_020, "AB", "a1").shows(5_030, "BA", "a2");
    each.spares("every-tab-sees");
}

#[test]
fn guests_that_are_not_theirs_or_are_gone() {
    let said = |guest| Kind::Said { message: "a1".into(), guest: Some(guest) };
    let apart = open()
        .lacks(200, 'B', Feature::Store)
        .tab_asks(300, 'B', 5, Endpoint::Guests)
        .cloud(320, Kind::GuestCreated { guest: 2 })
        .tab_answer(340, 'B', 5, Endpoint::Guests, 200);
    apart.cloud(5_000, said(2)).until(90_000).spares("every-tab-sees");
    // A request that was given up long ago arrives after all: nobody hears of its guest.
    let given_up = |story: Story, ms, conn| story.tab_asks(ms, 'A', conn, Endpoint::Guests);
    let asked = || guest(given_up(given_up(open(), 150, 40), 200, 41), 300, 'A', 1);
    let late = || asked().cloud(1_000, Kind::GuestCreated { guest: 2 });
    late().cloud(5_000, said(2)).until(90_000).spares("every-tab-sees");
    let theirs = late().cloud(5_000, said(1)).shows(5_020, "AB", "a1");
    theirs.until(90_000).accuses("every-tab-sees", 35_000, "tab C");
    let gone = open().cloud(5_000, said(1)).cloud(6_000, Kind::GuestGone { guest: 1 });
    gone.until(90_000).spares("every-tab-sees");
    let cleared = open().said(5_000, "a1").shows(5_020, "ABC", "a1").net(6_000, cleared());
    cleared.life(7_000, "D", Life::Opened).until(90_000).spares("every-tab-sees");
}

/// A tab asks for a guest and gets it.
fn guest(story: Story, at_ms: u64, tab: char, guest: u32) -> Story {
    story
        .tab_asks(at_ms, tab, 50 + guest, Endpoint::Guests)
        .cloud(at_ms + 20, Kind::GuestCreated { guest })
        .tab_answer(at_ms + 40, tab, 50 + guest, Endpoint::Guests, 200)
}

#[test]
fn the_tabs_have_one_guest() {
    let one = || guest(three(), 10, 'A', 1);
    guest(one(), 5_000, 'B', 2).accuses("one-guest", 5_040, "tab B created guest 2");
    one().spares("one-guest");
    // A tab that slept meanwhile is fenced: what it gets is nobody's.
    let claims = |story: Story, ms, tab, epoch| story.tab(ms, tab, Kind::Claimed { epoch });
    let slept = claims(claims(three(), 1, 'B', 1), 2, 'A', 2);
    guest(guest(slept, 10, 'A', 1), 5_000, 'B', 2).spares("one-guest");
    let gone = one().cloud(4_000, Kind::GuestGone { guest: 1 });
    guest(gone, 5_000, 'B', 2).spares("one-guest");
    guest(one().net(4_000, cleared()), 5_000, 'B', 2).spares("one-guest");
    guest(one().lacks(4_000, 'B', Feature::Locks), 5_000, 'B', 2).spares("one-guest");
    guest(one().lacks(4_000, 'B', Feature::Worker), 5_000, 'B', 2).accuses(
        "one-guest",
        5_040,
        "guest 1",
    );
    let refused = one().tab_answer(4_000, 'A', 9, Endpoint::Refresh, 410);
    guest(refused, 5_000, 'A', 2).spares("one-guest");
    // The answer never came.
    let lost = three().tab_asks(10, 'A', 50, Endpoint::Guests);
    let lost = lost.cloud(30, Kind::GuestCreated { guest: 1 }).tab_ended(4_000, 'A', 50);
    guest(lost, 5_000, 'A', 2).spares("one-guest");
}

#[test]
fn a_guest_that_could_not_be_saved() {
    for life in [Life::Crashed, Life::Closed, Life::Frozen, Life::Reloaded] {
        let gone = |ms| guest(guest(three(), 10, 'A', 1).life(ms, "A", life), 5_000, 'B', 2);
        gone(1_050).spares("one-guest");
        gone(1_051).accuses("one-guest", 5_040, "guest 2");
        // Once the store takes something again, what it refused goes with the next write.
        let wrote = |story: Story, ms, accepted| {
            story.tab(ms, 'A', Kind::Wrote { epoch: 1, stored: 1, accepted })
        };
        let refused = || wrote(guest(three(), 10, 'A', 1), 60, false);
        let gone = |story: Story, ms| guest(story.life(ms, "A", life), 5_000, 'B', 2);
        gone(refused(), 4_500).spares("one-guest");
        gone(wrote(refused(), 3_000, true), 4_000).spares("one-guest");
        gone(wrote(refused(), 3_000, true), 4_001).accuses("one-guest", 5_040, "guest 2");
    }
}

#[test]
fn nobody_uses_a_token_that_is_known_to_be_expired() {
    let told = || {
        open()
            .tab_asks(5_000, 'A', 7, Endpoint::History)
            .tab_asks(5_001, 'A', 8, Endpoint::History)
            .tab_answer(5_100, 'A', 7, Endpoint::History, 401)
    };
    let again = |story: Story, tab| {
        let asks = story.tab_asks(6_000, tab, 9, Endpoint::Socket);
        asks.tab_answer(6_040, tab, 9, Endpoint::Socket, 401)
    };
    again(told(), 'A').accuses("one-guest", 6_040, "tab A used a token at 6 s");
    // On its way by then; another tab; refreshed since.
    told().tab_answer(5_101, 'A', 8, Endpoint::History, 401).spares("one-guest");
    again(told(), 'B').spares("one-guest");
    let fresh = told().tab_asks(5_200, 'A', 10, Endpoint::Refresh);
    again(fresh.tab_answer(5_240, 'A', 10, Endpoint::Refresh, 200), 'A').spares("one-guest");
}

#[test]
fn no_write_of_an_old_epoch_is_taken_and_epochs_rise() {
    let wrote = |epoch, accepted| Kind::Wrote { epoch, stored: 2, accepted };
    open().tab(5_000, 'A', wrote(1, true)).accuses("fenced", 5_000, "as of epoch 1");
    open().tab(5_000, 'A', wrote(1, false)).spares("fenced");
    open().tab(5_000, 'A', wrote(2, true)).spares("fenced");
    let claims = |epoch| open().tab(5_000, 'B', Kind::Claimed { epoch });
    claims(1).accuses("fenced", 5_000, "claimed epoch 1");
    claims(2).spares("fenced");
    let cleared = open().net(4_000, cleared());
    cleared.tab(5_000, 'B', Kind::Claimed { epoch: 1 }).spares("fenced");
    open()
        .lacks(200, 'B', Feature::Store)
        .tab(5_000, 'B', Kind::Claimed { epoch: 1 })
        .spares("fenced");
}

#[test]
fn who_was_replaced_leads_no_more() {
    let sends = |conn| Kind::FrameOut { conn, frame: Frame::Message("m1".into()) };
    let replaced = |ms| open().leads(5_000, 'B', 2).tab(ms, 'A', sends(1));
    replaced(6_001).accuses("fenced", 6_001, "tab A sent m1");
    replaced(6_000).spares("fenced");
    let posts = open().leads(5_000, 'B', 2).tab_asks(6_001, 'A', 2, Endpoint::Messages);
    posts.accuses("fenced", 6_001, "posted");
    // Frozen meanwhile: it has the same time from when it runs again.
    let frozen = |ms| {
        let stolen = open().life(4_000, "A", Life::Frozen).leads(9_000, 'B', 2);
        stolen.life(60_000, "A", Life::Resumed).tab(ms, 'A', sends(1))
    };
    frozen(61_000).spares("fenced");
    frozen(61_001).accuses("fenced", 61_001, "tab B had claimed epoch 2");
    // It leads again.
    let back = open().leads(5_000, 'B', 2).leads(8_000, 'A', 3).tab(9_000, 'A', sends(1));
    back.spares("fenced");
}
