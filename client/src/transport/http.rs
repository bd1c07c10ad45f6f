//! awc as a client needs it.

use actix_rt::net::ActixStream;
use actix_service::Service;
use actix_tls::connect::{ConnectError, ConnectInfo, Connection};
use awc::Connector;
use awc::http::Uri;

use super::refusal::KeepRefusals;

/// The HTTP client that a [`Client`](crate::Client) or a [`Tab`](crate::tabs::Tab) speaks through.
/// It has no timeout of its own, which would undercut the client's deadlines, and it keeps the
/// `Retry-After` of a refused handshake, which awc drops.
#[derive(Clone)]
pub struct Http(awc::Client);

impl Http {
    /// Over the machine's network.
    #[must_use]
    pub fn system() -> Self {
        Self(awc::Client::builder().disable_timeout().wrap(KeepRefusals).finish())
    }

    /// Over connections of one's own: TLS with other roots, a proxy, a simulated network.
    #[must_use]
    pub fn over<S, Io>(connector: Connector<S>) -> Self
    where
        S: Service<ConnectInfo<Uri>, Response = Connection<Uri, Io>, Error = ConnectError>
            + Clone
            + 'static,
        Io: ActixStream + std::fmt::Debug + 'static,
    {
        let builder = awc::Client::builder().connector(connector);
        Self(builder.disable_timeout().wrap(KeepRefusals).finish())
    }

    /// What is inside, for whoever speaks HTTP beside the client.
    #[must_use]
    pub fn into_awc(self) -> awc::Client {
        self.0
    }
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Http")
    }
}
