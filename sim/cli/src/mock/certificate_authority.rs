//! The local certificate authority of `holdline mock --tls`: made on first use, kept in the user's
//! config folder, its key readable by the owner only. It refuses to be installed anywhere by
//! itself: who trusts it says so.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use tempfile::NamedTempFile;

use crate::stopwatch::unix_time;

const DAY: Duration = Duration::from_hours(24);
/// Ten years: nobody wants to trust a new one every spring.
const LIFE: Duration = Duration::from_hours(24 * 3650);
/// What browsers accept at most is 398 days.
const LEAF_LIFE: Duration = Duration::from_hours(24 * 365);

/// Why there is no authority.
#[derive(Debug, thiserror::Error)]
pub(super) enum AuthorityError {
    #[error("no config folder is known (is HOME set?); name one with --ca-dir")]
    NoFolder,
    #[error("cannot keep the CA in {}: {source}; choose another folder with --ca-dir", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
    #[error("cannot read {}: {source}; remove it and a new CA is made", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{} holds no key ({source}); remove it and a new CA is made", path.display())]
    Damaged { path: PathBuf, source: rcgen::Error },
    #[error("cannot make a certificate for `{name}`: {source}")]
    Refused { name: String, source: rcgen::Error },
}

/// A certificate and its key, for one set of names.
pub(super) struct Leaf {
    pub(super) certificate: Vec<u8>,
    pub(super) key: Vec<u8>,
}

/// The authority, ready to sign.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: PathBuf,
}

impl Authority {
    /// The authority in `folder`, or in the user's config folder; made if it is not there.
    pub(super) fn open(folder: Option<&Path>) -> Result<Self, AuthorityError> {
        let folder = match folder {
            Some(folder) => folder.to_owned(),
            None => dirs::config_dir().ok_or(AuthorityError::NoFolder)?.join("holdline/ca"),
        };
        let unwritable = |source| AuthorityError::Unwritable { path: folder.clone(), source };
        fs::create_dir_all(&folder).map_err(unwritable)?;
        let (key, certificate) = (folder.join("ca-key.pem"), folder.join("ca.pem"));
        if !key.exists() {
            let fresh = KeyPair::generate()
                .map_err(|source| AuthorityError::Damaged { path: key.clone(), source })?;
            write_new(&folder, &key, &fresh.serialize_pem()).map_err(unwritable)?;
        }
        let text = fs::read_to_string(&key)
            .map_err(|source| AuthorityError::Unreadable { path: key.clone(), source })?;
        let damaged = |source| AuthorityError::Damaged { path: key.clone(), source };
        let pair = KeyPair::from_pem(&text).map_err(damaged)?;
        let params = params();
        if !certificate.exists() {
            let signed = params.self_signed(&pair).map_err(damaged)?;
            write_new(&folder, &certificate, &signed.pem()).map_err(unwritable)?;
        }
        Ok(Self { issuer: Issuer::new(params, pair), certificate })
    }

    /// Where the certificate is that clients have to trust.
    pub(super) fn certificate(&self) -> &Path {
        &self.certificate
    }

    /// A certificate for `names`, DNS names and addresses.
    pub(super) fn sign(&self, names: &[String]) -> Result<Leaf, AuthorityError> {
        let refused = |source| AuthorityError::Refused { name: names.join(", "), source };
        let key = KeyPair::generate().map_err(refused)?;
        let mut leaf = CertificateParams::new(names.to_vec()).map_err(refused)?;
        leaf.distinguished_name = named("Holdline mock cloud");
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        let now = date_time_ymd(1970, 1, 1) + unix_time();
        // A client whose clock is slow is none of ours.
        leaf.not_before = now - DAY;
        leaf.not_after = now + LEAF_LIFE;
        let signed = leaf.signed_by(&key, &self.issuer).map_err(refused)?;
        Ok(Leaf { certificate: signed.der().to_vec(), key: key.serialize_der() })
    }
}

/// Everything about the authority but its key, so that it need not be read back.
fn params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named("Holdline local CA (for tests on this machine only)");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let now = date_time_ymd(1970, 1, 1) + unix_time();
    params.not_before = now - DAY;
    params.not_after = now + LIFE;
    params
}

fn named(name: &str) -> DistinguishedName {
    let mut full = DistinguishedName::new();
    full.push(DnType::CommonName, name);
    full
}

/// Writes a file that is whole when it is there, and the owner's alone; another process may have
/// been first, and then its file stays.
fn write_new(folder: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
        _ => Ok(()),
    }
}
