//! `holdline mock ca`: where the certificate is, and the line that makes each client trust it.

use std::path::{Path, PathBuf};

use clap::Args;

use super::certificate_authority::Authority;
use crate::{Exit, print, print_error};

/// Arguments of `holdline mock ca`.
#[derive(Debug, Args)]
pub(super) struct CaArgs {
    /// Folder of the local CA instead of the user's config folder
    #[arg(long)]
    ca_dir: Option<PathBuf>,
}

pub(super) fn ca(args: &CaArgs) -> Exit {
    match Authority::open(args.ca_dir.as_deref()) {
        Ok(authority) => print(&lines(authority.certificate())),
        Err(error) => {
            print_error(&error);
            Exit::Usage
        }
    }
}

fn lines(certificate: &Path) -> String {
    let path = shell_quoted(&certificate.display().to_string());
    format!(
        "{}\n\n\
         Node     NODE_EXTRA_CA_CERTS={path} node client.js\n\
         curl     curl --cacert {path} https://localhost:8080/health\n\
         Chrome   certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n holdline -i {path}\n\
         Firefox  certutil -d sql:$HOME/.mozilla/firefox/<profile> -A -t C,, -n holdline -i {path}\n\
         Java     keytool -importcert -noprompt -alias holdline -file {path} -keystore holdline.p12 \
         -storepass changeit\n         java -Djavax.net.ssl.trustStore=holdline.p12 \
         -Djavax.net.ssl.trustStorePassword=changeit ...\n",
        certificate.display(),
    )
}

/// As a shell needs it.
fn shell_quoted(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@".contains(c);
    if path.chars().all(plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}
