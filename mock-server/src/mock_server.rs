//! The mock for who embeds it in tests: on a free port of this machine and a thread of its own, from any
//! runtime or none. It refuses to outlive its handle.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::core::CloudConfig;
use crate::serve::ServeConfig;
use crate::worlds::{Mock, MockConfig};

/// A mock that is served until it is dropped.
///
/// ```
/// use holdline_mock_server::MockServer;
///
/// # fn main() -> std::io::Result<()> {
/// let mock = MockServer::start()?;
/// assert!(mock.uri().starts_with("http://127.0.0.1:"));
/// assert!(mock.cloud().guests().is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct MockServer {
    mock: Mock,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<io::Result<()>>>,
}

/// What can be chosen about a [`MockServer`].
#[derive(Debug, Default)]
pub struct MockServerBuilder {
    mock: MockConfig,
    serve: ServeConfig,
}

impl MockServerBuilder {
    /// How the mock behaves.
    #[must_use]
    pub fn mock(mut self, config: MockConfig) -> Self {
        self.mock = config;
        self
    }

    /// How its default cloud behaves, and those of new tenants.
    #[must_use]
    pub fn cloud(mut self, config: CloudConfig) -> Self {
        self.mock.cloud = config;
        self
    }

    /// How connections are treated.
    #[must_use]
    pub fn serve(mut self, config: ServeConfig) -> Self {
        self.serve = config;
        self
    }

    /// Serves from now on. Fails when no port or no thread can be had.
    pub fn start(self) -> io::Result<MockServer> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let mock = Mock::new(self.mock, Clock::system());
        let (stop, stopped) = oneshot::channel::<()>();
        let (served, config) = (mock.clone(), self.serve);
        let serving =
            std::thread::Builder::new().name("holdline-mock".to_owned()).spawn(move || {
                let stopped = async {
                    // Who drops the sender asks for the same.
                    let _ = stopped.await;
                };
                actix_rt::System::new().block_on(served.serve(&config, listener, stopped))
            })?;
        Ok(MockServer { mock, address, stop: Some(stop), serving: Some(serving) })
    }
}

impl MockServer {
    /// Serves a mock as it is when nothing is chosen.
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// A mock of which something is chosen.
    #[must_use]
    pub fn builder() -> MockServerBuilder {
        MockServerBuilder::default()
    }

    /// Where it is served, like `http://127.0.0.1:49152`.
    #[must_use]
    pub fn uri(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it is served.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The cloud of the default tenant, until that is reset.
    #[must_use]
    pub fn cloud(&self) -> Cloud {
        self.mock.cloud()
    }
}

/// Closes every socket with 1001 and waits until what is under way has ended.
impl Drop for MockServer {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(Ok(Err(error))) = self.serving.take().map(JoinHandle::join) {
            tracing::warn!(%error, "the mock's listener has failed");
        }
    }
}
