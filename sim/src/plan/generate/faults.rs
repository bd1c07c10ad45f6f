//! One fault of each kind, with numbers that a client can be asked to survive.

use std::time::Duration;

use super::dice::Dice;
use crate::plan::fault::{
    AckDelayed, Answer, ClockJump, Close, Coalesce, CutHow, Door, Fault, HostId, IdleCut, LinkName,
    LossyLink, Moment, OnHost, OnLink, OnMessage, Partition, PartitionWay, Restart, Slice,
    SlowLink, Span,
};
use crate::plan::fault_kind::FaultKind;

/// Close codes that a client comes back from by itself.
const PASSING: [u16; 6] = [1000, 1001, 1006, 1011, 1012, 1013];
/// And those after which only its user makes it try again.
const FINAL: [u16; 2] = [1008, 4401];
/// Waits in seconds that a server names: the usual ones, none at all, and one beyond all reason.
const WAITS_S: [u64; 8] = [0, 1, 2, 5, 7, 20, 60, 100_000];

/// A fault of that kind. One without an end lasts until the heal phase, if it lasts at all.
pub(super) fn draw(dice: &mut Dice, kind: FaultKind, at_ms: u64, lasts_ms: Option<u64>) -> Fault {
    let (at, lasts) = (ms(at_ms), lasts_ms.map(ms));
    match kind {
        FaultKind::Partition => {
            let link = link(dice);
            let way = dice.pick(&[
                PartitionWay::Both,
                PartitionWay::Both,
                PartitionWay::Up,
                PartitionWay::Down,
            ]);
            Fault::Partition(Partition { at, lasts, link, way })
        }
        FaultKind::Hold => Fault::Hold(OnLink { at, lasts, link: link(dice) }),
        FaultKind::Latency => {
            let latency = ms(1 << dice.from(4, 12));
            let jitter = ms(if dice.one_in(2) { dice.below(500) } else { 0 });
            Fault::Latency(SlowLink { at, lasts, link: link(dice), latency, jitter })
        }
        FaultKind::Loss => {
            let percent = dice.few(60) as u32;
            Fault::Loss(LossyLink { at, lasts, link: link(dice), percent })
        }
        FaultKind::Rst => Fault::Rst(Moment { at }),
        FaultKind::Refuse => {
            let host = dice.pick(&[HostId::Proxy, HostId::Cloud]);
            Fault::Refuse(OnHost { at, lasts, host })
        }
        FaultKind::SwallowHandshake => Fault::SwallowHandshake(Span { at, lasts }),
        FaultKind::IdleCut => {
            let after = ms(dice.from(500, 40_000));
            let how = dice.pick(&[CutHow::Fin, CutHow::Rst, CutHow::Silence]);
            Fault::IdleCut(IdleCut { at, lasts, after, how })
        }
        FaultKind::Slice => Fault::Slice(Slice { at, lasts, bytes: 1 << dice.from(1, 8) }),
        FaultKind::Coalesce => Fault::Coalesce(Coalesce { at, lasts, wait: ms(dice.few(2_000)) }),
        FaultKind::Crash => {
            let host = dice.pick(&[HostId::Client, HostId::Proxy, HostId::Cloud]);
            Fault::Crash(OnHost { at, lasts, host })
        }
        FaultKind::Restart => {
            let lasts = lasts.unwrap_or(Duration::from_secs(1));
            Fault::Restart(Restart { at, lasts, code: code(dice) })
        }
        FaultKind::Answer => Fault::Answer(answer(dice, at, lasts)),
        FaultKind::AckLostBeforeAccept => Fault::AckLostBeforeAccept(some(dice, at)),
        FaultKind::AckLostAfterAccept => Fault::AckLostAfterAccept(some(dice, at)),
        FaultKind::AckDelayed => {
            let OnMessage { at, nth, count } = some(dice, at);
            Fault::AckDelayed(AckDelayed { at, by: ms(dice.few(20_000)), nth, count })
        }
        FaultKind::AckDoubled => Fault::AckDoubled(some(dice, at)),
        FaultKind::SwallowUpgrade => Fault::SwallowUpgrade(some(dice, at)),
        FaultKind::Close => Fault::Close(Close { at, code: code(dice) }),
        FaultKind::ExpireTokens => Fault::ExpireTokens(Moment { at }),
        FaultKind::ForgetGuests => Fault::ForgetGuests(Moment { at }),
        FaultKind::ClockJump => Fault::ClockJump(ClockJump { at, by: ms(dice.few(600_000)) }),
    }
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn link(dice: &mut Dice) -> LinkName {
    dice.pick(&[LinkName::ClientProxy, LinkName::ProxyCloud])
}

fn code(dice: &mut Dice) -> u16 {
    if dice.one_in(8) { dice.pick(&FINAL) } else { dice.pick(&PASSING) }
}

fn some(dice: &mut Dice, at: Duration) -> OnMessage {
    OnMessage { at, nth: dice.few(4), count: dice.few(3) }
}

fn answer(dice: &mut Dice, at: Duration, lasts: Option<Duration>) -> Answer {
    let on = dice.pick(&[
        Door::Guests,
        Door::Refresh,
        Door::Socket,
        Door::Messages,
        Door::Messages,
        Door::History,
        Door::Any,
    ]);
    let status = dice.weighted(&[
        (429, 8),
        (503, 6),
        (500, 3),
        (502, 1),
        (504, 1),
        (408, 1),
        (401, 2),
        (403, 1),
        (404, 1),
        (410, 1),
        (400, 1),
    ]);
    // A history that is refused for good is not asked for again while the socket lives, as promised.
    let asks_once = matches!(on, Door::History | Door::Any) && matches!(status, 400 | 403);
    let status = if asks_once { 503 } else { status };
    let may_name_a_time = status == 429 || status == 503;
    let retry_after = (may_name_a_time && !dice.one_in(4)).then(|| retry_after(dice));
    let (nth, count) = (dice.few(4), (!dice.one_in(4)).then(|| dice.few(4)));
    Answer { at, lasts, on, status, retry_after, nth, count }
}

fn retry_after(dice: &mut Dice) -> String {
    let seconds = dice.pick(&WAITS_S);
    match dice.below(8) {
        0 => format!("date {seconds}s"),
        1 => dice.pick(&["soon", "-1", "1.5", ""]).to_owned(),
        _ => seconds.to_string(),
    }
}
