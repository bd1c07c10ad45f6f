//! A copy of the workspace in which things may be broken, built and played.
//!
//! It refuses to touch the workspace itself, and to let two runs share one copy.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use holdline_sim::explore::record::RecordError;
use serde::Deserialize;
use thiserror::Error;

use super::mirror::{copy_file, mirror};

/// The longest scenario takes seconds; a mutant that needs longer turns in circles.
const PLAY_WITHIN: Duration = Duration::from_mins(2);
/// Exit code of `holdline` for arguments or plans that it cannot use.
const USAGE: i32 = 2;

/// Why the workshop cannot go on.
#[derive(Debug, Error)]
pub(crate) enum WorkError {
    /// A file or folder cannot be used.
    #[error("`{}`: {source}", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another run is under way.
    #[error("`{}` is in use by another run; wait for it, or set CARGO_TARGET_DIR to another folder", .0.display())]
    InUse(PathBuf),
    /// The compiler refuses the source.
    #[error("it does not build:\n{0}")]
    DoesNotBuild(String),
    /// `holdline` cannot use its arguments.
    #[error("holdline refuses to play:\n{0}")]
    Refused(String),
    /// `holdline` wrote something unexpected.
    #[error("holdline's report cannot be read: {0}")]
    Report(#[from] serde_json::Error),
    /// The record of a sweep is not what it should be.
    #[error("holdline's record cannot be read: {0}")]
    Record(#[from] RecordError),
    /// The sweep was cut short.
    #[error("holdline's record has no end; was the sweep interrupted?")]
    NoEnd,
}

/// The copy, and where it is built.
#[derive(Debug)]
pub(crate) struct Workshop {
    source: PathBuf,
    copy: PathBuf,
    target: PathBuf,
    /// Held as long as the workshop is in use.
    _lock: File,
}

/// What came of playing scenarios.
#[derive(Debug)]
pub(crate) enum Played {
    /// One report per scenario.
    Judged(Vec<Report>),
    /// It did not end within [`PLAY_WITHIN`].
    Hung,
}

/// One line of `holdline run --json`, as far as it matters here.
#[derive(Debug, Deserialize)]
pub(crate) struct Report {
    /// Name of the scenario.
    pub(crate) scenario: String,
    /// `pass`, `FAIL`, `CRASH` or `skipped`.
    pub(crate) verdict: String,
    /// What was violated.
    pub(crate) violations: Vec<Violation>,
}

/// A violation in a [`Report`].
#[derive(Debug, Deserialize)]
pub(crate) struct Violation {
    /// Which invariant.
    pub(crate) oracle: String,
    /// What happened.
    pub(crate) text: String,
}

impl Workshop {
    /// Copies the workspace at `source` to `place`, or brings the copy there up to date.
    pub(crate) fn open(source: &Path, place: &Path) -> Result<Self, WorkError> {
        let copy = place.join("workspace");
        fs::create_dir_all(&copy).map_err(at(&copy))?;
        let lock_path = place.join("lock");
        let lock = File::create(&lock_path).map_err(at(&lock_path))?;
        lock.try_lock().map_err(|_| WorkError::InUse(place.to_owned()))?;
        mirror(source, &copy)?;
        let (source, target) = (source.to_owned(), place.join("build"));
        Ok(Self { source, copy, target, _lock: lock })
    }

    /// Builds `holdline` with these files in place of the workspace's own, and plays `plans`.
    pub(crate) fn play(
        &self,
        changed: &BTreeMap<&str, String>,
        plans: &[String],
    ) -> Result<Played, WorkError> {
        let args: Vec<&str> =
            ["run", "--json"].into_iter().chain(plans.iter().map(|p| &**p)).collect();
        let Some(reports) = self.say(changed, "dev", &args)? else { return Ok(Played::Hung) };
        let reports: Result<Vec<Report>, _> = reports.lines().map(serde_json::from_str).collect();
        Ok(Played::Judged(reports?))
    }

    /// Builds `holdline` with these files in place of the workspace's own, runs it, and brings what it
    /// writes; nothing when it does not end within [`PLAY_WITHIN`].
    pub(crate) fn say(
        &self,
        changed: &BTreeMap<&str, String>,
        profile: &str,
        args: &[&str],
    ) -> Result<Option<String>, WorkError> {
        for (file, text) in changed {
            let path = self.copy.join(file);
            fs::write(&path, text).map_err(at(&path))?;
        }
        let said = self.build(profile).and_then(|()| self.run(profile, args));
        for file in changed.keys() {
            copy_file(&self.source.join(file), &self.copy.join(file))?;
        }
        said
    }

    fn build(&self, profile: &str) -> Result<(), WorkError> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(&cargo)
            .args(["build", "--quiet", "--package", "holdline", "--bin", "holdline"])
            .args(["--profile", profile])
            .current_dir(&self.copy)
            .env("CARGO_TARGET_DIR", &self.target)
            // What a mutant leaves unused is no reason not to build it.
            .env("RUSTFLAGS", "--cap-lints warn")
            .stdin(Stdio::null())
            .output()
            .map_err(at(Path::new(&cargo)))?;
        if output.status.success() {
            return Ok(());
        }
        Err(WorkError::DoesNotBuild(String::from_utf8_lossy(&output.stderr).into_owned()))
    }

    fn run(&self, profile: &str, args: &[&str]) -> Result<Option<String>, WorkError> {
        let folder = if profile == "dev" { "debug" } else { profile };
        let binary = self.target.join(folder).join("holdline");
        let mut child = Command::new(&binary)
            .args(args)
            .current_dir(&self.copy)
            .env("RUST_LOG", "off")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(at(&binary))?;
        let said = read_in_background(child.stdout.take());
        let complaints = read_in_background(child.stderr.take());
        let Ok(said) = said.recv_timeout(PLAY_WITHIN) else {
            // It may have ended at this very moment, which is as good as killed.
            let _ = child.kill();
            child.wait().map_err(at(&binary))?;
            return Ok(None);
        };
        let status = child.wait().map_err(at(&binary))?;
        if status.code() == Some(USAGE) {
            return Err(WorkError::Refused(complaints.recv().unwrap_or_default()));
        }
        Ok(Some(said))
    }
}

/// Reads a pipe to its end; nothing comes when it cannot be read.
fn read_in_background(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (done, text) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe
            && pipe.read_to_end(&mut bytes).is_ok()
        {
            // Nobody waits any more for one that came too late.
            let _ = done.send(String::from_utf8_lossy(&bytes).into_owned());
        }
    });
    text
}

/// An error of the system about a path.
pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> WorkError {
    let path = path.to_owned();
    move |source| WorkError::Io { path, source }
}
