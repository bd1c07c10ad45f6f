//! Transactions whose requests are made one by one.
//!
//! They commit themselves when no request is outstanding: the task that gets an answer must make
//! its next request before it waits for anything else, as a page's callback must.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::ops::RangeBounds;
use std::rc::Rc;

use tokio::sync::{oneshot, watch};

use super::batch::Live;
use super::{Idb, IdbError, View};

type Request = Box<dyn FnOnce(&Live)>;
type Ended = Option<Result<(), IdbError>>;

/// A transaction whose requests are made one by one; see the module's documentation.
///
/// A request is made when its method is called, awaited or not. One that fails aborts the
/// transaction, except [`Transaction::try_add`].
pub struct Transaction {
    idb: Idb,
    tx: u64,
    shared: Rc<Shared>,
    ended: watch::Receiver<Ended>,
}

#[derive(Default)]
struct Shared {
    queue: RefCell<VecDeque<Request>>,
    /// No request is taken any more.
    inactive: Cell<bool>,
}

impl Shared {
    fn next(&self) -> Option<Request> {
        self.queue.borrow_mut().pop_front()
    }
}

impl Transaction {
    pub(super) fn start(live: Live) -> Self {
        let shared = Rc::new(Shared::default());
        let (tell, ended) = watch::channel(None);
        let driven = Rc::clone(&shared);
        let (idb, tx) = (live.idb.clone(), live.tx);
        tokio::task::spawn_local(async move {
            let outcome = drive(&live, &driven).await;
            driven.inactive.set(true);
            if let Err(why) = &outcome {
                live.abort(why.clone());
            }
            tell.send_replace(Some(outcome));
            driven.queue.borrow_mut().clear();
        });
        Self { idb, tx, shared, ended }
    }

    /// The value under a key.
    pub fn get(
        &self,
        store: &str,
        key: &str,
    ) -> impl Future<Output = Result<Option<String>, IdbError>> + 'static {
        let (store, key) = (store.to_owned(), key.to_owned());
        self.request(true, move |view| Ok(view.get(&store, &key)?.map(str::to_owned)))
    }

    /// All records of a range, in order of their keys.
    pub fn cursor(
        &self,
        store: &str,
        range: impl RangeBounds<String> + 'static,
    ) -> impl Future<Output = Result<Vec<(String, String)>, IdbError>> + 'static {
        let store = store.to_owned();
        self.request(true, move |view| view.cursor(&store, range))
    }

    /// Writes a record, new or not.
    pub fn put(
        &self,
        store: &str,
        key: &str,
        value: &str,
    ) -> impl Future<Output = Result<(), IdbError>> + 'static {
        let (store, key, value) = (store.to_owned(), key.to_owned(), value.to_owned());
        self.request(true, move |view| view.put(&store, &key, &value))
    }

    /// Writes a record that must be new.
    pub fn add(
        &self,
        store: &str,
        key: &str,
        value: &str,
    ) -> impl Future<Output = Result<(), IdbError>> + 'static {
        let (store, key, value) = (store.to_owned(), key.to_owned(), value.to_owned());
        self.request(true, move |view| view.add(&store, &key, &value))
    }

    /// The same with `preventDefault`: the transaction goes on when the key exists.
    pub fn try_add(
        &self,
        store: &str,
        key: &str,
        value: &str,
    ) -> impl Future<Output = Result<(), IdbError>> + 'static {
        let (store, key, value) = (store.to_owned(), key.to_owned(), value.to_owned());
        self.request(false, move |view| view.add(&store, &key, &value))
    }

    /// Writes a value that brings its key along, or gets the next number; returns its key.
    pub fn put_value(
        &self,
        store: &str,
        value: &str,
    ) -> impl Future<Output = Result<String, IdbError>> + 'static {
        let (store, value) = (store.to_owned(), value.to_owned());
        self.request(true, move |view| view.put_value(&store, &value))
    }

    /// Removes a record, there or not.
    pub fn delete(
        &self,
        store: &str,
        key: &str,
    ) -> impl Future<Output = Result<(), IdbError>> + 'static {
        let (store, key) = (store.to_owned(), key.to_owned());
        self.request(true, move |view| view.delete(&store, &key))
    }

    /// Takes everything back.
    pub fn abort(&self) {
        self.shared.inactive.set(true);
        let why = IdbError::Abort("abort() was called".into());
        self.idb.change(|origin| origin.abort(self.tx, why));
    }

    /// Waits for the `complete` event, or fails with the reason of the `abort` event. **Only this
    /// says that anything was written.**
    pub async fn complete(mut self) -> Result<(), IdbError> {
        let ended = self.ended.wait_for(Option::is_some).await;
        ended.map_or_else(
            |_| Err(task_gone()),
            |ended| ended.clone().unwrap_or_else(|| Err(task_gone())),
        )
    }

    fn request<T: 'static>(
        &self,
        error_aborts: bool,
        what: impl FnOnce(&mut View<'_>) -> Result<T, IdbError> + 'static,
    ) -> impl Future<Output = Result<T, IdbError>> + 'static {
        let (answer, answered) = oneshot::channel();
        let taken = !self.shared.inactive.get();
        if taken {
            self.shared.queue.borrow_mut().push_back(Box::new(move |live| {
                let outcome = live.execute(|mut view| what(&mut view));
                if let Some(error) = outcome.as_ref().err().filter(|_| error_aborts) {
                    live.abort(error.clone());
                }
                // Nobody need wait for the answer.
                drop(answer.send(outcome));
            }));
        }
        let ended = self.ended.clone();
        async move {
            if !taken {
                return Err(IdbError::TransactionInactive);
            }
            match answered.await {
                Ok(outcome) => outcome,
                Err(_) => {
                    Err(ended.borrow().clone().and_then(Result::err).unwrap_or_else(task_gone))
                }
            }
        }
    }
}

async fn drive(live: &Live, shared: &Shared) -> Result<(), IdbError> {
    live.started().await?;
    while let Some(request) = shared.next() {
        live.idb.delay().await;
        request(live);
        live.alive()?;
        // Whoever waited for the answer runs now, and may ask for more.
        tokio::task::yield_now().await;
    }
    shared.inactive.set(true);
    live.commit().await
}

fn task_gone() -> IdbError {
    IdbError::Abort("the transaction's task is gone".into())
}
