//! One port, two languages: a TLS record begins with 0x16, which begins no HTTP request.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;

use super::ServeConfig;

/// The type of a TLS record that carries a handshake (RFC 8446 5.1).
const TLS_HANDSHAKE: u8 = 0x16;

/// A connection as HTTP reads it.
pub(super) type Opened = Either<TcpStream, Box<TlsStream<TcpStream>>>;

pub(super) struct TlsSniffer {
    tls: Option<TlsAcceptor>,
    timeout: Duration,
}

impl TlsSniffer {
    pub(super) fn new(config: &ServeConfig) -> Self {
        let tls = config.tls.as_ref().map(|tls| TlsAcceptor::from(Arc::clone(tls)));
        Self { tls, timeout: config.opening_timeout }
    }

    /// Waits for the first byte and lets the connection in; `None` when it did not get that far.
    pub(super) async fn open(&self, stream: TcpStream) -> Option<Opened> {
        let Some(tls) = &self.tls else { return Some(Either::Left(stream)) };
        let opening = async {
            let mut first = [0];
            stream.peek(&mut first).await?;
            if first[0] != TLS_HANDSHAKE {
                return Ok(Either::Left(stream));
            }
            tls.accept(stream).await.map(|stream| Either::Right(Box::new(stream)))
        };
        match tokio::time::timeout(self.timeout, opening).await {
            Ok(Ok(opened)) => Some(opened),
            Ok(Err(error)) => {
                tracing::debug!(%error, "no TLS; a client that does not trust the CA ends so");
                None
            }
            Err(_) => None,
        }
    }
}
