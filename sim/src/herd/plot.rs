//! The picture of a herd: a row for each schedule, with the tries of every 100 ms once the server is
//! back, on one logarithmic scale, so that ten thousand and seventy can stand in one column.
//!
//! It is one SVG without scripts or fonts of its own, readable in dark and light. Every number in it
//! is in the table too: the picture shows the shape.

use std::fmt::Write as _;

use super::{BACK_MAX, Herd, Outcome, PEAK_MAX, STEP, seconds};

const WIDTH: u32 = 1120;
/// Where the first row begins.
const TOP: u32 = 96;
const ROW: u32 = 46;
/// Height of a row's bars at the whole herd in one step.
const BARS: f64 = 34.0;
const LEFT: u32 = 380;
/// Steps that are drawn: 30 s.
const SHOWN: usize = 300;
const STEPS_A_SECOND: f64 = 10.0;
/// A second is so many pixels wide.
const SECOND: u32 = 15;
const RIGHT: u32 = LEFT + 30 * SECOND;
/// Where the columns of numbers end.
const COLUMNS: [(u32, &str); 4] =
    [(RIGHT + 74, "peak"), (RIGHT + 138, "p50"), (RIGHT + 202, "p99"), (RIGHT + 266, "tries")];

const STYLE: &str = "\
svg { background: #fff; font: 13px system-ui, sans-serif; color-scheme: light dark }
text { fill: #1c2430 } .dim { fill: #5d6878; font-size: 11px } .title { font-size: 19px; font-weight: 600 }
.name { font-weight: 600 } .num { text-anchor: end; font-variant-numeric: tabular-nums }
path { fill: none } .bars { stroke: #8b98a9 } .over { stroke: #c8452f } .bars, .over { stroke-width: 1.3 }
.ours .bars { stroke: #0b7d69 } .bad { fill: #b3331e; font-weight: 600 }
.line { stroke: #d5dbe3 } .bound { stroke: #c8452f; stroke-dasharray: 4 3 } .ours .row { fill: #0b7d69; fill-opacity: .1 } .row { fill: none }
@media (prefers-color-scheme: dark) {
svg { background: #12161c } text { fill: #e6ebf2 } .dim { fill: #97a3b4 }
.bars { stroke: #6d7b8e } .over { stroke: #f2765e } .ours .bars { stroke: #37c2a5 } .bad { fill: #ff927c }
.line { stroke: #2e3743 } .bound { stroke: #f2765e } .ours .row { fill: #37c2a5 }
}";

/// Draws all outcomes, the first of them as ours.
#[must_use]
pub fn svg(herd: &Herd, outcomes: &[Outcome]) -> String {
    let bottom = TOP + ROW * outcomes.len() as u32;
    let height = bottom + 48;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\" aria-labelledby=\"title\">\n<style>\n{STYLE}\n</style>\n"
    );
    head(&mut svg, herd);
    axis(&mut svg, bottom);
    for (row, outcome) in outcomes.iter().enumerate() {
        let _ = writeln!(svg, "<g{}>", if row == 0 { " class=\"ours\"" } else { "" });
        draw_row(&mut svg, herd, TOP + ROW * row as u32, outcome);
        svg += "</g>\n";
    }
    svg + "</svg>\n"
}

fn head(svg: &mut String, herd: &Herd) {
    let (clients, outage) = (herd.clients, seconds(herd.outage.as_millis() as u64));
    let _ = writeln!(
        svg,
        "<text id=\"title\" class=\"title\" x=\"24\" y=\"36\">{clients} clients after {outage} without a \
         server</text>\n<text class=\"dim\" x=\"24\" y=\"58\">Tries in each {} ms from the moment the \
         server is back, on a logarithmic scale. Dashed: {PEAK_MAX} in a step, and all but one in a \
         hundred back after {}.</text>",
        STEP.as_millis(),
        seconds(BACK_MAX.as_millis() as u64)
    );
    for (x, name) in COLUMNS {
        let _ = writeln!(svg, "<text class=\"dim num\" x=\"{x}\" y=\"86\">{name}</text>");
    }
}

fn draw_row(svg: &mut String, herd: &Herd, top: u32, outcome: &Outcome) {
    let base = f64::from(top + ROW - 6);
    let rise = |tries: u64| BARS * log(tries) / log(u64::from(herd.clients));
    let bound = base - rise(PEAK_MAX.min(u64::from(herd.clients)));
    let _ = writeln!(
        svg,
        "<rect class=\"row\" x=\"12\" y=\"{top}\" width=\"{}\" height=\"{ROW}\" rx=\"6\"/>\n\
         <text class=\"name\" x=\"24\" y=\"{}\">{}</text>\n<text class=\"dim\" x=\"24\" y=\"{}\">{}</text>",
        WIDTH - 24,
        top + 20,
        outcome.name,
        top + 36,
        outcome.rule
    );
    let (mut bars, mut over) = (String::new(), String::new());
    for (step, tries) in (0_u32..).zip(outcome.steps.iter().take(SHOWN)).filter(|(_, n)| **n > 0) {
        let x = f64::from(LEFT) + (f64::from(step) + 0.5) * f64::from(SECOND) / STEPS_A_SECOND;
        let top = base - rise(*tries).max(1.0);
        let _ = write!(bars, "M{x:.1} {base}V{:.1}", top.max(bound));
        if top < bound {
            let _ = write!(over, "M{x:.1} {bound:.1}V{top:.1}");
        }
    }
    let _ = write!(svg, "<path class=\"bars\" d=\"{bars}\"/><path class=\"over\" d=\"{over}\"/>");
    let _ = writeln!(
        svg,
        "\n<path class=\"line\" d=\"M{LEFT} {base}H{RIGHT}\"/><path class=\"bound\" d=\"M{LEFT} \
         {bound:.1}H{RIGHT}\"/>"
    );
    numbers(svg, herd, top + 28, outcome);
}

fn numbers(svg: &mut String, herd: &Herd, y: u32, outcome: &Outcome) {
    let late = |ms: Option<u64>| ms.is_none_or(|ms| u128::from(ms) > BACK_MAX.as_millis());
    let back = |ms: Option<u64>| ms.map_or_else(|| "never".into(), seconds);
    let cells = [
        (outcome.peak.to_string(), outcome.peak > PEAK_MAX),
        (back(outcome.back_p50_ms), outcome.back_p50_ms.is_none()),
        (back(outcome.back_p99_ms), late(outcome.back_p99_ms)),
        (outcome.tries_each(herd), false),
    ];
    for ((x, _), (text, bad)) in COLUMNS.into_iter().zip(cells) {
        let class = if bad { "num bad" } else { "num" };
        let _ = writeln!(svg, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{text}</text>");
    }
}

fn axis(svg: &mut String, bottom: u32) {
    for after_s in (0..=30).step_by(5) {
        let x = LEFT + after_s * SECOND;
        let class = if u64::from(after_s) == BACK_MAX.as_secs() { "bound" } else { "line" };
        let _ = writeln!(
            svg,
            "<path class=\"{class}\" d=\"M{x} {TOP}V{bottom}\"/>\
             <text class=\"dim\" text-anchor=\"middle\" x=\"{x}\" y=\"{}\">{after_s} s</text>",
            bottom + 20
        );
    }
}

/// The logarithm for heights; one try is seen.
fn log(tries: u64) -> f64 {
    f64::from(u32::try_from(tries).unwrap_or(u32::MAX)).ln_1p()
}
