//! What is served where.

use std::borrow::Cow;

use actix_web::http::Method;
use percent_encoding::percent_decode_str;

use crate::faults::Endpoint;

/// What a path names. The paths are few and plain: they are told apart by what they are, which takes a
/// fraction of the time of a router's search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resource<'a> {
    Guests,
    Refresh,
    /// Of this instance, which is not empty.
    Messages(Cow<'a, str>),
    Socket(Cow<'a, str>),
}

impl<'a> Resource<'a> {
    /// What is served at the path, if anything.
    pub(crate) fn at(path: &'a str) -> Option<Self> {
        match path {
            "/api/v2/webchat/guests" => return Some(Self::Guests),
            "/api/v2/conversations/messaging/guests" => return Some(Self::Refresh),
            _ => {}
        }
        let (instance, rest) = path.strip_prefix("/api/v2/webchat/instances/")?.split_once('/')?;
        let instance = decoded(instance);
        match rest {
            _ if instance.is_empty() => None,
            "messages" => Some(Self::Messages(instance)),
            "websocket" => Some(Self::Socket(instance)),
            _ => None,
        }
    }

    /// The methods that are served (RFC 9110 15.5.6).
    pub(crate) fn allowed(&self) -> &'static str {
        match self {
            Self::Guests | Self::Refresh => "POST",
            Self::Messages(_) => "GET, POST",
            Self::Socket(_) => "GET",
        }
    }

    /// What a request with this method is for; `None` where the method is not served.
    pub(crate) fn endpoint(&self, method: &Method) -> Option<Endpoint> {
        match self {
            Self::Guests if method == Method::POST => Some(Endpoint::Guests),
            Self::Refresh if method == Method::POST => Some(Endpoint::Refresh),
            Self::Messages(_) if method == Method::POST => Some(Endpoint::Messages),
            Self::Messages(_) if method == Method::GET => Some(Endpoint::History),
            Self::Socket(_) if method == Method::GET => Some(Endpoint::Socket),
            _ => None,
        }
    }

    /// The `webchatInstanceId` in the path.
    pub(crate) fn into_instance(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Guests | Self::Refresh => None,
            Self::Messages(instance) | Self::Socket(instance) => Some(instance),
        }
    }
}

/// A segment of a path as it is meant; next to none has anything to decode.
fn decoded(segment: &str) -> Cow<'_, str> {
    if !segment.contains('%') {
        return segment.into();
    }
    percent_decode_str(segment).decode_utf8_lossy()
}
