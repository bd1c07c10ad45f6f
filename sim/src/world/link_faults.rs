//! How a fault of a plan becomes lost, held or late packets, and refused connections: what it changes about
//! the links between the hosts.

use holdline_net::{Direction, HostName, LinkFault, LinkProfile};

use super::{CLIENT, CLOUD, PROXY};
use crate::plan::Plan;
use crate::plan::fault::{Fault, HostId, LinkName, PartitionWay};

/// What a fault changes about links, when it begins or ends.
pub(super) fn link_faults(fault: &Fault, plan: &Plan, on: bool) -> Vec<LinkFault> {
    let usual = usual_profile(plan);
    let profiled = |link, profile| {
        let profile = if on { profile } else { usual };
        vec![LinkFault::Profile { way: up(link), profile }]
    };
    match fault {
        Fault::Partition(f) => {
            let (there, back) = (up(f.link), down(f.link));
            let ways = match f.way {
                PartitionWay::Both => vec![there, back],
                PartitionWay::Up => vec![there],
                PartitionWay::Down => vec![back],
            };
            ways.into_iter().map(|way| LinkFault::Partition { way, on }).collect()
        }
        Fault::Hold(f) => vec![LinkFault::Hold { way: up(f.link), on }],
        Fault::Latency(f) => {
            profiled(f.link, LinkProfile { latency: f.latency, jitter: f.jitter, ..usual })
        }
        Fault::Loss(f) => profiled(f.link, LinkProfile { loss_ppm: f.percent * 10_000, ..usual }),
        Fault::Refuse(f) => vec![LinkFault::Refuse { host: host_name(f.host), on }],
        _ => Vec::new(),
    }
}

/// The links as the plan begins with them.
pub(super) fn usual_profile(plan: &Plan) -> LinkProfile {
    LinkProfile { latency: plan.settings.latency, jitter: plan.settings.jitter, loss_ppm: 0 }
}

fn up(link: LinkName) -> Direction {
    match link {
        LinkName::ClientProxy => Direction { from: CLIENT, to: PROXY },
        LinkName::ProxyCloud => Direction { from: PROXY, to: CLOUD },
    }
}

fn down(link: LinkName) -> Direction {
    let Direction { from, to } = up(link);
    Direction { from: to, to: from }
}

pub(super) fn host_name(host: HostId) -> HostName {
    match host {
        HostId::Client => CLIENT,
        HostId::Proxy => PROXY,
        HostId::Cloud => CLOUD,
    }
}
