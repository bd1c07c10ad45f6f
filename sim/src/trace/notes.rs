//! What an event says beside the arrows, in a few words.

use std::collections::BTreeSet;

use super::event::{End, Event, Kind, Lane, Life};

/// Streams whose end is worth a line: sockets, and requests that were still unanswered.
#[derive(Debug, Default)]
pub struct Sockets {
    notable: BTreeSet<(Lane, u32)>,
}

impl Sockets {
    /// Takes the next event of the log.
    pub fn on(&mut self, event: &Event) {
        match &event.kind {
            Kind::Request { conn, .. } => {
                self.notable.insert((event.lane, *conn));
            }
            Kind::Answer { conn, status, .. } if *status != 101 => {
                self.notable.remove(&(event.lane, *conn));
            }
            _ => {}
        }
    }

    fn is_notable(&self, lane: Lane, conn: u32) -> bool {
        self.notable.contains(&(lane, conn))
    }
}

/// What an event says beside the arrows.
#[derive(Debug)]
pub enum Note {
    /// Text of the lane that saw it.
    Said(String),
    /// What becomes of a tab.
    Life(u8, Life),
    /// What the proxy does.
    Proxy(String),
    /// A fault or a phase of the run.
    Banner(String),
}

/// What an event says; nothing where it is an arrow's end or no news.
#[must_use]
pub fn note_of(event: &Event, sockets: &Sockets) -> Option<Note> {
    let said = |text: String| Some(Note::Said(text));
    match &event.kind {
        Kind::ConnectFailed { error, .. } => said(format!("connect: {error}")),
        Kind::Ended { conn, end } if sockets.is_notable(event.lane, *conn) => match end {
            End::Own if event.lane == Lane::Cloud => None,
            // A tab can be closed, too.
            end if event.lane.tab().is_some() => said(format!("connection {end}")),
            end => said(end.to_string()),
        },
        Kind::Life { life } => event.lane.tab().map(|tab| Note::Life(tab, *life)),
        Kind::Leads { epoch, why } => said(format!("leads epoch {epoch}: {why}")),
        Kind::Follows { why } => said(format!("follows: {why}")),
        Kind::Degraded { what, why } => said(format!("lacks {what}: {why}")),
        Kind::Claimed { epoch } => said(format!("claims epoch {epoch}")),
        Kind::Wrote { epoch, stored, accepted: false } => {
            said(format!("write of epoch {epoch} REFUSED at {stored}"))
        }
        Kind::Accepted { message } => said(format!("{message} accepted")),
        Kind::Typed { message, .. } => said(format!("types {message}")),
        Kind::Delivered { message } => said(format!("{message} delivered")),
        Kind::Failed { message, reason } => said(format!("{message} FAILED: {reason}")),
        Kind::Shown { message } => said(format!("shows {message}")),
        Kind::State { state } => said(format!("[{state}]")),
        Kind::Notice { notice } => said(format!("({notice})")),
        Kind::Asked { what } => said(format!("asks: {what}")),
        Kind::ShutDown => said("is shut down".into()),
        Kind::Stored { message, guest, .. } if *guest > 1 => {
            said(format!("stores {message} (guest {guest})"))
        }
        Kind::Stored { message, .. } => said(format!("stores {message}")),
        Kind::Duplicate { message, .. } => said(format!("has {message} already")),
        Kind::Refused { code, .. } => said(format!("refuses: {code}")),
        Kind::Said { message, .. } => said(format!("agent says {message}")),
        Kind::GuestCreated { guest } => said(format!("new guest {guest}")),
        Kind::TokenRefreshed { .. } => said("new token".into()),
        Kind::GuestGone { .. } => said("guest gone".into()),
        Kind::Fired { fault, .. } => said(format!("! {fault}")),
        Kind::Cut { how } => Some(Note::Proxy(format!("* cut: {how}"))),
        Kind::Fault { what, on: true } => Some(Note::Banner(what.to_string())),
        Kind::Fault { what, on: false } => Some(Note::Banner(format!("end of {what}"))),
        Kind::World { what } => Some(Note::Banner(what.to_string())),
        Kind::Host { host, up: true } => Some(Note::Banner(format!("{host} is up again"))),
        Kind::Host { host, up: false } => Some(Note::Banner(format!("{host} crashes"))),
        Kind::Healed => Some(Note::Banner("all faults healed".into())),
        Kind::Quiet => Some(Note::Banner("all delivered and quiet".into())),
        _ => None,
    }
}
