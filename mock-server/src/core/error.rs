//! What an operator of the cloud can get wrong. What a peer gets wrong is a refusal instead.

/// Why the cloud could not do what its operator asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloudError {
    /// There is no guest to talk to.
    #[error("no guest is alive: create one with POST /api/v2/webchat/guests first")]
    NoGuest,
    /// The named guest was never created here.
    #[error("guest `{guest}` is unknown: name a webchatInstanceId that this cloud issued")]
    UnknownGuest {
        /// The `webchatInstanceId` that was asked for.
        guest: String,
    },
    /// The named guest was forgotten or has expired.
    #[error("guest `{guest}` is gone: its conversation takes no more messages")]
    GuestGone {
        /// The `webchatInstanceId` that was asked for.
        guest: String,
    },
}
