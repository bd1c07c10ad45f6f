//! The mock as a whole: many clouds behind one port. Each tenant has a world of its own, made when
//! somebody first asks for it; what happens in one is never seen in another.
//!
//! | file | idea |
//! |---|---|
//! | `world` | one tenant: its cloud, its clock, its journal |
//! | `key` | which tenant a request means |
//! | `cors` | what browsers ask of a server of another origin |
//! | `front` | all of that, before a request is answered or routed |

mod config;
mod cors;
mod front;
mod key;
mod world;

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use actix_web::web::{self, ServiceConfig};
use tokio::sync::watch;

use crate::admin;
use crate::api;
use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::core::Refusal;
use crate::faults::{FaultLayer, Reply};
use crate::serve::{Accepted, Hooks, ServeConfig, going_away, serve_app};

pub use config::{ControlAccess, MockConfig};
pub(crate) use key::DEFAULT_TENANT;
pub(crate) use world::World;

struct Shared {
    config: RwLock<Arc<MockConfig>>,
    /// Whether nothing passes on any connection.
    held: watch::Sender<bool>,
    clock: Clock,
    worlds: Mutex<BTreeMap<String, Arc<World>>>,
    default_world: Arc<World>,
}

/// The mock: cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Mock(Arc<Shared>);

impl Mock {
    /// A mock with the default tenant alone.
    #[must_use]
    pub fn new(config: MockConfig, clock: Clock) -> Self {
        let default_world = World::new(DEFAULT_TENANT, &config, &clock);
        let worlds = [(DEFAULT_TENANT.to_owned(), Arc::clone(&default_world))];
        let worlds = Mutex::new(BTreeMap::from(worlds));
        let (config, held) = (RwLock::new(Arc::new(config)), watch::Sender::new(false));
        Self(Arc::new(Shared { config, held, clock, worlds, default_world }))
    }

    /// Serves on `listener` until `stop` resolves; then every socket is closed with 1001, and what
    /// is under way gets a while to finish. Needs a Tokio runtime; fails when the listener does.
    pub async fn serve(
        &self,
        config: &ServeConfig,
        listener: TcpListener,
        stop: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let (closing, served) = (self.clone(), self.clone());
        let routes = move |config: &mut ServiceConfig| served.routes(config);
        let (accepting, mock) = (self.clone(), self.clone());
        let hooks = Hooks {
            on_accept: Box::new(move || accepting.on_accept()),
            front: Rc::new(move |request, next| {
                Box::pin(front::front(mock.clone(), request, next))
            }),
            on_stop: Box::new(move || closing.close_all()),
            held: self.0.held.subscribe(),
        };
        serve_app(config, listener, routes, stop, hooks).await
    }

    fn routes(self, config: &mut ServiceConfig) {
        config
            .app_data(web::Data::new(self))
            .configure(api::probes::routes)
            .configure(api::document::routes)
            .configure(admin::routes)
            .default_service(web::to(api::fallback::path_unknown));
    }

    /// A connection has no tenant yet: the default one's faults decide about it.
    fn on_accept(&self) -> Accepted {
        match self.0.default_world.cloud().with(FaultLayer::connection) {
            Reply::Close(_) => Accepted::Reset,
            Reply::Silence => Accepted::Silence,
            _ => Accepted::Serve,
        }
    }

    fn close_all(&self) {
        for world in self.worlds() {
            world.cloud().close_sockets(going_away());
            world.journal().end();
        }
    }

    /// The cloud of the default tenant, until that is reset.
    #[must_use]
    pub fn cloud(&self) -> Cloud {
        self.0.default_world.cloud()
    }

    /// From now on it behaves so, for guests that there are as well; speeds are those of new
    /// worlds.
    pub fn reconfigure(&self, config: MockConfig) {
        let config = Arc::new(config);
        let slot = &self.0.config;
        *slot.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&config);
        for world in self.worlds() {
            world.cloud().reconfigure(&config.cloud);
        }
    }

    /// Nothing passes on any connection any more, as in a partition, or all of it goes on.
    pub fn hold_network(&self, held: bool) {
        self.0.held.send_replace(held);
    }

    /// Resolves when nothing is held.
    async fn network_released(&self) {
        if *self.0.held.borrow() {
            // The sender lives as long as the mock.
            let _ = self.0.held.subscribe().wait_for(|&held| !held).await;
        }
    }

    pub(crate) fn config(&self) -> Arc<MockConfig> {
        Arc::clone(&self.0.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The world of a tenant, made if need be; refused when there are too many.
    pub(crate) fn world(&self, key: Option<&str>) -> Result<Arc<World>, Refusal> {
        let Some(key) = key.filter(|key| *key != DEFAULT_TENANT) else {
            return Ok(Arc::clone(&self.0.default_world));
        };
        let mut worlds = self.lock();
        if let Some(world) = worlds.get(key) {
            return Ok(Arc::clone(world));
        }
        let config = self.config();
        let limit = config.max_tenants;
        if worlds.len() >= limit {
            let text = format!("{limit} tenants exist; delete one or raise max-tenants");
            return Err(Refusal::new(503, "tenants.exhausted", text));
        }
        let world = World::new(key, &config, &self.0.clock);
        worlds.insert(key.to_owned(), Arc::clone(&world));
        Ok(world)
    }

    /// Every world, in order of its key.
    pub(crate) fn worlds(&self) -> Vec<Arc<World>> {
        self.lock().values().cloned().collect()
    }

    /// Ends a world: its sockets are closed, and the next request for it finds a new one. The
    /// default tenant's begins anew at once.
    pub(crate) fn delete(&self, key: &str) -> bool {
        if key == DEFAULT_TENANT {
            self.0.default_world.reset(&self.config());
            return true;
        }
        let world = self.lock().remove(key);
        if let Some(world) = &world {
            world.cloud().close_sockets(going_away());
            world.journal().end();
        }
        world.is_some()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<World>>> {
        self.0.worlds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Mock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mock")
    }
}
