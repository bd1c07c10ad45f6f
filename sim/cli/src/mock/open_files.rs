//! Each connection is an open file, and a system lets a process have so many, often 1024: that limit is
//! raised as far as it may be, and what is beyond it is refused instead of left waiting.

use holdline_mock_server::ServeConfig;

use crate::print_note;

/// Files that the mock has open beside its connections.
const OTHERS: usize = 64;

/// How many of the connections that were asked for, or usually are, the system has room for. It says
/// so where that is fewer than were asked for.
pub(super) fn connections(asked: Option<usize>) -> usize {
    let most = asked.unwrap_or(ServeConfig::default().max_connections);
    let wanted = most.saturating_add(OTHERS) as u64;
    // A system that does not tell its limit is taken to have none.
    let files = rlimit::increase_nofile_limit(wanted).unwrap_or(wanted).min(wanted);
    let held = (files as usize).saturating_sub(OTHERS).clamp(1, most);
    if let Some(asked) = asked.filter(|asked| held < *asked) {
        print_note(&format!(
            "note: {held} connections at a time instead of {asked}, as the system lets this process \
             open {files} files; `ulimit -Hn` says how many it could let it\n"
        ));
    }
    held
}
