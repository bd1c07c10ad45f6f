//! The client of the second article in one page of a browser.

use super::defect::Defects;
use crate::subjects::{Command, Setting};
use crate::trace::Kind;
use crate::world::browser::Page;

/// Runs it for one life of the page.
pub(super) async fn run(_page: Page, setting: Setting, _defects: Defects) {
    idle(setting).await;
}

/// Does nothing up to the end.
pub(super) async fn idle(setting: Setting) {
    while setting.commands.next().await != Command::ShutDown {}
    setting.log.push(setting.lane, Kind::ShutDown);
}
