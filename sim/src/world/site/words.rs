//! The same things in the words of the plan, of the browser and of the trace, none of which knows the
//! other two.

use crate::plan::{BrowserSettings, FrozenChannel};
use crate::trace::Lane;
use crate::trace::event::Life;
use crate::world::browser::{self, TabEvent, TabId};

/// The tab that a plan numbers so.
pub(super) fn id_of(tab: u8) -> Option<TabId> {
    TabId::all().nth(tab.into())
}

pub(super) fn lane(tab: TabId) -> Lane {
    Lane::Tab(tab.index())
}

pub(super) fn life(event: TabEvent) -> Life {
    match event {
        TabEvent::Opened => Life::Opened,
        TabEvent::Shown => Life::Shown,
        TabEvent::Hidden => Life::Hidden,
        TabEvent::Focused => Life::Focused,
        TabEvent::Blurred => Life::Blurred,
        TabEvent::Frozen => Life::Frozen,
        TabEvent::Resumed => Life::Resumed,
        TabEvent::Cached => Life::Cached,
        TabEvent::Restored => Life::Restored,
        TabEvent::Reloaded => Life::Reloaded,
        TabEvent::Closed => Life::Closed,
        TabEvent::Crashed => Life::Crashed,
    }
}

/// The plan's browser in the world's terms.
pub(super) fn real(plan: &BrowserSettings) -> browser::BrowserSettings {
    browser::BrowserSettings {
        channel_delay: plan.channel_delay,
        channel_jitter: plan.channel_jitter,
        frozen_channel: match plan.frozen_channel {
            FrozenChannel::Queue => browser::FrozenChannel::Queue,
            FrozenChannel::Drop => browser::FrozenChannel::Drop,
        },
        freeze_event: plan.freeze_event,
        one_window: plan.one_window,
        locks: plan.locks,
        channel: plan.channel,
        worker: plan.worker,
        secure_origin: plan.secure_origin,
        private: plan.private,
        quota_bytes: plan.quota_bytes,
        store_delay: plan.store_delay,
        store_jitter: plan.store_jitter,
    }
}
