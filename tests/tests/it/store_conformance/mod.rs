//! One suite for every store: in memory, in a file, and in the simulated browser.

mod contract;

use contract::{Topic, store_contract};
use tokio::task::LocalSet;

/// Plays a topic to its end; time is virtual.
fn play(topic: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a current-thread runtime needs nothing");
    LocalSet::new().block_on(&runtime, topic);
}

mod in_memory {
    use holdline_client::tabs::MemoryStore;

    use super::{Topic, play, store_contract};

    fn run(topic: Topic) {
        play(async move { topic(&MemoryStore::default()).await });
    }

    store_contract!(run);
}

mod in_a_file {
    use holdline_client::tabs::RedbStore;

    use super::{Topic, play, store_contract};

    fn run(topic: Topic) {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let store = RedbStore::open(folder.path().join("state.redb")).expect("a new store");
        play(async move { topic(&store).await });
    }

    store_contract!(run);
}

mod in_the_browser {
    use std::rc::Rc;

    use holdline_browser::idb::{Idb, Settings};
    use holdline_browser::store::BrowserStore;

    use super::{Topic, play, store_contract};

    fn run(topic: Topic) {
        play(async move {
            let idb = Idb::new(Settings::default(), 1);
            let store = BrowserStore::new(idb, 1, "holdline", None, Rc::new(|_| ()));
            topic(&store).await;
        });
    }

    store_contract!(run);
}
