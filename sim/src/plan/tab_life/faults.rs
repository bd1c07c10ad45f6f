//! What goes wrong between the browser and the cloud: one thing after another, none beyond the end.
//!
//! Refuses what a browser's tabs cannot mend: forgotten guests, and a machine that is down.

use std::fmt::Write as _;

use super::dice::Dice;

/// Faults of one plan.
const FAULTS_MAX: u64 = 12;

#[derive(Debug, Clone, Copy)]
enum Kind {
    Partition,
    Rst,
    Throttled,
    Unavailable,
    Restart,
    Close,
    AckLostBefore,
    AckLostAfter,
    AckDoubled,
    ExpireTokens,
}

const KINDS: [Kind; 10] = [
    Kind::Partition,
    Kind::Rst,
    Kind::Throttled,
    Kind::Unavailable,
    Kind::Restart,
    Kind::Close,
    Kind::AckLostBefore,
    Kind::AckLostAfter,
    Kind::AckDoubled,
    Kind::ExpireTokens,
];

/// The `[[fault]]` tables of a plan that lasts so long.
pub(super) fn draw(dice: &mut Dice, life_ms: u64) -> String {
    let mut rates: Vec<_> = KINDS.into_iter().map(|kind| (kind, dice.below(3))).collect();
    let mut text = String::new();
    if rates.iter().all(|(_, rate)| *rate == 0) {
        return text;
    }
    let gap_ms = life_ms / dice.from(1, FAULTS_MAX);
    let mut at_ms = dice.below(gap_ms + 1);
    while at_ms < life_ms {
        if rates.iter().all(|(_, rate)| *rate == 0) {
            break;
        }
        let kind = dice.weighted(&rates);
        if let Kind::ExpireTokens = kind {
            // A second time might hit the token that was refreshed just now: 401 after a refresh is
            // the end, as promised.
            rates.retain(|(kind, _)| !matches!(kind, Kind::ExpireTokens));
        }
        let lasts_ms = if dice.one_in(4) { dice.from(1, 30_000) } else { dice.from(1, 6_000) };
        let _ = writeln!(text, "\n[[fault]]\nat = \"{at_ms}ms\"\n{}", body(dice, kind, lasts_ms));
        // No two that hold the same thing overlap.
        at_ms += lasts_ms + 1 + dice.below(gap_ms * 2);
    }
    text
}

fn body(dice: &mut Dice, kind: Kind, lasts_ms: u64) -> String {
    let lasts = format!("for = \"{lasts_ms}ms\"");
    let few = |dice: &mut Dice| format!("nth = {}\ncount = {}", dice.few(4), dice.few(3));
    match kind {
        Kind::Partition => {
            let (link, way) =
                (dice.pick(&["client-proxy", "proxy-cloud"]), dice.pick(&["both", "up", "down"]));
            format!("kind = \"partition\"\n{lasts}\nlink = \"{link}\"\nway = \"{way}\"")
        }
        Kind::Rst => "kind = \"rst\"".to_owned(),
        Kind::Throttled => {
            let (on, after, few) = (door(dice), dice.from(1, 10), few(dice));
            format!(
                "kind = \"answer\"\non = \"{on}\"\nstatus = 429\nretry-after = \"{after}\"\n{few}"
            )
        }
        Kind::Unavailable => {
            let (on, few) = (door(dice), few(dice));
            format!("kind = \"answer\"\n{lasts}\non = \"{on}\"\nstatus = 503\n{few}")
        }
        Kind::Restart => {
            let code = dice.pick(&[1001, 1006, 1012]);
            format!("kind = \"restart\"\n{lasts}\ncode = {code}")
        }
        Kind::Close => {
            let code = dice.pick(&[1000, 1001, 1006, 1011]);
            format!("kind = \"close\"\ncode = {code}")
        }
        Kind::AckLostBefore => format!("kind = \"ack-lost-before-accept\"\n{}", few(dice)),
        Kind::AckLostAfter => format!("kind = \"ack-lost-after-accept\"\n{}", few(dice)),
        Kind::AckDoubled => format!("kind = \"ack-doubled\"\n{}", few(dice)),
        Kind::ExpireTokens => "kind = \"expire-tokens\"".to_owned(),
    }
}

fn door(dice: &mut Dice) -> &'static str {
    dice.pick(&["guests", "refresh", "socket", "messages", "history", "any"])
}
