//! Events become rows: what leaves one end and arrives at the other is one arrow, what left and
//! never arrived is an arrow that breaks off.

use std::time::Duration;

use super::browser::Browser;
use super::event::{Event, Frame, Kind, Lane, Life};
use super::journeys::{Journey, SLOW, Way, journeys, transit};
use super::notes::{Note, Sockets, note_of};
use super::tab_lanes::{add_life, glyphs, lives_text};

/// Tabs that say the same so shortly after one another say it together.
const TOGETHER: Duration = Duration::from_millis(10);
/// And with so few rows between.
const TOGETHER_ROWS: usize = 12;

/// One line of the diagram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// When.
    pub at: Duration,
    /// The event that it shows.
    pub index: usize,
    /// What stands in the middle.
    pub body: Body,
    /// What the client says beside it.
    pub client: String,
    /// The event with which the client says it.
    pub said: Option<Kind>,
    /// What the cloud says beside it.
    pub cloud: String,
    /// The tabs that say it, where there are tabs.
    pub tabs: Vec<u8>,
    /// What has become of tabs.
    pub lives: Vec<(u8, Life)>,
    /// The tab at the near end of an arrow.
    pub tab: Option<u8>,
    /// How each tab's lane looks.
    pub lanes: Vec<String>,
    /// Whether only the focus and the connection move.
    pub routine: bool,
}

/// What stands in the middle of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Only the lanes.
    Lanes,
    /// Something that travels.
    Arrow {
        /// Which way.
        way: Way,
        /// What, and how long it took.
        label: String,
        /// Whether it never arrived.
        lost: bool,
    },
    /// What the proxy does.
    Proxy(String),
    /// A fault or a phase of the run, across all lanes.
    Banner(String),
    /// Rows that were alike, as one.
    Folded(String),
}

impl Row {
    fn new(at: Duration, index: usize, body: Body) -> Self {
        Self {
            at,
            index,
            body,
            client: String::new(),
            said: None,
            cloud: String::new(),
            tabs: Vec::new(),
            lives: Vec::new(),
            tab: None,
            lanes: Vec::new(),
            routine: true,
        }
    }

    /// Takes every text from it.
    pub fn say_nothing(&mut self) {
        self.client.clear();
        self.said = None;
        self.cloud.clear();
        self.tabs.clear();
        self.lives.clear();
    }

    fn concerns(&self, tab: u8) -> bool {
        let lives = || self.lives.iter().any(|(of, _)| *of == tab);
        self.tabs.contains(&tab) || self.tab == Some(tab) || lives()
    }

    /// What makes two rows the same thing happening again: everything but numbers, and whichever
    /// tab it happens to.
    #[must_use]
    pub fn signature(&self) -> String {
        let lives: Vec<Life> = self.lives.iter().map(|(_, life)| *life).collect();
        let text = if lives.is_empty() {
            format!("{:?} {} {}", self.body, self.client, self.cloud)
        } else {
            format!("{lives:?}")
        };
        let mut signature = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '0'..='9' | '.' if signature.ends_with('#') => {}
                '0'..='9' => signature.push('#'),
                c => signature.push(c),
            }
        }
        signature
    }
}

/// The rows of a whole log, in order of time.
#[must_use]
pub fn rows_of(events: &[Event]) -> Vec<Row> {
    let journeys = journeys(events);
    let mut sockets = Sockets::default();
    let mut browser = Browser::default();
    let mut rows: Vec<Row> = Vec::new();
    for (index, event) in events.iter().enumerate() {
        sockets.on(event);
        browser.on(event);
        if transit(event).is_some() {
            rows.extend(journeys.get(&index).map(|journey| arrow(events, index, journey)));
        } else if let Some(note) = note_of(event, &sockets) {
            add_note(&mut rows, event, index, note);
        }
        if let Some(row) = rows.last_mut().filter(|row| row.at == event.at) {
            row.lanes = glyphs(&browser);
        }
    }
    rows
}

fn arrow(events: &[Event], index: usize, journey: &Journey) -> Row {
    let (way, lost) = (journey.way, journey.arrived.is_none());
    let label = match journey.took(events) {
        Some(took) if took >= SLOW => format!("{} ({:.1} s)", journey.label, took.as_secs_f64()),
        _ => journey.label.clone(),
    };
    let mut row = Row::new(events[index].at, index, Body::Arrow { way, label, lost });
    row.tab = journey.tab;
    row.routine = is_routine(&events[index].kind);
    row
}

/// Whether it is about the connection and where the user looks, and not about what is said.
fn is_routine(kind: &Kind) -> bool {
    match kind {
        Kind::Life { life } => {
            matches!(life, Life::Shown | Life::Hidden | Life::Focused | Life::Blurred)
        }
        Kind::Request { message, .. } => message.is_none(),
        Kind::Answer { message, status, .. } => message.is_none() && *status < 400,
        Kind::FrameOut { frame, .. } | Kind::FrameIn { frame, .. } => {
            matches!(frame, Frame::Ping | Frame::Pong | Frame::Close(_))
        }
        kind => matches!(
            kind,
            Kind::State { .. }
                | Kind::Leads { .. }
                | Kind::Follows { .. }
                | Kind::Claimed { .. }
                | Kind::Ended { .. }
                | Kind::ConnectFailed { .. }
                | Kind::TokenRefreshed { .. }
        ),
    }
}

/// A note goes beside the row before it where that belongs to the same moment and has room.
fn add_note(rows: &mut Vec<Row>, event: &Event, index: usize, note: Note) {
    let mut row = Row::new(event.at, index, Body::Lanes);
    row.routine = is_routine(&event.kind);
    match note {
        Note::Proxy(text) => row.body = Body::Proxy(text),
        Note::Banner(text) => row.body = Body::Banner(text),
        Note::Life(tab, life) => return add_to_lives(rows, row, tab, life),
        Note::Said(text) => {
            if beside(rows, event, &text)
                || event.lane.tab().is_some_and(|tab| joins(rows, event, tab, &text))
            {
                return;
            }
            if event.lane.is_client() {
                row.client = text;
                row.said = Some(event.kind.clone());
                row.tabs.extend(event.lane.tab());
            } else {
                row.cloud = text;
            }
        }
    }
    rows.push(row);
}

/// Puts a text beside the arrow that has just arrived here, if it has room.
fn beside(rows: &mut [Row], event: &Event, text: &str) -> bool {
    let Some(row) = rows.last_mut().filter(|row| row.at == event.at) else { return false };
    let at_client = event.lane.is_client();
    let arrives_here = match &row.body {
        Body::Arrow { way: Way::ToCloud, lost: false, .. } => event.lane == Lane::Cloud,
        Body::Arrow { way: Way::ToClient, lost: false, .. } => {
            at_client && row.tab == event.lane.tab()
        }
        _ => false,
    };
    let side = if at_client { &mut row.client } else { &mut row.cloud };
    if !arrives_here || !side.is_empty() {
        return false;
    }
    text.clone_into(side);
    if at_client {
        row.said = Some(event.kind.clone());
    }
    row.tabs.extend(event.lane.tab());
    row.routine &= is_routine(&event.kind);
    true
}

/// Lets a tab join those that have just said the same, or go on with what it has just said itself.
fn joins(rows: &mut [Row], event: &Event, tab: u8, text: &str) -> bool {
    for row in rows.iter_mut().rev().take(TOGETHER_ROWS) {
        if row.at + TOGETHER < event.at || matches!(row.body, Body::Banner(_)) {
            return false;
        }
        if row.client == text && !row.tabs.contains(&tab) {
            row.tabs.push(tab);
            return true;
        }
        if let (Kind::Accepted { message }, Some(Kind::Typed { message: typed, .. })) =
            (&event.kind, &row.said)
            && row.tabs == [tab]
            && message == typed
        {
            row.client += ", accepted";
            row.said = Some(event.kind.clone());
            return true;
        }
        if row.concerns(tab) {
            return false;
        }
    }
    false
}

/// What becomes of several tabs at one moment is one row.
fn add_to_lives(rows: &mut Vec<Row>, new: Row, tab: u8, life: Life) {
    let same = rows.last().is_some_and(|row| row.at == new.at && !row.lives.is_empty());
    let routine = new.routine;
    if !same {
        rows.push(new);
    }
    let row = rows.last_mut().expect("one was just pushed if there was none");
    add_life(&mut row.lives, tab, life);
    row.client = lives_text(&row.lives);
    row.routine &= routine;
}
