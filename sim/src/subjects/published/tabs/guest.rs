//! The guest of the SDK: as published each client has one of its own, in its memory; what is repaired
//! shares one through the worker and the store, and only one tab at a time creates or refreshes it.

use super::super::defect::Defect;
use super::auth::RequestError;
use super::sdk::WebMessagingClient;
use super::store::Guest;
use holdline_browser::Lock;

const GUEST_LOCK: &str = "genesys-guest";

impl WebMessagingClient {
    /// The guest of this client, or of all tabs. It is created to the end, whoever loses interest.
    pub(super) async fn guest(&self) -> Result<Guest, RequestError> {
        let this = self.clone();
        let created = tokio::task::spawn_local(async move {
            if this.0.window.has(Defect::B22) {
                let own = this.0.guest.borrow().clone();
                return match own {
                    Some(own) => Ok(own),
                    None => this.0.api.create_guest().await,
                };
            }
            let alone = this.alone_with_the_guest().await;
            if let Ok(Some(stored)) = this.0.store.token().await {
                return Ok(stored);
            }
            let created = this.0.api.create_guest().await?;
            this.share(&created, alone);
            Ok(created)
        });
        self.remember(created.await.unwrap_or(Err(RequestError::Cancelled)))
    }

    /// A new token for the guest: the one that another tab has got meanwhile, or the next.
    pub(super) async fn renewed(&self, expired: &Guest) -> Result<Guest, RequestError> {
        let (this, expired) = (self.clone(), expired.clone());
        let renewed = tokio::task::spawn_local(async move {
            let alone = this.alone_with_the_guest().await;
            let stored = match this.0.store.token().await {
                _ if this.0.window.has(Defect::B22) => None,
                stored => stored.ok().flatten(),
            };
            if let Some(newer) = stored.filter(|stored| *stored != expired) {
                return Ok(newer);
            }
            let refreshed = this.0.api.refresh_guest_token(&expired).await?;
            if !this.0.window.has(Defect::B22) {
                this.share(&refreshed, alone);
            }
            Ok(refreshed)
        });
        self.remember(renewed.await.unwrap_or(Err(RequestError::Cancelled)))
    }

    fn remember(&self, guest: Result<Guest, RequestError>) -> Result<Guest, RequestError> {
        if let Ok(guest) = &guest {
            self.0.guest.replace(Some(guest.clone()));
        }
        guest
    }

    /// Saves the guest for all tabs. Until that is done nobody else asks for one.
    fn share(&self, guest: &Guest, alone: Option<Lock>) {
        let (this, guest) = (self.clone(), guest.clone());
        tokio::task::spawn_local(async move {
            let shared = this.0.worker.sync_token(&this.0.window, &this.0.store, &guest).await;
            if let Err(error) = shared {
                this.0.window.error(format!("TOKEN_SYNC_FAILED: {error}"));
            }
            drop(alone);
        });
    }

    async fn alone_with_the_guest(&self) -> Option<Lock> {
        let locks = self.0.window.locks().ok().flatten()?;
        locks.request(GUEST_LOCK).await.ok()
    }
}
