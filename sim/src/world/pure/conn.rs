//! One connection from the client through the proxy to the cloud: two legs, two ways each, and what
//! travels on them.

use std::time::Duration;

use holdline_client::core::credentials::Issued;
use holdline_client::core::inbound::Page;
use holdline_client::core::session::Op;
use holdline_mock_server::core::{GuestIndex, Refusal};
use uuid::Uuid;

use super::transport::ClientRef;
use crate::trace::tap::PARTIAL_EVERY;
use crate::trace::{Endpoint, Frame, Message};

/// What one kernel sends the other.
#[derive(Debug)]
pub(super) enum Packet {
    Syn,
    SynAck,
    Data(Box<Data>),
    Fin,
    Rst,
}

/// Something whole, and how many bytes it takes.
#[derive(Debug)]
pub(super) struct Data {
    pub(super) bytes: usize,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    Request(Request),
    Answer(Answer),
    /// A frame as the log shows it, and what is in it.
    Frame(Frame, Payload),
    /// Bytes that do not make a frame yet.
    Partial,
}

#[derive(Debug)]
pub(super) struct Request {
    pub(super) endpoint: Endpoint,
    pub(super) bearer: String,
    pub(super) instance: String,
    pub(super) body: String,
    pub(super) after: u64,
    pub(super) message: Option<Message>,
    /// The id of the message that is sent.
    pub(super) posts: Option<Uuid>,
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) retry_after: Option<String>,
    pub(super) body: Body,
}

#[derive(Debug)]
pub(super) enum Body {
    Upgraded,
    Granted(Issued),
    Acked(String),
    Page(Page),
    Refused(String),
}

#[derive(Debug, Clone)]
pub(super) enum Payload {
    /// Control frames are what the log says.
    None,
    /// Text as it is on the wire.
    Text(String),
    /// An acknowledgement of this id.
    Ack(String),
    /// An error frame.
    Refusal(Box<Refusal>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientEnd {
    Connecting,
    /// A request is out.
    Asking,
    Socket(u64),
    /// Answered, and kept for the next request.
    Idle,
    /// We sent a close frame and wait for the other.
    Closing(u64),
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProxyEnd {
    Nothing,
    /// It answered the first packet of a handshake, whose last one comes with the first of the data.
    Greeted,
    /// It connects to the cloud.
    Dialing,
    Piped,
    /// It takes everything and forwards nothing.
    Silent,
    Gone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CloudEnd {
    Nothing,
    Accepted,
    Socket {
        guest: GuestIndex,
        socket: u64,
        closing: bool,
    },
    /// The socket is over and the connection not yet.
    Lingers,
    Closed,
}

/// One way of one leg.
#[derive(Debug, Default)]
pub(super) struct Way {
    /// Nothing overtakes this.
    pub(super) last_arrival: Duration,
    /// Since when something is unacknowledged that should not be.
    pub(super) since: Option<Duration>,
    /// What waits for the link.
    pub(super) stuck: Vec<Packet>,
}

#[derive(Debug)]
pub(super) struct Conn {
    pub(super) number: u32,
    pub(super) cloud_number: u32,
    pub(super) owner: ClientRef,
    /// What the client wants of it.
    pub(super) op: Op,
    pub(super) request: Option<Box<Data>>,
    pub(super) asked: (Endpoint, Option<Message>),
    /// The id of the message that is sent.
    pub(super) posts: Option<Uuid>,
    pub(super) client: ClientEnd,
    pub(super) proxy: ProxyEnd,
    pub(super) cloud: CloudEnd,
    /// By leg and, second, upwards.
    pub(super) ways: [[Way; 2]; 2],
    /// What came before the proxy reached the cloud.
    pub(super) early: Vec<Packet>,
    /// When the proxy last read or wrote.
    pub(super) active: Duration,
    /// Until when the proxy is busy with what came before, by way.
    pub(super) busy: [Duration; 2],
    /// Which ways the proxy has passed an end on.
    pub(super) ended: [bool; 2],
    /// Counts the requests on it.
    pub(super) requests: u32,
    /// When the client and the cloud last told of a part of a frame.
    partial_told: [Option<Duration>; 2],
}

impl Conn {
    /// Whether a part of a frame that arrives at this end, 0 for the client's, is worth telling now.
    pub(super) fn tells_part(&mut self, end: usize, now: Duration) -> bool {
        let told = &mut self.partial_told[end];
        let tells = told.is_none_or(|told| now >= told + PARTIAL_EVERY);
        if tells {
            *told = Some(now);
        }
        tells
    }

    pub(super) fn new(number: u32, owner: ClientRef, op: Op, request: Box<Data>) -> Self {
        let (asked, posts) = asked(&request);
        Self {
            number,
            cloud_number: 0,
            owner,
            op,
            request: Some(request),
            asked,
            posts,
            client: ClientEnd::Connecting,
            proxy: ProxyEnd::Nothing,
            cloud: CloudEnd::Nothing,
            ways: Default::default(),
            early: Vec::new(),
            active: Duration::ZERO,
            busy: [Duration::ZERO; 2],
            ended: [false; 2],
            requests: 0,
            partial_told: [None; 2],
        }
    }

    /// Another request on the same connection.
    pub(super) fn reuse(&mut self, owner: ClientRef, op: Op, request: Box<Data>) {
        self.owner = owner;
        self.op = op;
        (self.asked, self.posts) = asked(&request);
        self.request = Some(request);
    }
}

fn asked(request: &Data) -> ((Endpoint, Option<Message>), Option<Uuid>) {
    match &request.what {
        What::Request(request) => ((request.endpoint, request.message), request.posts),
        _ => ((Endpoint::Other, None), None),
    }
}
