//! The only client on its machine, on or off.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use holdline_client::core::outbox::Draft;
use holdline_client::core::session;
use holdline_client::{Config, Entry, Event, Ids, Instant, Now, Saved, Wall};

use super::{Client, Shell};
use crate::subjects::holdline::Application;
use crate::subjects::{Command, Setting};
use crate::trace::Kind;
use crate::trace::reports::Wish;
use crate::world::pure::World;
use crate::world::pure::transport::{ClientRef, MailInbox, Op, Process};

/// The client's machine.
pub(in crate::world::pure) struct Alone {
    setting: Setting,
    config: Config,
    /// What survives a crash.
    saved: Saved,
    /// What was asked for while it was off.
    commands: VecDeque<Command>,
    lives: u64,
    running: Option<Running>,
}

struct Running {
    owner: ClientRef,
    inbox: Rc<MailInbox>,
    app: Application,
    client: Client,
    ids: Ids,
    started: Duration,
    wall_at_start: Duration,
    due: Option<Duration>,
    shut_down: bool,
    over: bool,
}

/// Effects are carried out where they arise.
struct ClientShell<'a> {
    world: &'a mut World,
    owner: ClientRef,
    app: &'a Application,
    setting: &'a Setting,
    saved: &'a mut Saved,
}

impl Shell for ClientShell<'_> {
    fn op(&mut self, op: Op) {
        self.world.carry_out_op(self.owner, op);
    }

    fn publish(&mut self, event: Event) {
        self.app.tell(event, self.setting);
    }

    fn record(&mut self, entry: Entry) {
        self.saved.apply(&entry);
    }

    /// There is no other client to hand over to.
    fn left(&mut self) {}
}

impl Alone {
    pub(in crate::world::pure) fn new(setting: Setting, config: Config) -> Self {
        let (saved, commands) = (Saved::default(), VecDeque::new());
        Self { setting, config, saved, commands, lives: 0, running: None }
    }

    /// When the first of its deadlines is.
    pub(in crate::world::pure) fn next_tick(&self) -> Option<Duration> {
        self.running.as_ref()?.due
    }

    /// Its process begins, with what the one before it has left.
    pub(in crate::world::pure) fn start(&mut self, world: &mut World) {
        let now = world.now;
        self.lives += 1;
        let owner = ClientRef { process: self.lives, client: self.lives };
        let inbox = Rc::new(MailInbox::default());
        let process = Process::new(self.setting.lane, None, Rc::clone(&inbox));
        world.processes.insert(owner.process, process);
        let wall_at_start = self.setting.wall(now);
        let clock = Now { mono: Instant::ZERO, wall: Wall::new(wall_at_start) };
        let log = world.log.clone();
        let (client, ids) = Client::new(self.config.clone(), &self.saved, clock, log);
        self.running = Some(Running {
            owner,
            inbox,
            app: Application::new(&self.setting),
            client,
            ids,
            started: now,
            wall_at_start,
            due: None,
            shut_down: false,
            over: false,
        });
        self.run(world);
        for command in std::mem::take(&mut self.commands) {
            self.command(world, command);
        }
    }

    /// And ends without a word.
    pub(in crate::world::pure) fn crash(&mut self, world: &mut World) {
        if let Some(running) = self.running.take() {
            world.end_process(running.owner.process);
        }
    }

    /// The user wants something; of a client that is not there, once it is.
    pub(in crate::world::pure) fn command(&mut self, world: &mut World, command: Command) {
        let Some(running) = &mut self.running else { return self.commands.push_back(command) };
        if running.over {
            return;
        }
        match command {
            Command::Send(text) => {
                let (name, bytes) = (world.log.name_typed(&text), text.len());
                let id = running.ids.draw();
                let accepted_at = running.clock(world.now).wall;
                world.log.name_id(&id.to_string(), name);
                world.log.push(self.setting.lane, Kind::Typed { message: name, bytes });
                if running.shut_down {
                    return;
                }
                if bytes <= self.config.outbox.max_text_bytes {
                    let text = text.clone();
                    self.saved.apply(&Entry::Accepted { id, text, at_wall: accepted_at });
                }
                let draft = Draft { id, text, accepted_at };
                running.client.engine.handle_message(draft);
            }
            Command::Reconnect => {
                world.log.push(self.setting.lane, Kind::Asked { what: Wish::Reconnect });
                running.client.engine.handle(session::Input::Reconnect);
            }
            Command::ShutDown => {
                running.shut_down = true;
                running.client.engine.shut_down();
            }
        }
        self.run(world);
    }

    /// Reads its mail, and lets the machines whose deadline has come have their turn.
    pub(in crate::world::pure) fn run(&mut self, world: &mut World) {
        let Self { setting, saved, running, .. } = self;
        let Some(running) = running else { return };
        let now = world.now;
        let is_idle = running.inbox.is_empty() && running.client.engine.is_drained();
        if is_idle && running.due.is_none_or(|due| due > now) {
            return;
        }
        let clock = running.clock(now);
        let started = running.started;
        let Running { owner, app, client, inbox, .. } = running;
        let mut shell = ClientShell { world, owner: *owner, app, setting, saved };
        let mut ticks = running.due.is_some_and(|due| due <= now);
        loop {
            while let Some((_, mail)) = inbox.take() {
                client.take(mail);
            }
            client.run(clock, &mut shell);
            let ticked = std::mem::take(&mut ticks) && client.engine.handle_timeout(clock.mono);
            if !ticked && inbox.is_empty() {
                break;
            }
        }
        let deadline = running.client.engine.next_deadline();
        running.due = deadline.map(|at| (started + at.since_start()).max(now));
        if running.client.is_over() && !running.over {
            running.over = true;
            world.close_idle(running.owner.process);
            world.log.push(setting.lane, Kind::ShutDown);
        }
    }
}

impl Running {
    fn clock(&self, now: Duration) -> Now {
        let elapsed = now.saturating_sub(self.started);
        Now { mono: Instant::new(elapsed), wall: Wall::new(self.wall_at_start + elapsed) }
    }
}
