//! `BroadcastChannel`: what arrives, in which order, and what never does.

use std::collections::BTreeMap;

use holdline_browser::{BrowserSettings, Channel, ChannelError, FrozenChannel, Page, Value};
use holdline_client::tabs::Listening;

use super::harness::{Lab, Notes, ms, tab};

fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

/// Notes everything it hears on `chat` from here on, for as long as the answer lives.
fn note_all(page: &Page, notes: &Notes) -> (Channel, Listening) {
    let channel = page.channel("chat").unwrap();
    let listening = listen(&channel, page, notes);
    (channel, listening)
}

fn listen(channel: &Channel, page: &Page, notes: &Notes) -> Listening {
    let (id, notes) = (page.id(), notes.clone());
    channel.listen(move |text| notes.write(format!("{id} hears {text}")))
}

#[test]
fn tutorial() {
    let settings = BrowserSettings { channel_jitter: ms(0), ..BrowserSettings::default() };
    let mut lab = Lab::new(settings, |page, notes| async move {
        // An object with a name; all objects of that name in the browser are connected.
        let (channel, _listening) = note_all(&page, &notes);
        if page.id() == tab('C') {
            // Every other object hears it, the one that posts does not.
            channel.post(text("hello")).unwrap();
            // A value that cannot be cloned goes nowhere.
            assert_eq!(channel.post(Value::Function), Err(ChannelError::DataClone));
            // A closed one is closed.
            channel.close();
            assert_eq!(channel.post(text("again")), Err(ChannelError::InvalidState));
        }
        std::future::pending::<()>().await;
    });
    lab.open("ABC");
    // A message takes its time; a millisecond here.
    assert_eq!(lab.notes.take(), [""; 0]);
    lab.until(1);
    assert_eq!(lab.notes.take(), ["A hears hello", "B hears hello"]);
}

/// Four tabs that post 50 messages each, all at once and all to all.
fn storm(seed: u64) -> Vec<String> {
    let settings = BrowserSettings { channel_jitter: ms(20), ..BrowserSettings::default() };
    let mut lab = Lab::seeded(seed, settings, |page, notes| async move {
        let (channel, _listening) = note_all(&page, &notes);
        tokio::time::sleep(ms(10)).await;
        for n in 0..50 {
            channel.post(text(format!("{} {n:02}", page.id()))).unwrap();
            tokio::time::sleep(ms(1)).await;
        }
        std::future::pending::<()>().await;
    });
    lab.open("ABCD");
    lab.until(1_000);
    lab.notes.take()
}

#[test]
fn order_holds_for_each_pair_and_for_nothing_else() {
    let heard = storm(7);
    assert_eq!(heard.len(), 4 * 3 * 50);
    // "A hears B 07": receiver and sender, then the number.
    let mut pairs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in &heard {
        pairs.entry(&line[..9]).or_default().push(&line[10..]);
    }
    assert_eq!(pairs.len(), 12);
    assert!(pairs.values().all(|numbers| numbers.is_sorted()));
    // What C and D say reaches A in one order and B in another.
    let of_c_and_d = |receiver: char| -> Vec<&str> {
        let heard = heard.iter().filter(|line| line.starts_with(receiver)).map(|line| &line[8..]);
        heard.filter(|said| said.starts_with(['C', 'D'])).collect()
    };
    assert_ne!(of_c_and_d('A'), of_c_and_d('B'));
}

#[test]
fn the_same_seed_delivers_in_the_same_order_and_another_in_another() {
    assert_eq!(storm(7), storm(7));
    assert_ne!(storm(7), storm(8));
}

/// B is frozen while A posts; what does it hear, and when?
fn heard_by_a_frozen_tab(frozen_channel: FrozenChannel) -> Vec<String> {
    let settings = BrowserSettings { frozen_channel, ..BrowserSettings::default() };
    let mut lab = Lab::new(settings, |page, notes| async move {
        let (channel, _listening) = note_all(&page, &notes);
        for n in 1..=3 {
            tokio::time::sleep(ms(100)).await;
            if page.id() == tab('A') {
                channel.post(text(n.to_string())).unwrap();
            }
        }
        std::future::pending::<()>().await;
    });
    lab.open("AB");
    lab.until(150);
    lab.browser.freeze(tab('B')).unwrap();
    lab.until(250);
    assert_eq!(lab.notes.take(), ["B hears 1"]);
    lab.browser.resume(tab('B')).unwrap();
    lab.until(1_000);
    lab.notes.take()
}

#[test]
fn messages_to_a_frozen_tab_wait_or_are_gone() {
    assert_eq!(heard_by_a_frozen_tab(FrozenChannel::Queue), ["B hears 2", "B hears 3"]);
    assert_eq!(heard_by_a_frozen_tab(FrozenChannel::Drop), ["B hears 3"]);
}

#[test]
fn what_is_posted_before_somebody_listens_is_missed() {
    let settings = BrowserSettings { channel_delay: ms(50), ..BrowserSettings::default() };
    let mut lab = Lab::new(settings, |page, notes| async move {
        if page.id() == tab('A') {
            let channel = page.channel("chat").unwrap();
            channel.post(text("early")).unwrap();
            tokio::time::sleep(ms(10)).await;
            channel.post(text("late")).unwrap();
        } else {
            // It listens before the early one would arrive, and after it was posted.
            let channel = page.channel("chat").unwrap();
            tokio::time::sleep(ms(5)).await;
            let _listening = listen(&channel, &page, &notes);
            std::future::pending::<()>().await;
        }
    });
    lab.open("BA");
    lab.until(1_000);
    assert_eq!(lab.notes.take(), ["B hears late"]);
}

#[test]
fn a_dead_page_hears_nothing_and_a_reloaded_one_listens_anew() {
    let settings = BrowserSettings { channel_delay: ms(50), ..BrowserSettings::default() };
    let mut lab = Lab::new(settings, |page, notes| async move {
        let (channel, _listening) = note_all(&page, &notes);
        if page.id() == tab('A') {
            for n in 1..=2 {
                channel.post(text(n.to_string())).unwrap();
                tokio::time::sleep(ms(100)).await;
            }
        }
        std::future::pending::<()>().await;
    });
    lab.open("BCDA");
    // The first message is under way to all three.
    lab.until(10);
    lab.browser.crash(tab('B')).unwrap();
    lab.browser.reload(tab('C')).unwrap();
    lab.until(90);
    assert_eq!(lab.notes.take(), ["D hears 1"]);
    lab.until(1_000);
    let mut notes = lab.notes.take();
    notes.sort();
    assert_eq!(notes, ["C hears 2", "D hears 2"]);
}

#[test]
fn a_listener_may_answer_spawn_and_let_go_of_its_channel() {
    let mut lab = Lab::new(BrowserSettings::default(), |page, notes| async move {
        let channel = std::rc::Rc::new(page.channel("chat").unwrap());
        let (own, id) = (std::rc::Rc::clone(&channel), page.id());
        let listening = channel.listen(move |heard| {
            let notes = notes.clone();
            if heard == "ping" {
                own.post(text("pong")).unwrap();
            }
            tokio::task::spawn_local(async move { notes.write(format!("{id} hears {heard}")) });
        });
        if id == tab('A') {
            tokio::time::sleep(ms(10)).await;
            channel.post(text("ping")).unwrap();
        }
        tokio::time::sleep(ms(100)).await;
        channel.close();
        drop(listening);
    });
    lab.open("AB");
    lab.until(1_000);
    assert_eq!(lab.notes.take(), ["B hears ping", "A hears pong"]);
}

#[test]
fn a_browser_may_have_no_channels() {
    let settings = BrowserSettings { channel: false, ..BrowserSettings::default() };
    let mut lab = Lab::new(settings, |page, notes| async move {
        assert_eq!(page.channel("chat").err(), Some(ChannelError::Unsupported));
        notes.write("none");
    });
    lab.open("A");
    assert_eq!(lab.notes.take(), ["none"]);
}

#[test]
fn no_listener_outlives_its_page_not_even_one_that_nobody_lets_go_of() {
    let mut lab = Lab::new(BrowserSettings::default(), |page, notes| async move {
        if page.id() == tab('A') {
            std::mem::forget(note_all(&page, &notes));
        } else {
            page.channel("chat").unwrap().post(text("hello")).unwrap();
        }
    });
    lab.open("A");
    lab.browser.reload(tab('A')).unwrap();
    lab.open("B");
    lab.until(100);
    // The new page listens too; the old one would have made it two.
    assert_eq!(lab.notes.take(), ["A hears hello"]);
}

#[test]
fn what_a_listener_spawns_belongs_to_its_page() {
    let mut lab = Lab::new(BrowserSettings::default(), |page, notes| async move {
        let channel = page.channel("chat").unwrap();
        let id = page.id();
        let _listening = channel.listen(move |_| {
            let notes = notes.clone();
            tokio::task::spawn_local(async move {
                tokio::time::sleep(ms(100)).await;
                notes.write(format!("{id} thought about it"));
            });
        });
        if id == tab('C') {
            channel.post(text("hello")).unwrap();
        }
        std::future::pending::<()>().await;
    });
    lab.open("ABC");
    lab.until(50);
    lab.browser.crash(tab('A')).unwrap();
    lab.until(1_000);
    assert_eq!(lab.notes.take(), ["B thought about it"]);
}
