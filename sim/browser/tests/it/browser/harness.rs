//! A browser on a network with an echo host, and a notebook that every page can write in.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use futures_util::StreamExt as _;
use holdline_browser::{Browser, BrowserSettings, Page, TabId};
use holdline_net::event::EventNet;
use holdline_net::{Backend, HostName, LinkProfile, Program};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

pub(crate) const BROWSER: HostName = "browser";
pub(crate) const ECHO: HostName = "echo";
pub(crate) const PORT: u16 = 7;

/// Lines with the millisecond they were written at.
#[derive(Clone)]
pub(crate) struct Notes(Rc<RefCell<Vec<String>>>);

impl Notes {
    pub(crate) fn write(&self, line: impl Into<String>) {
        self.0.borrow_mut().push(line.into());
    }

    /// What was written since the last look.
    pub(crate) fn take(&self) -> Vec<String> {
        self.0.take()
    }
}

/// See the file's documentation.
pub(crate) struct Lab {
    pub(crate) net: EventNet,
    pub(crate) browser: Browser,
    /// What pages and the echo host write.
    pub(crate) notes: Notes,
    /// What the observer is told.
    pub(crate) seen: Notes,
}

impl Lab {
    /// Runs `page` in every tab.
    pub(crate) fn new<F>(
        settings: BrowserSettings,
        page: impl Fn(Page, Notes) -> F + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + 'static,
    {
        Self::seeded(1, settings, page)
    }

    pub(crate) fn seeded<F>(
        seed: u64,
        settings: BrowserSettings,
        page: impl Fn(Page, Notes) -> F + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + 'static,
    {
        let profile = LinkProfile { latency: ms(5), jitter: ms(0), loss_ppm: 0 };
        let mut net = EventNet::new(&[ECHO, BROWSER], profile, seed);
        let notes = Notes(Rc::default());
        let watched = Notes(Rc::default());
        let observer = watched.clone();
        let browser = Browser::new(
            settings,
            seed,
            net.clock(),
            Rc::new(move |tab, event| observer.write(format!("{tab} {event:?}"))),
        );
        let given = notes.clone();
        let program = browser.program(Rc::new(move |it| Box::pin(page(it, given.clone()))));
        net.add_host(ECHO, echo(notes.clone()));
        net.add_host(BROWSER, program);
        Self { net, browser, notes, seen: watched }
    }

    /// Lets time pass up to that millisecond.
    pub(crate) fn until(&mut self, millis: u64) {
        self.net.advance(ms(millis), &mut || false).expect("the event network does not stop");
    }

    /// Opens tabs, and lets their programs begin.
    pub(crate) fn open(&mut self, tabs: &str) {
        for letter in tabs.chars() {
            self.browser.open(tab(letter)).expect("it is not open yet");
        }
        let now = self.net.clock()();
        self.net.advance(now, &mut || false).expect("the event network does not stop");
    }
}

pub(crate) fn tab(letter: char) -> TabId {
    TabId::from_letter(letter).expect("a letter from A to P")
}

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Milliseconds since the beginning.
pub(crate) fn now(page: &Page) -> u128 {
    page.net().now().as_millis()
}

/// Writes down everything that a page hears of itself, for ever.
pub(crate) async fn write_life(page: Page, notes: Notes) {
    let mut life = page.life();
    while let Some(event) = life.next().await {
        notes.write(format!("{} {event:?}", page.id()));
    }
}

/// Sends back what comes in, and notes how each connection ends.
fn echo(notes: Notes) -> Program {
    Rc::new(move |net| {
        let notes = notes.clone();
        Box::pin(async move {
            let listener = net.listen(PORT).await.expect("a fresh host has its port free");
            while let Ok(mut stream) = listener.accept().await {
                let (net, notes) = (Rc::clone(&net), notes.clone());
                tokio::task::spawn_local(async move {
                    let mut chunk = [0; 64];
                    while let Ok(n @ 1..) = stream.read(&mut chunk).await {
                        if stream.write_all(&chunk[..n]).await.is_err() {
                            break;
                        }
                    }
                    notes.write(format!("echo: over at {}", net.now().as_millis()));
                });
            }
        })
    })
}
