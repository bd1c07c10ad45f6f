//! `holdline mock`: the mock cloud on a real port.

mod authority;
mod ca;
mod tls;
mod welcome;

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};
use holdline_mock_server::{Clock, CloudConfig, ControlAccess, Mock, MockConfig, ServeConfig};

use self::authority::{Authority, AuthorityError};
use super::signals::Signals;
use super::{Exit, complain, say};

/// A token that lives longer lives for ever.
const TOKEN_TTL_MAX: Duration = Duration::from_hours(10 * 365 * 24);

/// Arguments of `holdline mock`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct MockArgs {
    /// Port to listen on; 0 lets the system choose
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Address to listen on
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// OAuth bearer token that creates guests
    #[arg(long, default_value = "holdline-oauth", value_parser = bearer)]
    oauth_token: String,
    /// Accepts sockets without a guest token, as the articles' client opens them
    #[arg(long)]
    lenient: bool,
    /// Life of a guest token, like 30m
    #[arg(long, default_value = "30m", value_parser = token_ttl)]
    token_ttl: Duration,
    /// Messages a second and session
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    messages_per_second: u32,
    /// Feeds ids and tokens: the same seed gives the same ones
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Serves https and wss beside http and ws, with a local CA that is made on first use
    #[arg(long)]
    tls: bool,
    /// Folder of the local CA instead of the user's config folder
    #[arg(long)]
    ca_dir: Option<PathBuf>,
    /// A name this machine is reached by beside localhost, for the certificate and for tenants
    #[arg(long, value_parser = dns_name)]
    name: Vec<String>,
    /// An origin that browsers may come from, like https://shop.example; none is all of them
    #[arg(long, value_parser = origin)]
    allow_origin: Vec<String>,
    /// Opens the control API to other machines, to who sends this token
    #[arg(long, value_parser = bearer)]
    control_token: Option<String>,
    /// How fast the cloud's clock runs: 60 is a minute a second, 0 stands still until it is advanced
    #[arg(long, default_value = "1", value_parser = speed)]
    speed: u64,
    /// Tenants at a time
    #[arg(long, default_value_t = 10_000, value_parser = at_least_one)]
    max_tenants: usize,
    /// Connections at a time
    #[arg(long, default_value_t = 20_000, value_parser = at_least_one)]
    max_connections: usize,
    /// Says where it listens as one line of JSON
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    command: Option<MockCommand>,
}

#[derive(Debug, Subcommand)]
enum MockCommand {
    /// Tells where the local CA is and how each client is made to trust it
    Ca(ca::CaArgs),
}

pub(super) fn mock(args: &MockArgs) -> Exit {
    if let Some(MockCommand::Ca(args)) = &args.command {
        return ca::ca(args);
    }
    let asked = SocketAddr::new(args.host, args.port);
    let bound = TcpListener::bind(asked).and_then(|listener| {
        let address = listener.local_addr()?;
        Ok((listener, address))
    });
    match bound {
        Ok((listener, address)) => actix_rt::System::new().block_on(serve(args, listener, address)),
        Err(error) => {
            let way_out = match error.kind() {
                ErrorKind::AddrNotAvailable => "choose an address of this machine with --host",
                _ => "choose another port with --port, or --port 0 for any free one",
            };
            complain(&format_args!("cannot listen on {asked}: {error}; {way_out}"));
            Exit::Usage
        }
    }
}

async fn serve(args: &MockArgs, listener: TcpListener, address: SocketAddr) -> Exit {
    let (tls, certificate) = match tls(args) {
        Ok(None) => (None, None),
        Ok(Some((tls, certificate))) => (Some(tls), Some(certificate)),
        Err(error) => {
            complain(&error);
            return Exit::Usage;
        }
    };
    let mock = Mock::new(mock_config(args), Clock::system());
    // From here on the cloud says goodbye, even to who interrupts it right after the address.
    let mut signals = match Signals::listen() {
        Ok(signals) => signals,
        Err(error) => {
            complain(&format_args!("cannot listen for Ctrl-C: {error}"));
            return Exit::Crash;
        }
    };
    let told = say(&welcome::text(args, address, certificate.as_deref()));
    if told != Exit::Pass {
        return told;
    }
    let stop = async move {
        signals.next().await;
        // Who asks twice does not want to wait for open connections.
        actix_rt::spawn(async move { std::process::exit(signals.next().await.code().into()) });
    };
    let config =
        ServeConfig { tls, max_connections: args.max_connections, ..ServeConfig::default() };
    match mock.serve(&config, listener, stop).await {
        Ok(()) => Exit::Pass,
        Err(error) => {
            complain(&format_args!("the mock cloud stopped: {error}"));
            Exit::Crash
        }
    }
}

/// What TLS needs, and where its CA is.
fn tls(args: &MockArgs) -> Result<Option<(Arc<rustls::ServerConfig>, PathBuf)>, AuthorityError> {
    if !args.tls {
        return Ok(None);
    }
    let authority = Authority::open(args.ca_dir.as_deref())?;
    let certificate = authority.certificate().to_owned();
    Ok(Some((tls::config(authority, args.host, &args.name)?, certificate)))
}

fn mock_config(args: &MockArgs) -> MockConfig {
    let cloud = CloudConfig {
        oauth_token: args.oauth_token.clone(),
        strict_socket_auth: !args.lenient,
        token_ttl: args.token_ttl,
        messages_per_second: args.messages_per_second,
        ..CloudConfig::default()
    };
    let mut domains = vec!["localhost".to_owned()];
    domains.extend(args.name.iter().map(|name| name.to_ascii_lowercase()));
    MockConfig {
        cloud,
        seed: args.seed,
        max_tenants: args.max_tenants,
        domains,
        allowed_origins: args.allow_origin.clone(),
        control: args.control_token.clone().map_or(ControlAccess::Loopback, ControlAccess::Token),
        speed: args.speed,
        ..MockConfig::default()
    }
}

fn token_ttl(text: &str) -> Result<Duration, String> {
    let ttl = humantime::parse_duration(text)
        .map_err(|_| "write it like 90s, 30m or 1h 30m".to_owned())?;
    if (Duration::from_secs(1)..=TOKEN_TTL_MAX).contains(&ttl) {
        return Ok(ttl);
    }
    Err("a token lives from 1s to 10 years (87600h)".into())
}

/// RFC 6750, 2.1: what a bearer token is made of.
fn bearer(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~+/=".contains(c);
    if !text.is_empty() && text.chars().all(allowed) {
        return Ok(text.to_owned());
    }
    Err("a bearer token is made of letters, digits and -._~+/= (RFC 6750, 2.1)".into())
}

/// A name as DNS has it (RFC 1123, 2.1).
fn dns_name(text: &str) -> Result<String, String> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    if text.len() <= 253 && text.split('.').all(label) {
        return Ok(text.to_owned());
    }
    Err("write a DNS name like mock.example.test".into())
}

/// RFC 6454, 6.2: a scheme and a host, nothing behind them.
fn origin(text: &str) -> Result<String, String> {
    match text.split_once("://") {
        Some(("http" | "https", host)) if !host.is_empty() && !host.contains('/') => {
            Ok(text.to_owned())
        }
        _ => Err("write an origin like https://shop.example, without a path".into()),
    }
}

/// In thousandths of real time.
fn speed(text: &str) -> Result<u64, String> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let thousandths = format!("{part:0<3}");
    match (whole.parse::<u64>(), thousandths.parse::<u64>()) {
        (Ok(whole @ 0..=100_000), Ok(part)) if thousandths.len() == 3 && digits(&thousandths) => {
            Ok(whole * 1000 + part)
        }
        _ => Err("write it like 60, 1 or 0.5; at most 100000".into()),
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&number| number > 0).ok_or("a whole number from 1 on".into())
}
