//! Marks of tabs: who leads, who goes, and what is under way meanwhile.

use super::scene::Scene;
use super::{Mark, on};
use crate::trace::browser::{Place, Sight};
use crate::trace::conditions::{BrowserChange, Effect};
use crate::trace::{Endpoint, Event, Frame, Kind, Life};

pub(super) const MARKS: &[Mark] = &[
    Mark {
        name: "hand-over",
        reached_when: "a tab that runs gives up the lead",
        on: on::FOLLOWS,
        at: gives_up,
    },
    Mark {
        name: "hand-over-during-flush",
        reached_when: "a tab gives up the lead while messages have no outcome",
        on: on::FOLLOWS,
        at: |event, scene| gives_up(event, scene) && scene.pending() > 0,
    },
    Mark {
        name: "typed-during-hand-over",
        reached_when: "the user types while no tab leads",
        on: on::TYPED,
        at: |event, scene| matches!(event.kind, Kind::Typed { .. }) && scene.is_handing_over(),
    },
    Mark {
        name: "said-during-hand-over",
        reached_when: "the agent writes while no tab leads",
        on: on::SAID,
        at: |event, scene| matches!(event.kind, Kind::Said { .. }) && scene.is_handing_over(),
    },
    Mark {
        name: "focus-during-hand-over",
        reached_when: "the user goes to another tab while no tab leads",
        on: on::LIFE,
        at: |event, scene| lives(event, Life::Focused) && scene.is_handing_over(),
    },
    Mark {
        name: "429-right-after-hand-over",
        reached_when: "a tab that took the lead from another is told to wait before it has a socket",
        on: on::ANSWER,
        at: |event, scene| {
            matches!(event.kind, Kind::Answer { status: 429, .. })
                && leads(event, scene)
                && scene.leaders > 1
                && !scene.is_online()
        },
    },
    Mark {
        name: "link-broken-during-hand-over",
        reached_when: "a link fails while no tab leads",
        on: on::FAULT,
        at: |event, scene| {
            matches!(&event.kind, Kind::Fault { what, on: true } if matches!(what.effect, Effect::Partition(_)))
                && scene.is_handing_over()
        },
    },
    Mark {
        name: "leader-closed",
        reached_when: "the tab that leads is closed",
        on: on::LIFE,
        at: |event, scene| lives(event, Life::Closed) && leads(event, scene),
    },
    Mark {
        name: "leader-crashed",
        reached_when: "the tab that leads crashes",
        on: on::LIFE,
        at: |event, scene| lives(event, Life::Crashed) && leads(event, scene),
    },
    Mark {
        name: "leader-crashed-with-a-message-on-its-way",
        reached_when: "the tab that leads crashes while a message is on its way",
        on: on::LIFE,
        at: |event, scene| {
            lives(event, Life::Crashed)
                && leads(event, scene)
                && scene.client(event).is_some_and(|client| !client.in_flight.is_empty())
        },
    },
    Mark {
        name: "leader-reloaded",
        reached_when: "the tab that leads is reloaded",
        on: on::LIFE,
        at: |event, scene| lives(event, Life::Reloaded) && leads(event, scene),
    },
    Mark {
        name: "leader-frozen",
        reached_when: "the tab that leads is frozen",
        on: on::LIFE,
        at: |event, scene| lives(event, Life::Frozen) && leads(event, scene),
    },
    Mark {
        name: "leader-cached",
        reached_when: "the tab that leads goes into the back/forward cache",
        on: on::LIFE,
        at: |event, scene| lives(event, Life::Cached) && leads(event, scene),
    },
    Mark {
        name: "leader-gone-while-connecting",
        reached_when: "the tab that leads goes while its handshake is under way",
        on: on::LIFE,
        at: |event, scene| {
            ends(event)
                && leads(event, scene)
                && scene.client(event).is_some_and(|client| client.asks(Endpoint::Socket))
        },
    },
    Mark {
        name: "hidden-leader",
        reached_when: "a tab that nobody sees takes the lead",
        on: on::LEADS,
        at: |event, scene| {
            matches!(event.kind, Kind::Leads { .. })
                && scene.browser.tab(event.lane).is_some_and(|tab| tab.sight == Sight::Hidden)
        },
    },
    Mark {
        name: "typed-in-a-follower",
        reached_when: "the user types in a tab while another one leads",
        on: on::TYPED,
        at: |event, scene| {
            matches!(event.kind, Kind::Typed { .. })
                && scene.leader.is_some_and(|leader| leader != event.lane)
        },
    },
    Mark {
        name: "opened-late",
        reached_when: "a tab is opened after the agent has written",
        on: on::LIFE,
        at: |event, scene| lives(event, Life::Opened) && scene.said > 0,
    },
    Mark {
        name: "resumed-to-news",
        reached_when: "a frozen tab runs again while another one leads",
        on: on::LIFE,
        at: |event, scene| {
            lives(event, Life::Resumed) && scene.leader.is_some_and(|leader| leader != event.lane)
        },
    },
    Mark {
        name: "all-asleep",
        reached_when: "the last tab that ran is frozen or cached",
        on: on::LIFE,
        at: |event, scene| {
            (lives(event, Life::Frozen) || lives(event, Life::Cached))
                && scene.browser.tabs().all(|(tab, state)| {
                    Some(tab) == event.lane.tab() || state.place != Place::Running
                })
        },
    },
    Mark {
        name: "all-closed",
        reached_when: "the last tab is closed or crashes",
        on: on::LIFE,
        at: |event, scene| {
            (lives(event, Life::Closed) || lives(event, Life::Crashed))
                && scene
                    .browser
                    .tabs()
                    .all(|(tab, state)| Some(tab) == event.lane.tab() || state.place == Place::Gone)
        },
    },
    Mark {
        name: "old-epoch-refused",
        reached_when: "the store refuses a write of an epoch that is over",
        on: on::WROTE,
        at: |event, _| match event.kind {
            Kind::Wrote { epoch, stored, accepted } => !accepted && epoch < stored,
            _ => false,
        },
    },
    Mark {
        name: "no-room",
        reached_when: "the store has no room for a write of the current epoch",
        on: on::WROTE,
        at: |event, _| match event.kind {
            Kind::Wrote { epoch, stored, accepted } => !accepted && epoch >= stored,
            _ => false,
        },
    },
    Mark {
        name: "token-refused-to-tabs",
        reached_when: "a tab's token is refused while other tabs run",
        on: on::ANSWER | on::FRAME_IN,
        at: |event, scene| {
            event.lane.tab().is_some()
                && matches!(
                    event.kind,
                    Kind::Answer { status: 401, .. }
                        | Kind::FrameIn { frame: Frame::Error { status: 401, .. }, .. }
                )
                && scene.browser.tabs().filter(|(_, tab)| tab.runs()).count() > 1
        },
    },
    Mark {
        name: "worker-killed",
        reached_when: "the service worker is killed",
        on: on::WORLD,
        at: |event, _| event.kind == Kind::World { what: BrowserChange::WorkerKilled },
    },
    Mark {
        name: "tab-alone",
        reached_when: "a tab goes its own way, with a guest and a socket of its own",
        on: on::DEGRADED,
        at: |event, _| matches!(event.kind, Kind::Degraded { what, .. } if what.sets_apart()),
    },
];

fn lives(event: &Event, how: Life) -> bool {
    matches!(event.kind, Kind::Life { life } if life == how)
}

fn ends(event: &Event) -> bool {
    [Life::Closed, Life::Crashed, Life::Reloaded].iter().any(|life| lives(event, *life))
}

fn leads(event: &Event, scene: &Scene<'_>) -> bool {
    scene.leader == Some(event.lane)
}

fn gives_up(event: &Event, scene: &Scene<'_>) -> bool {
    matches!(event.kind, Kind::Follows { .. }) && leads(event, scene)
}
