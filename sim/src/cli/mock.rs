//! `holdline mock`: the mock cloud on a real port.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

use clap::Args;
use holdline_mock_server::{Clock, Cloud, CloudConfig, Observer, serve};

use super::{Exit, complain, say};

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
    #[arg(long, default_value = "holdline-oauth")]
    oauth_token: String,
    /// Accepts sockets without a guest token, as the articles' client opens them
    #[arg(long)]
    lenient: bool,
    /// Life of a guest token, like 30m
    #[arg(long, default_value = "30m", value_parser = humantime::parse_duration)]
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
    let (listener, address) = match bound {
        Ok(bound) => bound,
        Err(error) => {
            let way_out = "choose another with --port, or --port 0 for any free one";
            complain(&format_args!("cannot listen on {asked}: {error}; {way_out}"));
            return Exit::Usage;
        }
    };
    let config = CloudConfig {
        oauth_token: args.oauth_token.clone(),
        strict_socket_auth: !args.lenient,
        token_ttl: args.token_ttl,
        messages_per_second: args.messages_per_second,
        ..CloudConfig::default()
    };
    let cloud = Cloud::new(config, Clock::system(), args.seed, Observer::none());
    say(&format!(
        "the mock cloud listens on http://{address} (Ctrl-C stops it)\n\n  \
         curl -X POST http://{address}/api/v2/webchat/guests \\\n    \
         -H 'Authorization: Bearer {}' -H 'Content-Type: application/json' \\\n    \
         -d '{{\"guest\":{{\"firstName\":\"Ada\"}}}}'\n\n",
        args.oauth_token
    ));
    match actix_rt::System::new().block_on(serve(cloud, listener)) {
        Ok(()) => Exit::Pass,
        Err(error) => {
            complain(&format_args!("the mock cloud stopped: {error}"));
            Exit::Crash
        }
    }
}
