//! Which kinds of events a mark can be reached at, as bits: most events are none of most marks'
//! business, and are not shown to them.

use crate::trace::Kind;

/// A set of kinds.
pub(super) type Kinds = u64;

pub(super) const CONNECT_FAILED: Kinds = 1 << 0;
pub(super) const REQUEST: Kinds = 1 << 1;
pub(super) const ANSWER: Kinds = 1 << 2;
pub(super) const FRAME_IN: Kinds = 1 << 3;
pub(super) const PARTIAL: Kinds = 1 << 4;
pub(super) const ENDED: Kinds = 1 << 5;
pub(super) const TYPED: Kinds = 1 << 6;
pub(super) const FAILED: Kinds = 1 << 7;
pub(super) const SHOWN: Kinds = 1 << 8;
pub(super) const STATE: Kinds = 1 << 9;
pub(super) const NOTICE: Kinds = 1 << 10;
pub(super) const ASKED: Kinds = 1 << 11;
pub(super) const LIFE: Kinds = 1 << 12;
pub(super) const LEADS: Kinds = 1 << 13;
pub(super) const FOLLOWS: Kinds = 1 << 14;
pub(super) const DEGRADED: Kinds = 1 << 15;
pub(super) const WROTE: Kinds = 1 << 16;
pub(super) const DUPLICATE: Kinds = 1 << 17;
pub(super) const REFUSED: Kinds = 1 << 18;
pub(super) const SAID: Kinds = 1 << 19;
pub(super) const GUEST_CREATED: Kinds = 1 << 20;
pub(super) const TOKEN_REFRESHED: Kinds = 1 << 21;
pub(super) const GUEST_GONE: Kinds = 1 << 22;
pub(super) const SOCKET_OPENED: Kinds = 1 << 23;
pub(super) const FIRED: Kinds = 1 << 24;
pub(super) const CUT: Kinds = 1 << 25;
pub(super) const FAULT: Kinds = 1 << 26;
pub(super) const HOST: Kinds = 1 << 27;
pub(super) const WORLD: Kinds = 1 << 28;
pub(super) const HEALED: Kinds = 1 << 29;

/// How many kinds can reach a mark.
pub(super) const COUNT: usize = 30;

/// The set of the kind of an event; none where it reaches no mark.
pub(super) const fn of(kind: &Kind) -> Kinds {
    match kind {
        Kind::ConnectFailed { .. } => CONNECT_FAILED,
        Kind::Request { .. } => REQUEST,
        Kind::Answer { .. } => ANSWER,
        Kind::FrameIn { .. } => FRAME_IN,
        Kind::Partial { .. } => PARTIAL,
        Kind::Ended { .. } => ENDED,
        Kind::Typed { .. } => TYPED,
        Kind::Failed { .. } => FAILED,
        Kind::Shown { .. } => SHOWN,
        Kind::State { .. } => STATE,
        Kind::Notice { .. } => NOTICE,
        Kind::Asked { .. } => ASKED,
        Kind::Life { .. } => LIFE,
        Kind::Leads { .. } => LEADS,
        Kind::Follows { .. } => FOLLOWS,
        Kind::Degraded { .. } => DEGRADED,
        Kind::Wrote { .. } => WROTE,
        Kind::Duplicate { .. } => DUPLICATE,
        Kind::Refused { .. } => REFUSED,
        Kind::Said { .. } => SAID,
        Kind::GuestCreated { .. } => GUEST_CREATED,
        Kind::TokenRefreshed { .. } => TOKEN_REFRESHED,
        Kind::GuestGone { .. } => GUEST_GONE,
        Kind::SocketOpened { .. } => SOCKET_OPENED,
        Kind::Fired { .. } => FIRED,
        Kind::Cut { .. } => CUT,
        Kind::Fault { .. } => FAULT,
        Kind::Host { .. } => HOST,
        Kind::World { .. } => WORLD,
        Kind::Healed => HEALED,
        _ => 0,
    }
}
