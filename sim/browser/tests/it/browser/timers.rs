//! Timers of a page: on time, once a second, once a minute.

use holdline_browser::{BrowserSettings, Page};

use super::harness::{Lab, Notes, ms, now, tab};

/// Sleeps three times and notes when it woke.
async fn three_naps(page: Page, notes: Notes) {
    for nap in 1..=3 {
        page.timers().sleep(ms(300)).await;
        notes.write(format!("nap {nap} ended at {}", now(&page)));
    }
}

#[test]
fn tutorial() {
    let mut lab = Lab::new(BrowserSettings::default(), three_naps);
    // A tab opens in the background, where timers run once a second ...
    lab.open("A");
    lab.until(1_500);
    assert_eq!(lab.notes.take(), ["nap 1 ended at 1000"]);
    // ... until it is shown: what is due fires at once, and the rest is on time.
    lab.browser.show(tab('A')).unwrap();
    lab.until(5_000);
    assert_eq!(lab.notes.take(), ["nap 2 ended at 1500", "nap 3 ended at 1800"]);
}

async fn one_nap(page: Page, notes: Notes, millis: u64) {
    page.timers().sleep(ms(millis)).await;
    notes.write(now(&page).to_string());
}

fn woke_at(naps: &'static [u64]) -> Vec<String> {
    let mut lab = Lab::new(BrowserSettings::default(), move |page, notes| async move {
        for &nap in naps {
            tokio::task::spawn_local(one_nap(page.clone(), notes.clone(), nap));
        }
    });
    lab.open("A");
    lab.until(1_000_000);
    lab.notes.take()
}

#[test]
fn hidden_timers_fire_at_whole_seconds_for_five_minutes_and_then_at_whole_minutes() {
    assert_eq!(woke_at(&[1, 999, 1_000, 1_001]), ["1000", "1000", "1000", "2000"]);
    assert_eq!(woke_at(&[299_500, 300_000, 300_001]), ["300000", "300000", "360000"]);
    assert_eq!(woke_at(&[360_000, 360_500]), ["360000", "420000"]);
}

#[test]
fn seconds_count_from_the_moment_of_hiding() {
    let mut lab = Lab::new(BrowserSettings::default(), |page, notes| one_nap(page, notes, 2_000));
    lab.open("A");
    lab.browser.show(tab('A')).unwrap();
    lab.until(700);
    lab.browser.hide(tab('A')).unwrap();
    lab.until(10_000);
    assert_eq!(lab.notes.take(), ["2700"]);
}

#[test]
fn a_frozen_page_wakes_from_its_sleep_when_it_is_resumed() {
    let mut lab = Lab::new(BrowserSettings::default(), |page, notes| one_nap(page, notes, 2_000));
    lab.open("A");
    lab.until(100);
    lab.browser.freeze(tab('A')).unwrap();
    lab.until(60_500);
    assert_eq!(lab.notes.take(), [""; 0]);
    lab.browser.resume(tab('A')).unwrap();
    lab.until(61_000);
    assert_eq!(lab.notes.take(), ["60500"]);
}
