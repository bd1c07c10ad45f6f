//! Reads the settings again when their file changes. A file that is wrong is complained about, and
//! what ran before runs on. It looks instead of being told, because editors replace files in ways
//! that no two systems tell alike.

use std::path::{Path, PathBuf};
use std::time::Duration;

use holdline_mock_server::Mock;

use super::settings::Settings;
use crate::{print_error, print_note};

/// How often it looks.
const EVERY: Duration = Duration::from_millis(250);

/// Watches for as long as the mock runs. What `flags` say wins over the file.
pub(super) async fn watch(mock: Mock, path: PathBuf, flags: Settings, names: Vec<String>) {
    let mut known = seen(&path);
    loop {
        tokio::time::sleep(EVERY).await;
        let now = seen(&path);
        if now == known {
            continue;
        }
        known = now;
        match Settings::read(&path) {
            Ok(file) => {
                mock.reconfigure(flags.clone().or(file).mock_config(&names));
                print_note(&format!("read again: {}\n", path.display()));
            }
            Err(error) => print_error(&format_args!("{error}; the settings stay as they were")),
        }
    }
}

/// What tells two versions of a file apart: its text.
fn seen(path: &Path) -> Option<Vec<u8>> {
    std::fs::read(path).ok()
}
