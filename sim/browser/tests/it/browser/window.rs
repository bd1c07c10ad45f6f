//! What is done to tabs from outside: who is visible, who has the focus, and what is impossible.

use holdline_browser::{BrowserSettings, TabError, TabId};
use holdline_net::Backend as _;

use super::harness::{BROWSER, Lab, tab, write_life};

#[test]
fn tutorial() {
    let mut lab = Lab::new(BrowserSettings::default(), write_life);
    lab.open("AB");
    assert_eq!(lab.seen.take(), ["A Opened", "B Opened"]);

    // Focus implies that the tab is shown, and one window shows one tab.
    lab.browser.focus(tab('A')).unwrap();
    assert_eq!(lab.seen.take(), ["A Shown", "A Focused"]);
    lab.browser.focus(tab('B')).unwrap();
    assert_eq!(lab.seen.take(), ["A Blurred", "A Hidden", "B Shown", "B Focused"]);

    // Alt-tab: nobody has the focus, and B is still to be seen.
    lab.browser.blur();
    assert_eq!(lab.seen.take(), ["B Blurred"]);

    // The pages hear of all this when the network runs next, at the same virtual moment.
    assert_eq!(lab.notes.take(), [""; 0]);
    lab.until(0);
    assert_eq!(
        lab.notes.take(),
        ["A Visible", "A Focus", "A Blur", "A Hidden", "B Visible", "B Focus", "B Blur"]
    );

    // What cannot be done is an error that says why.
    assert_eq!(lab.browser.close(tab('C')), Err(TabError::NotOpen(tab('C'))));
    assert_eq!(lab.browser.close(tab('C')).unwrap_err().to_string(), "tab C is not open");
}

#[test]
fn alt_tab_leaves_no_tab_focused_and_the_visible_one_visible() {
    let mut lab = Lab::new(BrowserSettings::default(), |page, notes| async move {
        page.timers().sleep(std::time::Duration::from_secs(1)).await;
        notes.write(format!(
            "{} visible {} focus {}",
            page.id(),
            page.is_visible(),
            page.has_focus()
        ));
    });
    lab.open("AB");
    lab.browser.focus(tab('A')).unwrap();
    lab.browser.focus(tab('B')).unwrap();
    lab.browser.blur();
    lab.until(2_000);
    let mut notes = lab.notes.take();
    notes.sort();
    assert_eq!(notes, ["A visible false focus false", "B visible true focus false"]);
}

#[test]
fn windows_of_their_own_stay_visible_when_another_is_focused() {
    let settings = BrowserSettings { one_window: false, ..BrowserSettings::default() };
    let mut lab = Lab::new(settings, write_life);
    lab.open("AB");
    lab.seen.take();
    lab.browser.focus(tab('A')).unwrap();
    lab.browser.focus(tab('B')).unwrap();
    assert_eq!(lab.seen.take(), ["A Shown", "A Focused", "B Shown", "A Blurred", "B Focused"]);
}

#[test]
fn what_is_so_already_is_no_news() {
    let mut lab = Lab::new(BrowserSettings::default(), write_life);
    lab.open("A");
    lab.browser.focus(tab('A')).unwrap();
    lab.seen.take();
    lab.browser.focus(tab('A')).unwrap();
    lab.browser.show(tab('A')).unwrap();
    assert_eq!(lab.seen.take(), [""; 0]);
}

#[test]
fn the_impossible_names_the_tab_and_why() {
    let mut lab = Lab::new(BrowserSettings::default(), write_life);
    let (browser, a) = (lab.browser.clone(), tab('A'));
    assert_eq!(browser.focus(a), Err(TabError::NotOpen(a)));
    lab.open("A");
    assert_eq!(browser.open(a), Err(TabError::AlreadyOpen(a)));
    assert_eq!(browser.resume(a), Err(TabError::NotFrozen(a)));
    assert_eq!(browser.restore(a), Err(TabError::NotCached(a)));
    browser.freeze(a).unwrap();
    assert_eq!(browser.freeze(a), Err(TabError::Frozen(a)));
    assert_eq!(browser.cache(a), Err(TabError::Frozen(a)));
    browser.resume(a).unwrap();
    browser.cache(a).unwrap();
    assert_eq!(browser.focus(a), Err(TabError::Cached(a)));
    assert_eq!(browser.reload(a), Err(TabError::Cached(a)));
    browser.close(a).unwrap();
    assert_eq!(browser.tabs(), []);
}

#[test]
fn a_crash_of_the_host_takes_all_tabs_and_a_restart_brings_none_back() {
    let mut lab = Lab::new(BrowserSettings::default(), write_life);
    lab.open("AB");
    lab.seen.take();
    lab.net.crash(BROWSER);
    assert_eq!(lab.seen.take(), ["A Crashed", "B Crashed"]);
    assert_eq!(lab.browser.open(tab('A')), Err(TabError::Down(tab('A'))));
    lab.net.restart(BROWSER);
    lab.open("A");
    lab.browser.show(tab('A')).unwrap();
    lab.until(0);
    assert_eq!(lab.notes.take(), ["A Visible"]);
}

#[test]
fn tabs_have_the_letters_a_to_p() {
    assert_eq!(TabId::all().map(TabId::letter).collect::<String>(), "ABCDEFGHIJKLMNOP");
    assert_eq!(TabId::from_letter('Q'), None);
}
