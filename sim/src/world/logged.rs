//! What plan and cloud say of the world, in the terms of the log.

use holdline_mock_server as mock;

use crate::plan::fault::{CutHow, Fault, HostId, LinkName};
use crate::trace::conditions::{self, Cut, Effect, Host, Link};
use crate::trace::event::Route;

/// A fault of a plan.
pub(super) fn fault(fault: &Fault) -> conditions::Fault {
    let effect = match fault {
        Fault::Partition(f) => Effect::Partition(link(f.link)),
        Fault::Hold(f) => Effect::Hold(link(f.link)),
        Fault::Latency(f) => Effect::Latency(link(f.link)),
        Fault::Loss(f) => Effect::Loss(link(f.link)),
        Fault::Refuse(f) | Fault::Crash(f) => Effect::Outage(host(f.host)),
        Fault::Restart(_) => Effect::Outage(Host::Cloud),
        Fault::Rst(_)
        | Fault::SwallowHandshake(_)
        | Fault::IdleCut(_)
        | Fault::Slice(_)
        | Fault::Coalesce(_) => Effect::Proxy,
        Fault::ExpireTokens(_) => Effect::ExpireTokens,
        Fault::ClockJump(_) => Effect::PutClockForward,
        _ => Effect::Cloud,
    };
    conditions::Fault { effect, lasts: fault.lasts(), text: fault.to_string() }
}

/// A machine of a plan.
pub(super) fn host(host: HostId) -> Host {
    match host {
        HostId::Client => Host::Client,
        HostId::Proxy => Host::Proxy,
        HostId::Cloud => Host::Cloud,
    }
}

/// How a message reached the cloud.
pub(super) fn route(route: mock::Route) -> Route {
    match route {
        mock::Route::Socket => Route::Socket,
        mock::Route::Rest => Route::Rest,
    }
}

/// How the proxy cuts what is idle.
pub(super) fn cut(how: CutHow) -> Cut {
    match how {
        CutHow::Fin => Cut::IdleFin,
        CutHow::Rst => Cut::IdleRst,
        CutHow::Silence => Cut::IdleSilence,
    }
}

fn link(link: LinkName) -> Link {
    match link {
        LinkName::ClientProxy => Link::ClientProxy,
        LinkName::ProxyCloud => Link::ProxyCloud,
    }
}
