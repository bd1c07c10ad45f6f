//! The cloud on real sockets. It refuses to read configuration or to print: that is the command
//! line's work.

use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::pin::pin;

use actix_web::{App, HttpServer};
use futures_util::future::join;

use crate::api::routes;
use crate::cloud::Cloud;
use crate::core::End;

/// How long a graceful stop waits for requests and sockets that do not end (seconds).
const SHUTDOWN_TIMEOUT_SECONDS: u64 = 5;

/// Serves `cloud` on `listener` until the process is interrupted (Ctrl-C), then stops gracefully
/// as [`serve_until`] does.
pub async fn serve(cloud: Cloud, listener: TcpListener) -> io::Result<()> {
    let interrupted = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::warn!(%error, "interrupts cannot be heard; only a kill will stop the cloud");
            std::future::pending::<()>().await;
        }
    };
    serve_until(cloud, listener, interrupted).await
}

/// Serves `cloud` on `listener` until `stop` resolves; then every socket is closed with 1001 and
/// requests under way get 5 s to finish. Needs a Tokio runtime; fails when the listener does.
pub async fn serve_until(
    cloud: Cloud,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let app_cloud = cloud.clone();
    // One worker keeps the order of arrival; a client that hangs up releases a request that a
    // fault leaves unanswered for ever.
    let server = HttpServer::new(move || App::new().configure(routes(&app_cloud)))
        .workers(1)
        .disable_signals()
        .shutdown_timeout(SHUTDOWN_TIMEOUT_SECONDS)
        .h1_allow_half_closed(false)
        .listen(listener)?
        .run();
    let handle = server.handle();
    let mut server = pin!(server);
    let stop = pin!(stop);
    tokio::select! {
        biased;
        () = stop => {}
        result = &mut server => return result,
    }
    cloud.close_sockets(End::Code(1001, "going away".to_owned()));
    let ((), result) = join(handle.stop(true), server).await;
    result
}
