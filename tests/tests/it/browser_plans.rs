//! Plans with tabs: what they say, and the ones that no browser can play. Every error names the
//! line, what is wrong there, and the way out.

use std::time::Duration;

use holdline_sim::plan::{Do, FrozenChannel, Plan, PlanError};

/// Five lines before the text of a case.
fn plan(browser: &str, text: &str) -> Result<Plan, PlanError> {
    Plan::parse("plan.toml", &format!("title = \"T\"\nstory = \"S\"\n\n{browser}\n\n{text}"))
}

const TWO: &str = "browser = { tabs = 2 }";

/// Steps, one per line: moment, deed and whatever else.
fn steps(lines: &[(&str, &str)]) -> String {
    lines.iter().fold(String::new(), |text, (at, rest)| {
        text + &format!("[[step]]\nat = \"{at}\"\ndo = {rest}\n")
    })
}

#[track_caller]
fn refused(browser: &str, text: &str, line: usize, says: &[&str]) {
    let error = plan(browser, text).expect_err("no browser can play it").to_string();
    assert!(error.starts_with(&format!("plan.toml:{line}: ")), "not at {line}: {error}");
    for part in says {
        assert!(error.contains(part), "`{part}` is not in: {error}");
    }
}

#[test]
fn a_browser_has_its_defaults_and_durations_finer_than_the_clock() {
    let browser = plan("browser = {}", "").expect("a plan").browser.expect("a browser");
    assert_eq!(browser.tabs, 1);
    assert_eq!(browser.store_delay, Duration::from_micros(200));
    assert_eq!(browser.frozen_channel, FrozenChannel::Queue);
    assert!(browser.locks && browser.freeze_event && browser.one_window && browser.has_worker());
    let text =
        "browser = { store-delay = \"5us\", frozen-channel = \"drop\", secure-origin = false }";
    let browser = plan(text, "").expect("a plan").browser.expect("a browser");
    assert_eq!(browser.store_delay, Duration::from_micros(5));
    assert_eq!(browser.frozen_channel, FrozenChannel::Drop);
    assert!(!browser.has_worker(), "a worker needs a secure origin");
    assert!(plan("", "").expect("a plan").browser.is_none());
}

#[test]
fn a_tab_is_a_letter() {
    let text = steps(&[("1s", "\"send\"\ntab = \"B\""), ("2s", "\"kill-worker-mid-write\"")]);
    let plan = plan(TWO, &text).expect("a plan");
    assert_eq!(plan.steps[0].tab, Some(1));
    assert_eq!(plan.steps[1].what, Do::KillWorkerMidWrite);
    let send = |tab: &str| steps(&[("1s", &format!("\"send\"\ntab = {tab}"))]);
    for tab in ["\"Q\"", "\"a\"", "\"\"", "\"AB\""] {
        refused(TWO, &send(tab), 9, &["is no tab", "\"A\" to \"P\""]);
    }
    refused(TWO, &send("1"), 9, &["integer `1`", "the letter of a tab"]);
    refused(TWO, &send("\"C\""), 9, &["send C at 1s", "not open", "open it first"]);
}

#[test]
fn impossible_browsers() {
    refused("browser = { tabs = 17 }", "", 4, &["tabs = 17", "0 to 16"]);
    refused("browser = { tabs = -1 }", "", 4, &["`-1`", "not negative"]);
    refused("browser = { store-delay = \"11s\" }", "", 4, &["store-delay: 11s", "at most 10s"]);
    refused("browser = { store-delay = \"5ns\" }", "", 4, &["1us is the least"]);
    refused("browser = { quota-bytes = 0 }", "", 4, &["quota-bytes = 0", "private"]);
    refused("browser = { cookies = true }", "", 4, &["`cookies`", "`tabs`"]);
    refused("browser = { frozen-channel = \"keep\" }", "", 4, &["`keep`", "`queue`", "`drop`"]);
}

#[test]
fn tabs_where_there_is_no_browser() {
    refused("", &steps(&[("1s", "\"send\"\ntab = \"A\"")]), 9, &["no tabs", "[browser]"]);
    refused("", &steps(&[("1s", "\"focus\"\ntab = \"A\"")]), 8, &["\"focus\" needs a browser"]);
    refused("", &steps(&[("1s", "\"fill-disk\"")]), 8, &["\"fill-disk\" needs a browser"]);
    refused("", "[expect]\nleaders = 1\n", 7, &["leaders = 1", "[browser]"]);
    refused("", "[expect]\ndegraded = 0\n", 7, &["degraded = 0", "[browser]"]);
}

#[test]
fn steps_that_lack_a_tab_or_have_one_too_many() {
    refused(TWO, &steps(&[("1s", "\"send\"")]), 8, &["in which tab", "tab = \"A\""]);
    refused(TWO, &steps(&[("1s", "\"freeze\"")]), 8, &["freeze which tab"]);
    refused(TWO, &steps(&[("1s", "\"blur\"\ntab = \"A\"")]), 9, &["whichever tab has it"]);
    refused(TWO, &steps(&[("1s", "\"agent\"\ntab = \"A\"")]), 9, &["means nothing"]);
    refused(TWO, &steps(&[("1s", "\"focus\"\ntab = \"A\"\nbytes = 20")]), 10, &["\"focus\""]);
    let fine = [("1s", "\"reconnect\""), ("2s", "\"reconnect\"\ntab = \"B\""), ("3s", "\"blur\"")];
    plan(TWO, &steps(&fine)).expect("both are possible");
}

/// Two steps of tab A or C, of which the second is impossible.
#[track_caller]
fn second_refused(first: &str, second: &str, says: &[&str]) {
    let tab = if first == "open" { "C" } else { "A" };
    let step = |what| format!("\"{what}\"\ntab = \"{tab}\"");
    let (first, second) = (step(first), step(second));
    // Written in the wrong order: it is the order of time that counts.
    let text = steps(&[("2s", second.as_str()), ("1s", first.as_str())]);
    refused(TWO, &text, 9, says);
}

#[test]
fn tabs_that_are_not_where_the_step_needs_them() {
    second_refused("open", "open", &["open C at 2s", "open already"]);
    second_refused("close", "focus", &["gone since the close at 1s", "open it again"]);
    second_refused("crash", "send", &["gone since the crash at 1s"]);
    second_refused("freeze", "send", &["A is frozen", "resume it first"]);
    second_refused("freeze", "freeze", &["A is frozen"]);
    second_refused("cache", "show", &["A is cached", "restore it first"]);
    second_refused("show", "restore", &["not cached", "\"cache\" comes first"]);
    second_refused("cache", "resume", &["not frozen", "\"freeze\" comes first"]);
    for (first, second) in
        [("close", "open"), ("freeze", "resume"), ("cache", "restore"), ("freeze", "crash")]
    {
        let step = |what| format!("\"{what}\"\ntab = \"A\"");
        let (first, second) = (step(first), step(second));
        plan(TWO, &steps(&[("1s", first.as_str()), ("2s", second.as_str())])).expect("possible");
    }
}

#[test]
fn a_repeated_step_is_impossible_from_the_second_time_on() {
    let text = steps(&[("1s", "\"close\"\ntab = \"A\"\ncount = 2\nevery = \"5s\"")]);
    refused(TWO, &text, 9, &["close A at 6s", "gone since the close at 1s"]);
}

#[test]
fn nobody_does_anything_in_a_machine_that_is_down() {
    let crash = "[[fault]]\nkind = \"crash\"\nat = \"1s\"\nfor = \"2s\"\nhost = \"client\"\n";
    let at = |at| steps(&[(at, "\"send\"\ntab = \"A\"")]) + crash;
    refused(TWO, &at("1s"), 7, &["the machine is down at 1s"]);
    plan(TWO, &at("3s")).expect("it is up again");
    plan(TWO, &at("999ms")).expect("it is still up");
}

#[test]
fn what_the_browser_lacks_cannot_break() {
    let kill = steps(&[("1s", "\"kill-worker\"")]);
    refused("browser = { worker = false }", &kill, 8, &["has no worker"]);
    refused("browser = { secure-origin = false }", &kill, 8, &["has no worker"]);
    let upgrade = steps(&[("1s", "\"upgrade-store\"")]);
    refused("browser = { private = true }", &upgrade, 8, &["private window"]);
    let disk = |first: &str, second: &str| steps(&[("1s", first), ("2s", second)]);
    refused(TWO, &disk("\"free-disk\"", "\"fill-disk\""), 8, &["not full at 1s"]);
    refused(TWO, &disk("\"fill-disk\"", "\"fill-disk\""), 11, &["full already at 2s"]);
    plan(TWO, &disk("\"fill-disk\"", "\"free-disk\"")).expect("possible");
}

#[test]
fn expectations_of_tabs() {
    let expect = plan(TWO, "[expect]\nleaders = 3\ndegraded = 2\n").expect("a plan").expect;
    assert_eq!((expect.leaders, expect.degraded), (Some(3), Some(2)));
    refused(TWO, "[expect]\ndegraded = 3\n", 7, &["degraded = 3", "only 2"]);
    // Two tabs show what the agent says once.
    let agent = steps(&[("1s", "\"agent\"")]);
    plan(TWO, &format!("{agent}[expect]\nshown = 2\n")).expect("possible");
    refused("", &format!("{agent}[expect]\nshown = 2\n"), 10, &["shown = 2", "only 1"]);
}
