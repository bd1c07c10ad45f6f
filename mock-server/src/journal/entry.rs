//! What can be written down. Texts are kept up to a bound, tokens not at all.

use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{ORIGIN, USER_AGENT};
use serde::{Serialize, Serializer};

use super::About;
use crate::core::{CloudEvent, Route};
use crate::faults::{Endpoint, Fault};
use crate::profile::articles::Resource;

/// Bytes of a text that are kept.
const MAX_TEXT_BYTES: usize = 1024;
/// What an entry needs beside its texts, roughly.
const ENTRY_BYTES: usize = 200;

/// One thing that was seen. `guest` is a `webchatInstanceId`, `message` a `messageId`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub(crate) enum Entry {
    /// A request came; its query, which may hold a token, is left out.
    Request {
        request: u64,
        #[serde(serialize_with = "display")]
        method: Method,
        path: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        origin: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        agent: Option<String>,
        /// What it is for, and of which guest, where its path says so.
        #[serde(skip)]
        endpoint: Option<Endpoint>,
        #[serde(skip)]
        guest: Option<String>,
    },
    /// The head of its answer left.
    Answer {
        request: u64,
        status: u16,
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after: Option<String>,
        took_ms: u64,
    },
    /// The body of a message that came by REST.
    Posted {
        request: u64,
        guest: String,
        text: String,
        #[serde(skip)]
        about: About,
    },
    FrameIn {
        socket: u64,
        guest: String,
        text: String,
        #[serde(skip)]
        about: About,
    },
    FrameOut {
        socket: u64,
        guest: String,
        text: String,
        #[serde(skip)]
        about: About,
    },
    Ping {
        socket: u64,
    },
    CloseIn {
        socket: u64,
        code: u16,
    },
    CloseOut {
        socket: u64,
        code: u16,
    },
    SocketOpened {
        guest: String,
        socket: u64,
    },
    SocketClosed {
        guest: String,
        socket: u64,
    },
    GuestCreated {
        guest: String,
    },
    TokenRefreshed {
        guest: String,
    },
    GuestGone {
        guest: String,
    },
    Stored {
        guest: String,
        message: String,
        #[serde(rename = "road", serialize_with = "display")]
        route: Route,
    },
    Duplicate {
        guest: String,
        message: String,
        #[serde(rename = "road", serialize_with = "display")]
        route: Route,
    },
    Refused {
        guest: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        code: String,
    },
    Said {
        guest: String,
        message: String,
        sequence: u64,
    },
    /// A fault has struck, there.
    Fault {
        #[serde(rename = "name", serialize_with = "display")]
        fault: Fault,
        #[serde(skip)]
        endpoint: Endpoint,
    },
    /// Something was done through the control API.
    Control {
        what: String,
    },
}

impl Entry {
    pub(crate) fn request(request: u64, http: &ServiceRequest) -> Self {
        let header = |name| {
            let value = http.headers().get(name)?.to_str().ok()?;
            Some(excerpt(value))
        };
        let resource = Resource::at(http.path());
        Self::Request {
            request,
            method: http.method().clone(),
            path: excerpt(http.path()),
            origin: header(ORIGIN),
            agent: header(USER_AGENT),
            endpoint: resource.as_ref().and_then(|resource| resource.endpoint(http.method())),
            guest: resource.and_then(Resource::into_instance).map(|guest| excerpt(&guest)),
        }
    }

    /// The name of its kind.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Request { .. } => "request",
            Self::Answer { .. } => "answer",
            Self::Posted { .. } => "posted",
            Self::FrameIn { .. } => "frame-in",
            Self::FrameOut { .. } => "frame-out",
            Self::Ping { .. } => "ping",
            Self::CloseIn { .. } => "close-in",
            Self::CloseOut { .. } => "close-out",
            Self::SocketOpened { .. } => "socket-opened",
            Self::SocketClosed { .. } => "socket-closed",
            Self::GuestCreated { .. } => "guest-created",
            Self::TokenRefreshed { .. } => "token-refreshed",
            Self::GuestGone { .. } => "guest-gone",
            Self::Stored { .. } => "stored",
            Self::Duplicate { .. } => "duplicate",
            Self::Refused { .. } => "refused",
            Self::Said { .. } => "said",
            Self::Fault { .. } => "fault",
            Self::Control { .. } => "control",
        }
    }

    /// The guest it is about.
    pub(crate) fn guest(&self) -> Option<&str> {
        match self {
            Self::Posted { guest, .. }
            | Self::FrameIn { guest, .. }
            | Self::FrameOut { guest, .. }
            | Self::SocketOpened { guest, .. }
            | Self::SocketClosed { guest, .. }
            | Self::GuestCreated { guest }
            | Self::TokenRefreshed { guest }
            | Self::GuestGone { guest }
            | Self::Stored { guest, .. }
            | Self::Duplicate { guest, .. }
            | Self::Refused { guest, .. }
            | Self::Said { guest, .. } => Some(guest),
            Self::Request { guest, .. } => guest.as_deref(),
            _ => None,
        }
    }

    /// The message it is about.
    pub(crate) fn message(&self) -> Option<&str> {
        match self {
            Self::Posted { about, .. }
            | Self::FrameIn { about, .. }
            | Self::FrameOut { about, .. } => about.message(),
            Self::Stored { message, .. }
            | Self::Duplicate { message, .. }
            | Self::Said { message, .. } => Some(message),
            Self::Refused { message, .. } => message.as_deref(),
            _ => None,
        }
    }

    /// Roughly what it takes to keep it.
    pub(super) fn bytes(&self) -> usize {
        let text = match self {
            Self::Posted { text, .. }
            | Self::FrameIn { text, .. }
            | Self::FrameOut { text, .. } => text.len(),
            Self::Request { path, agent, .. } => path.len() + agent.as_ref().map_or(0, String::len),
            _ => 0,
        };
        ENTRY_BYTES + text
    }
}

/// As people read it.
fn display<T: std::fmt::Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

/// The beginning of a text, which may be all of it.
pub(crate) fn excerpt(text: &str) -> String {
    let mut end = text.len().min(MAX_TEXT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

/// The beginning of what should be a text.
pub(crate) fn excerpt_of(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => excerpt(text),
        Err(_) => excerpt(&String::from_utf8_lossy(bytes)),
    }
}

impl Entry {
    /// What became true in the cloud. `None` for a fault, which is noted with all that is known of it.
    pub(crate) fn event(event: CloudEvent) -> Option<Self> {
        Some(match event {
            CloudEvent::GuestCreated { guest } => Self::GuestCreated { guest },
            CloudEvent::TokenRefreshed { guest } => Self::TokenRefreshed { guest },
            CloudEvent::GuestGone { guest } => Self::GuestGone { guest },
            CloudEvent::MessageStored { guest, message_id: message, route } => {
                Self::Stored { guest, message, route }
            }
            CloudEvent::DuplicateIgnored { guest, message_id: message, route } => {
                Self::Duplicate { guest, message, route }
            }
            CloudEvent::MessageRefused { guest, message_id: message, code } => {
                Self::Refused { guest, message, code }
            }
            CloudEvent::AgentSaid { guest, message_id: message, sequence } => {
                Self::Said { guest, message, sequence }
            }
            CloudEvent::SocketOpened { guest, socket } => Self::SocketOpened { guest, socket },
            CloudEvent::SocketClosed { guest, socket } => Self::SocketClosed { guest, socket },
            CloudEvent::FaultFired { .. } => return None,
        })
    }
}
