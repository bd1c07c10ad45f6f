//! The client's machines, with a thin twin of their actors: effects are carried out at once, what the
//! machines tell each other goes through one queue, and each has one deadline.
//!
//! - `effects`: what the machines want done.
//! - `says`: what the client sends, and how it closes.
//! - `hears`: what arrives.

mod effects;
mod hears;
mod says;

use std::collections::VecDeque;
use std::time::Duration;

use holdline_client::core::outbox::{self, Draft, Outbox};
use holdline_client::core::session::{self, Session};
use holdline_client::transport::wire;
use holdline_client::{Config, Entry, Ids, Instant, Machines, Now, Saved, Wall};

use super::World;
use super::conn::Purpose;
use crate::plan::Plan;
use crate::subjects::holdline::Application;
use crate::subjects::{Command, Setting, Subject};
use crate::trace::{Kind, Lane, Log};
use crate::world::{PROXY, WALL_AT_START};

/// The client's machine, on or off.
pub(super) struct Twin {
    setting: Setting,
    config: Config,
    guest_body: String,
    /// What survives a crash.
    saved: Saved,
    commands: VecDeque<Command>,
    running: Option<Running>,
}

struct Running {
    app: Application,
    session: Session,
    /// Gone after a shutdown.
    outbox: Option<Outbox>,
    ids: Ids,
    started: Duration,
    wall_at_start: Duration,
    session_due: Option<Duration>,
    outbox_due: Option<Duration>,
    /// What is under way, and on which connection.
    under_way: Vec<(Purpose, usize)>,
    /// Sockets that are not over, by their number.
    sockets: Vec<(u64, usize)>,
    /// Connections kept for the next request.
    idle: Vec<usize>,
    mail: VecDeque<Mail>,
    shut_down: bool,
    finished: bool,
    over: bool,
}

#[derive(Debug)]
enum Mail {
    Session(session::Input),
    Outbox(outbox::Input),
}

impl Twin {
    pub(super) fn new(plan: &Plan, subject: &dyn Subject, log: &Log) -> Option<Self> {
        let setting = Setting {
            gateway: PROXY,
            commands: std::rc::Rc::default(),
            log: log.clone(),
            lane: Lane::Client,
            seed: plan.seed,
            client: plan.client.clone(),
            wall_at_start: WALL_AT_START,
            wall_put: std::rc::Rc::default(),
        };
        let config = subject.machines(&setting)?;
        let guest_body = wire::guest_body(&config.guest);
        let (saved, commands) = (Saved::default(), VecDeque::new());
        Some(Self { setting, config, guest_body, saved, commands, running: None })
    }

    /// When the first of the two deadlines is.
    pub(super) fn next_tick(&self) -> Option<Duration> {
        let running = self.running.as_ref()?;
        match (running.session_due, running.outbox_due) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }

    pub(super) fn put_wall(&self, by: Duration) {
        self.setting.wall_put.set(self.setting.wall_put.get() + by);
    }
}

impl Running {
    fn new(twin: &Setting, config: &Config, saved: &Saved, now: Duration) -> Self {
        let wall_at_start = twin.wall(now);
        let clock = Now { mono: Instant::ZERO, wall: Wall::new(wall_at_start) };
        let Machines { session, outbox, ids } = Machines::new(config.clone(), saved, clock);
        let mut mail: VecDeque<Mail> = saved
            .pending
            .iter()
            .map(|message| Mail::Outbox(outbox::Input::Restore(message.clone().into())))
            .collect();
        mail.push_back(Mail::Session(session::Input::Start(saved.guest.clone())));
        Self {
            app: Application::new(twin),
            session,
            outbox: Some(outbox),
            ids,
            started: now,
            wall_at_start,
            session_due: None,
            outbox_due: None,
            under_way: Vec::new(),
            sockets: Vec::new(),
            idle: Vec::new(),
            mail,
            shut_down: false,
            finished: false,
            over: false,
        }
    }

    fn clock(&self, now: Duration) -> Now {
        let elapsed = now.saturating_sub(self.started);
        Now { mono: Instant::new(elapsed), wall: Wall::new(self.wall_at_start + elapsed) }
    }

    fn take(&mut self, purpose: Purpose) -> Option<usize> {
        let at = self.under_way.iter().position(|(of, _)| *of == purpose)?;
        Some(self.under_way.swap_remove(at).1)
    }

    fn socket(&self, socket: u64) -> Option<usize> {
        self.sockets.iter().find(|(of, _)| *of == socket).map(|(_, conn)| *conn)
    }
}

impl World {
    /// The client's process begins, with what the one before it has left.
    pub(super) fn start_client(&mut self) {
        let Twin { setting, config, saved, .. } = &self.client;
        self.client.running = Some(Running::new(setting, config, saved, self.now));
        self.deliver();
        for command in std::mem::take(&mut self.client.commands) {
            self.command(command);
        }
    }

    /// And ends without a word.
    pub(super) fn crash_client(&mut self) {
        self.client.running = None;
        for conn in 0..self.conns.len() {
            self.client_close(conn);
        }
    }

    /// The user wants something; of a client that is not there, once it is.
    pub(super) fn command(&mut self, command: Command) {
        let now = self.now;
        let Twin { running, saved, commands, config, .. } = &mut self.client;
        let Some(running) = running else { return commands.push_back(command) };
        if running.over {
            return;
        }
        match command {
            Command::Send(text) => {
                let (name, bytes) = (self.log.name_typed(&text), text.len());
                let id = running.ids.draw();
                let accepted_at = running.clock(now).wall;
                self.log.name_id(&id.to_string(), &name);
                self.log.push(Lane::Client, Kind::Typed { message: name, bytes });
                if running.shut_down {
                    return;
                }
                if bytes <= config.outbox.max_text_bytes {
                    saved.apply(&Entry::Accepted { id, text: text.clone(), at_wall: accepted_at });
                }
                let draft = Draft { id, text, accepted_at };
                running.mail.push_back(Mail::Outbox(outbox::Input::Submit(draft)));
            }
            Command::Reconnect => {
                self.log.push(Lane::Client, Kind::Asked { what: "reconnect".into() });
                running.mail.push_back(Mail::Session(session::Input::Reconnect));
            }
            Command::ShutDown => {
                running.shut_down = true;
                running.mail.push_back(Mail::Outbox(outbox::Input::Shutdown));
                running.mail.push_back(Mail::Session(session::Input::Shutdown));
            }
        }
        self.deliver();
    }

    /// A deadline has come.
    pub(super) fn tick_client(&mut self) {
        let now = self.now;
        let Some(running) = &mut self.client.running else { return };
        if running.session_due.is_some_and(|due| due <= now) {
            running.session_due = None;
            running.mail.push_back(Mail::Session(session::Input::Tick));
        }
        if running.outbox_due.is_some_and(|due| due <= now) {
            running.outbox_due = None;
            running.mail.push_back(Mail::Outbox(outbox::Input::Tick));
        }
        self.deliver();
    }

    fn tell(&mut self, input: session::Input) {
        if let Some(running) = &mut self.client.running {
            running.mail.push_back(Mail::Session(input));
            self.deliver();
        }
    }

    /// Hands out the machines' mail until there is none.
    fn deliver(&mut self) {
        let now = self.now;
        while let Some(running) = &mut self.client.running {
            let Some(mail) = running.mail.pop_front() else { break };
            let clock = running.clock(now);
            match mail {
                Mail::Session(input) => {
                    let mut effects = Vec::new();
                    running.session.on(clock, input, &mut effects);
                    for effect in effects {
                        self.of_session(effect);
                    }
                }
                Mail::Outbox(input) => {
                    let Some(outbox) = &mut running.outbox else { continue };
                    let ends = matches!(input, outbox::Input::Shutdown);
                    let mut effects = Vec::new();
                    outbox.on(clock, input, &mut effects);
                    for effect in effects {
                        self.of_outbox(effect);
                    }
                    if ends && let Some(running) = &mut self.client.running {
                        running.outbox = None;
                    }
                }
            }
        }
        let Some(running) = &mut self.client.running else { return };
        let started = running.started;
        let due = |at: Instant| (started + at.since_start()).max(now);
        running.session_due = running.session.next_deadline().map(due);
        running.outbox_due = running.outbox.as_ref().and_then(Outbox::next_deadline).map(due);
        if running.finished && running.sockets.is_empty() && !running.over {
            running.over = true;
            for index in std::mem::take(&mut running.idle) {
                self.client_close(index);
            }
            self.log.push(Lane::Client, Kind::ShutDown);
        }
    }
}
