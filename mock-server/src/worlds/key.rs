//! Which tenant a request means: `/t/KEY/...`, else `Holdline-Tenant: KEY`, else the host's first
//! label below one of the mock's own names, `KEY.localhost`; else the default tenant. A key that
//! cannot be one is refused, never taken for another.

use actix_web::dev::ServiceRequest;
use actix_web::http::Uri;
use actix_web::http::header::{HOST, HeaderName};
use actix_web::http::uri::PathAndQuery;

use crate::core::Refusal;

/// The tenant of who names none.
pub(crate) const DEFAULT_TENANT: &str = "default";
/// Longest key: that of a host's label (RFC 1035 2.3.4).
const MAX_KEY_BYTES: usize = 63;
const HEADER: HeaderName = HeaderName::from_static("holdline-tenant");

/// The tenant that the request names, if any; a path prefix is taken off its path.
pub(super) fn take(
    request: &mut ServiceRequest,
    domains: &[String],
) -> Result<Option<String>, Refusal> {
    let found = from_path(request).or_else(|| from_header(request));
    let key = match found.or_else(|| from_host(request, domains)) {
        None => return Ok(None),
        Some(key) => key.to_ascii_lowercase(),
    };
    if !is_key(&key) {
        let text = "a tenant's key has 1 to 63 letters, digits and hyphens";
        return Err(Refusal::new(400, "tenant.malformed", text));
    }
    Ok(Some(key))
}

/// Whether it can be a key: letters, digits and hyphens.
fn is_key(key: &str) -> bool {
    (1..=MAX_KEY_BYTES).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn from_path(request: &mut ServiceRequest) -> Option<String> {
    if !request.path().starts_with("/t/") {
        return None;
    }
    let uri = request.uri().clone();
    let rest = uri.path().strip_prefix("/t/")?;
    let (key, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
    let query = uri.query().map_or(String::new(), |query| format!("?{query}"));
    let inner: PathAndQuery = format!("{path}{query}").parse().ok()?;
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(inner);
    let inner = Uri::from_parts(parts).ok()?;
    request.match_info_mut().get_mut().update(&inner);
    request.head_mut().uri = inner;
    Some(key.to_owned())
}

fn from_header(request: &ServiceRequest) -> Option<String> {
    let value = request.headers().get(HEADER)?;
    // What is no text is no key either, and refused as such.
    Some(value.to_str().unwrap_or("?").trim().to_owned())
}

fn from_host(request: &ServiceRequest, domains: &[String]) -> Option<String> {
    let host = request.headers().get(HOST)?.to_str().ok()?;
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let below = domains.iter().find_map(|domain| {
        let (below, end) = name.split_at_checked(name.len().checked_sub(domain.len())?)?;
        end.eq_ignore_ascii_case(domain).then(|| below.strip_suffix('.'))?
    })?;
    Some(below.split('.').next().unwrap_or(below).to_owned())
}
