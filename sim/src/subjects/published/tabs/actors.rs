//! Every module of a page is an actor: a handler of the article is a handler here, and what it does
//! later runs in the actor's context and ends with it.

use actix::{
    Actor, ActorContext as _, AsyncContext as _, Context, Handler, Message, StreamHandler,
    WrapFuture as _,
};

use super::coalescer::Coalescer;
use super::focus::FocusManager;
use super::outbox::Outbox;
use super::words::{Payload, Word};
use holdline_browser::PageEvent;

/// Something happened to a module.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(super) enum Happened {
    /// Another tab said something on the channel.
    Said(Word),
    /// A message came on the socket.
    Received(Payload),
    /// The socket ended, and nobody asked for it.
    Closed,
}

/// The user leaves for good: let go of everything.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(super) struct Stop;

impl Actor for FocusManager {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.add_stream(self.0.window.page().life());
    }
}

impl StreamHandler<PageEvent> for FocusManager {
    fn handle(&mut self, event: PageEvent, ctx: &mut Self::Context) {
        let this = self.clone();
        ctx.spawn(async move { this.happened(event).await }.into_actor(self));
    }
}

impl Handler<Happened> for FocusManager {
    type Result = ();

    fn handle(&mut self, happened: Happened, ctx: &mut Self::Context) {
        match happened {
            Happened::Said(word) => self.said(&word),
            Happened::Closed => {
                let this = self.clone();
                ctx.spawn(async move { this.closed().await }.into_actor(self));
            }
            Happened::Received(_) => {}
        }
    }
}

impl Handler<Stop> for FocusManager {
    type Result = ();

    fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
        self.stop();
        ctx.stop();
    }
}

impl Actor for Coalescer {
    type Context = Context<Self>;
}

impl Handler<Happened> for Coalescer {
    type Result = ();

    fn handle(&mut self, happened: Happened, ctx: &mut Self::Context) {
        match happened {
            Happened::Said(word) => self.said(word),
            Happened::Received(payload) => {
                let this = self.clone();
                ctx.spawn(async move { this.received(payload).await }.into_actor(self));
            }
            Happened::Closed => {}
        }
    }
}

impl Handler<Stop> for Coalescer {
    type Result = ();

    fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
        self.stop();
        ctx.stop();
    }
}

impl Actor for Outbox {
    type Context = Context<Self>;
}

impl Handler<Happened> for Outbox {
    type Result = ();

    fn handle(&mut self, happened: Happened, _: &mut Self::Context) {
        if let Happened::Said(word) = happened {
            self.said(word);
        }
    }
}

impl Handler<Stop> for Outbox {
    type Result = ();

    fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
        self.stop();
        ctx.stop();
    }
}
