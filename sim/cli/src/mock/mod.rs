//! `holdline mock`: the mock cloud on a real port.

mod ca;
mod certificate_authority;
mod health;
mod open_files;
mod perform;
mod ready_line;
mod reload;
mod settings;
mod tls;

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use holdline_mock_server::{Clock, Mock, MockConfig, ServeConfig};

use self::certificate_authority::{Authority, AuthorityError};
use self::settings::{Settings, SettingsError};
use super::signals::Signals;
use super::{Exit, print, print_error};
use holdline_sim::catalogue::bundled::plan_named;
use holdline_sim::plan::{Plan, PlanError};

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
    /// Serves https and wss beside http and ws, with a local CA that is made on first use
    #[arg(long)]
    tls: bool,
    /// Folder of the local CA instead of the user's config folder
    #[arg(long)]
    ca_dir: Option<PathBuf>,
    /// A name this machine is reached by beside localhost, for the certificate and for tenants
    #[arg(long, value_parser = settings::dns_name)]
    name: Vec<String>,
    /// Connections at a time [default: 20000, or as many as the system lets this process open]
    #[arg(long, value_parser = settings::at_least_one)]
    max_connections: Option<usize>,
    /// Says where it listens as one line of JSON
    #[arg(long)]
    json: bool,
    /// A TOML file with the settings below, read again when it changes; flags win
    #[arg(long)]
    config: Option<PathBuf>,
    /// Performs what happens to cloud and network in a scenario or plan, from the first guest on
    #[arg(long, value_name = "SCENARIO|PLAN")]
    perform: Option<String>,
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Option<MockCommand>,
}

#[derive(Debug, Subcommand)]
enum MockCommand {
    /// Tells where the local CA is and how each client is made to trust it
    Ca(ca::CaArgs),
    /// Asks a mock on this machine whether it is well, as a container's health check
    Health(health::HealthArgs),
}

pub(super) fn mock(args: &MockArgs) -> Exit {
    match &args.command {
        Some(MockCommand::Ca(args)) => return ca::ca(args),
        Some(MockCommand::Health(args)) => return health::health(args),
        None => {}
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
            print_error(&format_args!("cannot listen on {asked}: {error}; {way_out}"));
            Exit::Usage
        }
    }
}

async fn serve(args: &MockArgs, listener: TcpListener, address: SocketAddr) -> Exit {
    let (tls, certificate) = match tls(args) {
        Ok(None) => (None, None),
        Ok(Some((tls, certificate))) => (Some(tls), Some(certificate)),
        Err(error) => {
            print_error(&error);
            return Exit::Usage;
        }
    };
    let (config, plan) = match Prepared::of(args) {
        Ok(prepared) => (prepared.config, prepared.plan),
        Err(error) => {
            print_error(&error);
            return Exit::Usage;
        }
    };
    let mock = Mock::new(config, Clock::system());
    let max_connections = open_files::connections(args.max_connections);
    // From here on the cloud says goodbye, even to who interrupts it right after the address.
    let mut signals = match Signals::listen() {
        Ok(signals) => signals,
        Err(error) => {
            print_error(&format_args!("cannot listen for Ctrl-C: {error}"));
            return Exit::Crash;
        }
    };
    let told = print(&ready_line::text(args, address, certificate.as_deref()));
    if told != Exit::Pass {
        return told;
    }
    if let Some(path) = args.config.clone() {
        actix_rt::spawn(reload::watch(
            mock.clone(),
            path,
            args.settings.clone(),
            args.name.clone(),
        ));
    }
    if let Some(plan) = plan {
        actix_rt::spawn(perform::perform(mock.clone(), plan));
    }
    let stop = async move {
        signals.next().await;
        // Who asks twice does not want to wait for open connections.
        actix_rt::spawn(async move { std::process::exit(signals.next().await.code().into()) });
    };
    let config = ServeConfig { tls, max_connections, ..ServeConfig::default() };
    match mock.serve(&config, listener, stop).await {
        Ok(()) => Exit::Pass,
        Err(error) => {
            print_error(&format_args!("the mock cloud stopped: {error}"));
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

/// What is read before anything is served.
struct Prepared {
    config: MockConfig,
    plan: Option<Plan>,
}

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
enum Unprepared {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Plan(#[from] PlanError),
}

impl Prepared {
    fn of(args: &MockArgs) -> Result<Self, Unprepared> {
        let file = args.config.as_deref().map(Settings::read).transpose()?;
        let settings = args.settings.clone().or(file.unwrap_or_default());
        let plan = args.perform.as_deref().map(plan_named).transpose()?;
        Ok(Self { config: settings.mock_config(&args.name), plan })
    }
}
