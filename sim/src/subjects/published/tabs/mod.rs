//! The client of the second article in one page of a browser, rebuilt module by module.
//!
//! - `bootstrap`: `main.js`, and the order in which everything begins. **Start here.**
//! - `sdk`, over `auth` (requests), `guest` and `socket`: a thin stand-in for the SDK.
//! - `focus`, with `connect`: `focus-manager.js`, which tab holds the connection; `watch`: whether it
//!   still lives.
//! - `coalescer`: `message-coalescer.js`, each message once in each tab.
//! - `outbox`: what the user types.
//! - `store`, over `records`: `db-helpers.js`; `worker`: `sw.js`; `words`: what goes over the channels.
//! - `window`: what a script can reach. `actors`: what makes actors of the modules.
//!
//! An event handler of the article is a handler of an actor here, and an `async` function is one. Where
//! a defect is, the code asks for it and then does as published. An error that the article does not
//! handle ends the flow that it is in, and nothing else. Without any defect it survives what the
//! plans of known bugs do to it; it is no client for the world.

mod actors;
mod auth;
mod bootstrap;
mod coalescer;
mod connect;
mod focus;
mod guest;
mod outbox;
mod records;
mod sdk;
mod socket;
mod store;
mod watch;
mod window;
mod words;
mod worker;

use std::rc::Rc;

pub(super) use self::store::DATABASE;

use self::bootstrap::Modules;
use self::window::Window;
use self::worker::ServiceWorker;
use super::defect::Defects;
use crate::subjects::{Command, PageProgram, Setting};
use crate::trace::Kind;
use crate::trace::reports::Wish;
use holdline_browser::Page;

/// What runs in the pages of one browser.
pub(super) fn program(defects: Defects) -> PageProgram {
    let worker = Rc::new(ServiceWorker::default());
    Rc::new(move |page, setting| Box::pin(run(page, setting, defects, Rc::clone(&worker))))
}

/// Runs it for one life of the page.
async fn run(page: Page, setting: Setting, defects: Defects, worker: Rc<ServiceWorker>) {
    let window = Window::new(page, setting, defects);
    let modules = Rc::new(Modules::default());
    let booting = tokio::task::spawn_local(Rc::clone(&modules).boot(window.clone(), worker));
    obey(&window, &modules).await;
    booting.abort();
    modules.stop().await;
    window.log(Kind::ShutDown);
}

/// Does what the user asks, up to the end.
async fn obey(window: &Window, modules: &Modules) {
    let Setting { commands, log, .. } = window.setting();
    loop {
        match commands.next().await {
            Command::Send(text) => {
                let message = log.name_typed(&text);
                window.log(Kind::Typed { message, bytes: text.len() });
                match modules.outbox() {
                    Some(outbox) => drop(tokio::task::spawn_local(async move {
                        outbox.send(message, text).await;
                    })),
                    None => window.error("Uncaught TypeError: there is nothing to type into"),
                }
            }
            Command::Reconnect => window.log(Kind::Asked { what: Wish::Reconnect }),
            Command::ShutDown => return,
        }
    }
}
