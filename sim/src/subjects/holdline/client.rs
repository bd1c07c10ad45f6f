//! The client as the only one on its machine.

use std::rc::Rc;

use futures_util::StreamExt as _;
use holdline_client::{Client, Clock, EventStream, MemoryJournal};
use uuid::Uuid;

use super::{Application, Handle, config, obey};
use crate::subjects::{Setting, http};
use holdline_net::HostNet;

/// Runs it on a machine that kept `journal`.
pub(super) async fn run(net: Rc<dyn HostNet>, setting: Setting, journal: MemoryJournal) {
    let clock = Clock::at(setting.wall(net.now()));
    let http = http::client(net, &setting);
    let client = Client::builder(config(&setting))
        .http(http)
        .clock(clock)
        .journal(journal)
        .start()
        .expect("the configuration is the harness's own");
    actix_rt::spawn(write_down(client.events(), setting.clone()));
    obey(&client, &setting).await;
}

impl Handle for Client {
    fn send(&self, text: String) -> Uuid {
        self.send(text).id()
    }

    fn reconnect(&self) {
        self.reconnect();
    }

    async fn shutdown(&self) {
        self.shutdown().await;
    }
}

async fn write_down(mut events: EventStream, setting: Setting) {
    let app = Application::new(&setting);
    while let Some(event) = events.next().await {
        app.tell(event, &setting);
    }
}
