//! `GenesysWebMessagingClient`: its state, its sockets, its end.
//!
//! What its parts need of each other goes through here. It refuses to decide anything: the parts do.

use std::cell::{Cell, Ref, RefCell, RefMut};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use actix::{Actor as _, Addr, AsyncContext as _};
use futures_util::future::LocalBoxFuture;
use rand::Rng as _;
use rand_chacha::ChaCha8Rng;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::super::defect::{Defect, Defects};
use super::actor::{Run, Session, Stop};
use super::api::url;
use super::buffer::{MessageBuffer, Road};
use super::clock::{Clock, within};
use super::doors::Door;
use super::guests::GuestSession;
use super::socket::{Connection, Order};
use crate::subjects::app::App;
use crate::subjects::{Setting, http};
use crate::trace::Kind;
use crate::trace::reports::{Notice, State};
use holdline_net::HostNet;

/// How long a socket may take to say goodbye.
const GOODBYE_WITHIN: Duration = Duration::from_secs(2);

/// What a page that keeps it would find again.
#[derive(Debug, Default)]
pub(super) struct Saved {
    pub(super) session: Option<GuestSession>,
    pub(super) buffer: MessageBuffer,
    /// The agent's last message that was shown.
    pub(super) cursor: u64,
    /// When each door is open again.
    pub(super) doors: BTreeMap<Door, Duration>,
}

/// The current connection.
struct Link {
    socket: Addr<Connection>,
    gone: Rc<Notify>,
    open_since: Option<Duration>,
}

/// See the module's documentation.
pub(super) struct Client {
    defects: Defects,
    setting: Setting,
    net: Rc<dyn HostNet>,
    clock: Clock,
    http: awc::Client,
    app: App,
    actor: Addr<Session>,
    saved: Rc<RefCell<Saved>>,
    entropy: Rc<RefCell<ChaCha8Rng>>,
    tasks: RefCell<Vec<LocalBoxFuture<'static, ()>>>,
    link: RefCell<Option<Link>>,
    generation: Cell<u64>,
    changed: Notify,
    renewing: tokio::sync::Mutex<()>,
    /// `isRunning`.
    pub(super) running: Cell<bool>,
    /// `reconnectAttempt`.
    pub(super) attempt: Cell<u32>,
    /// Reconnect flows under way.
    pub(super) flows: Cell<u32>,
    /// Flushes under way.
    pub(super) flushes: Cell<u32>,
    pub(super) catching_up: Cell<bool>,
    /// The token was renewed because a handshake was refused.
    pub(super) renewed: Cell<bool>,
    pub(super) next_send: Cell<Duration>,
    /// Somebody asks to connect now.
    pub(super) asked: Notify,
}

impl Client {
    /// Starts one with what the machine has kept.
    pub(super) fn start(
        net: Rc<dyn HostNet>,
        setting: &Setting,
        defects: Defects,
        saved: Rc<RefCell<Saved>>,
        entropy: Rc<RefCell<ChaCha8Rng>>,
    ) -> Rc<Self> {
        let mut started = None;
        Session::create(|context| {
            let client = Rc::new(Self {
                defects,
                clock: Clock::new(Rc::clone(&net), setting.clone(), defects),
                http: http::client(Rc::clone(&net), setting).into_awc(),
                app: App::new(setting),
                setting: setting.clone(),
                net,
                actor: context.address(),
                saved,
                entropy,
                tasks: RefCell::default(),
                link: RefCell::default(),
                generation: Cell::default(),
                changed: Notify::new(),
                renewing: tokio::sync::Mutex::default(),
                running: Cell::default(),
                attempt: Cell::default(),
                flows: Cell::default(),
                flushes: Cell::default(),
                catching_up: Cell::default(),
                renewed: Cell::default(),
                next_send: Cell::default(),
                asked: Notify::new(),
            });
            started = Some(Rc::clone(&client));
            Session { client }
        });
        let client = started.expect("an actor is made when it is created");
        client.resume();
        client.spawn(Rc::clone(&client).initialize());
        client
    }

    /// What was buffered before a crash goes on growing old.
    fn resume(self: &Rc<Self>) {
        let now = self.clock.now();
        let pending = self.saved().buffer.unacknowledged();
        for message in pending.iter().filter(|_| !self.has(Defect::A17)) {
            let age = now.saturating_sub(message.timestamp);
            self.expire_in_time(&message.id, self.ttl().saturating_sub(age));
        }
    }

    /// `shutdown`.
    pub(super) async fn shutdown(&self) {
        self.running.set(false);
        self.actor.do_send(Stop);
        let link = self.link.take();
        self.changed();
        if let Some(Link { socket, gone, .. }) = link {
            socket.do_send(Order::Close);
            within(Some(GOODBYE_WITHIN), gone.notified()).await;
        }
        self.state(State::Closed);
    }

    /// Something that goes on by itself, and ends with the client if that ends as it should.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        if self.has(Defect::A9) {
            actix_rt::spawn(task);
        } else {
            self.tasks.borrow_mut().push(Box::pin(task));
            self.actor.do_send(Run);
        }
    }

    /// What waits to be run.
    pub(super) fn take_tasks(&self) -> Vec<LocalBoxFuture<'static, ()>> {
        self.tasks.take()
    }

    /// `setupConnection`.
    pub(super) fn setup_connection(&self, session: &GuestSession) {
        let url = url(&format!("webchat/instances/{}/websocket", session.instance));
        let mut request = self.http.ws(url);
        if !self.has(Defect::A1) {
            request = request.bearer_auth(&session.token);
        }
        let generation = self.generation.get() + 1;
        self.generation.set(generation);
        let gone = Rc::new(Notify::new());
        let client = self.actor.clone().recipient();
        let settings = (self.defects, self.clock.clone());
        let connection = Connection::new(generation, client, request, settings, Rc::clone(&gone));
        let link = Link { socket: connection.start(), gone, open_since: None };
        self.link.replace(Some(link));
    }

    /// The current connection is none any more, and what it says is void.
    pub(super) fn let_go(&self) {
        self.link.take();
        self.generation.set(self.generation.get() + 1);
        self.changed();
    }

    pub(super) fn link_is_open(&self) {
        // What waits is for the flush.
        self.saved_mut().buffer.all().for_each(|message| message.road = Road::Rest);
        self.renewed.set(false);
        if let Some(link) = &mut *self.link.borrow_mut() {
            link.open_since = Some(self.mono());
        }
    }

    /// How long the current socket has been open.
    pub(super) fn open_for(&self) -> Option<Duration> {
        let since = self.link.borrow().as_ref()?.open_since?;
        Some(self.mono().saturating_sub(since))
    }

    pub(super) fn is_open(&self) -> bool {
        self.open_for().is_some()
    }

    pub(super) fn order(&self, order: Order) {
        if let Some(link) = &*self.link.borrow() {
            link.socket.do_send(order);
        }
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation.get()
    }

    pub(super) fn has(&self, defect: Defect) -> bool {
        self.defects.has(defect)
    }

    pub(super) fn defects(&self) -> Defects {
        self.defects
    }

    pub(super) fn setting(&self) -> &Setting {
        &self.setting
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The time by which waits and paces are kept, whatever is put on the wall.
    pub(super) fn mono(&self) -> Duration {
        self.net.now()
    }

    pub(super) fn http(&self) -> &awc::Client {
        &self.http
    }

    pub(super) fn app(&self) -> &App {
        &self.app
    }

    pub(super) fn saved(&self) -> Ref<'_, Saved> {
        self.saved.borrow()
    }

    pub(super) fn saved_mut(&self) -> RefMut<'_, Saved> {
        self.saved.borrow_mut()
    }

    pub(super) fn entropy(&self) -> RefMut<'_, ChaCha8Rng> {
        self.entropy.borrow_mut()
    }

    pub(super) fn renewing(&self) -> &tokio::sync::Mutex<()> {
        &self.renewing
    }

    /// `uuidv4()`.
    pub(super) fn draw_id(&self) -> String {
        let mut bytes = [0; 16];
        self.entropy().fill_bytes(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    /// The next change of the buffer or the connection.
    pub(super) fn change(&self) -> Notified<'_> {
        self.changed.notified()
    }

    pub(super) fn changed(&self) {
        self.changed.notify_waiters();
    }

    pub(super) fn push(&self, kind: Kind) {
        self.setting.log.push(self.setting.lane, kind);
    }

    pub(super) fn state(&self, state: State) {
        self.push(Kind::State { state });
    }

    pub(super) fn notice(&self, text: String) {
        self.push(Kind::Notice { notice: Notice::Other(text) });
    }
}
