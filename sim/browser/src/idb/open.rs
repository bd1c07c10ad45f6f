//! Opening a database, with all that an upgrade brings: who is asked to close, who has to wait.

use std::future::IntoFuture;
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;

use super::batch::Live;
use super::data::Database;
use super::origin::Origin;
use super::undo::Undo;
use super::{Connection, Idb, IdbError, Mode, Private, Upgrade, VersionChange};

type OnUpgrade = Box<dyn FnOnce(&mut Upgrade<'_>) -> Result<(), IdbError>>;

/// A request to open a database. Awaiting it gives the connection.
#[must_use = "nothing happens until it is awaited"]
pub struct Opening {
    idb: Idb,
    agent: u64,
    name: String,
    version: Option<u32>,
    on_upgrade: Option<OnUpgrade>,
    on_blocked: Option<Box<dyn FnOnce()>>,
}

/// What the one who wants to upgrade does next.
enum Step {
    Tell(Vec<Rc<dyn Fn(VersionChange)>>),
    Blocked,
    Alone,
    /// Somebody else has upgraded meanwhile.
    Overtaken,
}

/// A place in the line of those who open the same database.
struct Place {
    idb: Idb,
    id: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.idb.change(|origin| origin.openings.remove(&self.id));
    }
}

impl Opening {
    pub(super) fn new(idb: Idb, agent: u64, name: &str, version: Option<u32>) -> Self {
        Self { idb, agent, name: name.into(), version, on_upgrade: None, on_blocked: None }
    }

    /// What `upgradeneeded` does; an error aborts the upgrade, and the old version stays. It must
    /// not touch the [`Idb`] itself.
    pub fn on_upgrade(
        mut self,
        upgrade: impl FnOnce(&mut Upgrade<'_>) -> Result<(), IdbError> + 'static,
    ) -> Self {
        self.on_upgrade = Some(Box::new(upgrade));
        self
    }

    /// What happens when others keep the old version open although they were asked.
    pub fn on_blocked(mut self, blocked: impl FnOnce() + 'static) -> Self {
        self.on_blocked = Some(Box::new(blocked));
        self
    }

    async fn run(mut self) -> Result<Connection, IdbError> {
        if self.version == Some(0) {
            return Err(IdbError::Type("version 0 asked for; versions begin with 1".into()));
        }
        let id = self.idb.change(|origin| {
            let id = origin.next_id();
            origin.openings.insert(id, (self.agent, self.name.clone()));
            id
        });
        let place = Place { idb: self.idb.clone(), id };
        self.idb.delay().await;
        self.idb.until(self.agent, |origin| origin.is_first(id).then_some(())).await?;
        loop {
            let (stored, private) = self.look();
            refuse(private)?;
            let version = self.version.unwrap_or(stored.max(1));
            if version < stored {
                return Err(IdbError::Version { asked: version, stored });
            }
            if version == stored {
                return Ok(self.connect());
            }
            if self.until_alone(place.id, stored, version).await? {
                return self.upgrade(version).await;
            }
        }
    }

    fn look(&self) -> (u32, Private) {
        let origin = self.idb.0.origin.borrow();
        (origin.dbs.get(&self.name).map_or(0, |db| db.version), origin.settings.private)
    }

    fn connect(&self) -> Connection {
        let id = self.idb.0.origin.borrow_mut().connect(self.agent, &self.name);
        Connection::new(self.idb.clone(), id)
    }

    /// Asks every other connection to close, and waits until all have. False when the version is
    /// no longer the one that was stored: whoever slept here was overtaken.
    async fn until_alone(
        &mut self,
        place: u64,
        stored: u32,
        new_version: u32,
    ) -> Result<bool, IdbError> {
        let mut told_blocked = false;
        loop {
            let name = &self.name;
            let next = |origin: &mut Origin| {
                let version = origin.dbs.get(name).map_or(0, |db| db.version);
                if version == stored {
                    step(origin, name, place, told_blocked)
                } else {
                    Some(Step::Overtaken)
                }
            };
            match self.idb.until(self.agent, next).await? {
                Step::Alone => return Ok(true),
                Step::Overtaken => return Ok(false),
                Step::Tell(handlers) => {
                    let change = VersionChange { old_version: self.look().0, new_version };
                    for handler in handlers {
                        handler(change);
                    }
                }
                Step::Blocked => {
                    told_blocked = true;
                    if let Some(blocked) = self.on_blocked.take() {
                        blocked();
                    }
                }
            }
        }
    }

    async fn upgrade(&mut self, new_version: u32) -> Result<Connection, IdbError> {
        let (old_version, _) = self.look();
        let connection = self.connect();
        let live = {
            let mut origin = self.idb.0.origin.borrow_mut();
            let before = origin.dbs.get(&self.name).cloned();
            let scope = before.iter().flat_map(|db| db.stores.keys().cloned()).collect();
            let tx = origin.begin(connection.id(), scope, Mode::ReadWrite);
            let after = Database { version: new_version, ..before.clone().unwrap_or_default() };
            origin.dbs.insert(self.name.clone(), after);
            let entry = origin.txs.get_mut(&tx).expect("it was begun just now");
            entry.undo.push(Undo::Database(before));
            Live::new(self.idb.clone(), self.agent, tx)
        };
        self.idb.delay().await;
        if let Some(upgrade) = self.on_upgrade.take() {
            live.execute(|view| upgrade(&mut Upgrade { view, old_version, new_version }))?;
        }
        live.commit().await?;
        Ok(connection)
    }
}

/// Looks at the other connections of the database.
fn step(origin: &mut Origin, name: &str, place: u64, told_blocked: bool) -> Option<Step> {
    let mut handlers = Vec::new();
    let mut others = false;
    for conn in origin.conns.values_mut().filter(|conn| conn.db == name) {
        others = true;
        let deaf = conn.closing || origin.frozen.contains(&conn.agent);
        if !deaf && conn.told != Some(place) {
            conn.told = Some(place);
            handlers.extend(conn.on_version_change.clone());
        }
    }
    match (others, handlers.is_empty(), told_blocked) {
        (false, ..) => Some(Step::Alone),
        (true, false, _) => Some(Step::Tell(handlers)),
        (true, true, false) => Some(Step::Blocked),
        (true, true, true) => None,
    }
}

fn refuse(private: Private) -> Result<(), IdbError> {
    let why = "databases do not open in this private window";
    match private {
        Private::No => Ok(()),
        Private::InvalidState => Err(IdbError::InvalidState(why.into())),
        Private::Unknown => Err(IdbError::Unknown(why.into())),
    }
}

impl IntoFuture for Opening {
    type Output = Result<Connection, IdbError>;
    type IntoFuture = LocalBoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
