//! `holdline mock health`: one question and an exit code, for an image that has no curl.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use clap::Args;

use crate::{Exit, print, print_error};

/// A mock that takes longer is not well.
const PATIENCE: Duration = Duration::from_secs(5);
/// The end is not waited for in the head alone, so it must not be endless.
const MAX_ANSWER_BYTES: u64 = 4096;

/// Arguments of `holdline mock health`.
#[derive(Debug, Args)]
pub(super) struct HealthArgs {
    /// Port that the mock listens on
    #[arg(long, default_value_t = 8080)]
    port: u16,
}

pub(super) fn health(args: &HealthArgs) -> Exit {
    match ask(args.port) {
        Ok(answer) if answer.starts_with("HTTP/1.1 200 ") => print("healthy\n"),
        Ok(answer) => {
            let line = answer.lines().next().unwrap_or("nothing");
            print_error(&format_args!("the mock on port {} answers {line:?}", args.port));
            Exit::Violation
        }
        Err(error) => {
            print_error(&format_args!("no mock answers on port {}: {error}", args.port));
            Exit::Violation
        }
    }
}

fn ask(port: u16) -> io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(MAX_ANSWER_BYTES).read_to_string(&mut answer)?;
    Ok(answer)
}
