//! What the client of this house reports, in the terms that the log has for every client.

use holdline_client::{self as client, Because, Holder, Why};

use crate::trace::reports::{
    Failure, Feature, FollowReason, LeadReason, Notice, State, Terminal, Wait,
};

impl From<client::State> for State {
    fn from(state: client::State) -> Self {
        match state {
            client::State::Connecting => Self::Connecting,
            client::State::Open => Self::Open,
            client::State::Waiting { why, .. } => Self::Waiting(Some(why.into())),
            client::State::Terminal(reason) => Self::Terminal(reason.into()),
            client::State::Closed => Self::Closed,
        }
    }
}

impl From<Why> for Wait {
    fn from(why: Why) -> Self {
        match why {
            Why::Timeout => Self::Timeout,
            Why::Network => Self::Network,
            Why::Malformed => Self::Malformed,
            Why::Status(status) => Self::Status(status),
            Why::Closed(code) => Self::Closed(code),
            Why::DeadPeer => Self::DeadPeer,
            Why::GuestGone => Self::GuestGone,
            Why::Earlier => Self::Earlier,
        }
    }
}

impl From<client::TerminalReason> for Terminal {
    fn from(reason: client::TerminalReason) -> Self {
        use client::TerminalReason;
        match reason {
            TerminalReason::Unauthorized => Self::Unauthorized,
            TerminalReason::Forbidden => Self::Forbidden,
            TerminalReason::Policy => Self::Closed(1008),
            TerminalReason::SessionEnded => Self::Closed(4401),
            TerminalReason::Refused(status) => Self::Refused(status),
            TerminalReason::GaveUp(tries) => Self::GaveUp(tries),
        }
    }
}

impl From<client::Reason> for Failure {
    fn from(reason: client::Reason) -> Self {
        use client::Reason;
        match reason {
            Reason::Expired => Self::Expired,
            Reason::Refused { status, code } => Self::Refused { status, code },
            Reason::BufferFull { messages, bytes } => Self::BufferFull { messages, bytes },
            Reason::TooLong { bytes, limit } => Self::TooLong { bytes, limit },
            Reason::ConversationGone => Self::ConversationGone,
            Reason::ShutDown => Self::ShutDown,
        }
    }
}

impl From<client::Notice> for Notice {
    fn from(notice: client::Notice) -> Self {
        match notice {
            client::Notice::RetryAfterAbsurd { asked, honoured } => {
                Self::RetryAfterCut { asked, honoured }
            }
            notice => Self::Other(notice.to_string()),
        }
    }
}

impl From<client::Feature> for Feature {
    fn from(feature: client::Feature) -> Self {
        match feature {
            client::Feature::Store => Self::Store,
            client::Feature::Locks => Self::Locks,
            client::Feature::Channel => Self::Channel,
            client::Feature::Worker => Self::Worker,
        }
    }
}

impl From<Because> for LeadReason {
    fn from(because: Because) -> Self {
        match because {
            Because::First => Self::First,
            Because::Focused => Self::Focused,
            Because::LeaderLeft => Self::LeaderLeft,
            Because::LeaderSilent => Self::LeaderSilent,
            Because::Alone => Self::Alone,
        }
    }
}

impl From<Option<Holder>> for FollowReason {
    fn from(holder: Option<Holder>) -> Self {
        match holder {
            Some(Holder { tab, because, .. }) => Self::OtherLeads { tab, why: because.into() },
            None => Self::NobodyLeads,
        }
    }
}
