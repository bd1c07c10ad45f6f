//! Faults that hold the same thing at the same time.
//!
//! A host is up or down, a link has one profile, the proxy has each habit once: when one of two
//! such faults ended it would end the other as well. What the cloud is armed with may overlap.

use std::time::Duration;

use super::fault::{Fault, HostId, LinkName, PartitionWay};
use holdline_net::duration::written;

/// What one fault at a time can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ground {
    Up(LinkName),
    Down(LinkName),
    Hold(LinkName),
    /// Latency, jitter and loss of a link are one profile.
    Profile(LinkName),
    Host(HostId),
    Refusal(HostId),
    Swallow,
    IdleCut,
    Slice,
    Coalesce,
}

/// The first fault that begins while an earlier one holds the same thing: its number, the key
/// and what is wrong.
pub(super) fn check(faults: &[Fault]) -> Result<(), (usize, (&'static str, String))> {
    for (index, later) in faults.iter().enumerate() {
        for earlier in &faults[..index] {
            if let Some(message) = clash(earlier, later) {
                return Err((index, ("kind", message)));
            }
        }
    }
    Ok(())
}

/// What two faults cannot both hold, if they try.
pub(super) fn clash(one: &Fault, other: &Fault) -> Option<String> {
    let shared = grounds(one).into_iter().find(|ground| grounds(other).contains(ground))?;
    let (from, to) = hours(one);
    let (other_from, other_to) = hours(other);
    if to.is_some_and(|to| to <= other_from) || other_to.is_some_and(|end| end <= from) {
        return None;
    }
    let until = to.map_or("the heal phase".to_owned(), |to| written(to).to_string());
    let profile = match shared {
        Ground::Profile(_) => " (latency, jitter and loss of a link are one profile)",
        _ => "",
    };
    Some(format!(
        "overlaps another fault of the same thing, `{one}` from {} until {until}{profile}; let one \
         end before the other begins",
        written(from)
    ))
}

fn hours(fault: &Fault) -> (Duration, Option<Duration>) {
    let (at, lasts) = fault.span();
    (at, lasts.map(|lasts| at + lasts))
}

fn grounds(fault: &Fault) -> Vec<Ground> {
    match fault {
        Fault::Partition(f) => match f.way {
            PartitionWay::Both => vec![Ground::Up(f.link), Ground::Down(f.link)],
            PartitionWay::Up => vec![Ground::Up(f.link)],
            PartitionWay::Down => vec![Ground::Down(f.link)],
        },
        Fault::Hold(f) => vec![Ground::Hold(f.link)],
        Fault::Latency(f) => vec![Ground::Profile(f.link)],
        Fault::Loss(f) => vec![Ground::Profile(f.link)],
        Fault::Refuse(f) => vec![Ground::Refusal(f.host)],
        Fault::Crash(f) => vec![Ground::Host(f.host)],
        Fault::Restart(_) => vec![Ground::Host(HostId::Cloud)],
        Fault::SwallowHandshake(_) => vec![Ground::Swallow],
        Fault::IdleCut(_) => vec![Ground::IdleCut],
        Fault::Slice(_) => vec![Ground::Slice],
        Fault::Coalesce(_) => vec![Ground::Coalesce],
        _ => Vec::new(),
    }
}
