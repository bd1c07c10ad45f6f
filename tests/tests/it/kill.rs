//! A native process is killed two hundred times, between any two of its writes or at any moment, and
//! no message it accepted is lost or doubled.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use holdline_mock_server::{CloudConfig, MockServer};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// How often the process is started to be killed.
const RUNS: u64 = 200;

/// Messages of one run: each is two writes.
const MESSAGES: u64 = 10;

/// How a run ends.
#[derive(Debug, Clone, Copy)]
enum Death {
    /// By itself, without a last word, before its n-th write.
    Before(u64),
    /// The same, after the write.
    After(u64),
    /// By SIGKILL, as soon as it has accepted so many.
    Killed(usize),
    /// Not at all.
    None,
}

fn some_death(rng: &mut ChaCha8Rng) -> Death {
    match rng.random_range(0..4) {
        0 => Death::Killed(rng.random_range(0..MESSAGES as usize)),
        1 => Death::Before(rng.random_range(1..=MESSAGES * 2)),
        _ => Death::After(rng.random_range(1..=MESSAGES * 2)),
    }
}

fn start_mock() -> MockServer {
    let config =
        CloudConfig { messages_per_second: 100_000, burst: 100_000, ..CloudConfig::default() };
    MockServer::builder().cloud(config).start().expect("a port")
}

fn spawn(url: &str, store: &Path, run: u64, count: u64, death: Death) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_native_client"));
    command.arg(url).arg(store).arg(run.to_string()).arg(count.to_string());
    match death {
        Death::Before(number) => command.args(["before", &number.to_string()]),
        Death::After(number) => command.args(["after", &number.to_string()]),
        Death::Killed(_) | Death::None => &mut command,
    };
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs")
}

/// Plays one run to its end. What it said it had accepted is added to `accepted`.
fn play(mut child: Child, death: Death, accepted: &mut Vec<String>) -> ExitStatus {
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let before = accepted.len();
    loop {
        if matches!(death, Death::Killed(after) if accepted.len() - before == after) {
            child.kill().expect("it can be killed");
        }
        let Some(line) = lines.next() else { break };
        let line = line.expect("text");
        accepted.push(line.strip_prefix("accepted ").expect("nothing else is said").to_owned());
    }
    let output = child.wait_with_output().expect("it ended");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(complaint.is_empty(), "{death:?}: {complaint}");
    output.status
}

/// `RUN.NUMBER` as numbers, which sort in the order of acceptance.
fn place(text: &str) -> (u64, u64) {
    let (run, number) = text.split_once('.').expect("RUN.NUMBER");
    (run.parse().expect("a run"), number.parse().expect("a number"))
}

#[test]
fn two_hundred_kills_lose_nothing_and_double_nothing() {
    let mock = start_mock();
    let (cloud, url) = (mock.cloud(), mock.uri());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = folder.path().join("state.redb");
    let mut rng = ChaCha8Rng::seed_from_u64(9);
    let mut accepted = Vec::new();
    let mut killed = 0;
    for run in 1..=RUNS {
        let death = some_death(&mut rng);
        let child = spawn(&url, &store, run, MESSAGES, death);
        let status = play(child, death, &mut accepted);
        killed += u64::from(!status.success());
    }
    // The last one only delivers what the others left.
    let last = spawn(&url, &store, RUNS + 1, 0, Death::None);
    assert!(play(last, Death::None, &mut accepted).success());
    let spoken: Vec<String> =
        cloud.guests().into_iter().filter(|guest| !cloud.conversation(guest).is_empty()).collect();
    assert_eq!(spoken.len(), 1, "the conversation stayed one");
    let conversation: Vec<(u64, u64)> =
        cloud.conversation(&spoken[0]).iter().map(|message| place(&message.content)).collect();
    // Strictly rising is in order and nothing twice.
    for pair in conversation.windows(2) {
        assert!(pair[0] < pair[1], "{:?} came before {:?}", pair[0], pair[1]);
    }
    for text in &accepted {
        assert!(conversation.contains(&place(text)), "{text} was accepted and lost");
    }
    assert!(killed > RUNS / 2 && accepted.len() as u64 > RUNS * 2, "{killed}, {}", accepted.len());
}
