//! The settings file of `holdline mock`, read again while it runs, and plans that are performed.
#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::Value;

struct Mock {
    child: Child,
    port: u16,
    err: BufReader<ChildStderr>,
}

impl Mock {
    fn start(args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdline"));
        command.args(["mock", "--port", "0", "--json"]).args(args).env_remove("RUST_LOG");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).expect(&line);
        let port = u16::try_from(ready["port"].as_u64().unwrap()).unwrap();
        let err = BufReader::new(child.stderr.take().unwrap());
        Self { child, port, err }
    }

    /// What it says next beside its output.
    fn told(&mut self) -> String {
        let mut line = String::new();
        self.err.read_line(&mut line).unwrap();
        line
    }

    /// Reads on until a line has `part`; all that was read.
    fn told_until(&mut self, part: &str) -> String {
        let mut all = String::new();
        while !all.contains(part) {
            let line = self.told();
            assert!(!line.is_empty(), "`{part}` is not in:\n{all}");
            all += &line;
        }
        all
    }

    fn post(&self, path: &str, bearer: &str, body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {bearer}\r\n\
             Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), serde_json::from_str(body).unwrap_or(Value::Null))
    }

    fn guest(&self, bearer: &str) -> u16 {
        self.post("/api/v2/webchat/guests", bearer, r#"{"guest":{}}"#).0
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Replaces a file as an editor does, so that nobody reads half of it.
fn put(path: &Path, text: &str) {
    let beside = path.with_extension("new");
    std::fs::write(&beside, text).unwrap();
    std::fs::rename(beside, path).unwrap();
}

#[test]
fn a_changed_file_counts_at_once_a_wrong_one_does_not_and_flags_win() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mock.toml");
    put(&path, "oauth-token = \"one\"\ntoken-ttl = \"5m\"\n");
    let file = path.display().to_string();
    let mut mock = Mock::start(&["--config", &file, "--token-ttl", "7m"]);
    let created = mock.post("/api/v2/webchat/guests", "one", r#"{"guest":{}}"#);
    assert_eq!((created.0, &created.1["expiresIn"]), (200, &420.into()));

    put(&path, "oauth-token = \"two\"\n");
    mock.told_until("read again");
    assert_eq!((mock.guest("one"), mock.guest("two")), (401, 200));

    put(&path, "oauth-token = \"two\"\nmessages-per-second = 0\n");
    let told = mock.told_until("stay as they were");
    assert!(told.contains("line 2") && told.contains("at least 1"), "{told}");
    assert_eq!(mock.guest("two"), 200);

    put(&path, "oauth-tokens = \"x\"\n");
    let told = mock.told_until("stay as they were");
    assert!(told.contains("line 1") && told.contains("`oauth-token`"), "{told}");
    put(&path, "oauth-token = \"three\"\n");
    mock.told_until("read again");
    assert_eq!(mock.guest("three"), 200);
}

#[test]
fn a_file_that_is_wrong_from_the_beginning_serves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mock.toml");
    for (text, says) in [
        ("speed = \"fast\"", "write it like 60"),
        ("allow-origin = [\"shop\"]", "`shop`"),
        ("token-ttl = \"0s\"", "from 1s to 10 years"),
        ("oauth-token = 5", "expected a string"),
    ] {
        put(&path, text);
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdline"));
        let output = command.args(["mock", "--port", "0", "--config"]).arg(&path).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains("mock.toml") && told.contains(says), "{told}");
    }
}

const PLAN: &str = r#"
title = "Everything at once"
story = "What a mock can do of it."

[[step]]
at = "0s"
do = "send"

[[fault]]
kind = "answer"
on = "guests"
status = 503
retry-after = "7"
at = "0s"
count = 1

[[fault]]
kind = "loss"
at = "10ms"
for = "10ms"
link = "client-proxy"
percent = 5

[[fault]]
kind = "expire-tokens"
at = "20ms"
"#;

#[test]
fn a_plan_is_performed_from_the_first_guest_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.toml");
    std::fs::write(&path, PLAN).unwrap();
    let mut mock = Mock::start(&["--perform", &path.display().to_string()]);
    let (status, guest) = mock.post("/api/v2/webchat/guests", "holdline-oauth", r#"{"guest":{}}"#);
    assert_eq!(status, 200);
    let told = mock.told_until("performed");
    assert!(told.contains("Everything at once") && told.contains("left out"), "{told}");
    let (status, refused) = mock.post("/api/v2/webchat/guests", "holdline-oauth", "{}");
    assert_eq!((status, &refused["retryAfter"]), (503, &7.into()));
    let path = format!(
        "/api/v2/webchat/instances/{}/messages",
        guest["webchatInstanceId"].as_str().unwrap()
    );
    let message = r#"{"type":"message","content":"x","messageId":"m1"}"#;
    let (_, refused) = mock.post(&path, guest["token"].as_str().unwrap(), message);
    assert_eq!(refused["code"], "token.expired");
}

#[test]
fn a_plan_that_is_none_is_told() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdline"));
    let output = command.args(["mock", "--port", "0", "--perform", "nothing"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("nothing"));
}
