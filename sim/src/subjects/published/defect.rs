//! The defects of the two published clients, each with its id and one line.
//!
//! `A` are those of the first article (session, backoff, buffer), `B` those of the second (tabs). A
//! [`Defects`] is the set that a published client has in a run. Refuses the static ones: nothing
//! that happens in a run shows them, so that no run can have them or lack them.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The enum, its list and its titles, from one table.
macro_rules! defects {
    ($($id:ident $title:literal,)*) => {
        /// One defect, by its id.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Defect {
            $(#[doc = $title] $id,)*
        }

        impl Defect {
            /// Every defect, in the order of their ids.
            pub const ALL: &[Self] = &[$(Self::$id,)*];

            /// What is wrong, in one line.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$id => $title,)*
                }
            }
        }

        impl fmt::Display for Defect {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$id => stringify!($id),)*
                })
            }
        }
    };
}

defects! {
    A1 "the guest token is stored and never sent with the socket",
    A2 "the health monitor starts from an acknowledgement at time zero",
    A3 "only acknowledgements count as life, and nothing is probed",
    A4 "the health monitor leaves the socket that it gives up open",
    A5 "the events of an old socket start another reconnect flow",
    A6 "several reconnect flows share one counter, and end the client together",
    A7 "the counter starts again when a socket object exists, not when it is open",
    A8 "a try that fails before its socket exists ends the flow without a word",
    A9 "a shutdown stops neither a sleep nor a flush",
    A10 "connecting has no time-out",
    A11 "a REST request has no time-out",
    A12 "nothing that is buffered is sent when the socket opens",
    A13 "a flush that fails is not repeated, and success is logged all the same",
    A14 "the answer to the second try after a 429 is not looked at",
    A15 "Retry-After is read as an integer, whatever it is",
    A16 "the retry count is raised after the removal, and only then",
    A17 "the age of messages is looked at only when another one is added",
    A18 "the message has another identity on the other road",
    A19 "a flush is not alone, and does not look again at what it has taken",
    A20 "the flush and the new socket run side by side, and a failed message is skipped",
    A21 "nothing paces the messages",
    A22 "an expired token is replaced by a new guest",
    A23 "the token's life is taken unchecked, by the wall clock, without a margin",
    A24 "401, error frames and close codes are not looked at",
    A25 "there is no cursor for what the agent says",
    A26 "the buffer has no bound",
    A27 "the buffer is in memory only",
    A28 "a message on a live socket has no deadline",
    A29 "send is done before anything is known of its outcome",
    A30 "the permanent failure is for ever",
    A31 "the first start has no second try",
    A32 "the jitter is one second at most, and none at the cap",
    A33 "an exception of the application is swallowed as a parse error",
    A34 "the health flag is written and never read",
    A35 "durations are measured with the wall clock",
    A36 "the environment, the token and the texts are in the page and its console",
    A37 "the endpoints are not the vendor's",
    B1 "the object store of processed ids is never created",
    B2 "the database has one version, and nobody gives way to an upgrade",
    B3 "a message is marked as processed before it is shown",
    B4 "the success of a request is taken for that of its transaction",
    B5 "a message without an id gets a random one, and is broadcast without",
    B6 "processed ids are never loaded and never pruned",
    B7 "an id that is there already is taken for a failure",
    B8 "a message is broadcast after it is marked, and may not be cloneable",
    B9 "every tab connects when it is opened",
    B10 "the focus that a tab has at its start is not looked at",
    B11 "the loss of focus makes every primary tab resign, the new one too",
    B12 "nobody listens to the gain of focus, and claims carry no epoch",
    B13 "a blur while connecting does not disconnect",
    B14 "focus, blur, focus while connecting makes two sockets",
    B15 "the blur of the window is taken for the end of its need",
    B16 "a connection that fails is not tried again",
    B17 "the old socket is closed before the new one opens, without a cursor",
    B18 "handlers are attached after the connection stands",
    B19 "what was said is not kept for a tab that comes later",
    B20 "nothing is done when a page freezes, is cached or comes back",
    B21 "a leader that vanishes is missed by nobody",
    B22 "the token is shared with nobody",
    B23 "every tab refreshes the token by itself, and the last one wins",
    B24 "a 429 is tried again for ever, without growth and at once after a date",
    B25 "the worker has its database only after it was installed",
    B26 "a store or a worker that fails stops the application",
    B27 "one 503 at the start ends the application",
    B28 "nothing can be sent while the connection changes hands",
    B29 "an application that throws loses the message, and a broadcast may be overtaken",
    B30 "a tab has another identity each time",
    B31 "the access token is in the page, and the package does not exist",
}

impl Defect {
    /// Whether it is a matter of the text of the program alone, which no run can show.
    #[must_use]
    pub fn is_static(self) -> bool {
        matches!(self, Self::A34 | Self::A36 | Self::A37 | Self::B31)
    }
}

/// A text that names no defect, or none that can be in a run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DefectError {
    /// No such id.
    #[error("`{0}` is no defect; they are called A1 to A37 and B1 to B31, like A14")]
    Unknown(String),
    /// Nothing in a run depends on it.
    #[error(
        "{id} shows in no run ({title}): it is a matter of the program's text; leave it out",
        id = .0,
        title = .0.title()
    )]
    Static(Defect),
}

impl FromStr for Defect {
    type Err = DefectError;

    fn from_str(text: &str) -> Result<Self, DefectError> {
        let wanted = text.trim().to_ascii_uppercase();
        let found = Self::ALL.iter().find(|defect| defect.to_string() == wanted);
        found.copied().ok_or_else(|| DefectError::Unknown(text.trim().to_owned()))
    }
}

/// Which defects a published client has. Never a static one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Defects(u128);

impl Defects {
    /// As published.
    #[must_use]
    pub fn all() -> Self {
        let shown = Defect::ALL.iter().filter(|defect| !defect.is_static());
        Self(shown.fold(0, |bits, defect| bits | bit(*defect)))
    }

    /// A client without a defect.
    #[must_use]
    pub fn none() -> Self {
        Self(0)
    }

    /// One alone; none for a static one.
    #[must_use]
    pub fn only(defect: Defect) -> Self {
        Self(Self::all().0 & bit(defect))
    }

    /// Whether the client has it.
    #[must_use]
    pub fn has(self, defect: Defect) -> bool {
        self.0 & bit(defect) != 0
    }

    /// All of these but those.
    #[must_use]
    pub fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// Each of them, in order.
    pub fn iter(self) -> impl Iterator<Item = Defect> {
        Defect::ALL.iter().copied().filter(move |defect| self.has(*defect))
    }
}

impl FromIterator<Defect> for Defects {
    fn from_iter<I: IntoIterator<Item = Defect>>(defects: I) -> Self {
        defects.into_iter().fold(Self::none(), |set, defect| Self(set.0 | Self::only(defect).0))
    }
}

/// A list such as `A14,b3`, or `all`, or `none`.
impl FromStr for Defects {
    type Err = DefectError;

    fn from_str(text: &str) -> Result<Self, DefectError> {
        match text.trim() {
            "all" => return Ok(Self::all()),
            "none" => return Ok(Self::none()),
            _ => {}
        }
        text.split(',')
            .map(|id| match id.parse::<Defect>()? {
                defect if defect.is_static() => Err(DefectError::Static(defect)),
                defect => Ok(defect),
            })
            .collect()
    }
}

/// As it is written: `all`, `none`, or the ids.
impl fmt::Display for Defects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<String> = self.iter().map(|defect| defect.to_string()).collect();
        match *self {
            set if set == Self::all() => f.write_str("all"),
            _ if ids.is_empty() => f.write_str("none"),
            _ => f.write_str(&ids.join(",")),
        }
    }
}

fn bit(defect: Defect) -> u128 {
    1 << defect as u32
}
