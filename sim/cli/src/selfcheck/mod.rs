//! `holdline selfcheck`: the same plans in two processes, event by event.
//!
//! Two runs in one process could share what makes them equal; two processes share nothing but the
//! binary. It stops at the first difference, because everything after that differs too.

mod child;

use std::fmt;
use std::io::{self, BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};

use clap::Args;
use thiserror::Error;

use super::{Exit, print, print_error};

/// Arguments of `holdline selfcheck`.
#[derive(Debug, Args)]
pub(super) struct SelfcheckArgs {
    /// How many generated plans: one client and tabs in turns
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..))]
    plans: u64,
    /// The first seed
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    from: u64,
    /// A canary: each child leaks its process id into a plan, which must be found
    #[arg(long, hide = true)]
    leak_entropy: bool,
    /// Plays the plans and prints every event, as the two children do
    #[arg(long, hide = true)]
    child: bool,
}

/// Why there is no comparison.
#[derive(Debug, Error)]
enum Failed {
    /// No child.
    #[error("cannot start a second holdline: {0}")]
    Start(io::Error),
    /// It cannot be read.
    #[error("cannot read what the {which} process says: {source}")]
    Read { which: &'static str, source: io::Error },
}

/// The first place where two processes differ.
struct Difference {
    /// The line that names the plan.
    plan: String,
    /// Which event of it, from 0.
    event: u64,
    first: Option<String>,
    second: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { plan, event, first, second } = self;
        let line = |line: &Option<String>| line.clone().unwrap_or_else(|| "(nothing more)".into());
        writeln!(f, "two processes differ in {plan}, at event {event}:")?;
        writeln!(f, "  first:  {}\n  second: {}", line(first), line(second))?;
        f.write_str("something that differs from process to process decides what happens in a run")
    }
}

/// What two processes agreed on.
struct Agreed {
    plans: u64,
    events: u64,
}

pub(super) fn selfcheck(args: &SelfcheckArgs) -> Exit {
    if args.child {
        return child::play(args.from..args.from + args.plans, args.leak_entropy);
    }
    match compare(args) {
        Ok(Ok(Agreed { plans, events })) => {
            print(&format!("{plans} plans, {events} events: two processes agree on every one\n"))
        }
        Ok(Err(difference)) => {
            print_error(&difference);
            Exit::Violation
        }
        Err(error) => {
            print_error(&error);
            Exit::Crash
        }
    }
}

fn compare(args: &SelfcheckArgs) -> Result<Result<Agreed, Difference>, Failed> {
    let mut first = Process::start("first", args)?;
    let mut second = Process::start("second", args)?;
    let mut agreed = Agreed { plans: 0, events: 0 };
    let (mut plan, mut event) = ("no plan yet".to_owned(), 0);
    loop {
        let (one, other) = (first.next()?, second.next()?);
        if one != other {
            return Ok(Err(Difference { plan, event, first: one, second: other }));
        }
        let Some(line) = one else { break };
        if let Some(name) = line.strip_prefix(child::PLAN) {
            agreed.plans += 1;
            (plan, event) = (name.to_owned(), 0);
        } else {
            agreed.events += 1;
            event += 1;
        }
    }
    // A process that died early is one that both agree with.
    if agreed.plans < args.plans {
        let second = Some("the same".to_owned());
        return Ok(Err(Difference { plan, event, first: None, second }));
    }
    Ok(Ok(agreed))
}

/// One of the two; it is ended with this.
struct Process {
    which: &'static str,
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    fn start(which: &'static str, args: &SelfcheckArgs) -> Result<Self, Failed> {
        let binary = std::env::current_exe().map_err(Failed::Start)?;
        let mut command = Command::new(binary);
        command.args(["selfcheck", "--child", "--plans", &args.plans.to_string()]);
        command.args(["--from", &args.from.to_string()]);
        command.args(args.leak_entropy.then_some("--leak-entropy"));
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(Failed::Start)?;
        let out = child.stdout.take().expect("its output is piped");
        Ok(Self { which, child, lines: BufReader::new(out).lines() })
    }

    fn next(&mut self) -> Result<Option<String>, Failed> {
        let which = self.which;
        self.lines.next().transpose().map_err(|source| Failed::Read { which, source })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
