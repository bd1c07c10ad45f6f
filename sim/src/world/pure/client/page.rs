//! One life of a page: what the page lends, what the user asks, and the task in which its tab runs.
//!
//! A page that is frozen or dead is not polled, so nothing here has to know about either.

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::StreamExt as _;
use futures_util::future::poll_fn;
use holdline_client::core::coordinator::{CoordinatorConfig, Input};
use holdline_client::tabs::Life;
use holdline_client::{Config, Ids, Instant, Now, TabMachines, Wall};
use tokio::sync::oneshot;
use tokio::task::spawn_local;
use uuid::Uuid;

use super::runtime::{Lease, Runtime};
use super::tab::{PageEnv, Tab};
use crate::subjects::Setting;
use crate::subjects::holdline::tab::{SCOPE, Witness, life_of, platform};
use crate::subjects::holdline::{Handle, obey};
use crate::world::pure::transport::Inbox;
use holdline_browser::{Page, PageEvents};

/// What reaches a tab, but from its network.
pub(super) enum PageInput {
    Input(Input),
    /// Leave for good, and drop this when nothing is left.
    End(oneshot::Sender<()>),
}

/// Runs it: `config` has the numbers of the client.
pub(super) async fn run(page: Page, setting: Setting, config: Config, runtime: Runtime) {
    let life = page.life();
    let (visible, focused) = (page.is_visible(), page.has_focus());
    let platform = platform(&page, &setting).await;
    let started = runtime.now();
    let wall_at_start = setting.wall(started);
    let now = Now { mono: Instant::ZERO, wall: Wall::new(wall_at_start) };
    let (numbers, me) = (CoordinatorConfig::default(), (SCOPE, platform.tab.clone()));
    let missing = platform.missing();
    let TabMachines { coordinator, ids } = TabMachines::new(config.seed, numbers, me, missing, now);
    let inputs = Rc::new(Inbox::default());
    let handle = PageHandle { inputs: Rc::clone(&inputs), ids: RefCell::new(ids) };
    let witness = Witness::new(page.id().to_string(), setting.clone());
    let lease = Lease::new(&runtime, &page);
    let env = PageEnv { page, platform, runtime, lease, inputs, witness, started, wall_at_start };
    let mut tab = Tab::new(coordinator, config, setting.log.clone(), env);
    handle.ask(Input::Life(if visible { Life::Shown } else { Life::Hidden }));
    handle.ask(Input::Life(if focused { Life::Focused } else { Life::Blurred }));
    handle.ask(Input::Connect);
    spawn_local(live(life, Rc::clone(&handle.inputs)));
    spawn_local(poll_fn(move |cx| tab.poll(cx)));
    obey(&handle, &setting).await;
}

async fn live(mut life: PageEvents, inputs: Rc<Inbox<PageInput>>) {
    while let Some(event) = life.next().await {
        inputs.put(PageInput::Input(Input::Life(life_of(event))));
    }
}

/// What the user does.
struct PageHandle {
    inputs: Rc<Inbox<PageInput>>,
    ids: RefCell<Ids>,
}

impl PageHandle {
    fn ask(&self, input: Input) {
        self.inputs.put(PageInput::Input(input));
    }
}

impl Handle for PageHandle {
    fn send(&self, text: String) -> Uuid {
        let id = self.ids.borrow_mut().draw();
        self.ask(Input::Send { id, text });
        id
    }

    fn reconnect(&self) {
        self.ask(Input::Reconnect);
    }

    async fn shutdown(&self) {
        let (done, over) = oneshot::channel();
        self.inputs.put(PageInput::End(done));
        // It errs when the tab has dropped the sender: nothing is left.
        let _ = over.await;
    }
}
