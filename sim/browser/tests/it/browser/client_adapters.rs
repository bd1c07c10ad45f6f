//! What a page lends to the client, in the client's own terms.

use holdline_browser::BrowserSettings;
use holdline_client::tabs::{Ask, Bus as _, TabLocks as _};

use super::harness::{Lab, ms, tab};

#[test]
fn tutorial() {
    let mut lab = Lab::new(BrowserSettings::default(), |page, notes| async move {
        let (bus, locks, id) = (page.bus("chat").unwrap(), page.tab_locks().unwrap(), page.id());
        let hearing = notes.clone();
        let _listening =
            bus.listen(Box::new(move |text| hearing.write(format!("{id} hears {text}"))));
        // B steals what A has; A hears of it from the lock, and B's greeting from the bus.
        let ask = if id == tab('A') { Ask::Queue } else { Ask::Steal };
        tokio::time::sleep(ms(10)).await;
        let mut lock = locks.request("lead", ask).await.unwrap();
        bus.post("I have it").unwrap();
        lock.take_lost().expect("nobody took it yet").await;
        notes.write(format!("{id} was robbed"));
        std::future::pending::<()>().await;
    });
    lab.open("AB");
    lab.until(1_000);
    let mut notes = lab.notes.take();
    notes.sort();
    assert_eq!(notes, ["A hears I have it", "A was robbed", "B hears I have it"]);
}

#[test]
fn what_the_browser_lacks_is_an_error_with_a_reason() {
    let settings = BrowserSettings { locks: false, channel: false, ..BrowserSettings::default() };
    let mut lab = Lab::new(settings, |page, notes| async move {
        notes.write(page.bus("chat").err().unwrap().to_string());
        notes.write(page.tab_locks().err().unwrap().to_string());
    });
    lab.open("A");
    assert_eq!(
        lab.notes.take(),
        ["this browser has no BroadcastChannel", "this browser offers no locks here"]
    );
}

#[test]
fn dropping_a_lent_lock_releases_it_and_dropping_a_request_takes_it_back() {
    let mut lab = Lab::new(BrowserSettings::default(), |page, notes| async move {
        let locks = page.tab_locks().unwrap();
        if page.id() == tab('B') {
            let request = locks.request("lead", Ask::Queue);
            let late = tokio::time::timeout(ms(10), request).await.is_err();
            notes.write(format!("B gave up: {late}"));
            return std::future::pending().await;
        }
        let lock = locks.request("lead", Ask::Queue).await.unwrap();
        notes.write(format!("{} has it", page.id()));
        tokio::time::sleep(ms(100)).await;
        drop(lock);
        notes.write(format!("{} let go", page.id()));
    });
    lab.open("ABC");
    lab.until(1_000);
    assert_eq!(
        lab.notes.take(),
        ["A has it", "B gave up: true", "A let go", "C has it", "C let go"]
    );
}
