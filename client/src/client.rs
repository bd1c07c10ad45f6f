//! The handle an application holds.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use actix::{Actor as _, Addr, AsyncContext as _, Context};
use tokio::sync::oneshot;

use crate::actors::{Barrier, BufferActor, Do, Halt, Leave, SessionActor, Shell, ShutDown, Submit};
use crate::clock::Clock;
use crate::config::{self, StartError};
use crate::core::config::Config;
use crate::core::journal::{Entry, Saved};
use crate::core::machines::{Ids, Machines};
use crate::core::outbox::Draft;
use crate::core::session::Input;
use crate::core::types::{Event, Notice, State};
use crate::events::{EventStream, Hub};
use crate::journal::{Journal, SharedJournal};
use crate::receipt::Receipt;
use crate::transport::Http;
use crate::transport::rest::Api;

/// A running client. Clones are handles to the same one; when the last is dropped everything ends
/// at once, as in a crash: what is pending stays in the journal.
#[derive(Clone)]
pub struct Client {
    inner: Rc<Inner>,
}

struct Inner {
    session: Addr<SessionActor>,
    buffer: Addr<BufferActor>,
    hub: Hub,
    journal: SharedJournal,
    clock: Clock,
    ids: RefCell<Ids>,
    max_text_bytes: usize,
    shut_down: Cell<bool>,
}

impl Client {
    /// Starts a client. `observer` is told each event at once, before anything else happens: in one
    /// order with what is written to the journal.
    pub(crate) fn start_observed(
        config: Config,
        http: Http,
        clock: Clock,
        journal: Box<dyn Journal>,
        observer: Rc<dyn Fn(&Event)>,
    ) -> Result<Self, StartError> {
        config::check(&config)?;
        let hub = Hub::new(observer);
        let journal = SharedJournal::new(journal, hub.clone());
        let saved = journal
            .load()
            .unwrap_or_else(|error| Saved { unreadable: vec![error.detail], ..Saved::default() });
        let api = Api::new(&config, http);
        let max_text_bytes = config.outbox.max_text_bytes;
        let Machines { session, outbox, ids } = Machines::new(config, &saved, clock.now());
        let shell = || Shell::new(clock.clone(), api.clone(), hub.clone(), journal.clone());
        let pending = saved.pending.into_iter().map(Draft::from).collect();
        let notices = saved.unreadable.into_iter().map(Notice::JournalFailed).collect();
        let ctx = Context::<SessionActor>::new();
        let session_addr = ctx.address();
        let buffer = BufferActor::new(outbox, shell(), pending, session_addr.clone()).start();
        ctx.run(SessionActor::new(session, shell(), saved.guest, notices, buffer.clone()));
        let inner = Inner {
            session: session_addr,
            buffer,
            hub,
            journal,
            clock,
            ids: RefCell::new(ids),
            max_text_bytes,
            shut_down: Cell::new(false),
        };
        Ok(Self { inner: Rc::new(inner) })
    }

    /// Sends a message: at once a receipt, later its outcome. Never blocks, and works in every
    /// state; the message has been journalled when this returns.
    pub fn send(&self, text: impl Into<String>) -> Receipt {
        let inner = &self.inner;
        let text = text.into();
        let id = inner.ids.borrow_mut().draw();
        let (outcome, receipt) = oneshot::channel();
        let receipt = Receipt::new(id, receipt);
        if inner.shut_down.get() {
            // The sender is dropped here, which is what a receipt reads as shut down.
            return receipt;
        }
        let accepted_at = inner.clock.now().wall;
        if text.len() <= inner.max_text_bytes {
            inner.journal.record(&Entry::Accepted { id, text: text.clone(), at_wall: accepted_at });
        }
        let draft = Draft { id, text, accepted_at };
        inner.buffer.do_send(Submit { draft, outcome: Some(outcome) });
        receipt
    }

    /// Hands over a message that is journalled elsewhere and has its id already. Events tell its
    /// outcome.
    pub(crate) fn submit(&self, draft: Draft) {
        if !self.inner.shut_down.get() {
            self.inner.buffer.do_send(Submit { draft, outcome: None });
        }
    }

    /// Everything that happens from now on; see [`EventStream`] for its bound.
    #[must_use]
    pub fn events(&self) -> EventStream {
        self.inner.hub.subscribe()
    }

    /// What the session is doing.
    #[must_use]
    pub fn state(&self) -> State {
        self.inner.hub.state()
    }

    /// Tries to connect now: leaves a terminal state and skips a backoff wait, but never a wait
    /// that the server asked for. Call it when the network is back or the page becomes visible.
    pub fn reconnect(&self) {
        self.inner.session.do_send(Do(Input::Reconnect.into()));
    }

    /// Ends in good order. What is pending fails with [`Reason::ShutDown`](crate::Reason::ShutDown) and is forgotten; the
    /// socket is closed with 1000. Resolves when no timer, socket or task is left, within about a
    /// second.
    pub async fn shutdown(&self) {
        let inner = &self.inner;
        inner.shut_down.set(true);
        let buffer_done = ended(|done| inner.buffer.do_send(ShutDown(done)));
        let _ = buffer_done.await;
        let session_done = ended(|done| inner.session.do_send(ShutDown(done)));
        let _ = session_done.await;
        inner.hub.close();
    }

    /// Ends in good order and settles nothing: what is pending stays in the journal for whoever
    /// comes next. Requests are cancelled at once, the socket is closed with 1000. It has begun when
    /// this returns, and is over when the future resolves.
    pub(crate) fn leave(&self) -> impl Future<Output = ()> + 'static {
        // The last handle to be dropped would cut the close short.
        let client = self.clone();
        client.inner.shut_down.set(true);
        // The outbox first: an acknowledgement that arrives now is the successor's to hear again.
        client.inner.buffer.do_send(Halt);
        let session_done = ended(|done| client.inner.session.do_send(ShutDown(done)));
        async move {
            let _ = session_done.await;
            client.inner.hub.close();
        }
    }

    /// As [`leave`](Self::leave), and lets the message that is under way end first, within 300 ms.
    /// `left` is called when nothing more will be said.
    pub(crate) fn hand_over(
        &self,
        left: impl FnOnce() + 'static,
    ) -> impl Future<Output = ()> + 'static {
        let client = self.clone();
        client.inner.shut_down.set(true);
        let buffer_done = ended(|done| client.inner.buffer.do_send(Leave(done)));
        async move {
            let _ = buffer_done.await;
            let over = client.leave();
            // A session that is gone already is silent, too.
            let _ = client.inner.session.send(Barrier).await;
            left();
            over.await;
        }
    }
}

/// Asks for something to end; the receiver errs as soon as it has, also if it had before.
fn ended(ask: impl FnOnce(oneshot::Sender<()>)) -> oneshot::Receiver<()> {
    let (done, receiver) = oneshot::channel();
    ask(done);
    receiver
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.session.do_send(Halt);
        self.buffer.do_send(Halt);
        self.hub.close();
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("state", &self.state()).finish_non_exhaustive()
    }
}
