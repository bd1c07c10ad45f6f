//! One cloud on real sockets, without tenants, journal and control API.

use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::rc::Rc;

use tokio::sync::watch;

use crate::api::routes;
use crate::cloud::Cloud;
use crate::serve::{Accepted, Hooks, ServeConfig, going_away, serve_app};

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
    let closing = cloud.clone();
    let hooks = Hooks {
        on_accept: Box::new(|| Accepted::Serve),
        front: Rc::new(|request, next| Box::pin(async move { next.call(request).await })),
        on_stop: Box::new(move || closing.close_sockets(going_away())),
        held: watch::Sender::new(false).subscribe(),
    };
    serve_app(&ServeConfig::default(), listener, routes(&cloud), stop, hooks).await
}
