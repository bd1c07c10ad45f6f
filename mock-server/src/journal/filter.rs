//! Which entries somebody wants to see. What is not said is not asked.

use serde::Deserialize;

use super::Entry;

/// A filter as a query has it: `?kind=frame-in,frame-out&guest=...&message=...`.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Filter {
    kind: Option<String>,
    guest: Option<String>,
    message: Option<String>,
    text: Option<String>,
}

impl Filter {
    pub(super) fn lets_through(&self, entry: &Entry) -> bool {
        let kind = self.kind.as_ref();
        kind.is_none_or(|kinds| kinds.split(',').any(|kind| kind.trim() == entry.kind()))
            && self.guest.as_ref().is_none_or(|guest| entry.guest() == Some(guest))
            && self.message.as_ref().is_none_or(|id| entry.message() == Some(id))
            && self.text.as_ref().is_none_or(|text| match entry {
                Entry::Posted { text: said, .. }
                | Entry::FrameIn { text: said, .. }
                | Entry::FrameOut { text: said, .. } => said.contains(text.as_str()),
                _ => false,
            })
    }
}
