//! The timeline as text: what the page is told, and that it needs nothing and nobody but itself.
//! How it looks and answers is tried in a real browser: `tests/browser`.

use std::fmt::Write as _;

use holdline_cli::html::html;
use holdline_sim::plan::{Plan, bundled};
use holdline_sim::subjects::holdline::Holdline;
use holdline_sim::world::run::{BackendKind, Run, run};
use serde_json::Value;

/// What the page itself may weigh.
const PAGE_BYTES_MAX: usize = 300 * 1024;

fn play(plan: &Plan) -> Run {
    run(plan, &Holdline, BackendKind::Event).expect("the event backend carries everything")
}

fn scenario(name: &str) -> Plan {
    bundled::scenario(name).expect("it is bundled").expect("it is a plan")
}

fn page(name: &str) -> String {
    let plan = scenario(name);
    html(name, &plan, &play(&plan))
}

/// The page around the data, and the data.
fn split(page: &str) -> (String, &str) {
    let open = r#"<script type="application/json" id="data">"#;
    let (before, rest) = page.split_once(open).expect("the data has its block");
    let (data, after) = rest.split_once("</script>").expect("the block ends");
    (format!("{before}{after}"), data)
}

fn data(page: &str) -> Value {
    serde_json::from_str(split(page).1).expect("the data is JSON")
}

fn told(data: &Value, message: &str) -> String {
    let stories = data["stories"].as_array().expect("a list");
    let story = stories.iter().find(|story| story["message"] == message).expect("it has a story");
    let mut text = format!("{message}: {}\n", story["summary"].as_str().expect("a text"));
    for step in story["told"].as_array().expect("a list") {
        let event = step[0].as_u64().expect("a number") as usize;
        let at = data["events"][event][0].as_u64().expect("milliseconds");
        let _ = writeln!(text, "{at:>8}  {}", step[1].as_str().expect("a text"));
    }
    text
}

#[test]
fn the_page_is_light_and_loads_nothing() {
    let page = page("calm");
    let (frame, _) = split(&page);
    assert!(frame.len() <= PAGE_BYTES_MAX, "{} bytes without the data", frame.len());
    let known = frame.replace("http://www.w3.org/2000/svg", "");
    for loads in ["http://", "https://", "//cdn", " src=", "@import", "url(", "import(", "fetch("] {
        assert!(!known.contains(loads), "the page contains {loads}");
    }
    assert!(frame.contains("default-src 'none'"), "its policy forbids to load anything");
    assert!(!frame.contains("{{"), "every place is filled");
}

#[test]
fn no_text_ends_its_block_or_becomes_markup() {
    let mut plan = scenario("calm");
    plan.title = "</script><script>alert(1)</script> {{data}} <!--".into();
    let page = html("<b>calm</b>", &plan, &play(&plan));
    let (frame, block) = split(&page);
    assert!(!block.contains('<'), "nothing in the block opens a tag");
    assert!(!frame.contains("alert(1)"), "the title is nowhere else");
    let data = data(&page);
    assert_eq!(data["title"], plan.title);
    assert_eq!(data["name"], "<b>calm</b>");
}

#[test]
fn the_page_knows_every_event_and_every_pair() {
    let plan = scenario("partition-2m");
    let run = play(&plan);
    let data = data(&html("partition-2m", &plan, &run));
    assert_eq!(data["events"].as_array().expect("a list").len(), run.events.len());
    let arrows = data["arrows"].as_array().expect("a list");
    let lost: Vec<&Value> = arrows.iter().filter(|arrow| arrow["arrived"].is_null()).collect();
    assert!(!lost.is_empty(), "a partition loses something");
    for arrow in lost {
        assert_eq!(arrow["stop"][0], "near", "it is lost between client and proxy: {arrow}");
    }
}

#[test]
fn an_idle_day_is_folded_and_says_so() {
    let data = data(&page("idle-day"));
    let folded: u64 = data["folds"].as_array().expect("a list").iter().map(length).sum();
    let events = data["events"].as_array().expect("a list").len() as u64;
    assert!(folded > events * 9 / 10, "{folded} of {events} events are folded");
}

fn length(fold: &Value) -> u64 {
    fold["to"].as_u64().expect("a number") - fold["from"].as_u64().expect("a number")
}

#[test]
fn a_message_that_was_lost_and_came_after_all_has_its_story() {
    let data = data(&page("partition-2m"));
    insta::assert_snapshot!(told(&data, "m2") + "\n" + &told(&data, "a1"));
}

#[test]
fn a_message_that_changed_hands_has_its_story() {
    let data = data(&page("tabs-leader-crashes"));
    insta::assert_snapshot!(told(&data, "m2") + "\n" + &told(&data, "a1"));
}
