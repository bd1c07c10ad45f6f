//! `holdline herd`: ten thousand clients after an outage, as a table, as JSON or as a picture.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use comfy_table::{Cell, CellAlignment, Table, presets};
use serde::Serialize;

use super::{Exit, output, print, print_error};
use holdline_sim::herd::{BACK_MAX, Herd, Outcome, PEAK_MAX, plot, schedules, seconds};

/// The herd is played on one core in memory; more would only take longer.
const CLIENTS_MAX: u32 = 100_000;
/// A client that tries every second does so 3,600 times, and more show nothing new.
const OUTAGE_MAX: Duration = Duration::from_hours(1);

/// Arguments of `holdline herd`.
#[derive(Debug, Args)]
pub(super) struct HerdArgs {
    /// How many clients were connected when the server went, 1 to 100000
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=i64::from(CLIENTS_MAX)))]
    clients: u32,
    /// How long the server is away, 1ms to 1h
    #[arg(long, default_value = "120s", value_parser = outage)]
    outage: Duration,
    /// Feeds every jitter
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Draws the picture into this file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// One JSON object instead of a table
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Told<'a> {
    clients: u32,
    outage_ms: u64,
    seed: u64,
    peak_max: u64,
    back_max_ms: u64,
    schedules: &'a [Outcome],
}

fn outage(text: &str) -> Result<Duration, String> {
    let way_out = "write it like 120s or 2m 30s";
    let outage = humantime::parse_duration(text).map_err(|error| format!("{error}; {way_out}"))?;
    match outage {
        outage if outage < Duration::from_millis(1) => Err(format!("at least 1ms; {way_out}")),
        outage if outage > OUTAGE_MAX => Err(format!("at most 1h; {way_out}")),
        outage => Ok(outage),
    }
}

pub(super) fn herd(args: &HerdArgs) -> Exit {
    let &HerdArgs { clients, outage, seed, .. } = args;
    let herd = Herd { clients, outage, seed };
    let outcomes: Vec<Outcome> = schedules().map(|schedule| herd.play(&schedule)).collect();
    if let Some(path) = &args.svg
        && let Err(error) = output::put(path, plot::svg(&herd, &outcomes).as_bytes())
    {
        print_error(&error);
        return Exit::WriteError;
    }
    let text = if args.json { json(&herd, &outcomes) } else { table(&herd, &outcomes) };
    print(&text)
}

fn json(herd: &Herd, schedules: &[Outcome]) -> String {
    let told = Told {
        clients: herd.clients,
        outage_ms: herd.outage.as_millis() as u64,
        seed: herd.seed,
        peak_max: PEAK_MAX,
        back_max_ms: BACK_MAX.as_millis() as u64,
        schedules,
    };
    serde_json::to_string(&told).expect("outcomes are plain data") + "\n"
}

fn table(herd: &Herd, outcomes: &[Outcome]) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header([
        "schedule",
        "peak per 100 ms",
        "back p50",
        "back p99",
        "tries each",
        "gave up",
    ]);
    for outcome in outcomes {
        let back = |ms: Option<u64>| ms.map_or_else(|| "never".into(), seconds);
        let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        table.add_row([
            Cell::new(outcome.name),
            right(outcome.peak.to_string()),
            right(back(outcome.back_p50_ms)),
            right(back(outcome.back_p99_ms)),
            right(outcome.tries_each(herd)),
            right(outcome.gave_up.to_string()),
        ]);
    }
    let (outage, most) =
        (seconds(herd.outage.as_millis() as u64), seconds(BACK_MAX.as_millis() as u64));
    format!(
        "{} clients, server away for {outage}, seed {}. Wanted: a peak of at most {PEAK_MAX}, and p99 at \
         most {most}.\n{table}\n",
        herd.clients, herd.seed
    )
}
