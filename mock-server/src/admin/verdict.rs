//! What the server-side oracles say.

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use serde_json::{Value, json};

use super::body::Tenant;
use super::json as reply;
use crate::verdict::{ORACLES, Oracles};

/// The clock of a client runs at 1; that of the cloud has to, for the two to be compared.
const REAL_TIME: u64 = 1000;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/verdict", web::get().to(verdict));
}

async fn verdict(Tenant(world): Tenant) -> HttpResponse {
    let findings = world.journal().oracles(Oracles::findings);
    let is_real = world.clock().speed() == REAL_TIME;
    let judged = |oracle: &str| {
        ORACLES.iter().any(|known| known.id == oracle && (is_real || !known.is_timed))
    };
    let findings: Vec<_> = findings.iter().filter(|finding| judged(finding.oracle)).collect();
    let oracles: Vec<Value> = ORACLES
        .iter()
        .map(|oracle| {
            let count = findings.iter().filter(|finding| finding.oracle == oracle.id).count();
            let says = match (judged(oracle.id), count) {
                (false, _) => "not judged: the clock does not run in real time",
                (true, 0) => "holds",
                (true, _) => "violated",
            };
            json!({
                "id": oracle.id,
                "holdsWhen": oracle.holds_when,
                "says": says,
                "violations": count,
            })
        })
        .collect();
    reply(&json!({"passed": findings.is_empty(), "oracles": oracles, "violations": findings}))
}
