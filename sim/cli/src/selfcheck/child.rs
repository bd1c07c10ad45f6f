//! One of the two processes: plays the plans and prints every event.

use std::fmt::Write as _;
use std::ops::Range;

use super::super::{Exit, print};
use holdline_sim::plan::generate::{Cast, Options, generate};
use holdline_sim::plan::{Plan, TABS_MAX};
use holdline_sim::subjects::holdline::Holdline;
use holdline_sim::trace::reports::Notice;
use holdline_sim::trace::{Event, Kind, Lane};
use holdline_sim::world::run::{BackendKind, run};

/// The line of a plan begins with this; no event's does.
pub(super) const PLAN: &str = "plan ";
/// Which event of a plan the canary sings beside.
const CANARY: usize = 3;

/// Plays the plans of these seeds.
pub(super) fn play(seeds: Range<u64>, leaks_entropy: bool) -> Exit {
    let last = seeds.end - 1;
    for seed in seeds {
        let (cast, plan) = plan(seed);
        let mut text = format!("{PLAN}seed {seed} with --tabs {cast}\n");
        match run(&plan, &Holdline, BackendKind::Event) {
            Ok(mut run) => {
                if leaks_entropy && seed == last {
                    leak(&mut run.events);
                }
                run.events.iter().for_each(|event| text += &line(event));
            }
            Err(error) => {
                let _ = writeln!(text, "{error}");
            }
        }
        // Nobody reads on: the difference was found.
        if print(&text) != Exit::Pass {
            return Exit::WriteError;
        }
    }
    Exit::Pass
}

/// One client and tabs, in turns.
fn plan(seed: u64) -> (Cast, Plan) {
    let cast = match seed % 2 {
        0 => Cast::Single,
        _ => Cast::Tabs { least: 1, most: TABS_MAX },
    };
    (cast, generate(seed, &Options { cast, ..Options::default() }))
}

fn line(event: &Event) -> String {
    serde_json::to_string(event).expect("an event is plain data") + "\n"
}

fn leak(events: &mut Vec<Event>) {
    let notice = Notice::Other(format!("process {}", std::process::id()));
    let place = CANARY.min(events.len());
    let at = events.get(place).map(|event| event.at).unwrap_or_default();
    events.insert(place, Event { at, lane: Lane::Net, kind: Kind::Notice { notice } });
}
