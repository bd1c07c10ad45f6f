//! A panic in any task of a run fails the run.
//!
//! tokio swallows a panic in a spawned task, and actix likes to spawn. The hook notes it for the
//! thread that runs a simulation, and leaves every other thread to the hook that was there.

use std::cell::RefCell;
use std::panic;
use std::sync::Once;

thread_local! {
    static WATCHED: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Notes the panics of this thread from here on.
pub(super) fn watch() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let noted = WATCHED.with_borrow_mut(|watched| {
                let Some(panics) = watched else { return false };
                panics.push(info.to_string().replace('\n', " "));
                true
            });
            if !noted {
                before(info);
            }
        }));
    });
    WATCHED.set(Some(Vec::new()));
}

/// Stops watching; the first panic since [`watch`].
pub(super) fn take() -> Option<String> {
    WATCHED.take().and_then(|panics| panics.into_iter().next())
}
