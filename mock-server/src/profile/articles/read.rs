//! JSON as commands. Reading names the field that is wrong and ignores fields it does not know.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::core::{GuestMessage, Refusal};

/// Longest `messageId` in bytes, so that a peer cannot fill the memory with ids. A UUID has 36.
const MAX_MESSAGE_ID_BYTES: usize = 256;

/// The object that a message should be, and nothing else.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Expected<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    content: String,
    message_id: String,
}

/// Reads `{"type":"message","content","messageId"}`, the body of a POST or the text of a frame. A refusal
/// names the message when its id can be read.
pub fn message(raw: &[u8]) -> Result<GuestMessage, Refusal> {
    // Serde takes an array for a struct as well.
    let is_object = raw.trim_ascii_start().starts_with(b"{");
    let text = std::str::from_utf8(raw).ok();
    match text.and_then(|text| serde_json::from_str::<Expected<'_>>(text).ok()) {
        Some(Expected { kind: "message", content, message_id: id })
            if is_object && is_message_id(&id) =>
        {
            Ok(GuestMessage { id, content })
        }
        _ => examine(raw),
    }
}

/// Reads what is not as expected field by field, to say what is wrong, if it is.
fn examine(raw: &[u8]) -> Result<GuestMessage, Refusal> {
    let fields = parse_object(raw)?;
    from_fields(&fields).map_err(|mut refusal| {
        let id = fields.get("messageId").and_then(Value::as_str);
        refusal.message_id = id.filter(|id| id.len() <= MAX_MESSAGE_ID_BYTES).map(Box::from);
        refusal
    })
}

fn from_fields(fields: &Map<String, Value>) -> Result<GuestMessage, Refusal> {
    let kind = required_text(fields, "type")?;
    if kind != "message" {
        return Err(Refusal::type_unknown(kind));
    }
    let content = required_text(fields, "content")?;
    let id = required_text(fields, "messageId")?;
    if !is_message_id(id) {
        let expected = format!("a string of 1 to {MAX_MESSAGE_ID_BYTES} bytes");
        return Err(Refusal::field_invalid("messageId", &expected));
    }
    Ok(GuestMessage { id: id.to_owned(), content: content.to_owned() })
}

fn is_message_id(id: &str) -> bool {
    (1..=MAX_MESSAGE_ID_BYTES).contains(&id.len())
}

/// Checks `{"guest":{"email","firstName","lastName"}}` (article 000); the three are optional.
pub fn guest_profile(body: &[u8]) -> Result<(), Refusal> {
    let fields = parse_object(body)?;
    let profile = match fields.get("guest") {
        None => return Err(Refusal::field_missing("guest")),
        Some(Value::Object(profile)) => profile,
        Some(_) => return Err(Refusal::field_invalid("guest", "an object")),
    };
    for name in ["email", "firstName", "lastName"] {
        if profile.get(name).is_some_and(|value| !value.is_string() && !value.is_null()) {
            return Err(Refusal::field_invalid(&format!("guest.{name}"), "a string"));
        }
    }
    Ok(())
}

/// Reads the optional `{"webchatInstanceId"}` of a refresh; article 004 sends no body at all.
pub fn instance_to_refresh(body: &[u8]) -> Result<Option<String>, Refusal> {
    if body.is_empty() {
        return Ok(None);
    }
    match parse_object(body)?.get("webchatInstanceId") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(instance)) => Ok(Some(instance.clone())),
        Some(_) => Err(Refusal::field_invalid("webchatInstanceId", "a string")),
    }
}

fn parse_object(raw: &[u8]) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(raw) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Refusal::json_malformed("a JSON object is expected")),
        Err(error) => Err(Refusal::json_malformed(&error.to_string())),
    }
}

fn required_text<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<&'a str, Refusal> {
    match fields.get(name) {
        None => Err(Refusal::field_missing(name)),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(Refusal::field_invalid(name, "a string")),
    }
}

/// Reads the query `after` of history; absent or empty it is 0.
pub fn after(text: Option<&str>) -> Result<u64, Refusal> {
    let text = text.filter(|text| !text.is_empty()).unwrap_or("0");
    let expected = "a sequence: a whole number, 0 or more";
    text.parse().map_err(|_| Refusal::field_invalid("after", expected))
}
