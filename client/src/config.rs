//! What can be wrong with a configuration.

use thiserror::Error;

use crate::core::config::Config;

/// Why a client cannot start.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StartError {
    /// The base URL is not one.
    #[error("base_url {0:?} is not an http or https URL with a host: use one like https://cloud")]
    BaseUrl(String),
    /// The OAuth token cannot be put into a header.
    #[error(
        "oauth_token is empty or has characters that no header may carry: set it to the bearer token alone"
    )]
    OauthToken,
}

pub(crate) fn check(config: &Config) -> Result<(), StartError> {
    let url = config.base_url.parse::<awc::http::Uri>().ok();
    let usable = url.is_some_and(|url| {
        url.host().is_some() && matches!(url.scheme_str(), Some("http" | "https"))
    });
    if !usable {
        return Err(StartError::BaseUrl(config.base_url.clone()));
    }
    let token = &config.oauth_token;
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(StartError::OauthToken);
    }
    Ok(())
}
