//! The journal as JSON lines, and as a live stream that goes on where a reader was.

use std::fmt::Write as _;
use std::sync::Arc;

use actix_web::web::{self, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use futures_util::stream;
use serde::Deserialize;

use super::body::Tenant;
use crate::journal::{Filter, Journal};

/// Entries of one answer, unless it is said otherwise, and at most.
const LIMIT: usize = 1000;
const MAX_LIMIT: usize = 10_000;
/// Entries of one piece of the stream.
const PIECE: usize = 256;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/journal", web::get().to(lines)).route("/journal/stream", web::get().to(live));
}

#[derive(Deserialize)]
struct From {
    #[serde(default)]
    after: u64,
    limit: Option<usize>,
}

async fn lines(Tenant(world): Tenant, from: Query<From>, filter: Query<Filter>) -> HttpResponse {
    let limit = from.limit.unwrap_or(LIMIT).min(MAX_LIMIT);
    let page = world.journal().read(from.after, &filter, limit);
    let mut text = String::new();
    for record in &page.records {
        text += &record.to_json();
        text.push('\n');
    }
    HttpResponse::Ok()
        .content_type("application/jsonl")
        .insert_header(("Holdline-Next", page.next))
        .insert_header(("Holdline-Missed", page.missed))
        .body(text)
}

async fn live(
    Tenant(world): Tenant,
    from: Query<From>,
    filter: Query<Filter>,
    http: HttpRequest,
) -> HttpResponse {
    let resumed = http.headers().get("last-event-id");
    let resumed = resumed.and_then(|id| id.to_str().ok()).and_then(|id| id.parse().ok());
    let after: u64 = resumed.unwrap_or(from.after);
    let journal = Arc::clone(world.journal());
    let events = stream::unfold((journal, filter.into_inner(), after), next);
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("Cache-Control", "no-store"))
        .streaming(events)
}

type Reader = (Arc<Journal>, Filter, u64);

/// Waits for something to tell; the end of the journal is the end of the stream.
async fn next(
    (journal, filter, mut after): Reader,
) -> Option<(Result<Bytes, actix_web::Error>, Reader)> {
    loop {
        let page = journal.read(after, &filter, PIECE);
        after = page.next;
        let mut text = String::new();
        if page.missed > 0 {
            let _ = write!(text, "event: missed\ndata: {}\n\n", page.missed);
        }
        for record in &page.records {
            let _ = write!(text, "id: {}\ndata: {}\n\n", record.seq, record.to_json());
        }
        if !text.is_empty() {
            return Some((Ok(Bytes::from(text)), (journal, filter, after)));
        }
        if !journal.beyond(after).await {
            return None;
        }
    }
}
