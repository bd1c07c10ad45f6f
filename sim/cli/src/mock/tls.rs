//! TLS of the mock: a certificate for whatever name of ours a client asks for, made when it asks.
//! A wildcard would do for no `*.localhost`: most clients refuse one below a single label.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::certificate_authority::{Authority, AuthorityError};

/// Certificates kept; who asks for more names than that waits for each.
const MAX_KEPT: usize = 1024;

/// What serves TLS for `localhost`, the loopback addresses, `host`, `names`, and every name below
/// one of them.
pub(super) fn config(
    authority: Authority,
    host: IpAddr,
    names: &[String],
) -> Result<Arc<ServerConfig>, AuthorityError> {
    let mut domains = vec!["localhost".to_owned()];
    domains.extend(names.iter().map(|name| name.to_ascii_lowercase()));
    let mut all = domains.clone();
    for address in ["127.0.0.1".to_owned(), "::1".to_owned(), host.to_string()] {
        if !all.contains(&address) {
            all.push(address);
        }
    }
    let usual = Arc::new(certified(&authority, &all)?);
    let kept = Mutex::default();
    let resolver = Certificates { authority, domains, usual, kept };
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap_or_else(|error| unreachable!("the provider has the default versions: {error}"))
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(resolver));
    Ok(Arc::new(config))
}

struct Certificates {
    authority: Authority,
    domains: Vec<String>,
    usual: Arc<CertifiedKey>,
    kept: Mutex<BTreeMap<String, Arc<CertifiedKey>>>,
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let asked = hello.server_name().map(str::to_ascii_lowercase);
        let below = |name: &String| {
            self.domains
                .iter()
                .any(|domain| name.strip_suffix(domain).is_some_and(|label| label.ends_with('.')))
        };
        let Some(name) = asked.filter(below) else { return Some(Arc::clone(&self.usual)) };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.get(&name) {
            return Some(Arc::clone(known));
        }
        let made = Arc::new(certified(&self.authority, std::slice::from_ref(&name)).ok()?);
        if kept.len() >= MAX_KEPT {
            kept.pop_first();
        }
        kept.insert(name, Arc::clone(&made));
        Some(made)
    }
}

impl std::fmt::Debug for Certificates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Certificates")
    }
}

fn certified(authority: &Authority, names: &[String]) -> Result<CertifiedKey, AuthorityError> {
    let leaf = authority.sign(names)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(leaf.key));
    let key = ring::sign::any_supported_type(&key)
        .unwrap_or_else(|error| unreachable!("the key was just made: {error}"));
    Ok(CertifiedKey::new(vec![CertificateDer::from(leaf.certificate)], key))
}
