//! awc over the simulated network, for every subject that speaks HTTP with it.
//!
//! Refuses to know what is said: the tap does.

use std::rc::Rc;
use std::time::Duration;

use actix_service::fn_service;
use actix_tls::connect::{self, ConnectInfo, Connection};
use awc::Connector;
use awc::http::Uri;
use holdline_client::Http;

use super::Setting;
use crate::trace::event::ConnectError;
use crate::trace::tap::HttpTap;
use crate::trace::{Kind, Lane, Log};
use holdline_net::{HostNet, NetStream};

/// awc's own patience; the client brings its own, shorter deadlines. awc's pool measures idle time
/// with the real clock, which a run must not see: nothing in the pool ever grows old, and the
/// server's own keep-alive ends what is idle.
const NO_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Where proxy and cloud listen.
pub const PORT: u16 = 80;

/// Every connection leads to the gateway and is tapped.
#[must_use]
pub fn client(net: Rc<dyn HostNet>, setting: &Setting) -> Http {
    let (gateway, lane, log) = (setting.gateway, setting.lane, setting.log.clone());
    let connector = fn_service(move |info: ConnectInfo<Uri>| {
        let (net, log) = (Rc::clone(&net), log.clone());
        async move {
            let uri = info.request().clone();
            let port = uri.port_u16().unwrap_or(PORT);
            let attempt = Attempt::begin(lane, log);
            match net.connect(gateway, port).await {
                Ok(stream) => Ok(Connection::new(uri, attempt.succeed(stream))),
                Err(error) => {
                    attempt.fail(ConnectError::Io(error.kind()));
                    Err(connect::ConnectError::Io(error))
                }
            }
        }
    });
    let connector = Connector::new()
        .connector(connector)
        .timeout(NO_TIMEOUT)
        .conn_keep_alive(NO_TIMEOUT)
        .conn_lifetime(NO_TIMEOUT);
    Http::over(connector)
}

/// A TCP connect under way; one that is dropped was given up.
struct Attempt {
    lane: Lane,
    log: Log,
    conn: u32,
    over: bool,
}

impl Attempt {
    fn begin(lane: Lane, log: Log) -> Self {
        let conn = log.next_conn(lane);
        log.push(lane, Kind::Connecting { conn });
        Self { lane, log, conn, over: false }
    }

    fn succeed(mut self, stream: NetStream) -> NetStream {
        self.over = true;
        self.log.push(self.lane, Kind::Connected { conn: self.conn });
        stream.tapped(HttpTap::new(self.log.clone(), self.lane, self.conn))
    }

    fn fail(mut self, error: ConnectError) {
        self.over = true;
        self.log.push(self.lane, Kind::ConnectFailed { conn: self.conn, error });
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.over {
            let error = ConnectError::GivenUp;
            self.log.push(self.lane, Kind::ConnectFailed { conn: self.conn, error });
        }
    }
}
