//! Web Locks: who has the lock, who waits, and who does not know yet that it is gone.

use holdline_browser::{BrowserSettings, LockError, Page};

use super::harness::{Lab, Notes, ms, tab};

/// Waits for the lock, notes it, and holds it until it is stolen.
async fn hold(page: Page, notes: Notes) {
    let lock = page.locks().unwrap().request("lead").await.unwrap();
    notes.write(format!("{} has it", page.id()));
    lock.stolen().await;
    notes.write(format!("{} was robbed", page.id()));
}

#[test]
fn tutorial() {
    let mut lab = Lab::new(BrowserSettings::default(), hold);
    // The first one gets it; the others wait in the order of asking.
    lab.open("ABC");
    lab.until(10);
    assert_eq!(lab.notes.take(), ["A has it"]);
    // It is freed when its holder dies, with or without a word, ...
    lab.browser.crash(tab('A')).unwrap();
    lab.until(20);
    assert_eq!(lab.notes.take(), ["B has it"]);
    // ... and not when its holder freezes.
    lab.browser.freeze(tab('B')).unwrap();
    lab.until(60_000);
    assert_eq!(lab.notes.take(), [""; 0]);
    lab.browser.close(tab('B')).unwrap();
    lab.until(60_010);
    assert_eq!(lab.notes.take(), ["C has it"]);
}

/// A holds the lock; every other tab waits half a second and steals it.
async fn a_is_robbed(page: Page, notes: Notes) {
    if page.id() == tab('A') {
        return hold(page, notes).await;
    }
    tokio::time::sleep(ms(500)).await;
    let lock = page.locks().unwrap().steal("lead").await.unwrap();
    notes.write(format!("{} stole it", page.id()));
    lock.stolen().await;
    notes.write(format!("{} was robbed", page.id()));
}

#[test]
fn a_frozen_holder_learns_of_a_theft_when_it_is_resumed() {
    let mut lab = Lab::new(BrowserSettings::default(), a_is_robbed);
    lab.open("AB");
    lab.until(100);
    lab.browser.freeze(tab('A')).unwrap();
    lab.until(5_000);
    assert_eq!(lab.notes.take(), ["A has it", "B stole it"]);
    lab.browser.resume(tab('A')).unwrap();
    lab.until(5_001);
    assert_eq!(lab.notes.take(), ["A was robbed"]);
}

#[test]
fn the_release_of_a_stolen_lock_releases_nothing() {
    let mut lab = Lab::new(BrowserSettings::default(), a_is_robbed);
    lab.open("AB");
    lab.until(1_000);
    // A has let go of what it no longer had, and B still has it.
    assert_eq!(lab.notes.take(), ["A has it", "B stole it", "A was robbed"]);
    lab.browser.crash(tab('A')).unwrap();
    lab.open("C");
    lab.until(2_000);
    assert_eq!(lab.notes.take(), ["C stole it", "B was robbed"]);
}

#[test]
fn a_theft_goes_ahead_of_whoever_waits() {
    let mut lab = Lab::new(BrowserSettings::default(), |page, notes| async move {
        let locks = page.locks().unwrap();
        if page.id() != tab('C') {
            return hold(page, notes).await;
        }
        drop(locks.steal("lead").await.unwrap());
        notes.write("C had it");
    });
    lab.open("AB");
    lab.notes.take();
    lab.open("C");
    lab.until(10);
    let mut notes = lab.notes.take();
    assert_eq!(notes.remove(0), "C had it");
    notes.sort();
    assert_eq!(notes, ["A was robbed", "B has it"]);
}

#[test]
fn if_available_does_not_wait() {
    let mut lab = Lab::new(BrowserSettings::default(), |page, notes| async move {
        match page.locks().unwrap().if_available("lead") {
            Ok(lock) => {
                notes.write(format!("{} has it", page.id()));
                lock.stolen().await;
            }
            Err(error) => notes.write(format!("{}: {error}", page.id())),
        }
    });
    lab.open("AB");
    assert_eq!(lab.notes.take(), ["A has it", "B: the lock is not available"]);
}

#[test]
fn a_request_that_is_dropped_is_taken_back() {
    let mut lab = Lab::new(BrowserSettings::default(), |page, notes| async move {
        if page.id() != tab('B') {
            return hold(page, notes).await;
        }
        let locks = page.locks().unwrap();
        assert!(tokio::time::timeout(ms(50), locks.request("lead")).await.is_err());
        notes.write("B gave up");
        std::future::pending::<()>().await;
    });
    lab.open("ABC");
    lab.until(100);
    lab.browser.close(tab('A')).unwrap();
    lab.until(110);
    assert_eq!(lab.notes.take(), ["A has it", "B gave up", "C has it"]);
}

#[test]
fn a_reload_frees_the_locks_of_the_old_page_and_stands_at_the_end_of_the_queue() {
    let mut lab = Lab::new(BrowserSettings::default(), hold);
    lab.open("AB");
    lab.browser.reload(tab('A')).unwrap();
    lab.until(10);
    assert_eq!(lab.notes.take(), ["A has it", "B has it"]);
    lab.browser.close(tab('B')).unwrap();
    lab.until(20);
    assert_eq!(lab.notes.take(), ["A has it"]);
}

#[test]
fn a_lock_granted_and_stolen_while_its_page_was_frozen_never_arrives() {
    let mut lab = Lab::new(BrowserSettings::default(), |page, notes| async move {
        let locks = page.locks().unwrap();
        let lock = match page.id().letter() {
            'C' => locks.steal("lead").await,
            _ => locks.request("lead").await,
        };
        notes.write(format!("{}: {:?}", page.id(), lock.as_ref().map(|_| ())));
        std::future::pending::<()>().await;
    });
    lab.open("AB");
    lab.browser.freeze(tab('B')).unwrap();
    lab.browser.crash(tab('A')).unwrap();
    lab.until(10);
    lab.open("C");
    lab.browser.resume(tab('B')).unwrap();
    lab.until(20);
    assert_eq!(lab.notes.take(), ["A: Ok(())", "C: Ok(())", "B: Err(Stolen)"]);
}

#[test]
fn without_a_secure_origin_there_are_no_locks() {
    let settings = BrowserSettings { secure_origin: false, ..BrowserSettings::default() };
    let mut lab = Lab::new(settings, |page, notes| async move {
        assert_eq!(page.locks().err(), Some(LockError::Unsupported));
        notes.write("none");
    });
    lab.open("A");
    assert_eq!(lab.notes.take(), ["none"]);
}

#[test]
fn death_frees_a_lock_that_nobody_would_have_let_go_of() {
    let mut lab = Lab::new(BrowserSettings::default(), |page, notes| async move {
        std::mem::forget(page.locks().unwrap().request("lead").await.unwrap());
        notes.write(format!("{} has it", page.id()));
    });
    lab.open("AB");
    lab.until(1_000);
    assert_eq!(lab.notes.take(), ["A has it"]);
    lab.browser.crash(tab('A')).unwrap();
    lab.until(1_001);
    assert_eq!(lab.notes.take(), ["B has it"]);
}
