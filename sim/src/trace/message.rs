//! What a log calls a message.
//!
//! Most events name one, and every oracle sorts by names: a name is a word that is copied and compared
//! as a number.

use std::fmt;

use serde::Serialize;

/// How much of an id is shown, in bytes.
const SHOWN_BYTES: usize = 8;

/// Name of a message. As a text: `m3`, `a2`, `5f3a9c01`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Message {
    /// The one that the user typed as the so-manieth, from 1.
    Typed(u32),
    /// The one that the agent said as the so-manieth, from 1.
    Said(u32),
    /// One that nobody has typed or said here: the beginning of its id, filled up with zeros.
    Foreign([u8; SHOWN_BYTES]),
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        let number = |letter| text.strip_prefix(letter).and_then(counted);
        let shown = || {
            let mut bytes = [0; SHOWN_BYTES];
            let end = text.floor_char_boundary(SHOWN_BYTES);
            bytes[..end].copy_from_slice(&text.as_bytes()[..end]);
            Self::Foreign(bytes)
        };
        let typed = number('m').map(Self::Typed);
        typed.or_else(|| number('a').map(Self::Said)).unwrap_or_else(shown)
    }
}

/// A number as a name has it: without a sign or a zero in front.
fn counted(digits: &str) -> Option<u32> {
    let is_written_so = digits.starts_with(|digit: char| matches!(digit, '1'..='9'));
    digits.parse().ok().filter(|_| is_written_so)
}

impl Message {
    /// Names with a space between them.
    #[must_use]
    pub fn joined(messages: &[Self]) -> String {
        messages.iter().map(Self::to_string).collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Typed(number) => write!(f, "m{number}"),
            Self::Said(number) => write!(f, "a{number}"),
            Self::Foreign(bytes) => {
                f.write_str(String::from_utf8_lossy(bytes).trim_end_matches('\0'))
            }
        }
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

impl Serialize for Message {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
