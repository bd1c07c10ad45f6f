//! A page from its first turn to its last word.

use holdline_browser::{BrowserSettings, Page, PageEvent};

use futures_util::StreamExt as _;

use super::harness::{Lab, Notes, now, tab, write_life};

/// Says hello, then follows its own life.
async fn talkative(page: Page, notes: Notes) {
    notes.write(format!("{} loaded, visible: {}", page.id(), page.is_visible()));
    write_life(page, notes).await;
}

#[test]
fn tutorial() {
    let mut lab = Lab::new(BrowserSettings::default(), talkative);
    // A tab opens in the background. Its program is whatever the browser was given.
    lab.open("A");
    assert_eq!(lab.notes.take(), ["A loaded, visible: false"]);

    // A frozen page stands still; what happens to it meanwhile it hears when it is resumed.
    lab.browser.freeze(tab('A')).unwrap();
    lab.browser.focus(tab('A')).unwrap();
    lab.until(10);
    assert_eq!(lab.notes.take(), ["A Freeze"]);
    lab.browser.resume(tab('A')).unwrap();
    lab.until(20);
    assert_eq!(lab.notes.take(), ["A Resume", "A Visible", "A Focus"]);

    // Away and back again, by way of the back/forward cache.
    lab.browser.cache(tab('A')).unwrap();
    lab.until(30);
    assert_eq!(lab.notes.take(), ["A Blur", "A PageHide { persisted: true }", "A Hidden"]);
    lab.browser.restore(tab('A')).unwrap();
    lab.until(40);
    assert_eq!(lab.notes.take(), ["A Visible", "A PageShow { persisted: true }"]);

    // A reload: the old page has its last word, the new one is as visible and has the same name.
    lab.browser.reload(tab('A')).unwrap();
    lab.until(50);
    assert_eq!(lab.notes.take(), ["A PageHide { persisted: false }", "A loaded, visible: true"]);
}

#[test]
fn closing_grants_a_last_word_and_a_crash_none() {
    let mut lab = Lab::new(BrowserSettings::default(), write_life);
    lab.open("AB");
    lab.browser.close(tab('A')).unwrap();
    lab.browser.crash(tab('B')).unwrap();
    lab.until(1_000);
    assert_eq!(lab.notes.take(), ["A PageHide { persisted: false }"]);
    assert_eq!(lab.seen.take(), ["A Opened", "B Opened", "A Closed", "B Crashed"]);
}

#[test]
fn the_last_word_is_one_moment_long() {
    let mut lab = Lab::new(BrowserSettings::default(), |page, notes| async move {
        let mut life = page.life();
        while life.next().await != Some(PageEvent::PageHide { persisted: false }) {}
        // Many tasks may have to run before everything is said; none of them may wait.
        for step in 1..=200 {
            tokio::task::spawn_local(async move { step }).await.unwrap();
        }
        notes.write(format!("said all at {}", now(&page)));
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        notes.write("and lived on");
    });
    lab.open("A");
    lab.until(10);
    lab.browser.close(tab('A')).unwrap();
    lab.until(1_000);
    assert_eq!(lab.notes.take(), ["said all at 10"]);
}

#[test]
fn a_page_that_never_rests_is_closed_all_the_same() {
    let mut lab = Lab::new(BrowserSettings::default(), |page, notes| async move {
        let mut life = page.life();
        while life.next().await != Some(PageEvent::PageHide { persisted: false }) {}
        notes.write("restless");
        loop {
            tokio::task::yield_now().await;
        }
    });
    lab.open("A");
    lab.browser.close(tab('A')).unwrap();
    lab.until(1_000);
    assert_eq!(lab.notes.take(), ["restless"]);
}

#[test]
fn a_suspended_machine_says_no_word() {
    let settings = BrowserSettings { freeze_event: false, ..BrowserSettings::default() };
    let mut lab = Lab::new(settings, write_life);
    lab.open("A");
    lab.browser.freeze(tab('A')).unwrap();
    lab.until(10);
    lab.browser.resume(tab('A')).unwrap();
    lab.until(20);
    assert_eq!(lab.notes.take(), [""; 0]);
}

#[test]
fn a_frozen_page_has_no_last_word() {
    let mut lab = Lab::new(BrowserSettings::default(), write_life);
    lab.open("AB");
    lab.browser.freeze(tab('A')).unwrap();
    lab.browser.cache(tab('B')).unwrap();
    lab.until(10);
    lab.notes.take();
    lab.browser.close(tab('A')).unwrap();
    lab.browser.close(tab('B')).unwrap();
    lab.until(20);
    assert_eq!(lab.notes.take(), [""; 0]);
}

#[test]
fn tasks_of_a_page_die_with_it_and_stand_still_with_it() {
    let mut lab = Lab::new(BrowserSettings::default(), |page, notes| async move {
        tokio::task::spawn_local(async move {
            loop {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                notes.write(format!("{} at {}", page.id(), now(&page)));
            }
        });
    });
    lab.open("A");
    lab.until(150);
    lab.browser.freeze(tab('A')).unwrap();
    lab.until(950);
    assert_eq!(lab.notes.take(), ["A at 100"]);
    lab.browser.resume(tab('A')).unwrap();
    lab.until(1_060);
    lab.browser.crash(tab('A')).unwrap();
    lab.until(5_000);
    assert_eq!(lab.notes.take(), ["A at 950", "A at 1050"]);
}

#[test]
fn a_reload_thaws_a_frozen_page_and_what_waited_for_the_old_one_is_gone() {
    let mut lab = Lab::new(BrowserSettings::default(), talkative);
    lab.open("A");
    lab.browser.freeze(tab('A')).unwrap();
    lab.browser.show(tab('A')).unwrap();
    lab.until(10);
    lab.notes.take();
    lab.browser.reload(tab('A')).unwrap();
    lab.browser.hide(tab('A')).unwrap();
    lab.until(20);
    assert_eq!(lab.notes.take(), ["A loaded, visible: true", "A Hidden"]);
    lab.browser.freeze(tab('A')).unwrap();
    lab.browser.resume(tab('A')).unwrap();
    lab.until(30);
    assert_eq!(lab.notes.take(), ["A Freeze", "A Resume"]);
}
