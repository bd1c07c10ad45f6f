//! What the agent answers by itself. A script reads what is stored from the journal, so that it is
//! on nobody's way, and it keeps the tenant's time.

use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{self, Payload, ServiceConfig};
use serde::Deserialize;

use super::body::{self, Tenant, answered};
use super::state::note_control;
use crate::core::Refusal;
use crate::faults::span;
use crate::journal::{Entry, Filter, Record};
use crate::worlds::World;

/// Entries that are read at a time.
const PIECE: usize = 256;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/agent/script", web::put().to(put))
        .route("/agent/script", web::get().to(get))
        .route("/agent/script", web::delete().to(delete));
}

/// A script as it was written and as it was understood.
#[derive(Debug)]
pub(crate) struct Script {
    text: String,
    answers: Vec<Answer>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    answer: Vec<Answer>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    when: Option<String>,
    say: Vec<String>,
    #[serde(default, deserialize_with = "span::deserialize")]
    after: Duration,
    #[serde(default)]
    typing: bool,
    times: Option<u64>,
}

impl Answer {
    fn fits(&self, text: &str, used: u64) -> bool {
        let is_meant = |when: &String| text.to_lowercase().contains(&when.to_lowercase());
        self.when.as_ref().is_none_or(is_meant) && self.times.is_none_or(|times| used < times)
    }
}

async fn put(Tenant(world): Tenant, payload: Payload) -> HttpResponse {
    answered(body::text(payload).await.and_then(|text| {
        let written: Written = toml::from_str(&text)
            .map_err(|error| Refusal::new(400, "script.malformed", error.to_string()))?;
        let script = Arc::new(Script { text, answers: written.answer });
        let number = world.set_script(Some(Arc::clone(&script)));
        note_control(&world, "the agent has a script");
        let from = world.journal().last();
        actix_rt::spawn(follow(world, script, number, from));
        Ok(HttpResponse::NoContent().finish())
    }))
}

async fn get(Tenant(world): Tenant) -> HttpResponse {
    let (_, script) = world.script();
    let text = script.map(|script| script.text.clone()).unwrap_or_default();
    HttpResponse::Ok().content_type("application/toml").body(text)
}

async fn delete(Tenant(world): Tenant) -> HttpResponse {
    world.set_script(None);
    note_control(&world, "the agent has no script");
    HttpResponse::NoContent().finish()
}

/// Answers what is stored after `seq`, until there is another script or no world.
async fn follow(world: Arc<World>, script: Arc<Script>, number: u64, mut seq: u64) {
    let mut used = vec![0; script.answers.len()];
    while world.journal().beyond(seq).await && world.script().0 == number {
        let page = world.journal().read(seq, &Filter::default(), PIECE);
        seq = page.next;
        for record in page.records {
            answer(&world, &script, &mut used, &record);
        }
    }
}

/// The first answer that fits is given; later messages need not wait for it.
fn answer(world: &Arc<World>, script: &Arc<Script>, used: &mut [u64], record: &Record) {
    let Entry::Stored { guest, message, .. } = &record.entry else { return };
    let stored = world.cloud().conversation(guest);
    let Some(said) = stored.iter().rev().find(|stored| stored.id == *message) else { return };
    let fits = |place: &usize| script.answers[*place].fits(&said.content, used[*place]);
    let Some(place) = (0..script.answers.len()).find(fits) else { return };
    used[place] += 1;
    let n = used[place].to_string();
    let say = &script.answers[place].say;
    let texts: Vec<String> =
        say.iter().map(|text| text.replace("{n}", &n).replace("{text}", &said.content)).collect();
    let (world, script, guest) = (Arc::clone(world), Arc::clone(script), guest.clone());
    actix_rt::spawn(async move {
        let answer = &script.answers[place];
        let cloud = world.cloud();
        if answer.typing {
            cloud.agent_types(&guest);
        }
        world.clock().sleep(answer.after).await;
        for text in texts {
            // A guest that is gone by now hears nothing more.
            let _ = cloud.agent_says(Some(&guest), &text);
        }
    });
}
