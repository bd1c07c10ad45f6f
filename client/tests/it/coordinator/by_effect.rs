//! One coordinator and its bare effects: stores that answer strangely, late, or never.

use std::time::Duration;

use holdline_client::core::coordinator::{Effect, FromClient, Input};
use holdline_client::tabs::records::{FeedRecord, GuestRecord, encode};
use holdline_client::{Because, Event};
use uuid::Uuid;

use super::one_tab::{Tab, key, message, op_of, run_of, tells_unsaved};

fn fed(key: &str) -> (String, String) {
    (key.into(), encode(&FeedRecord { message: message(key) }))
}

#[test]
fn odd_positions_in_the_store_hurt_nobody() {
    let mut tab = Tab::connected();
    tab.lead(1, vec![fed("feed/18446744073709551615"), fed("feed/00000000000000000001")]);
    assert!(tab.machine.leads());
    let mut tab = Tab::connected();
    let mut effects = tab.lead(1, vec![fed(&key(1)), fed(&key(3_000_000)), fed(&key(1 << 53))]);
    effects.extend(tab.give(Input::Tick));
    assert!(tab.machine.leads());
    let writes = effects.iter().map(|effect| match effect {
        Effect::Commit { writes, .. } => writes.len(),
        _ => 0,
    });
    assert!(writes.sum::<usize>() < 10, "nothing is deleted that is not there");
}

#[test]
fn a_store_that_never_answers_is_given_up() {
    let mut tab = Tab::connected();
    let mut effects = tab.give(Input::LockGranted);
    for _ in 0..60 {
        tab.now += Duration::from_secs(1);
        effects.extend(tab.give(Input::Tick));
    }
    assert!(effects.contains(&Effect::ReleaseLock), "the lock is for others");
    assert_eq!(tab.machine.holder().map(|holder| holder.because), Some(Because::Alone));
}

#[test]
fn what_was_accepted_goes_along_when_a_tab_goes_its_own_way() {
    let mut tab = Tab::connected();
    let id = Uuid::from_u128(7);
    let commit = op_of(&tab.give(Input::Send { id, text: "hello".into() }));
    let keys = Ok(vec!["outbox/00000000000000000001".into()]);
    assert!(
        tab.give(Input::Committed(commit, keys)).contains(&Effect::Publish(Event::Accepted { id }))
    );
    let effects = tab.give(Input::Mute("the channel is closed".into()));
    let submitted = |effect: &Effect| matches!(effect, Effect::Submit(draft) if draft.id == id);
    assert!(effects.iter().any(submitted), "{effects:?}");
}

#[test]
fn a_new_message_under_an_old_number_is_shown() {
    let mut tab = Tab::connected();
    tab.lead(1, Vec::new());
    tab.give(Input::LockLost);
    for number in 1..=3 {
        // The leader has no room to store what it tells.
        let effects = tells_unsaved(&mut tab, 1, number, &format!("old{number}"));
        assert!(matches!(effects[..], [Effect::Publish(Event::Inbound(_)), ..]));
    }
    // It dies, and the next begins with what was stored: a guest, and no message.
    let (instance, token) = ("guest-1".into(), "token".into());
    let guest = GuestRecord { instance, token, expires_at_ms: 2_000_000_000_000 };
    let effects = tab.lead(2, vec![("guest".into(), encode(&guest))]);
    let run = run_of(&effects);
    let shown = FromClient::Show(message("new"));
    let commit = op_of(&tab.give(Input::Client(run, shown)));
    let effects = tab.give(Input::Committed(commit, Ok(Vec::new())));
    assert!(effects.contains(&Effect::Publish(Event::Inbound(message("new")))), "{effects:?}");
}
