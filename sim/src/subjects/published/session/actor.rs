//! The client as an actor: it is told what its sockets see, and its tasks end when it stops.
//!
//! Refuses to know what the tasks are.

use std::rc::Rc;

use actix::fut::wrap_future;
use actix::{Actor, ActorContext as _, AsyncContext as _, Context, Handler, Message};

use super::client::Client;
use super::socket::SocketEvent;

/// See the module's documentation.
pub(super) struct Session {
    pub(super) client: Rc<Client>,
}

/// There are tasks to run.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Run;

/// The end.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Stop;

impl Actor for Session {
    type Context = Context<Self>;
}

impl Handler<Run> for Session {
    type Result = ();

    fn handle(&mut self, _: Run, context: &mut Context<Self>) {
        for task in self.client.take_tasks() {
            context.spawn(wrap_future(task));
        }
    }
}

impl Handler<SocketEvent> for Session {
    type Result = ();

    fn handle(&mut self, event: SocketEvent, _: &mut Context<Self>) {
        self.client.on_socket(event);
    }
}

impl Handler<Stop> for Session {
    type Result = ();

    fn handle(&mut self, _: Stop, context: &mut Context<Self>) {
        context.stop();
    }
}
