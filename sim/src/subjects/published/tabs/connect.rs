//! How the focus manager comes to a connection, and to the next one when that has ended.

use std::time::Duration;

use super::super::defect::Defect;
use super::auth::RequestError;
use super::focus::FocusManager;
use super::sdk::ConnectionState;
use crate::trace::Kind;
use crate::trace::reports::{LeadReason, State};

/// Widest wait after the first connection that failed, and after any.
const RETRY_FIRST: Duration = Duration::from_secs(1);
const RETRY_MAX: Duration = Duration::from_secs(15);

impl FocusManager {
    /// Tries until it has a connection; as published it tries once.
    pub(super) async fn connect(&self) -> bool {
        let mut wait = RETRY_FIRST;
        while self.0.sdk.connection_state() != ConnectionState::Connected {
            let failed = match self.0.sdk.connect().await {
                Ok(()) => break,
                Err(RequestError::Cancelled) => return false,
                Err(failed) => failed,
            };
            self.0.window.error(format!("Primary connection activation failed: {failed}"));
            if self.has(Defect::B16) {
                self.0.is_primary.set(false);
                return false;
            }
            let told = match failed {
                RequestError::Status { wait, .. } => wait.unwrap_or_default(),
                _ => Duration::ZERO,
            };
            self.0.window.log(Kind::State { state: State::Waiting(None) });
            self.0.window.sleep(self.0.window.jittered(wait).max(told)).await;
            wait = (wait * 2).min(RETRY_MAX);
            if !self.0.is_primary.get() {
                return false;
            }
        }
        true
    }

    /// The socket has ended though nobody asked for it.
    pub(super) async fn closed(&self) {
        if self.0.is_primary.get() && self.0.activating.get() == 0 && !self.has(Defect::B21) {
            self.0.activating.set(1);
            let connected = self.connect().await;
            self.0.activating.set(self.0.activating.get() - 1);
            if connected {
                self.go_on();
            }
        }
    }

    /// As the boot of the article does, of which the focus manager learns nothing.
    pub(super) async fn connect_only(&self) {
        if self.connect().await {
            let why = LeadReason::Other("it was the first");
            self.0.window.log(Kind::Leads { epoch: 0, why });
            self.go_on();
        }
    }
}
