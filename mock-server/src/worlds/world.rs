//! One tenant's world. It keeps its identity for life; a reset gives it a new cloud, so that what
//! still runs on the old one can touch nothing of the new.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::MockConfig;
use crate::admin::Script;
use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::journal::{Entry, Journal};
use crate::serve::going_away;

/// A cloud, its clock and what happened in it.
pub(crate) struct World {
    key: String,
    clock: Clock,
    journal: Arc<Journal>,
    cloud: Mutex<Cloud>,
    /// What the agent answers by itself, and how often that was changed.
    script: Mutex<(u64, Option<Arc<Script>>)>,
}

impl World {
    pub(super) fn new(key: &str, config: &MockConfig, real: &Clock) -> Arc<Self> {
        let clock = Clock::steered(real.clone(), config.speed);
        let journal = Arc::new(Journal::new(config.journal_entries, clock.clone()));
        let cloud = Mutex::new(cloud(key, config, &clock, &journal));
        let script = Mutex::default();
        Arc::new(Self { key: key.to_owned(), clock, journal, cloud, script })
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    pub(crate) fn cloud(&self) -> Cloud {
        self.cloud.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the agent answers by itself; the number changes with it.
    pub(crate) fn script(&self) -> (u64, Option<Arc<Script>>) {
        self.script.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gives the agent another script, or none; its number.
    pub(crate) fn set_script(&self, script: Option<Arc<Script>>) -> u64 {
        let mut current = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        *current = (current.0 + 1, script);
        current.0
    }

    /// Forgets guests, conversations, faults and the journal, and closes the sockets. The clock
    /// runs on at its usual speed.
    pub(crate) fn reset(&self, config: &MockConfig) {
        let fresh = cloud(&self.key, config, &self.clock, &self.journal);
        let old = {
            let mut cloud = self.cloud.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *cloud, fresh)
        };
        old.retire();
        self.clock.set_speed(config.speed);
        self.set_script(None);
        self.journal.clear();
        self.journal.note(Entry::Control { what: "reset".to_owned() });
        old.close_sockets(going_away());
        // A big world takes a while to be freed; nobody has to wait for it.
        actix_rt::spawn(async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            drop(old);
        });
    }
}

/// Seeds differ from tenant to tenant, so that a token of one is unknown in the other.
fn cloud(key: &str, config: &MockConfig, clock: &Clock, journal: &Arc<Journal>) -> Cloud {
    let seed = key
        .bytes()
        .fold(config.seed, |seed, byte| seed.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte));
    Cloud::noted(config.cloud.clone(), clock.clone(), seed, Arc::clone(journal))
}
