//! The kinds of faults by name: what `kind = "..."` says in a plan, and what a sweep can be told to
//! leave out.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::Fault;

macro_rules! kinds {
    ($($kind:ident = $name:literal),+ $(,)?) => {
        /// A kind of fault; [`Fault`] says what each one is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "each is the variant of Fault that has its name")]
        pub enum FaultKind {
            $($kind),+
        }

        impl FaultKind {
            /// Every kind, in the order of [`Fault`].
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// As a plan writes it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name),+
                }
            }
        }

        impl Fault {
            /// Which kind it is.
            pub(super) const fn fault_kind(&self) -> FaultKind {
                match self {
                    $(Self::$kind(_) => FaultKind::$kind),+
                }
            }
        }
    };
}

kinds! {
    Partition = "partition",
    Hold = "hold",
    Latency = "latency",
    Loss = "loss",
    Rst = "rst",
    Refuse = "refuse",
    SwallowHandshake = "swallow-handshake",
    IdleCut = "idle-cut",
    Slice = "slice",
    Coalesce = "coalesce",
    Crash = "crash",
    Restart = "restart",
    Answer = "answer",
    AckLostBeforeAccept = "ack-lost-before-accept",
    AckLostAfterAccept = "ack-lost-after-accept",
    AckDelayed = "ack-delayed",
    AckDoubled = "ack-doubled",
    SwallowUpgrade = "swallow-upgrade",
    Close = "close",
    ExpireTokens = "expire-tokens",
    ForgetGuests = "forget-guests",
    ClockJump = "clock-jump",
}

/// A name that no kind of fault has.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{name}` is no kind of fault; there are: {}", names())]
pub struct UnknownKind {
    name: String,
}

impl FromStr for FaultKind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        let known = Self::ALL.iter().copied().find(|kind| kind.name() == name);
        known.ok_or_else(|| UnknownKind { name: name.to_owned() })
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn names() -> String {
    FaultKind::ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ")
}
