//! What a plan can say and no run can do. The first such thing is reported, with its place.
//!
//! It refuses what could never pass whatever the client does (a cloud that admits nothing, a
//! latency beyond every deadline), what could not be carried out as written (two faults that hold
//! the same thing at once), and slips of the pen. It does not judge whether a plan is sensible.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::fault::{Answer, Fault, HostId};
use super::source::Slip;
use super::{
    BrowserSettings, ClientSettings, CloudSettings, Do, Expect, Plan, Settings, Step, overlap, tabs,
};
use holdline_browser::TABS_MAX;
use holdline_net::duration::{parse, written};

/// A run longer than this is a slip of the pen.
const LONGEST: Duration = Duration::from_hours(30 * 24);
/// So is a step repeated more often.
const COUNT_MAX: u32 = 100_000;
/// The name of a message is in its text, and the longest name takes so much.
const BYTES_MIN: usize = 16;
/// Eight times the longest body the cloud reads.
const BYTES_MAX: usize = 1024 * 1024;
/// The client gives a connection 10 s. A connection through the proxy crosses each link up to
/// eight times before it is open, so that this is the most a link can take for ever.
const SETTLED_LATENCY_MAX: Duration = Duration::from_secs(1);
/// And this is the most for a fault, which ends: four crossings of one link last twice as long as
/// the client waits, and more would change nothing.
const LATENCY_MAX: Duration = Duration::from_secs(5);
/// A date further ahead no longer fits into its four digits for the year.
const DATE_MAX: Duration = Duration::from_hours(100 * 365 * 24);

/// A message between tabs or a transaction that takes longer is a slip of the pen.
const INSIDE_MAX: Duration = Duration::from_secs(10);

/// A key and what is wrong with it.
type Fix = (&'static str, String);

/// The first impossible thing.
pub(super) fn check(plan: &Plan) -> Result<(), Slip> {
    let of = |table, index| move |(key, message): Fix| Slip { table, index, key, message };
    check_head(plan).map_err(of("", 0))?;
    check_settings(&plan.settings).map_err(of("settings", 0))?;
    check_cloud(&plan.cloud).map_err(of("cloud", 0))?;
    check_client(&plan.client).map_err(of("client", 0))?;
    if let Some(browser) = &plan.browser {
        check_browser(browser).map_err(of("browser", 0))?;
    }
    for (index, step) in plan.steps.iter().enumerate() {
        check_step(step).map_err(of("step", index))?;
    }
    for (index, fault) in plan.faults.iter().enumerate() {
        check_fault(fault).map_err(of("fault", index))?;
    }
    tabs::check(plan).map_err(|(index, fix)| of("step", index)(fix))?;
    overlap::check(&plan.faults).map_err(|(index, fix)| of("fault", index)(fix))?;
    check_expect(plan, &plan.expect).map_err(of("expect", 0))
}

fn check_head(plan: &Plan) -> Result<(), Fix> {
    for (key, text) in [("title", &plan.title), ("story", &plan.story)] {
        if text.trim().is_empty() {
            return Err((key, format!("{key} is empty: say in words what the plan is about")));
        }
    }
    if plan.title.contains('\n') {
        return Err(("title", "title is one line; the rest belongs to story".into()));
    }
    Ok(())
}

fn check_settings(settings: &Settings) -> Result<(), Fix> {
    slow(settings.latency, settings.jitter, SETTLED_LATENCY_MAX)?;
    at_most("lasts", settings.lasts, LONGEST)?;
    at_most("quiet-within", settings.quiet_within, LONGEST)?;
    some("quiet-within", settings.quiet_within)
}

fn check_cloud(cloud: &CloudSettings) -> Result<(), Fix> {
    if let Some(ttl) = cloud.token_ttl {
        within("token-ttl", ttl.as_secs(), 1..=LONGEST.as_secs(), " seconds")?;
    }
    match cloud.messages_per_second {
        Some(0) => Err((
            "messages-per-second",
            "messages-per-second = 0: no message would ever be accepted; at least 1".into(),
        )),
        _ => Ok(()),
    }
}

fn check_client(client: &ClientSettings) -> Result<(), Fix> {
    if let Some(ttl) = client.ttl {
        some("ttl", ttl)?;
        at_most("ttl", ttl, LONGEST)?;
    }
    let positive = [
        ("buffer-messages", client.buffer_messages == Some(0)),
        ("buffer-bytes", client.buffer_bytes == Some(0)),
        ("max-attempts", client.max_attempts == Some(0)),
    ];
    match positive.into_iter().find(|(_, zero)| *zero) {
        Some((key, _)) => Err((key, format!("{key} = 0: at least 1, or leave it out"))),
        None => Ok(()),
    }
}

fn check_browser(browser: &BrowserSettings) -> Result<(), Fix> {
    within("tabs", browser.tabs, 0..=TABS_MAX, "")?;
    let durations = [
        ("channel-delay", browser.channel_delay),
        ("channel-jitter", browser.channel_jitter),
        ("store-delay", browser.store_delay),
        ("store-jitter", browser.store_jitter),
    ];
    durations.into_iter().try_for_each(|(key, value)| at_most(key, value, INSIDE_MAX))?;
    match browser.quota_bytes {
        Some(0) => Err((
            "quota-bytes",
            "quota-bytes = 0: nothing could ever be stored; private = true says so".into(),
        )),
        _ => Ok(()),
    }
}

fn check_step(step: &Step) -> Result<(), Fix> {
    at_most("at", step.at, LONGEST)?;
    at_most("every", step.every, LONGEST)?;
    within("count", step.count, 1..=COUNT_MAX, "")?;
    at_most("every", step.end(), LONGEST)?;
    if let Some(bytes) = step.bytes {
        if !matches!(step.what, Do::Send | Do::Agent) {
            let text = format!("bytes means nothing for do = \"{}\"; leave it out", step.what);
            return Err(("bytes", text));
        }
        within("bytes", bytes, BYTES_MIN..=BYTES_MAX, "")?;
    }
    if step.button && step.what != Do::Agent {
        let text = format!("button means nothing for do = \"{}\"; leave it out", step.what);
        return Err(("button", text));
    }
    Ok(())
}

fn check_fault(fault: &Fault) -> Result<(), Fix> {
    let (at, lasts) = fault.span();
    at_most("at", at, LONGEST)?;
    if lasts == Some(Duration::ZERO) {
        let way_out = match fault {
            Fault::Restart(_) => "1ms is the least",
            _ => "leave `for` out to last until the heal phase",
        };
        return Err(("for", format!("for = \"0s\" is no time at all; {way_out}")));
    }
    at_most("for", lasts.unwrap_or_default(), LONGEST)?;
    at_most("for", fault.end(), LONGEST)?;
    match fault {
        Fault::Latency(f) => slow(f.latency, f.jitter, LATENCY_MAX),
        Fault::Loss(f) => within("percent", f.percent, 1..=90, ""),
        Fault::Refuse(f) if f.host == HostId::Client => {
            Err(("host", "nobody connects to the client; host is `proxy` or `cloud`".into()))
        }
        Fault::IdleCut(f) => some("after", f.after),
        Fault::Slice(f) if f.bytes == 0 => {
            Err(("bytes", "bytes = 0: a piece has at least 1".into()))
        }
        Fault::Coalesce(f) => {
            some("wait", f.wait)?;
            at_most("wait", f.wait, LATENCY_MAX)
        }
        Fault::Answer(f) => check_answer(f),
        Fault::AckLostBeforeAccept(f)
        | Fault::AckLostAfterAccept(f)
        | Fault::AckDoubled(f)
        | Fault::SwallowUpgrade(f) => counted(f.nth, f.count),
        Fault::AckDelayed(f) => {
            some("by", f.by)?;
            at_most("by", f.by, LONGEST)?;
            counted(f.nth, f.count)
        }
        Fault::Close(f) => close_code(f.code),
        Fault::ClockJump(f) => {
            some("by", f.by)?;
            at_most("by", f.by, LONGEST)
        }
        Fault::Restart(f) => close_code(f.code),
        _ => Ok(()),
    }
}

fn check_answer(answer: &Answer) -> Result<(), Fix> {
    within("status", answer.status, 400..=599, "")?;
    counted(answer.nth, answer.count.unwrap_or(1))?;
    let Some(text) = &answer.retry_after else { return Ok(()) };
    let wrong = |why: String| Err(("retry-after", format!("retry-after = {text:?}: {why}")));
    if !text.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte)) {
        return wrong("a header carries visible ASCII and blanks only (RFC 9110, 5.5)".into());
    }
    let Some(ahead) = text.strip_prefix("date") else { return Ok(()) };
    let way_out = "write it like \"date 30s\", so far ahead of the answer";
    match ahead.strip_prefix(' ').map(parse) {
        Some(Ok(ahead)) if ahead.subsec_nanos() != 0 => {
            wrong("a date has whole seconds only (RFC 9110, 5.6.7)".into())
        }
        Some(Ok(ahead)) if ahead > DATE_MAX => wrong("more than 100 years ahead".into()),
        Some(Ok(_)) => Ok(()),
        Some(Err(_)) | None => wrong(way_out.into()),
    }
}

fn check_expect(plan: &Plan, expect: &Expect) -> Result<(), Fix> {
    for (key, text) in [("state", &expect.state), ("notice", &expect.notice)] {
        if text.as_ref().is_some_and(|text| text.trim().is_empty()) {
            return Err((key, format!("{key} is empty, which everything begins with")));
        }
    }
    let done = |what| {
        let steps = plan.steps.iter().filter(|step| step.what == what);
        steps.map(|step| step.count as usize).sum::<usize>()
    };
    for (key, expected) in [("leaders", expect.leaders), ("degraded", expect.degraded)] {
        if let Some(expected) = expected.filter(|_| plan.browser.is_none()) {
            let text =
                format!("{key} = {expected}, and the plan has no tabs; add a [browser] table");
            return Err((key, text));
        }
    }
    // Every tab shows what the agent says, and shows it again after a reload.
    let shown = if plan.browser.is_some() { usize::MAX } else { done(Do::Agent) };
    let (sent, tabs) = (done(Do::Send), tabs::ever_open(plan));
    for (key, expected, most, who) in [
        ("delivered", expect.delivered, sent, "the steps send"),
        ("failed", expect.failed, sent, "the steps send"),
        ("shown", expect.shown, shown, "the agent's steps say"),
        ("degraded", expect.degraded, tabs, "tabs that are ever open there are"),
    ] {
        if let Some(expected) = expected.filter(|expected| *expected > most) {
            return Err((key, format!("{key} = {expected}, and {who} only {most}")));
        }
    }
    Ok(())
}

fn slow(latency: Duration, jitter: Duration, most: Duration) -> Result<(), Fix> {
    let why = "beyond it no connection can be made before the client's deadline";
    for (key, value) in [("latency", latency), ("jitter", latency.saturating_add(jitter))] {
        if value > most {
            let (value, most) = (written(value), written(most));
            let what =
                if key == "jitter" { "latency and jitter together are" } else { "latency is" };
            return Err((key, format!("{what} {value}, and at most {most} is possible: {why}")));
        }
    }
    Ok(())
}

fn counted(nth: u64, count: u64) -> Result<(), Fix> {
    match (nth, count) {
        (0, _) => Err(("nth", "nth = 0: the first is 1".into())),
        (_, 0) => Err(("count", "count = 0 is no fault at all: at least 1".into())),
        _ => Ok(()),
    }
}

/// RFC 6455, 7.4: some codes are for what is observed, and never sent.
fn close_code(code: u16) -> Result<(), Fix> {
    match code {
        1004 | 1005 | 1015 => Err((
            "code",
            format!("code = {code} is never sent (RFC 6455, 7.4.1); 1006 drops the connection"),
        )),
        1000..=1014 | 3000..=4999 => Ok(()),
        _ => Err((
            "code",
            format!("code = {code} is no close code: 1000 to 1014 or 3000 to 4999 (RFC 6455, 7.4)"),
        )),
    }
}

fn some(key: &'static str, value: Duration) -> Result<(), Fix> {
    if value.is_zero() {
        return Err((key, format!("{key} = \"0s\" is no time at all; 1ms is the least")));
    }
    Ok(())
}

fn at_most(key: &'static str, value: Duration, most: Duration) -> Result<(), Fix> {
    if value > most {
        let (value, most) = (written(value), written(most));
        return Err((key, format!("{key}: {value} is too late or too long, at most {most}")));
    }
    Ok(())
}

fn within<T: Copy + PartialOrd + std::fmt::Display>(
    key: &'static str,
    value: T,
    range: RangeInclusive<T>,
    unit: &str,
) -> Result<(), Fix> {
    if range.contains(&value) {
        return Ok(());
    }
    let (least, most) = range.into_inner();
    Err((key, format!("{key} = {value}{unit} is not possible: {least} to {most}{unit}")))
}
