//! How `holdline mock` is reached: its ready line, probes, TLS beside plain text on one port, the
//! local CA, and browsers of other origins.
#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value;

struct Mock {
    child: Child,
    ready: Value,
}

impl Mock {
    fn start(args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdline"));
        command.args(["mock", "--port", "0", "--json"]).args(args);
        let mut child = command.env_remove("RUST_LOG").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).expect(&line);
        Self { child, ready }
    }

    fn port(&self) -> u16 {
        u16::try_from(self.ready["port"].as_u64().unwrap()).unwrap()
    }

    fn tcp(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port())).unwrap()
    }

    /// A request as text, its answer as text.
    fn ask(&self, head: &str) -> String {
        exchange(self.tcp(), head).unwrap()
    }

    fn ask_tls(&self, ca: &Path, name: &str, head: &str) -> std::io::Result<String> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(ca).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let session = ClientConnection::new(Arc::new(config), name).unwrap();
        exchange(StreamOwned::new(session, self.tcp()), head)
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn exchange(
    mut stream: impl std::io::Read + std::io::Write,
    head: &str,
) -> std::io::Result<String> {
    let request = head.replace('\n', "\r\n") + "\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        // A server that closes after its answer need not say goodbye in TLS as well.
        Err(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => return Err(error),
        _ => {}
    }
    Ok(String::from_utf8_lossy(&answer).to_ascii_lowercase())
}

#[test]
fn one_line_of_json_says_where_it_listens() {
    let mock = Mock::start(&[]);
    let http = format!("http://127.0.0.1:{}", mock.port());
    assert_eq!(mock.ready["ready"], true);
    assert_eq!(mock.ready["http"], http.as_str());
    assert_eq!(mock.ready["control"], format!("{http}/__holdline/"));
    assert_eq!(mock.ready["pid"], mock.child.id());
    assert_eq!(mock.ready.get("https"), None);
}

#[test]
fn probes_say_that_it_lives_and_is_ready() {
    let mock = Mock::start(&[]);
    assert!(mock.ask("GET /health HTTP/1.1\nHost: x").contains(r#"{"status":"ok"}"#));
    assert!(mock.ask("GET /ready HTTP/1.1\nHost: x").contains(r#"{"status":"ready"}"#));
    assert!(mock.ask("POST /ready HTTP/1.1\nHost: x\nContent-Length: 0").contains(" 405 "));
}

#[test]
fn tls_and_plain_text_share_the_port_and_every_name_of_ours_has_a_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("new/ca");
    let asked = folder.display().to_string();
    let mock = Mock::start(&["--tls", "--ca-dir", &asked, "--name", "mock.test"]);
    let ca = folder.join("ca.pem");
    assert_eq!(mock.ready["ca"], ca.display().to_string());
    for name in ["localhost", "127.0.0.1", "::1", "mock.test", "t1.localhost", "t2.mock.test"] {
        let answer = mock.ask_tls(&ca, name, "GET /health HTTP/1.1\nHost: x");
        assert!(answer.as_ref().is_ok_and(|text| text.contains("200 ok")), "{name}: {answer:?}");
    }
    let stranger = mock.ask_tls(&ca, "mypurecloud.com", "GET /health HTTP/1.1\nHost: x");
    let error = stranger.unwrap_err().to_string();
    assert!(error.contains("invalid peer certificate"), "{error}");
    assert!(mock.ask("GET /health HTTP/1.1\nHost: x").contains("200 ok"));
    let mode = std::fs::metadata(folder.join("ca-key.pem")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let before = std::fs::read(&ca).unwrap();
    drop(mock);
    let again = Mock::start(&["--tls", "--ca-dir", &asked]);
    assert!(again.ask_tls(&ca, "localhost", "GET /health HTTP/1.1\nHost: x").is_ok());
    assert_eq!(std::fs::read(&ca).unwrap(), before, "the CA stays, or nobody could trust it");
}

#[test]
fn a_ca_that_cannot_be_kept_or_read_is_told_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    std::fs::write(folder.path().join("ca-key.pem"), "no key").unwrap();
    for (place, says) in [(file.join("ca"), "--ca-dir"), (folder.path().to_owned(), "remove it")] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdline"));
        command.args(["mock", "--port", "0", "--tls", "--ca-dir"]).arg(&place);
        let output = command.output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(says) && !told.contains("panicked"), "{told}");
    }
}

#[test]
fn the_ca_is_told_for_every_client() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdline"));
    let output = command.args(["mock", "ca", "--ca-dir"]).arg(folder.path()).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let path = folder.path().join("ca.pem").display().to_string();
    assert_eq!(told.lines().next(), Some(path.as_str()));
    for part in ["NODE_EXTRA_CA_CERTS=", "curl --cacert", "nssdb", "firefox", "keytool"] {
        assert!(told.contains(part), "{told}");
    }
}

const PREFLIGHT: &str = "OPTIONS /api/v2/webchat/guests HTTP/1.1\nHost: x\n\
    Access-Control-Request-Method: POST\nAccess-Control-Request-Headers: authorization\nOrigin: ";
const CREATE: &str = "POST /api/v2/webchat/guests HTTP/1.1\nHost: x\n\
    Authorization: Bearer holdline-oauth\nContent-Length: 12\nOrigin: ";

#[test]
fn any_origin_may_ask_and_read_unless_they_are_restricted() {
    let mock = Mock::start(&[]);
    let answer = mock.ask(&format!("{PREFLIGHT}https://shop.example"));
    assert!(answer.contains(" 204 "), "{answer}");
    assert!(answer.contains("access-control-allow-origin: https://shop.example"), "{answer}");
    assert!(answer.contains("access-control-allow-headers: authorization"), "{answer}");
    let refused = mock.ask("GET /api/v2/nothing HTTP/1.1\nHost: x\nOrigin: https://shop.example");
    assert!(refused.contains("access-control-allow-origin: https://shop.example"), "{refused}");
    assert!(refused.contains("access-control-expose-headers: retry-after"), "{refused}");
}

#[test]
fn another_origin_is_refused_as_the_cloud_does_handshakes_too() {
    let mock = Mock::start(&["--allow-origin", "https://shop.example", "--lenient"]);
    assert!(mock.ask(&format!("{PREFLIGHT}https://shop.example")).contains(" 204 "));
    let handshake = "GET /api/v2/webchat/instances/x/websocket HTTP/1.1\nHost: x\n\
        Upgrade: websocket\nOrigin: ";
    for request in [PREFLIGHT, CREATE, handshake] {
        let answer = mock.ask(&format!("{request}https://evil.example"));
        assert!(answer.contains(" 403 ") && answer.contains("origin.not.allowed"), "{answer}");
        assert!(!answer.contains("access-control-allow-origin"), "{answer}");
    }
}

#[test]
fn bad_serving_flags_name_the_value_and_what_is_allowed() {
    for (args, says) in [
        (["--name", "a b"], ["'a b'", "DNS name"]),
        (["--allow-origin", "shop.example"], ["'shop.example'", "https://shop.example"]),
        (["--speed", "1.2345"], ["1.2345", "0.5"]),
        (["--speed", "fast"], ["'fast'", "0.5"]),
        (["--max-tenants", "0"], ["'0'", "from 1"]),
        (["--control-token", ""], ["--control-token", "letters"]),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdline"));
        let output = command.arg("mock").args(args).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {told}");
        for part in says {
            assert!(told.contains(part), "`{part}` is not in:\n{told}");
        }
    }
}

#[test]
fn a_connection_too_many_is_answered() {
    let mock = Mock::start(&["--max-connections", "1"]);
    let mut held = mock.tcp();
    held.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut first = [0; 12];
    held.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    let answer = mock.ask("GET /health HTTP/1.1\nHost: x");
    assert!(answer.contains(" 503 ") && answer.contains("connections.exhausted"), "{answer}");
}

/// The other half of a test of the mock's: that this is what it exports.
#[test]
fn the_limit_of_open_files_is_raised_and_what_is_beyond_it_is_answered() {
    let program = env!("CARGO_BIN_EXE_holdline");
    let limited = |limits: &str, sockets: usize| {
        let script = format!("{limits}; exec {program} mock --port 0 --json --max-connections 500");
        let mut command = Command::new("sh");
        let piped = command.args(["-c", &script]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let err = child.stderr.take().unwrap();
        let mock = Mock { child, ready: serde_json::from_str(&line).expect(&line) };
        let held: Vec<TcpStream> = (0..sockets).map(|_| mock.tcp()).collect();
        let answer = mock.ask("GET /health HTTP/1.1\nHost: localhost");
        drop((held, mock));
        (answer, std::io::read_to_string(err).unwrap())
    };
    let (answer, told) = limited("ulimit -n 100", 36);
    assert!(answer.starts_with("http/1.1 503 "), "{answer}");
    assert!(told.starts_with("note: 36 connections at a time instead of 500, "), "{told}");
    let (answer, _) = limited("ulimit -n 100", 35);
    assert!(answer.starts_with("http/1.1 200 "), "{answer}");
    // The soft limit alone is no reason.
    let (answer, told) = limited("ulimit -S -n 100", 120);
    assert!(answer.starts_with("http/1.1 200 "), "{answer}");
    assert_eq!(told, "");
}

#[test]
fn what_the_mock_has_seen_is_played_in_the_simulation() {
    let plan = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/wire/seen.plan.toml");
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdline"));
    let output = command.args(["run", plan]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn health_is_an_exit_code() {
    let mock = Mock::start(&[]);
    let health = |port: u16| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdline"));
        command.args(["mock", "health", "--port", &port.to_string()]).output().unwrap()
    };
    assert_eq!(health(mock.port()).status.code(), Some(0));
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let output = health(free);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains(&free.to_string()));
}
