//! The same tab in the words of the plan, of the browser and of the trace.

use crate::trace::Lane;
use holdline_browser::TabId;

/// The tab that a plan numbers so.
pub(super) fn id_of(tab: u8) -> Option<TabId> {
    TabId::all().nth(tab.into())
}

pub(in crate::world) fn lane(tab: TabId) -> Lane {
    Lane::Tab(tab.index())
}
