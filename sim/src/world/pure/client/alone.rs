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
use crate::world::pure::World;
use crate::world::pure::transport::{Caller, House, MailDoor, Op};

/// The client's machine.
pub(in crate::world::pure) struct Alone {
    setting: Setting,
    config: Config,
    /// What survives a crash.
    saved: Saved,
    /// What was asked for while it was off.
    commands: VecDeque<Command>,
    lives: u64,
    running: Option<Process>,
}

struct Process {
    caller: Caller,
    door: Rc<MailDoor>,
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
struct Around<'a> {
    world: &'a mut World,
    caller: Caller,
    app: &'a Application,
    setting: &'a Setting,
    saved: &'a mut Saved,
}

impl Shell for Around<'_> {
    fn op(&mut self, op: Op) {
        self.world.carry_out_op(self.caller, op);
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
        let caller = Caller { house: self.lives, client: self.lives };
        let door = Rc::new(MailDoor::default());
        let house = House::new(self.setting.lane, None, Rc::clone(&door));
        world.houses.insert(caller.house, house);
        let wall_at_start = self.setting.wall(now);
        let clock = Now { mono: Instant::ZERO, wall: Wall::new(wall_at_start) };
        let log = world.log.clone();
        let (client, ids) = Client::new(self.config.clone(), &self.saved, clock, log);
        self.running = Some(Process {
            caller,
            door,
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
        if let Some(process) = self.running.take() {
            world.leave_house(process.caller.house);
        }
    }

    /// The user wants something; of a client that is not there, once it is.
    pub(in crate::world::pure) fn command(&mut self, world: &mut World, command: Command) {
        let Some(process) = &mut self.running else { return self.commands.push_back(command) };
        if process.over {
            return;
        }
        match command {
            Command::Send(text) => {
                let (name, bytes) = (world.log.name_typed(&text), text.len());
                let id = process.ids.draw();
                let accepted_at = process.clock(world.now).wall;
                world.log.name_id(&id.to_string(), name);
                world.log.push(self.setting.lane, Kind::Typed { message: name, bytes });
                if process.shut_down {
                    return;
                }
                if bytes <= self.config.outbox.max_text_bytes {
                    let text = text.clone();
                    self.saved.apply(&Entry::Accepted { id, text, at_wall: accepted_at });
                }
                let draft = Draft { id, text, accepted_at };
                process.client.engine.handle_message(draft);
            }
            Command::Reconnect => {
                world.log.push(self.setting.lane, Kind::Asked { what: "reconnect".into() });
                process.client.engine.handle(session::Input::Reconnect);
            }
            Command::ShutDown => {
                process.shut_down = true;
                process.client.engine.shut_down();
            }
        }
        self.run(world);
    }

    /// Reads its mail, and lets the machines whose deadline has come have their turn.
    pub(in crate::world::pure) fn run(&mut self, world: &mut World) {
        let Self { setting, saved, running, .. } = self;
        let Some(process) = running else { return };
        let now = world.now;
        let is_idle = process.door.is_empty() && process.client.engine.is_drained();
        if is_idle && process.due.is_none_or(|due| due > now) {
            return;
        }
        let clock = process.clock(now);
        let started = process.started;
        let Process { caller, app, client, door, .. } = process;
        let mut around = Around { world, caller: *caller, app, setting, saved };
        let mut ticks = process.due.is_some_and(|due| due <= now);
        loop {
            while let Some((_, mail)) = door.take() {
                client.take(mail);
            }
            client.run(clock, &mut around);
            let ticked = std::mem::take(&mut ticks) && client.engine.handle_timeout(clock.mono);
            if !ticked && door.is_empty() {
                break;
            }
        }
        let deadline = process.client.engine.next_deadline();
        process.due = deadline.map(|at| (started + at.since_start()).max(now));
        if process.client.is_over() && !process.over {
            process.over = true;
            world.close_idle(process.caller.house);
            world.log.push(setting.lane, Kind::ShutDown);
        }
    }
}

impl Process {
    fn clock(&self, now: Duration) -> Now {
        let elapsed = now.saturating_sub(self.started);
        Now { mono: Instant::new(elapsed), wall: Wall::new(self.wall_at_start + elapsed) }
    }
}
