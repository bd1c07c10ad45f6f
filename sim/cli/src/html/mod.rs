//! The timeline: one run as one self-contained page, to be opened from a disk or an e-mail.
//!
//! - `page.html`, `*.css` and `*.js` are the page: plain files put together here, no build step.
//! - `data`: what the page is told, once and compactly; `lanes` is who stands where, `labels` calls each
//!   event by its name, `faults` knows where a fault sits and where it stopped a message, `folded_rows` what
//!   repeats, `machines` how each machine changes, `story` what became of each message, for which
//!   `passage` looks up journeys.
//!
//! The page loads nothing: its policy forbids it. Whatever comes from a log or a plan is data, in a
//! block that no text can close, and the page sets it as text and never as markup.

mod data;
mod faults;
mod folded_rows;
mod labels;
mod lanes;
mod machines;
mod passage;
mod story;

use holdline_sim::plan::Plan;
use holdline_sim::world::run::Run;

const PAGE: &str = include_str!("page.html");

/// In the order in which the page reads them.
const STYLES: [&str; 4] = [
    include_str!("theme.css"),
    include_str!("page.css"),
    include_str!("diagram.css"),
    include_str!("print.css"),
];

/// In the order in which the page runs them: each uses only what stands before it.
const SCRIPTS: [&str; 17] = [
    include_str!("data.js"),
    include_str!("time.js"),
    include_str!("svg.js"),
    include_str!("layout.js"),
    include_str!("lanes.js"),
    include_str!("arrows.js"),
    include_str!("view.js"),
    include_str!("minimap.js"),
    include_str!("panel.js"),
    include_str!("legend.js"),
    include_str!("filter.js"),
    include_str!("keys.js"),
    include_str!("touch.js"),
    include_str!("print.js"),
    include_str!("scene.js"),
    include_str!("moves.js"),
    include_str!("main.js"),
];

/// The whole page about one run of `plan`, which is known as `name`.
#[must_use]
pub fn html(name: &str, plan: &Plan, run: &Run) -> String {
    let data = serde_json::to_string(&data::data(name, plan, run)).expect("it has only text keys");
    // The data goes in last, so that nothing in it is taken for a place to put something.
    PAGE.replace("{{styles}}", &STYLES.concat()).replace("{{scripts}}", &SCRIPTS.concat()).replacen(
        "{{data}}",
        &inert(&data),
        1,
    )
}

/// JSON that no parser of HTML can take for the end of its block or the beginning of a comment.
fn inert(json: &str) -> String {
    json.replace('<', "\\u003c")
}
