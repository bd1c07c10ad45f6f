//! Events for any number of subscribers, none of whom can hold up the client.
//!
//! Each subscriber has its own bounded queue. It refuses to wait: a subscriber that does not read
//! loses the oldest events and is told how many.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use futures_util::Stream;

use crate::core::types::{Event, Notice, State};

/// Unread events a subscriber can have: 4096. Beyond it the oldest are dropped, and the next thing
/// read is [`Notice::EventsMissed`].
pub const SUBSCRIBER_EVENTS_MAX: usize = 4_096;

#[derive(Debug, Default)]
struct Queue {
    events: VecDeque<Event>,
    missed: u64,
    closed: bool,
    waker: Option<Waker>,
}

/// Everything that happens from the moment this was made, as a stream. It ends when the client has
/// shut down or was dropped.
#[derive(Debug)]
pub struct EventStream {
    queue: Rc<RefCell<Queue>>,
}

impl Stream for EventStream {
    type Item = Event;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        let mut queue = self.queue.borrow_mut();
        if queue.missed > 0 {
            let missed = std::mem::take(&mut queue.missed);
            return Poll::Ready(Some(Event::Notice(Notice::EventsMissed(missed))));
        }
        match queue.events.pop_front() {
            Some(event) => Poll::Ready(Some(event)),
            None if queue.closed => Poll::Ready(None),
            None => {
                queue.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

/// The publishing side, shared by the parts of one client.
#[derive(Clone)]
pub(crate) struct Hub {
    shared: Rc<RefCell<Shared>>,
    observer: Rc<dyn Fn(&Event)>,
}

#[derive(Debug)]
struct Shared {
    subscribers: Vec<Weak<RefCell<Queue>>>,
    state: State,
    closed: bool,
}

impl Hub {
    /// `observer` is told each event at once and misses none.
    pub(crate) fn new(observer: Rc<dyn Fn(&Event)>) -> Self {
        let shared = Shared { subscribers: Vec::new(), state: State::Connecting, closed: false };
        Self { shared: Rc::new(RefCell::new(shared)), observer }
    }

    pub(crate) fn subscribe(&self) -> EventStream {
        let mut shared = self.shared.borrow_mut();
        let queue = Queue { closed: shared.closed, ..Queue::default() };
        let queue = Rc::new(RefCell::new(queue));
        shared.subscribers.push(Rc::downgrade(&queue));
        EventStream { queue }
    }

    pub(crate) fn state(&self) -> State {
        self.shared.borrow().state.clone()
    }

    pub(crate) fn notice(&self, notice: Notice) {
        self.publish(&Event::Notice(notice));
    }

    pub(crate) fn publish(&self, event: &Event) {
        tracing::debug!(%event, "event");
        if let Event::State(state) = event {
            self.shared.borrow_mut().state = state.clone();
        }
        (self.observer)(event);
        self.each(|queue| {
            queue.events.push_back(event.clone());
            if queue.events.len() > SUBSCRIBER_EVENTS_MAX {
                queue.events.pop_front();
                queue.missed += 1;
            }
        });
    }

    /// Ends every stream behind what it has not read yet.
    pub(crate) fn close(&self) {
        self.shared.borrow_mut().closed = true;
        self.each(|queue| queue.closed = true);
    }

    fn each(&self, mut change: impl FnMut(&mut Queue)) {
        let mut wakers = Vec::new();
        self.shared.borrow_mut().subscribers.retain(|subscriber| {
            let Some(queue) = subscriber.upgrade() else { return false };
            let mut queue = queue.borrow_mut();
            change(&mut queue);
            wakers.extend(queue.waker.take());
            true
        });
        // Woken outside the borrow: a waker may run anything.
        wakers.into_iter().for_each(Waker::wake);
    }
}
