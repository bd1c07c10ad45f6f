//! The cloud on real sockets: http and ws, and with TLS https and wss beside them on one port. It
//! refuses to read configuration, files or signals and to print: that is the command line's work.
//!
//! | file | idea |
//! |---|---|
//! | `accept` | the accept loop, its limits, and how it ends |
//! | `tls_sniffer` | http or TLS, told by the first byte |
//! | `wire` | the stream under HTTP, which can be slowed, silenced and cut |
//! | `connection` | what the layers above may ask of a connection |
//! | `slow_clients` | clients that begin something and never end it |
//! | `front` | what happens to every request before its handler |

mod accept;
mod connection;
mod front;
mod slow_clients;
mod tls_sniffer;
mod wire;

use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::ServiceConfig;
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use tokio::sync::{oneshot, watch};

use crate::core::End;

pub(crate) use connection::Connection;

/// How connections are treated.
#[derive(Debug, Clone)]
pub struct ServeConfig {
    /// With it, a connection that begins with a TLS handshake is served, too.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// Connections at a time; one more is answered with 503 and closed. Default 20,000.
    pub max_connections: usize,
    /// How long a graceful stop waits for requests and sockets that do not end. Default 5 s.
    pub shutdown_timeout: Duration,
    /// How long a client may take for a TLS handshake, and for the head of its first request, which
    /// is answered with 408 then. Whoever begins anything else (a later head, a body, a frame) or is
    /// sent something, and does not end or read it, is cut off after this long, at most twice as
    /// long. Default 10 s.
    pub opening_timeout: Duration,
    /// How long a client that is answered before all that it sends was read may go on with that,
    /// so that it reads its answer instead of an error. Default 1 s, which is also the least.
    pub closing_timeout: Duration,
}

impl Default for ServeConfig {
    fn default() -> Self {
        Self {
            tls: None,
            max_connections: 20_000,
            shutdown_timeout: Duration::from_secs(5),
            opening_timeout: Duration::from_secs(10),
            closing_timeout: Duration::from_secs(1),
        }
    }
}

/// What becomes of a connection that was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Accepted {
    Serve,
    Reset,
    /// It stays open and is never answered.
    Silence,
}

/// Answers a request, or hands it on to the routes.
pub(crate) type Front = Rc<
    dyn Fn(
        ServiceRequest,
        Next<BoxBody>,
    ) -> LocalBoxFuture<'static, Result<ServiceResponse, actix_web::Error>>,
>;

/// What the owner of a server has to say: at its beginning and end, and to every request.
pub(crate) struct Hooks {
    /// Asked about every connection.
    pub(crate) on_accept: Box<dyn Fn() -> Accepted>,
    /// Given every request, before it is routed.
    pub(crate) front: Front,
    /// Said when the server begins to stop.
    pub(crate) on_stop: Box<dyn FnOnce()>,
    /// Whether nothing passes on any connection.
    pub(crate) held: watch::Receiver<bool>,
}

/// Serves whatever `routes` adds to an app until `stop` resolves.
pub(crate) async fn serve_app(
    config: &ServeConfig,
    listener: TcpListener,
    routes: impl FnOnce(&mut ServiceConfig) + 'static,
    stop: impl Future<Output = ()>,
    hooks: Hooks,
) -> io::Result<()> {
    // Everything runs on this thread, which keeps the order of arrival.
    let local = tokio::task::LocalSet::new();
    let (stopping, stopped) = oneshot::channel::<()>();
    let accepting = accept::run(config.clone(), listener, routes, stopped.map(drop), hooks);
    // A task of its own is not asked whenever some connection wakes.
    let mut accepting = local.spawn_local(accepting);
    let ended = local.run_until(async {
        tokio::select! {
            biased;
            ended = &mut accepting => return ended,
            () = stop => drop(stopping),
        }
        accepting.await
    });
    ended.await.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()))
}

/// How a server that stops ends its sockets.
pub(crate) fn going_away() -> End {
    End::Code(1001, "going away".to_owned())
}
