//! The accept loop. One task per connection, so many at a time and no more; a stop closes the
//! listener at once, idle connections next, and waits a while for those that are busy.

use std::future::{Future, poll_fn};
use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use actix_http::{HttpService, Protocol};
use actix_service::{Service, ServiceFactory, map_config};
use actix_web::App;
use actix_web::dev::AppConfig;
use actix_web::middleware::from_fn;
use actix_web::web::ServiceConfig;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::either::Either;

use super::connection::{Connection, Connections};
use super::tls_sniffer::TlsSniffer;
use super::wire::Wire;
use super::{Accepted, Front, Hooks, ServeConfig, front, slow_clients};

/// A listener out of file descriptors is asked again after this long.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(50);

/// The dispatcher counts from a time that it reads twice a second, and never notices a moment that
/// has passed when it begins to wait for it.
const LEAST_CLOSING_TIMEOUT: Duration = Duration::from_secs(1);

/// Said to a connection beyond the limit; its request is not read.
const TOO_MANY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n\
    Retry-After: 1\r\nConnection: close\r\nContent-Length: 105\r\n\r\n\
    {\"status\":503,\"code\":\"connections.exhausted\",\"message\":\"close a connection or raise \
    --max-connections\"}\r\n";

pub(super) async fn run(
    config: ServeConfig,
    listener: StdListener,
    routes: impl FnOnce(&mut ServiceConfig) + 'static,
    stop: impl Future<Output = ()>,
    mut hooks: Hooks,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
    let timeouts = (config.opening_timeout, config.closing_timeout);
    let service = Rc::new(service(timeouts, routes, Rc::clone(&hooks.front)).await);
    let sniffer = Rc::new(TlsSniffer::new(&config));
    let connections = Connections::default();
    let mut tasks = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut stop => break,
            Some(_) = tasks.join_next() => continue,
            Ok(()) = hooks.held.changed() => {
                connections.hold(*hooks.held.borrow_and_update());
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(AFTER_FAILED_ACCEPT).await;
                continue;
            }
        };
        if tasks.len() >= config.max_connections {
            actix_rt::spawn(turn_away(stream));
            continue;
        }
        match (hooks.on_accept)() {
            Accepted::Serve => {}
            Accepted::Reset => {
                // What is closed with data unread or without lingering ends with RST.
                let _ = stream.set_zero_linger();
                continue;
            }
            Accepted::Silence => {
                let wire = Wire::new(Either::Left(stream), connections.add());
                tasks.spawn_local(wire.swallow());
                continue;
            }
        }
        let (service, sniffer, connection) =
            (Rc::clone(&service), Rc::clone(&sniffer), connections.add());
        let opening_timeout = config.opening_timeout;
        tasks.spawn_local(serve_connection(
            service,
            sniffer,
            connection,
            (stream, peer),
            opening_timeout,
        ));
    }
    drop(listener);
    (hooks.on_stop)();
    connections.drain();
    let all = async { while tasks.join_next().await.is_some() {} };
    // Who has not ended by then is cut off.
    let _ = tokio::time::timeout(config.shutdown_timeout, all).await;
    Ok(())
}

async fn serve_connection<S>(
    service: Rc<S>,
    sniffer: Rc<TlsSniffer>,
    connection: Rc<Connection>,
    (stream, peer): (TcpStream, SocketAddr),
    opening_timeout: Duration,
) where
    S: Service<(Wire, Protocol, Option<SocketAddr>)>,
{
    // An answer is one write; waiting for more only makes it late.
    let _ = stream.set_nodelay(true);
    let Some(stream) = sniffer.open(stream).await else { return };
    let wire = Wire::new(stream, Rc::clone(&connection));
    let mut served = pin!(service.call((wire, Protocol::Http1, Some(peer))));
    let served = poll_fn(|context| {
        let polled = served.as_mut().poll(context);
        // Whatever could be answered has left.
        connection.catch_up();
        polled
    });
    tokio::select! {
        biased;
        // How a connection ends is its client's business.
        _ = served => {}
        () = slow_clients::cut_off(&connection, opening_timeout) => {
            tracing::debug!(pending = ?connection.pending(), "a client did not end what it began");
        }
    }
}

/// The whole app as a service of connections. A client that hangs up releases a request that a
/// fault leaves unanswered for ever.
async fn service(
    (opening_timeout, closing_timeout): (Duration, Duration),
    routes: impl FnOnce(&mut ServiceConfig) + 'static,
    front: Front,
) -> impl Service<(Wire, Protocol, Option<SocketAddr>)> {
    let busy = from_fn(move |request, next| front::busy(Rc::clone(&front), request, next));
    let app = App::new().configure(routes).wrap(busy);
    HttpService::build()
        .h1_allow_half_closed(false)
        .client_request_timeout(opening_timeout)
        .client_disconnect_timeout(closing_timeout.max(LEAST_CLOSING_TIMEOUT))
        .on_connect_ext(|wire: &Wire, data| {
            data.insert(wire.connection());
        })
        .finish(map_config(app, |()| AppConfig::default()))
        .new_service(())
        .await
        .unwrap_or_else(|()| unreachable!("routes never fail to build"))
}

async fn turn_away(mut stream: TcpStream) {
    // Whether it is heard is the client's business.
    let _ = stream.write_all(TOO_MANY).await;
    let _ = stream.shutdown().await;
}
