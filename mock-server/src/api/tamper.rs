//! Gives a text the form that a fault asks for.

use std::time::Duration;

use serde_json::Value;

use crate::faults::Shape;

/// 9999-12-31, the last day an HTTP date can name (RFC 9110 5.6.7 has four digits of year).
pub(super) const LAST_DATE: Duration = Duration::from_hours(70_389_504);
/// The longest frame that a fault makes.
const MAX_HUGE_BYTES: u64 = 4 << 20;

pub(super) fn text(text: String, shape: Shape) -> String {
    match shape {
        Shape::NotJson => {
            let half = text.len() / 2;
            text.chars()
                .scan(0, |length, c| {
                    *length += c.len_utf8();
                    (*length <= half).then_some(c)
                })
                .collect()
        }
        Shape::WrongId => with_id(text, Some("nobody-sent-this")),
        Shape::WithoutId => with_id(text, None),
        Shape::Huge(bytes) => {
            let length = usize::try_from(bytes.min(MAX_HUGE_BYTES)).unwrap_or(usize::MAX);
            let missing = length.saturating_sub(text.len());
            text + &" ".repeat(missing)
        }
        _ => text,
    }
}

fn with_id(text: String, id: Option<&str>) -> String {
    let Ok(Value::Object(mut fields)) = serde_json::from_str(&text) else { return text };
    match id {
        Some(id) => {
            fields.insert("messageId".to_owned(), id.into());
        }
        None => {
            fields.remove("messageId");
        }
    }
    Value::Object(fields).to_string()
}
