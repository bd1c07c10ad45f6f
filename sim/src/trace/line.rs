//! One line of a diagram: a row of cells into which texts, arrows and banners are put.

use std::ops::Range;
use std::time::Duration;

use super::journeys::Way;

/// No line is longer.
pub const WIDTH: usize = 100;
/// The moment takes so much on the left.
pub(super) const TIME: usize = 10;

pub(super) struct Line(Vec<char>);

impl Line {
    pub(super) fn blank() -> Self {
        Self(vec![' '; WIDTH])
    }

    pub(super) fn put(&mut self, column: usize, text: &str) {
        for (cell, c) in self.0[column..].iter_mut().zip(text.chars()) {
            *cell = if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
        }
    }

    /// Right-aligned in `from..to`.
    pub(super) fn right(&mut self, from: usize, to: usize, text: &str) {
        let text = cut(text, to - from);
        self.put(to - text.chars().count(), &text);
    }

    /// Over the columns of `span`.
    pub(super) fn arrow(&mut self, span: Range<usize>, way: Way, label: &str, lost: bool) {
        let label = cut(label, span.len() - 5);
        let dashes = "-".repeat(span.len() - label.chars().count() - 4);
        let arrow = match (way, lost) {
            (Way::ToCloud, false) => format!("- {label} {dashes}>"),
            (Way::ToCloud, true) => format!("- {label} {dashes}x"),
            (Way::ToClient, false) => format!("<{dashes} {label} -"),
            (Way::ToClient, true) => format!("x{dashes} {label} -"),
        };
        self.put(span.start, &arrow);
    }

    /// Centred over the columns of `lanes`, and wider than they are where the text needs it.
    pub(super) fn banner(&mut self, lanes: Range<usize>, text: &str, rule: char) {
        let text = cut(text, WIDTH + 1 - lanes.start);
        let length = text.chars().count();
        let width = lanes.len().max(length + 4);
        let left = (width - length - 2) / 2;
        let right = width - 2 - left - length;
        let rule = |n: usize| rule.to_string().repeat(n);
        let from = lanes.start - (width - lanes.len()) / 2;
        self.put(from, &format!("{} {text} {}", rule(left), rule(right)));
    }

    pub(super) fn finish(self) -> String {
        let text: String = self.0.into_iter().collect();
        text.trim_end().to_owned()
    }
}

/// Seconds with milliseconds, up to a day and more.
pub(super) fn clock(at: Duration) -> String {
    format!("{}.{:03}", at.as_secs(), at.subsec_millis())
}

pub(super) fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    text.chars().take(max - 2).chain("..".chars()).collect()
}
