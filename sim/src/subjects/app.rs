//! The application around a client: it shows what the agent says, and may have a bug.
//!
//! It has nothing to do with any client: what becomes of a message that it throws at is the matter
//! of whoever gave it the message.

use std::cell::Cell;

use thiserror::Error;

use super::Setting;
use crate::trace::{Kind, Message};

/// See the module's documentation.
#[derive(Debug)]
pub(super) struct App {
    throws: Cell<u32>,
}

/// The application threw.
#[derive(Debug, Error)]
#[error("the application failed to show {message}")]
pub(super) struct AppError {
    message: Message,
}

impl App {
    pub(super) fn new(setting: &Setting) -> Self {
        Self { throws: Cell::new(setting.client.app_throws.unwrap_or_default()) }
    }

    /// Shows the agent's message with this id.
    pub(super) fn show(&self, id: &str, setting: &Setting) -> Result<(), AppError> {
        let message = setting.log.name_agent(id);
        if let Some(left) = self.throws.get().checked_sub(1) {
            self.throws.set(left);
            return Err(AppError { message });
        }
        setting.log.push(setting.lane, Kind::Shown { message });
        Ok(())
    }
}
