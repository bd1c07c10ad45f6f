//! `holdline replay`: one run again, with everything that can be seen of it.

use std::fmt::Write as _;

use clap::Args;

use super::output::Target;
use super::report::human;
use super::run::exit_of_violations;
use super::run_source::{RunSource, RunSourceError};
use super::subject::SubjectArgs;
use super::{Exit, print, print_error, states};
use crate::export::{jsonl, pcapng, perfetto};
use crate::html::html;
use holdline_net::NetError;
use holdline_sim::trace::diagram::{diagram, diagram_until};
use holdline_sim::trace::state::states_at;
use holdline_sim::world::run::{Run, RunError, run as play};

/// Arguments of `holdline replay`.
#[derive(Debug, Args)]
pub(super) struct ReplayArgs {
    /// A token, a plan file, the name of a bundled scenario, or the id of a known bug
    #[arg(value_name = "TOKEN|PLAN|SCENARIO|BUG")]
    what: String,
    /// Plays it on the pure tier, without sockets; a token says so by itself
    #[arg(long)]
    pure: bool,
    #[command(flatten)]
    subject: SubjectArgs,
    /// Stops the story after event N, counted from 0, and tells how every machine is then
    #[arg(long, value_name = "N")]
    until: Option<usize>,
    #[command(flatten)]
    exports: Exports,
}

/// Where the log goes, beside the terminal; `-` is standard output, in place of the story.
#[derive(Debug, Args)]
struct Exports {
    /// Writes the timeline: one page for a browser, with everything in it
    #[arg(long, value_name = "FILE")]
    html: Option<Target>,
    /// Writes every event as a line of JSON
    #[arg(long, value_name = "FILE")]
    jsonl: Option<Target>,
    /// Writes a trace for ui.perfetto.dev
    #[arg(long, value_name = "FILE")]
    perfetto: Option<Target>,
    /// Writes a packet capture for Wireshark, rebuilt from what was asked, answered and said
    #[arg(long, value_name = "FILE")]
    pcapng: Option<Target>,
}

pub(super) fn replay(args: &ReplayArgs) -> Exit {
    let piped = args.exports.all().filter(|(_, target)| **target == Target::Stdout).count();
    if piped > 1 {
        print_error(&"only one export can go to standard output; give the others a file each");
        return Exit::Usage;
    }
    let asked = match RunSource::read(&args.what, &args.subject) {
        Ok(asked) => asked.on_pure(args.pure),
        Err(error) => return refused(&error),
    };
    let run = match play(&asked.plan, &asked.subject, asked.backend) {
        Ok(run) => run,
        Err(error) => {
            print_error(&format_args!("{}: {error}", asked.name));
            let is_refused = matches!(error, RunError::Net(NetError::Unsupported { .. }));
            return if is_refused { Exit::Usage } else { Exit::Crash };
        }
    };
    if let Some(last) = args.until.filter(|last| *last >= run.events.len()) {
        let most = run.events.len() - 1;
        print_error(&format_args!("there is no event {last}: the run ends with event {most}"));
        return Exit::Usage;
    }
    let mut exit = exit_of_violations(&run.violations);
    for (export, target) in args.exports.all() {
        exit = exit.max(target.put(&export.of(&asked, &run)));
    }
    let told = story(&asked, &run, args.until) + &verdict(&asked, &run);
    // Standard output is somebody else's then.
    exit = exit.max(if piped == 0 { print(&told) } else { Exit::Pass });
    exit.max(expected(&asked, &run))
}

/// Bad words on the command line.
pub(super) fn refused(error: &RunSourceError) -> Exit {
    print_error(error);
    Exit::Usage
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Export {
    Html,
    Jsonl,
    Perfetto,
    Pcapng,
}

impl Exports {
    fn all(&self) -> impl Iterator<Item = (Export, &Target)> {
        let all = [
            (Export::Html, &self.html),
            (Export::Jsonl, &self.jsonl),
            (Export::Perfetto, &self.perfetto),
            (Export::Pcapng, &self.pcapng),
        ];
        all.into_iter().filter_map(|(export, target)| Some((export, target.as_ref()?)))
    }
}

impl Export {
    fn of(self, asked: &RunSource, run: &Run) -> Vec<u8> {
        match self {
            Self::Html => html(&asked.name, &asked.plan, run).into_bytes(),
            Self::Jsonl => jsonl(&run.events).into_bytes(),
            Self::Perfetto => perfetto(&asked.plan.title, &run.events).into_bytes(),
            Self::Pcapng => pcapng(&run.events),
        }
    }
}

fn story(asked: &RunSource, run: &Run, until: Option<usize>) -> String {
    let RunSource { name, plan, .. } = asked;
    let mut text = format!("{name}: {}\n{}\n", plan.title, plan.story.trim());
    match until {
        None => text += &diagram(&run.events),
        Some(last) => {
            text += &diagram_until(&run.events, last);
            let seconds = run.events[last].at.as_secs_f64();
            let kind = run.events[last].kind.name();
            let _ = writeln!(text, "\nafter event {last} ({kind}) at {seconds:.3} s:");
            text += &states::told(&states_at(&run.events, last));
        }
    }
    text
}

fn verdict(asked: &RunSource, run: &Run) -> String {
    let mut text = String::new();
    for violation in &run.violations {
        let _ = writeln!(text, "\n{violation}");
    }
    let (delivered, typed) = run.messages();
    let verdict = if run.violations.is_empty() { "pass" } else { "FAIL" };
    let as_expected = match asked.hash {
        Some(hash) if hash == run.hash => ", as the token expects",
        _ => "",
    };
    let _ = writeln!(
        text,
        "\n{verdict}: {delivered}/{typed} messages, {} events in {}, {} under test, audit hash \
         {}{as_expected}",
        run.events.len(),
        human(run.virtual_time),
        asked.subject,
        run.hash,
    );
    text
}

/// Whether it was the run that the token was made of.
fn expected(asked: &RunSource, run: &Run) -> Exit {
    let Some(hash) = asked.hash.filter(|hash| *hash != run.hash) else { return Exit::Pass };
    print_error(&format_args!(
        "this is not the run that the token was made of: its audit hash was {hash}, and now it is \
         {now}. Client, mock or network have changed since; play the token with the holdline that \
         printed it, or go on with this run: {again}",
        now = run.hash,
        again = asked.replay_command(Some(run.hash)),
    ));
    Exit::Differs
}
