//! `--perform`: what happens to cloud and network in a plan, in real time, against whoever is
//! connected. The clock of the plan begins with the first guest. What the user does is the client's
//! own business; what cannot be done to a real network is told and left out.

use std::time::Duration;

use holdline_mock_server::{
    Cloud, ConnectionReset, ConnectionSilent, End, Endpoint, Fault as CloudFault, FaultRule, Mock,
    When,
};

use crate::print_note;
use holdline_sim::plan::fault::Fault;
use holdline_sim::plan::{Do, Plan};
use holdline_sim::world::{Cue, Words, end_of, rule_of, timetable};

/// How often it looks for the first guest.
const LOOK: Duration = Duration::from_millis(20);

/// Performs the plan once.
pub(super) async fn perform(mock: Mock, plan: Plan) {
    while mock.cloud().guests().is_empty() {
        tokio::time::sleep(LOOK).await;
    }
    print_note(&format!("performing: {}\n", plan.title));
    let mut now = Duration::ZERO;
    let mut words = Words::default();
    for (at, cue) in timetable(&plan) {
        tokio::time::sleep(at.saturating_sub(now)).await;
        now = at;
        match cue {
            Cue::On(index) => begin(&mock, &plan.faults[index]),
            Cue::Off(index) => end(&mock, &plan.faults[index]),
            Cue::Step(index) if plan.steps[index].what == Do::Agent => {
                // Nobody there is no mistake of the plan's.
                drop(mock.cloud().agent_says(None, &words.answer(&plan.steps[index])));
            }
            Cue::Step(_) => {}
        }
    }
    print_note("performed\n");
}

fn begin(mock: &Mock, fault: &Fault) {
    let cloud = mock.cloud();
    let (_, lasts) = fault.span();
    print_note(&format!("  {fault}\n"));
    if let Some(rule) = rule_of(fault) {
        cloud.arm_when(rule, window(&cloud, lasts));
        return;
    }
    match fault {
        Fault::Partition(_) | Fault::Hold(_) => mock.hold_network(true),
        Fault::Rst(_) => cloud.close_sockets(End::Drop),
        Fault::Refuse(_) => away(&cloud, CloudFault::ConnectionReset(ConnectionReset {}), lasts),
        Fault::Crash(_) => {
            cloud.close_sockets(End::Drop);
            away(&cloud, CloudFault::ConnectionReset(ConnectionReset {}), lasts);
        }
        Fault::SwallowHandshake(_) => {
            away(&cloud, CloudFault::ConnectionSilent(ConnectionSilent {}), lasts);
        }
        Fault::Restart(restart) => {
            cloud.close_sockets(end_of(restart.code));
            let lasts = Some(restart.lasts);
            away(&cloud, CloudFault::ConnectionReset(ConnectionReset {}), lasts);
        }
        Fault::Close(close) => cloud.close_sockets(end_of(close.code)),
        Fault::ExpireTokens(_) => cloud.expire_tokens(),
        Fault::ForgetGuests(_) => cloud.forget_guests(),
        _ => print_note("    (left out: only a simulated network can do that)\n"),
    }
}

fn end(mock: &Mock, fault: &Fault) {
    if matches!(fault, Fault::Partition(_) | Fault::Hold(_)) {
        mock.hold_network(false);
    }
}

/// Nobody gets through for a while.
fn away(cloud: &Cloud, fault: CloudFault, lasts: Option<Duration>) {
    let rule = FaultRule { fault, endpoint: Endpoint::Any, nth: 1, count: u64::MAX };
    cloud.arm_when(rule, window(cloud, lasts));
}

fn window(cloud: &Cloud, lasts: Option<Duration>) -> When {
    let until = lasts.map(|lasts| cloud.time().mono.saturating_add(lasts));
    When { until, ..When::default() }
}
