//! `holdline mock`: the mock cloud on a real port.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

use clap::Args;
use holdline_mock_server::{Clock, Cloud, CloudConfig, Observer, serve_until};

use super::signals::Signals;
use super::{Exit, complain, say};

/// A token that lives longer lives for ever.
const TOKEN_TTL_MAX: Duration = Duration::from_hours(10 * 365 * 24);

/// Arguments of `holdline mock`.
#[derive(Debug, Args)]
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
}

pub(super) fn mock(args: &MockArgs) -> Exit {
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
    let config = CloudConfig {
        oauth_token: args.oauth_token.clone(),
        strict_socket_auth: !args.lenient,
        token_ttl: args.token_ttl,
        messages_per_second: args.messages_per_second,
        ..CloudConfig::default()
    };
    let cloud = Cloud::new(config, Clock::system(), args.seed, Observer::none());
    // From here on the cloud says goodbye, even to who interrupts it right after the address.
    let mut signals = match Signals::listen() {
        Ok(signals) => signals,
        Err(error) => {
            complain(&format_args!("cannot listen for Ctrl-C: {error}"));
            return Exit::Crash;
        }
    };
    let told = say(&welcome(args, address));
    if told != Exit::Pass {
        return told;
    }
    let stop = async move {
        signals.next().await;
        // Who asks twice does not want to wait for open connections.
        actix_rt::spawn(async move { std::process::exit(signals.next().await.code().into()) });
    };
    match serve_until(cloud, listener, stop).await {
        Ok(()) => Exit::Pass,
        Err(error) => {
            complain(&format_args!("the mock cloud stopped: {error}"));
            Exit::Crash
        }
    }
}

fn welcome(args: &MockArgs, address: SocketAddr) -> String {
    format!(
        "the mock cloud listens on http://{address} (Ctrl-C stops it)\n\n  \
         curl -X POST http://{address}/api/v2/webchat/guests \\\n    \
         -H 'Authorization: Bearer {}' -H 'Content-Type: application/json' \\\n    \
         -d '{{\"guest\":{{\"firstName\":\"Ada\"}}}}'\n\n\
         and with the webchatInstanceId and the token of its answer, a WebSocket on\n\n  \
         ws://{address}/api/v2/webchat/instances/<webchatInstanceId>/websocket?token=<token>\n\n",
        args.oauth_token
    )
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
