//! A connection that is kept open while it may be: opened when it is first needed, closed when a
//! newer program wants to upgrade, opened again afterwards at whatever version is there then.

use std::rc::Rc;

use tokio::sync::Mutex;

use super::{Batch, Connection, Idb, IdbError, Mode, Upgrade};

/// How a database is made that is not there yet.
pub type Create = fn(&mut Upgrade<'_>) -> Result<(), IdbError>;

/// See the module's documentation.
pub struct KeptOpen {
    idb: Idb,
    agent: u64,
    name: String,
    create: Create,
    /// Fair, so that transactions begin in the order in which they were asked for.
    connection: Mutex<Option<Rc<Connection>>>,
}

impl KeptOpen {
    /// Opens nothing yet.
    #[must_use]
    pub fn new(idb: Idb, agent: u64, name: &str, create: Create) -> Self {
        Self { idb, agent, name: name.into(), create, connection: Mutex::default() }
    }

    /// A transaction, after opening the database if that is needed.
    pub async fn batch(&self, stores: &[&str], mode: Mode) -> Result<Batch, IdbError> {
        let mut kept = self.connection.lock().await;
        let connection = match kept.take().filter(|connection| connection.is_open()) {
            Some(connection) => connection,
            None => self.open().await?,
        };
        kept.insert(connection).batch(stores, mode)
    }

    async fn open(&self) -> Result<Rc<Connection>, IdbError> {
        let opening = self.idb.open(self.agent, &self.name, None).on_upgrade(self.create);
        let connection = Rc::new(opening.await?);
        let weak = Rc::downgrade(&connection);
        connection.on_version_change(move |_| {
            if let Some(connection) = weak.upgrade() {
                connection.close();
            }
        });
        Ok(connection)
    }
}
