//! The `kind` of a fault: its name in a plan, in filters and in signatures.
//!
//! Reading it is for `source`, which keeps the lines; here is the way back.

use serde::{Serialize, Serializer};

use super::fault::Fault;

/// A fault as a plan has it: its kind beside its own keys.
#[derive(Serialize)]
struct OfKind<'a, T> {
    kind: &'static str,
    #[serde(flatten)]
    body: &'a T,
}

impl Fault {
    /// The name of its kind, such as `partition`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.fault_kind().name()
    }
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn of<T: Serialize, S: Serializer>(
            kind: &'static str,
            body: &T,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            OfKind { kind, body }.serialize(serializer)
        }
        let kind = self.kind();
        match self {
            Self::Partition(body) => of(kind, body, serializer),
            Self::Hold(body) => of(kind, body, serializer),
            Self::Latency(body) => of(kind, body, serializer),
            Self::Loss(body) => of(kind, body, serializer),
            Self::SwallowHandshake(body) => of(kind, body, serializer),
            Self::IdleCut(body) => of(kind, body, serializer),
            Self::Slice(body) => of(kind, body, serializer),
            Self::Coalesce(body) => of(kind, body, serializer),
            Self::Restart(body) => of(kind, body, serializer),
            Self::Answer(body) => of(kind, body, serializer),
            Self::AckDelayed(body) => of(kind, body, serializer),
            Self::Close(body) => of(kind, body, serializer),
            Self::ClockJump(body) => of(kind, body, serializer),
            Self::Refuse(body) | Self::Crash(body) => of(kind, body, serializer),
            Self::Rst(body) | Self::ExpireTokens(body) | Self::ForgetGuests(body) => {
                of(kind, body, serializer)
            }
            Self::AckLostBeforeAccept(body)
            | Self::AckLostAfterAccept(body)
            | Self::AckDoubled(body)
            | Self::SwallowUpgrade(body) => of(kind, body, serializer),
        }
    }
}
