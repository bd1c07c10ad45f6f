//! Who may use the control API: who connects from this machine, or who has the token. A web page
//! that somebody happens to visit connects from this machine as well, so a page of another origin
//! is refused, and so is a name that was only made to point here (DNS rebinding).

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT, AUTHORIZATION, HOST, ORIGIN};
use actix_web::middleware::Next;
use actix_web::{Error, web};

use crate::api::answer;
use crate::core::Refusal;
use crate::worlds::{ControlAccess, Mock};

pub(super) async fn gate(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, Error> {
    let mock = request.app_data::<web::Data<Mock>>().cloned();
    let mock = mock.unwrap_or_else(|| unreachable!("the routes carry the mock"));
    let config = mock.config();
    let admitted = match &config.control {
        ControlAccess::Token(_) if is_page(&request) => Ok(()),
        ControlAccess::Token(token) => has_token(&request, token),
        ControlAccess::Loopback => is_from_here(&request, &config.domains),
    };
    match admitted {
        Ok(()) => next.call(request).await,
        Err(refused) => Ok(request.into_response(answer::refusal(&refused))),
    }
}

/// The files of the page hold no data, and somebody must be able to give it the token.
fn is_page(request: &ServiceRequest) -> bool {
    let Some((_, rest)) = request.path().split_once("/__holdline") else { return false };
    let asks_for_html = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok());
    match rest {
        "" | "/" => asks_for_html.is_some_and(|accept| accept.contains("text/html")),
        rest => rest == "/guest" || rest.starts_with("/page/"),
    }
}

fn has_token(request: &ServiceRequest, token: &str) -> Result<(), Refusal> {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = header.and_then(|value| value.strip_prefix("Bearer "));
    let query = request.query_string().split('&').find_map(|pair| pair.strip_prefix("token="));
    if bearer.or(query).is_some_and(|given| is_same(given, token)) {
        return Ok(());
    }
    let text = "send the control token as `Authorization: Bearer <token>` or `?token=<token>`";
    Err(Refusal::new(401, "control.token", text))
}

/// Compares in a time that does not tell where they differ.
fn is_same(given: &str, token: &str) -> bool {
    given.len() == token.len()
        && given.bytes().zip(token.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

fn is_from_here(request: &ServiceRequest, domains: &[String]) -> Result<(), Refusal> {
    let refused = |text: &str| Err(Refusal::new(403, "control.refused", text));
    if !request.peer_addr().is_some_and(|peer| peer.ip().to_canonical().is_loopback()) {
        return refused("only this machine may control the mock; start it with --control-token");
    }
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if !is_ours(host, domains) {
        return refused("this host is no name of the mock's; use localhost or an address");
    }
    let origin = request.headers().get(ORIGIN).map(|origin| origin.to_str().unwrap_or_default());
    let page = origin.map(|origin| origin.split_once("://").map_or("", |(_, host)| host));
    if page.is_some_and(|page| page != host) {
        return refused("a page of another origin may not control the mock");
    }
    Ok(())
}

/// An address, or a name below one of ours.
fn is_ours(host: &str, domains: &[String]) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let below = |domain: &String| {
        name.strip_suffix(domain.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    name.parse::<std::net::IpAddr>().is_ok() || domains.iter().any(below)
}
