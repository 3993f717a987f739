//! A certificate made here, so that phones on the same network may use their microphone. It is kept, so that whoever has
//! accepted it need not do so again, and made anew when the machine's addresses have changed or its time is nearly over.

use super::TlsError;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The files of a certificate for this machine.
pub(super) fn certificate(folder: &Path) -> Result<(PathBuf, PathBuf), TlsError> {
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("certificate-key.pem"));
    let names = names();
    if !is_fresh(&certificate, &names) || !key.is_file() {
        let (chain, private) = make(&names)?;
        let failed = |source| TlsError::File { path: folder.display().to_string(), source };
        fs::create_dir_all(folder).map_err(failed)?;
        write(&key, &private, 0o600).map_err(failed)?;
        write(&certificate, &chain, 0o644).map_err(failed)?;
    }
    Ok((certificate, key))
}

/// The names that this machine is reached by on its network.
fn names() -> BTreeSet<String> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let addresses = interfaces.into_iter().map(|interface| interface.ip()).filter(|address| match address {
        std::net::IpAddr::V4(_) => true,
        std::net::IpAddr::V6(address) => !address.is_unicast_link_local(),
    });
    addresses.map(|address| address.to_string()).chain(["localhost".to_owned()]).collect()
}

/// The certificate in PEM with the names in front, and its key.
fn make(names: &BTreeSet<String>) -> Result<(String, String), rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut certificate = CertificateParams::new(names.iter().cloned().collect::<Vec<_>>())?;
    certificate.distinguished_name = DistinguishedName::new();
    certificate.distinguished_name.push(DnType::CommonName, "Colloquy on this machine");
    let now = SystemTime::now();
    certificate.not_before = (now - DAY).into();
    // Browsers refuse those that are to last longer.
    certificate.not_after = (now + LASTS).into();
    let signed = certificate.self_signed(&key)?;
    Ok((format!("{}{}", heading(names), signed.pem()), key.serialize_pem()))
}

/// Whether a file holds a certificate for these names that lasts for a while.
fn is_fresh(path: &Path, names: &BTreeSet<String>) -> bool {
    let age = fs::metadata(path).and_then(|file| file.modified()).ok().and_then(|at| at.elapsed().ok());
    let text = fs::read_to_string(path).unwrap_or_default();
    age.is_some_and(|age| age < RENEWED) && text.starts_with(&heading(names))
}

/// What stands before the certificate is a remark.
fn heading(names: &BTreeSet<String>) -> String {
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    format!("For {}\n", names.join(" "))
}

fn write(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    options.open(path)?.write_all(text.as_bytes())
}

const DAY: Duration = Duration::from_secs(86_400);
const LASTS: Duration = Duration::from_secs(390 * 86_400);
const RENEWED: Duration = Duration::from_secs(360 * 86_400);

#[cfg(test)]
mod tests {
    use super::certificate;
    use std::fs;

    #[test]
    fn a_certificate_is_kept_until_it_is_not_for_this_machine_any_more() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, key) = certificate(folder.path()).expect("a certificate");
        let first = fs::read_to_string(&path).expect("text");
        assert!(first.contains("localhost") && first.contains("127.0.0.1"));
        certificate(folder.path()).expect("a certificate");
        assert_eq!(fs::read_to_string(&path).expect("text"), first);
        fs::write(&path, first.replace("localhost", "elsewhere")).expect("written");
        certificate(folder.path()).expect("a certificate");
        assert_ne!(fs::read_to_string(&path).expect("text"), first);
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&key).expect("a file").permissions()) & 0o77,
            0
        );
    }
}
