//! The binary with arguments, and plans in a folder of their own.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// One message, and nothing goes wrong.
pub(crate) const PLAIN: &str = "\
title = \"Plain\"
story = \"One message.\"

[[step]]
at = \"2s\"
do = \"send\"
";

/// A plan that no token has room for.
pub(crate) fn long_plan() -> String {
    let mut text = PLAIN.to_owned();
    for n in 0..60 {
        let at = 1_000 + n * n * 37 % 9_973;
        text += &["\n[[step]]\nat = \"", &at.to_string(), "ms\"\ndo = \"send\"\n"].concat();
    }
    text
}

pub(crate) fn holdline(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdline"));
    command.args(args).env_remove("RUST_LOG").stdin(Stdio::null());
    command
}

pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Done {
    #[track_caller]
    pub(crate) fn assert_code(&self, code: i32) {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
    }

    /// Every part, in standard error, and no panic.
    #[track_caller]
    pub(crate) fn assert_says(&self, parts: &[&str]) {
        for part in parts {
            assert!(self.err.contains(part), "`{part}` is not in:\n{}", self.err);
        }
        assert!(!self.err.contains("panicked"), "{}", self.err);
    }

    pub(crate) fn json(&self) -> Vec<Value> {
        let parse =
            |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.out.lines().map(parse).collect()
    }
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("holdline writes UTF-8");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

pub(crate) fn done(command: &mut Command) -> Done {
    command.output().expect("the binary was built").into()
}

pub(crate) fn run(args: &[&str]) -> Done {
    done(holdline(&["run"]).args(args))
}

/// A plan in a folder that goes away with it.
pub(crate) struct PlanFile {
    pub(crate) folder: TempDir,
    name: &'static str,
}

impl PlanFile {
    pub(crate) fn new(text: impl AsRef<[u8]>) -> Self {
        Self::named("plan.toml", text)
    }

    pub(crate) fn named(name: &'static str, text: impl AsRef<[u8]>) -> Self {
        let folder = tempfile::tempdir().expect("a place for temporary files");
        std::fs::write(folder.path().join(name), text).expect("a fresh folder is writable");
        Self { folder, name }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join(self.name)
    }

    /// `holdline run` in the plan's own folder.
    pub(crate) fn run(&self, args: &[&str]) -> Done {
        done(holdline(&["run"]).args(args).arg(self.name).current_dir(self.folder.path()))
    }
}
