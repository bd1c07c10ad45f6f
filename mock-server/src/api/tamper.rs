//! Gives a text the form that a fault asks for.

use crate::faults::Distortion;

/// The longest frame that a fault makes.
const MAX_HUGE_BYTES: u64 = 4 << 20;

pub(super) fn text(text: String, distortion: Distortion) -> String {
    match distortion {
        Distortion::NotJson => {
            let half = text.len() / 2;
            text.chars()
                .scan(0, |length, c| {
                    *length += c.len_utf8();
                    (*length <= half).then_some(c)
                })
                .collect()
        }
        Distortion::Huge(bytes) => {
            let length = usize::try_from(bytes.min(MAX_HUGE_BYTES)).unwrap_or(usize::MAX);
            let missing = length.saturating_sub(text.len());
            text + &" ".repeat(missing)
        }
        _ => text,
    }
}
