//! The client's own text: what it must not reach for.

use crate::house::sources_of;

pub(crate) use crate::house::code;

/// Every source file of the client, with its text.
pub(crate) fn client_sources() -> Vec<(String, String)> {
    let sources = ["client/core", "client"].into_iter().flat_map(sources_of);
    sources.map(|source| (source.name, source.text)).collect()
}

/// A36: what the client needs it is given. An environment is the page's, or nobody's.
#[test]
fn the_client_reads_no_environment() {
    for (file, text) in client_sources() {
        for forbidden in ["std::env", "env::var", "env!(", "std::process", "std::fs::read"] {
            assert!(!code(&text).contains(forbidden), "{file} uses {forbidden}");
        }
    }
}
