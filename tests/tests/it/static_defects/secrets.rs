//! A36: whatever holds a token or a text of people shows neither in its `Debug`.

use std::fmt::Debug;
use std::time::Duration;

use holdline_browser::worker::SyncToken;
use holdline_client::core::credentials::{Credentials, Issued, SavedGuest};
use holdline_client::core::outbox::Draft;
use holdline_client::core::session::{Effect, Input};
use holdline_client::core::time::Wall;
use holdline_client::tabs::records::{GuestRecord, OutboxRecord};
use holdline_client::tabs::stored::Stored;
use holdline_client::tabs::{Contents, Write};
use holdline_client::{Config, Entry, Journal as _, MemoryJournal, SavedMessage};
use uuid::Uuid;

const TOKEN: &str = "token-of-the-guest";
const TEXT: &str = "what people wrote";
const AT: Wall = Wall::new(Duration::from_secs(7));

fn token() -> String {
    TOKEN.to_owned()
}

fn text() -> String {
    TEXT.to_owned()
}

fn shows_neither(what: &dyn Debug) {
    for shown in [format!("{what:?}"), format!("{what:#?}")] {
        assert!(!shown.contains(TOKEN), "the token: {shown}");
        assert!(!shown.contains(TEXT), "the text: {shown}");
    }
}

#[test]
fn tokens_are_not_shown() {
    let instance = || "instance".to_owned();
    let credentials = Credentials { generation: 1, instance: instance(), token: token() };
    let saved = SavedGuest { instance: instance(), token: token(), expires_at: AT };
    let issued = Issued { instance: instance(), token: token(), expires_in_s: Some(9) };
    let entry = Entry::Guest { instance: instance(), token: token(), expires_at_wall: AT };
    shows_neither(&Config { oauth_token: token(), ..Config::default() });
    shows_neither(&GuestRecord { instance: instance(), token: token(), expires_at_ms: 9 });
    shows_neither(&SyncToken { token: token(), epoch: 1, ..SyncToken::default() });
    shows_neither(&Effect::SaveGuest(saved.clone()));
    shows_neither(&Effect::Dial(1, credentials));
    shows_neither(&Input::Created(1, Ok(issued)));
    shows_neither(&Input::Start(Some(saved)));
    let mut journal = MemoryJournal::default();
    journal.record(&entry).expect("memory has room");
    shows_neither(&journal.saved());
    shows_neither(&journal);
    shows_neither(&entry);
}

#[test]
fn texts_of_people_are_not_shown() {
    let id = Uuid::from_u128(1);
    let entry = Entry::Accepted { id, text: text(), at_wall: AT };
    shows_neither(&entry);
    shows_neither(&SavedMessage { id, text: text(), at_wall: AT });
    shows_neither(&OutboxRecord { id, text: text(), at_ms: 7 });
    shows_neither(&Draft { id, text: text(), accepted_at: AT });
    let mut journal = MemoryJournal::default();
    journal.record(&entry).expect("memory has room");
    shows_neither(&journal);
}

#[test]
fn a_store_shows_its_keys_alone() {
    let value = format!("{{\"v\":1,\"token\":\"{TOKEN}\",\"text\":\"{TEXT}\"}}");
    let contents = Contents { epoch: 3, records: vec![("guest".into(), value.clone())] };
    shows_neither(&contents);
    assert!(format!("{contents:?}").contains("guest"), "keys are shown: {contents:?}");
    shows_neither(&Write::Put { key: "guest".into(), value });
    shows_neither(&Stored::read(&contents));
}
