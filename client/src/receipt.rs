//! The receipt for a message: its key now, its outcome later.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::oneshot;
use uuid::Uuid;

use crate::core::types::{Outcome, Reason};

/// A promise that the message's end will be told. Dropping it does not take the message back.
#[derive(Debug)]
pub struct Receipt {
    id: Uuid,
    outcome: oneshot::Receiver<Outcome>,
}

impl Receipt {
    pub(crate) const fn new(id: Uuid, outcome: oneshot::Receiver<Outcome>) -> Self {
        Self { id, outcome }
    }

    /// The idempotency key, the same on every route.
    #[must_use]
    pub const fn id(&self) -> Uuid {
        self.id
    }
}

impl Future for Receipt {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        let shut_down = Outcome::Failed(Reason::ShutDown);
        Pin::new(&mut self.outcome).poll(cx).map(|outcome| outcome.unwrap_or(shut_down))
    }
}
