//! The names of known bugs.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

/// Which list a bug is from, and its place there: `A14` is the fourteenth of article 000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct BugId {
    list: char,
    number: u8,
}

impl BugId {
    /// The name of its file, without the ending: `a14`, `b03`.
    #[must_use]
    pub fn file_stem(self) -> String {
        format!("{}{:02}", self.list.to_ascii_lowercase(), self.number)
    }
}

impl fmt::Display for BugId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.list, self.number)
    }
}

/// Letters of either case and leading zeros are taken, so that the name of the file will do.
impl FromStr for BugId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut chars = text.chars();
        let list = chars.next().map(|list| list.to_ascii_uppercase());
        let digits = chars.as_str();
        let number = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse());
        match (list, number) {
            (Some(list @ ('A' | 'B' | 'F')), Some(Ok(number @ 1..))) => Ok(Self { list, number }),
            _ => Err(format!(
                "`{text}` is no id: A (article 000), B (article 004) or F (the field), and a \
                 number, like A14"
            )),
        }
    }
}

impl TryFrom<String> for BugId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}
