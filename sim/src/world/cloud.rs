//! The mock cloud as a host: the same app that serves real sockets, on simulated streams.

use std::rc::Rc;
use std::time::Duration;

use actix_http::{HttpService, Protocol};
use actix_service::{Service, ServiceFactory, map_config};
use actix_web::App;
use actix_web::dev::AppConfig;
use holdline_mock_server::{
    Clock, Cloud, CloudConfig, CloudEvent, Endpoint, FaultRule, Now, Observer, RetryAfter, faults,
    routes,
};
use tokio::task::LocalSet;

use super::{PORT, logged};
use crate::plan::fault::{AckDelayed, Answer, Door, Fault, OnMessage};
use crate::plan::{CloudSettings, Plan};
use crate::trace::log::Log;
use crate::trace::tap::HttpTap;
use crate::trace::{Kind, Lane};
use holdline_net::WALL_AT_START;
use holdline_net::{NowFn, Program};

/// Keeps the cloud's ids apart from the client's, which come from the same plan.
pub(super) const SEED_OF_CLOUD: u64 = 0x00c1_00d5;

/// A cloud with the plan's settings that tells the log its truth.
pub(super) fn cloud(plan: &Plan, now: NowFn, log: Log) -> Cloud {
    let clock = Clock::new(move || {
        let mono = now();
        Now { mono, wall: WALL_AT_START + mono }
    });
    let observer = Observer::new(move |event: &CloudEvent| {
        log.push(Lane::Cloud, kind_of(&log, event));
    });
    Cloud::new(config(&plan.cloud), clock, plan.seed ^ SEED_OF_CLOUD, observer)
}

pub(super) fn config(settings: &CloudSettings) -> CloudConfig {
    let mut config = CloudConfig::default();
    if let Some(strict) = settings.strict {
        config.strict_socket_auth = strict;
    }
    if let Some(ttl) = settings.token_ttl {
        config.token_ttl = ttl;
    }
    if let Some(agent_ids) = settings.agent_ids {
        config.agent_message_ids = agent_ids;
    }
    if let Some(rate) = settings.messages_per_second {
        config.messages_per_second = rate;
    }
    config
}

/// Serves the cloud on its host; a restart serves the same cloud again, memory kept.
pub(super) fn program(cloud: Cloud, log: Log) -> Program {
    Rc::new(move |net| {
        let (cloud, log) = (cloud.clone(), log.clone());
        Box::pin(async move {
            let app = map_config(App::new().configure(routes(&cloud)), |()| AppConfig::default());
            // A polite end is not waited for: actix's timer for it would outlive the run.
            // actix spawns the task that keeps the date here, into the set that is entered.
            let date = LocalSet::new();
            let service = {
                let _entered = date.enter();
                HttpService::build()
                    .client_disconnect_timeout(Duration::from_secs(1))
                    .h1_allow_half_closed(false)
                    .finish(app)
            };
            net.spawn_background(Box::pin(date));
            let service = service
                .new_service(())
                .await
                .unwrap_or_else(|()| unreachable!("routes never fail to build"));
            let service = Rc::new(service);
            let listener = net.listen(PORT).await.expect("a fresh host has its port free");
            while let Ok(stream) = listener.accept().await {
                let peer = Some(stream.peer());
                let tap = HttpTap::new(log.clone(), Lane::Cloud, log.next_conn(Lane::Cloud));
                let service = Rc::clone(&service);
                actix_rt::spawn(async move {
                    // How a connection ends is in the log; the service's word for it adds nothing.
                    let _ = service.call((stream.tapped(tap), Protocol::Http1, peer)).await;
                });
            }
        })
    })
}

pub(super) fn kind_of(log: &Log, event: &CloudEvent) -> Kind {
    match event {
        CloudEvent::GuestCreated { guest } => Kind::GuestCreated { guest: log.guest(guest) },
        CloudEvent::TokenRefreshed { guest } => Kind::TokenRefreshed { guest: log.guest(guest) },
        CloudEvent::GuestGone { guest } => Kind::GuestGone { guest: log.guest(guest) },
        CloudEvent::MessageStored { guest, message_id, route } => Kind::Stored {
            guest: log.guest(guest),
            message: log.name_guest(message_id, None),
            route: logged::route(*route),
        },
        CloudEvent::DuplicateIgnored { message_id, route, .. } => Kind::Duplicate {
            message: log.name_guest(message_id, None),
            route: logged::route(*route),
        },
        CloudEvent::MessageRefused { message_id, code, .. } => Kind::Refused {
            message: message_id.as_deref().map(|id| log.name_guest(id, None)),
            code: code.clone(),
        },
        CloudEvent::AgentSaid { guest, message_id, .. } => {
            Kind::Said { message: log.name_agent(message_id), guest: Some(log.guest(guest)) }
        }
        CloudEvent::SocketOpened { guest, socket } => {
            Kind::SocketOpened { guest: log.guest(guest), socket: *socket }
        }
        CloudEvent::SocketClosed { guest, socket } => {
            Kind::SocketClosed { guest: log.guest(guest), socket: *socket }
        }
        CloudEvent::FaultFired { kind, name } => Kind::Fired { kind, fault: name.clone() },
    }
}

/// The mock's rule for a fault of the plan; `None` for a fault that is not the cloud's.
pub(super) fn rule_of(fault: &Fault) -> Option<FaultRule> {
    match fault {
        Fault::Answer(answer) => Some(answer_rule(answer)),
        Fault::AckLostBeforeAccept(OnMessage { nth, count, .. }) => {
            let fault = faults::AckDroppedBeforeAccept {};
            Some(FaultRule::at(fault, Endpoint::Messages, *nth, *count))
        }
        Fault::AckLostAfterAccept(OnMessage { nth, count, .. }) => {
            let fault = faults::AckDroppedAfterAccept {};
            Some(FaultRule::at(fault, Endpoint::Messages, *nth, *count))
        }
        Fault::AckDoubled(OnMessage { nth, count, .. }) => {
            Some(FaultRule::at(faults::AckDoubled {}, Endpoint::Messages, *nth, *count))
        }
        Fault::AckDelayed(AckDelayed { by, nth, count, .. }) => {
            Some(FaultRule::at(faults::AckDelayed { by: *by }, Endpoint::Messages, *nth, *count))
        }
        Fault::SwallowUpgrade(OnMessage { nth, count, .. }) => {
            Some(FaultRule::at(faults::SwallowHandshake {}, Endpoint::Socket, *nth, *count))
        }
        _ => None,
    }
}

fn answer_rule(answer: &Answer) -> FaultRule {
    let retry_after = answer.retry_after.as_deref().map_or(RetryAfter::Absent, |text| {
        let date =
            text.strip_prefix("date ").and_then(|ahead| humantime::parse_duration(ahead).ok());
        match (date, text.parse()) {
            (Some(ahead), _) => RetryAfter::Date(ahead),
            (None, Ok(seconds)) => RetryAfter::Seconds(seconds),
            (None, Err(_)) => RetryAfter::Raw(text.to_owned()),
        }
    });
    let endpoint = match answer.on {
        Door::Guests => Endpoint::Guests,
        Door::Refresh => Endpoint::Refresh,
        Door::Socket => Endpoint::Socket,
        Door::Messages => Endpoint::Messages,
        Door::History => Endpoint::History,
        Door::Any => Endpoint::Any,
    };
    let fault = faults::Answer { status: answer.status, retry_after };
    FaultRule::at(fault, endpoint, answer.nth, answer.count.unwrap_or(u64::MAX))
}
