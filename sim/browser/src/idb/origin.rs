//! The state of one origin and the rules that need no waiting: which transaction may start, what an
//! abort puts back, what a commit counts. It never calls anybody's code.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::data::Database;
use super::undo::Undo;
use super::{IdbError, Mode, Settings, VersionChange, Whose};

pub(super) struct Origin {
    pub(super) settings: Settings,
    rng: ChaCha8Rng,
    pub(super) dbs: BTreeMap<String, Database>,
    pub(super) conns: BTreeMap<u64, Conn>,
    pub(super) txs: BTreeMap<u64, Tx>,
    /// Who waits to open which database, in order.
    pub(super) openings: BTreeMap<u64, (u64, String)>,
    pub(super) dead: BTreeSet<u64>,
    pub(super) frozen: BTreeSet<u64>,
    /// What is committed.
    pub(super) used_bytes: u64,
    pub(super) abort_next: Vec<Whose>,
    pub(super) hang_next: Vec<Whose>,
    last_id: u64,
}

pub(super) struct Conn {
    pub(super) agent: u64,
    pub(super) db: String,
    /// `close` was called; it is closed when its last transaction has ended.
    pub(super) closing: bool,
    /// The opening whose `versionchange` it was sent.
    pub(super) told: Option<u64>,
    pub(super) on_version_change: Option<Rc<dyn Fn(VersionChange)>>,
    pub(super) on_close: Option<Rc<dyn Fn()>>,
}

pub(super) struct Tx {
    pub(super) conn: u64,
    pub(super) agent: u64,
    pub(super) db: String,
    pub(super) scope: Vec<String>,
    pub(super) mode: Mode,
    /// What puts back what was, latest last.
    pub(super) undo: Vec<Undo>,
    /// By how much the committed bytes grow.
    pub(super) growth: i64,
    /// Set when it was aborted; its entry stays until its owner has seen that.
    pub(super) aborted: Option<IdbError>,
}

impl Origin {
    pub(super) fn new(settings: Settings, seed: u64) -> Self {
        Self {
            settings,
            rng: ChaCha8Rng::seed_from_u64(seed),
            dbs: BTreeMap::new(),
            conns: BTreeMap::new(),
            txs: BTreeMap::new(),
            openings: BTreeMap::new(),
            dead: BTreeSet::new(),
            frozen: BTreeSet::new(),
            used_bytes: 0,
            abort_next: Vec::new(),
            hang_next: Vec::new(),
            last_id: 0,
        }
    }

    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    pub(super) fn draw_delay(&mut self) -> Duration {
        let jitter_us = self.settings.store_jitter.as_micros() as u64;
        self.settings.store_delay + Duration::from_micros(self.rng.random_range(0..=jitter_us))
    }

    /// Whether nobody asked to open this database earlier. A frozen agent is overtaken.
    pub(super) fn is_first(&self, opening: u64) -> bool {
        let mine = self.openings.get(&opening);
        mine.is_some_and(|(_, name)| {
            let mut earlier = self.openings.range(..opening).map(|(_, opening)| opening);
            !earlier.any(|(agent, other)| other == name && !self.frozen.contains(agent))
        })
    }

    pub(super) fn connect(&mut self, agent: u64, db: &str) -> u64 {
        let id = self.next_id();
        let conn = Conn {
            agent,
            db: db.into(),
            closing: false,
            told: None,
            on_version_change: None,
            on_close: None,
        };
        self.conns.insert(id, conn);
        id
    }

    pub(super) fn begin(&mut self, conn: u64, scope: Vec<String>, mode: Mode) -> u64 {
        let id = self.next_id();
        let owner = &self.conns[&conn];
        let tx = Tx {
            conn,
            agent: owner.agent,
            db: owner.db.clone(),
            scope,
            mode,
            undo: Vec::new(),
            growth: 0,
            aborted: None,
        };
        self.txs.insert(id, tx);
        id
    }

    /// Whether no earlier transaction is in the way: one that shares an object store and, unless
    /// both only read, has not ended.
    pub(super) fn may_start(&self, id: u64) -> bool {
        let tx = &self.txs[&id];
        let in_the_way = |earlier: &Tx| {
            earlier.aborted.is_none()
                && earlier.db == tx.db
                && (earlier.mode != Mode::ReadOnly || tx.mode != Mode::ReadOnly)
                && earlier.scope.iter().any(|store| tx.scope.contains(store))
        };
        !self.txs.range(..id).any(|(_, earlier)| in_the_way(earlier))
    }

    /// Fails with the reason when the transaction was aborted.
    pub(super) fn alive(&self, id: u64) -> Result<(), IdbError> {
        self.txs[&id].aborted.clone().map_or(Ok(()), Err)
    }

    /// Makes the transaction's changes the truth, unless they do not fit.
    pub(super) fn commit(&mut self, id: u64) -> Result<(), IdbError> {
        self.alive(id)?;
        let growth = self.txs[&id].growth;
        let needed = self.used_bytes.saturating_add_signed(growth);
        if let Some(quota) = self.settings.quota_bytes.filter(|&quota| growth > 0 && needed > quota)
        {
            let full = IdbError::QuotaExceeded { needed, quota };
            self.abort(id, full.clone());
            return Err(full);
        }
        self.used_bytes = needed;
        self.forget(id);
        Ok(())
    }

    /// Undoes everything that the agent has not committed.
    pub(super) fn abort_all_of(&mut self, agent: u64, why: &IdbError) {
        let of_agent = self.txs.iter().filter(|(_, tx)| tx.agent == agent);
        for id in of_agent.map(|(&id, _)| id).collect::<Vec<_>>() {
            self.abort(id, why.clone());
        }
    }

    /// The transaction's owner has no more interest in it.
    pub(super) fn forget(&mut self, id: u64) {
        if let Some(tx) = self.txs.remove(&id) {
            self.close_if_idle(tx.conn);
        }
    }

    pub(super) fn close(&mut self, conn: u64) {
        if let Some(entry) = self.conns.get_mut(&conn) {
            entry.closing = true;
            self.close_if_idle(conn);
        }
    }

    pub(super) fn close_if_idle(&mut self, conn: u64) {
        let busy = self.txs.values().any(|tx| tx.conn == conn && tx.aborted.is_none());
        if !busy && self.conns.get(&conn).is_some_and(|conn| conn.closing) {
            self.conns.remove(&conn);
        }
    }

    /// Takes the first of the injected mishaps that is meant for this agent.
    pub(super) fn strikes(list: &mut Vec<Whose>, agent: u64) -> bool {
        let meant = |whose: &Whose| matches!(whose, Whose::Any) || *whose == Whose::Agent(agent);
        let found = list.iter().position(meant);
        if let Some(index) = found {
            list.remove(index);
        }
        found.is_some()
    }
}
