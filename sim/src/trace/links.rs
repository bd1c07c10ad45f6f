//! Which tab's connection each connection of the cloud is.
//!
//! The two ends number their connections apart, and the proxy between them says nothing. So the
//! first request of a connection that arrives is taken for the oldest one of the same kind that some
//! tab's connection began with and that is still under way. A log without tabs has no links.

use std::collections::{BTreeMap, BTreeSet};

use super::event::{Event, Kind, Lane};

/// A tab, and the number of its connection.
pub(super) type Link = (u8, u32);

#[derive(Default)]
pub(super) struct Links {
    by_cloud: BTreeMap<u32, Link>,
    known: BTreeSet<Link>,
    /// First requests that have not arrived, oldest first.
    calling: Vec<(Link, String)>,
}

impl Links {
    /// The tab's connection that an event is about; `label` says what it is that travels.
    pub(super) fn of(&mut self, event: &Event, label: &str) -> Option<Link> {
        let conn = event.kind.conn()?;
        let asks = matches!(event.kind, Kind::Request { .. });
        match event.lane {
            Lane::Tab(tab) => {
                if asks && self.known.insert((tab, conn)) {
                    self.calling.push(((tab, conn), label.to_owned()));
                }
                Some((tab, conn))
            }
            Lane::Cloud => {
                if asks && !self.by_cloud.contains_key(&conn) {
                    let at = self.calling.iter().position(|(_, called)| called == label)?;
                    self.by_cloud.insert(conn, self.calling.remove(at).0);
                }
                self.by_cloud.get(&conn).copied()
            }
            _ => None,
        }
    }

    /// What has ended at the tab calls no more.
    pub(super) fn end(&mut self, event: &Event) {
        if let (Kind::Ended { conn, .. }, Some(tab)) = (&event.kind, event.lane.tab()) {
            self.calling.retain(|(link, _)| *link != (tab, *conn));
        }
    }
}
