//! Everything that reaches a tab, in the order in which it does.
//!
//! Refuses to hold anything back for a frozen page: that is the executor's business.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::Waker;

use super::event::PageEvent;

/// One thing for a tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Input {
    /// For the page, as soon as it runs.
    Event(PageEvent),
    /// For the listeners of a channel.
    Message {
        port: u64,
        text: Rc<str>,
    },
    Freeze,
    Resume,
    Cache,
    Restore,
    Reload,
    Close,
    Crash,
}

/// What a tab has not dealt with yet.
#[derive(Default)]
pub(super) struct Inbox {
    inputs: RefCell<VecDeque<Input>>,
    executor: RefCell<Option<Waker>>,
}

impl Inbox {
    pub(super) fn push(&self, input: Input) {
        self.inputs.borrow_mut().push_back(input);
        self.executor.take().into_iter().for_each(Waker::wake);
    }

    pub(super) fn next(&self) -> Option<Input> {
        self.inputs.borrow_mut().pop_front()
    }

    /// Wakes the executor at the next input.
    pub(super) fn watch(&self, executor: &Waker) {
        self.executor.replace(Some(executor.clone()));
    }
}
