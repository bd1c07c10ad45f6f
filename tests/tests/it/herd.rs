//! The herd: what ten thousand clients do when their server is back, under every schedule that
//! `holdline herd` compares. The first bound is ours to hold, the others only to be shown.

use std::time::Duration;

use holdline_sim::herd::{BACK_MAX, Herd, Outcome, PEAK_MAX, plot, schedules};

fn herd(outage_s: u64, seed: u64) -> Herd {
    Herd { clients: 10_000, outage: Duration::from_secs(outage_s), seed }
}

fn ours(herd: &Herd) -> Outcome {
    herd.play(&schedules().next().expect("ours is the first"))
}

#[test]
fn ten_thousand_of_ours_come_back_spread_and_in_time() {
    for seed in 1..=3 {
        let outcome = ours(&herd(120, seed));
        assert_eq!(outcome.name, "holdline");
        assert_eq!(outcome.gave_up, 0, "seed {seed}");
        let Outcome { peak, back_p99_ms, .. } = outcome;
        assert!(
            outcome.holds(),
            "seed {seed}: peak {peak} (most {PEAK_MAX}), p99 {back_p99_ms:?} ms"
        );
    }
}

/// A short outage meets the first, fast tries of everybody; how soon all are back holds always.
#[test]
fn whatever_the_outage_all_are_back_in_time() {
    for outage_s in [1, 7, 30, 200] {
        let outcome = ours(&herd(outage_s, 1));
        let p99 = outcome.back_p99_ms.map(Duration::from_millis);
        assert!(p99.is_some_and(|p99| p99 <= BACK_MAX), "{outage_s} s: {p99:?}");
        assert!(outage_s < 30 || outcome.peak <= PEAK_MAX + 10, "{outage_s} s: {}", outcome.peak);
    }
}

#[test]
fn nobody_else_holds_both_bounds() {
    let herd = herd(120, 1);
    let table: Vec<String> = schedules()
        .map(|schedule| {
            let outcome = herd.play(&schedule);
            let Outcome { name, peak, back_p50_ms, back_p99_ms, gave_up, .. } = &outcome;
            assert_eq!(outcome.holds(), *name == "holdline", "{name}");
            let back = |ms: &Option<u64>| ms.map_or("never".into(), |ms| format!("{ms} ms"));
            let (p50, p99) = (back(back_p50_ms), back(back_p99_ms));
            let tries = outcome.tries_each(&herd);
            format!(
                "{name}: peak {peak}, back {p50} and {p99}, {tries} tries each, {gave_up} gave up"
            )
        })
        .collect();
    insta::assert_snapshot!("herd", table.join("\n"));
}

#[test]
fn the_same_seed_gives_the_same_herd_and_another_seed_another() {
    assert_eq!(ours(&herd(60, 1)), ours(&herd(60, 1)));
    assert_ne!(ours(&herd(60, 1)).steps, ours(&herd(60, 2)).steps);
}

#[test]
fn the_picture_has_a_row_for_each_and_is_well_formed() {
    let herd = Herd { clients: 500, ..herd(20, 1) };
    let outcomes: Vec<Outcome> = schedules().map(|schedule| herd.play(&schedule)).collect();
    let svg = plot::svg(&herd, &outcomes);
    for outcome in &outcomes {
        assert!(svg.contains(&format!(">{}</text>", outcome.name)), "{} has no row", outcome.name);
    }
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    assert!(!svg.contains('&') && !svg.contains("NaN") && !svg.contains("script"), "{svg}");
    assert_eq!(svg.matches("<g").count(), svg.matches("</g>").count());
}
