//! The sockets of a page, and when they die.

use std::io;

use holdline_browser::{BrowserSettings, Page};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::harness::{ECHO, Lab, Notes, PORT, now, tab};

/// Says hello to the echo, hears it, and then waits for more until the end.
async fn converse(page: Page, notes: Notes) {
    let mut stream = page.net().connect(ECHO, PORT).await.unwrap();
    let mut heard = [0; 5];
    stream.write_all(b"hello").await.unwrap();
    stream.read_exact(&mut heard).await.unwrap();
    notes.write(format!("{}: connected", page.id()));
    let end = match stream.read(&mut heard).await {
        Ok(_) => "FIN".to_owned(),
        Err(error) => format!("{:?}", error.kind()),
    };
    let write = stream.write_all(b"again").await.map_err(|error| error.kind());
    notes.write(format!("{}: {end} at {}, write {write:?}", page.id(), now(&page)));
}

#[test]
fn tutorial() {
    let mut lab = Lab::new(BrowserSettings::default(), converse);
    lab.open("A");
    lab.until(100);
    assert_eq!(lab.notes.take(), ["A: connected"]);
    // The page goes into the back/forward cache: the peer sees its socket end at once, ...
    lab.browser.cache(tab('A')).unwrap();
    lab.until(1_000);
    assert_eq!(lab.notes.take(), ["echo: over at 105"]);
    // ... and the page itself when it is back.
    lab.browser.restore(tab('A')).unwrap();
    lab.until(2_000);
    let aborted = "A: ConnectionAborted at 1000, write Err(ConnectionAborted)";
    assert_eq!(lab.notes.take(), [aborted]);
}

#[test]
fn freezing_kills_no_socket_and_death_kills_all() {
    let mut lab = Lab::new(BrowserSettings::default(), converse);
    lab.open("ABC");
    lab.until(100);
    lab.browser.freeze(tab('A')).unwrap();
    lab.until(30_000);
    assert_eq!(lab.notes.take(), ["A: connected", "B: connected", "C: connected"]);
    lab.browser.crash(tab('A')).unwrap();
    lab.until(30_100);
    lab.browser.close(tab('B')).unwrap();
    lab.until(30_200);
    lab.browser.reload(tab('C')).unwrap();
    lab.until(30_300);
    assert_eq!(
        lab.notes.take(),
        ["echo: over at 30005", "echo: over at 30105", "echo: over at 30205", "C: connected"]
    );
}

#[test]
fn a_connect_under_way_is_cut_too() {
    let mut lab = Lab::new(BrowserSettings::default(), |page, notes| async move {
        let refused = page.net().connect(ECHO, PORT).await.err().map(|error| error.kind());
        notes.write(format!("{refused:?}"));
    });
    lab.open("A");
    lab.until(2);
    lab.browser.cache(tab('A')).unwrap();
    lab.until(1_000);
    lab.browser.restore(tab('A')).unwrap();
    lab.until(2_000);
    let aborted = Some(io::ErrorKind::ConnectionAborted);
    let notes = lab.notes.take();
    assert_eq!(notes.last(), Some(&format!("{aborted:?}")));
}

#[test]
fn the_network_of_other_tabs_is_left_alone() {
    let mut lab = Lab::new(BrowserSettings::default(), converse);
    lab.open("AB");
    lab.until(100);
    lab.browser.cache(tab('A')).unwrap();
    lab.until(1_000);
    assert_eq!(lab.notes.take(), ["A: connected", "B: connected", "echo: over at 105"]);
}

#[test]
fn a_page_cannot_listen() {
    let mut lab = Lab::new(BrowserSettings::default(), |page, notes| async move {
        let error = page.net().listen(80).await.err().expect("no page is a server");
        notes.write(error.to_string());
    });
    lab.open("A");
    assert_eq!(lab.notes.take(), ["a page cannot listen"]);
}
