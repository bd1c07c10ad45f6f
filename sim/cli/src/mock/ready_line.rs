//! What the mock says once it listens: for people, or as one line of JSON.

use std::net::SocketAddr;
use std::path::Path;

use serde_json::json;

use super::MockArgs;

pub(super) fn text(args: &MockArgs, address: SocketAddr, ca: Option<&Path>) -> String {
    if args.json { line(address, ca) } else { prose(args, address, ca) }
}

/// `{"ready":true,"http":...}`; with TLS also `https` and `ca`.
fn line(address: SocketAddr, ca: Option<&Path>) -> String {
    let http = format!("http://{address}");
    let mut line = json!({
        "ready": true,
        "http": http,
        "ws": format!("ws://{address}"),
        "control": format!("{http}/__holdline/"),
        "host": address.ip().to_string(),
        "port": address.port(),
        "pid": std::process::id(),
    });
    if let Some(ca) = ca {
        line["https"] = format!("https://{address}").into();
        line["wss"] = format!("wss://{address}").into();
        line["ca"] = ca.display().to_string().into();
    }
    format!("{line}\n")
}

fn prose(args: &MockArgs, address: SocketAddr, ca: Option<&Path>) -> String {
    let tls = ca.map_or(String::new(), |ca| {
        format!(
            "and on https://{address}; its CA is {}: `holdline mock ca` says how to trust it\n\n",
            ca.display()
        )
    });
    format!(
        "the mock cloud listens on http://{address} (Ctrl-C stops it)\n\n{tls}  \
         curl -X POST http://{address}/api/v2/webchat/guests \\\n    \
         -H 'Authorization: Bearer {}' -H 'Content-Type: application/json' \\\n    \
         -d '{{\"guest\":{{\"firstName\":\"Ada\"}}}}'\n\n\
         and with the webchatInstanceId and the token of its answer, a WebSocket on\n\n  \
         ws://{address}/api/v2/webchat/instances/<webchatInstanceId>/websocket?token=<token>\n\n\
         faults, journal and verdict: http://{address}/__holdline/\n\n",
        args.settings.oauth_token()
    )
}
