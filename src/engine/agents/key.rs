//! The key that signs access tokens: given, or made in the data directory. There is no default.

use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use crate::base::cli_error::CliError;

/// A key has at least so many bytes (RFC 7518, section 3.2: as many as the hash gives).
const LEAST: usize = 32;

/// A signing key. Its Debug shows nothing of it.
#[derive(Clone, Debug)]
pub(crate) struct SigningKey(hmac::Key);

impl SigningKey {
    /// The key in a file that somebody made.
    pub(crate) fn given(path: &Path) -> Result<Self, CliError> {
        let hint = format!("umask 077; head -c 32 /dev/urandom | base64 > {}", path.display());
        let text = std::fs::read_to_string(path).map_err(|e| {
            CliError::usage(format!("cannot read the signing key {}", path.display()))
                .because(e)
                .hint(hint.clone())
        })?;
        let text = text.trim();
        if text.len() < LEAST {
            return Err(CliError::usage(format!(
                "the signing key {} has less than {LEAST} bytes",
                path.display()
            ))
            .hint(hint));
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes())))
    }

    /// The key in a file, which is made if it is not there; only its owner can read it.
    pub(crate) fn kept(path: &Path) -> Result<Self, CliError> {
        let failed = |e: std::io::Error| {
            CliError::failed(format!("cannot make the signing key {}", path.display()))
                .because(e)
                .hint("name one of your own in api.signing_key_file")
        };
        if let Ok(there) = std::fs::metadata(path) {
            if there.permissions().mode() & 0o077 != 0 {
                return Err(CliError::refused(format!("others can read the signing key {}", path.display()))
                    .hint(format!("chmod 600 {}", path.display())));
            }
            return Self::given(path);
        }
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir).map_err(failed)?;
        }
        // Whoever reads the file finds it whole: it is written beside and linked into its place.
        let beside = path.with_extension(format!("{}.new", random().map_err(failed)?));
        let made = write(&beside).and_then(|()| match std::fs::hard_link(&beside, path) {
            Err(e) if e.kind() != ErrorKind::AlreadyExists => Err(e),
            _ => Ok(()),
        });
        drop(std::fs::remove_file(&beside));
        made.map_err(failed)?;
        Self::given(path)
    }

    /// The signature of a message.
    pub(crate) fn sign(&self, message: &[u8]) -> impl AsRef<[u8]> + use<> {
        hmac::sign(&self.0, message)
    }

    /// Whether a signature is right, in constant time.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        hmac::verify(&self.0, message, signature).is_ok()
    }
}

fn write(path: &Path) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{}", random()?)?;
    file.sync_all()
}

/// 32 random bytes as a text.
pub(crate) fn random() -> std::io::Result<String> {
    use base64::Engine;
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| std::io::Error::other("no random bytes"))?;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
}

/// SHA-256 in hexadecimal, for what is random enough by itself.
pub(crate) fn digest(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    digest.as_ref().iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_for_its_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("below/signing.key");
        let first = SigningKey::kept(&path).unwrap();
        let signed = first.sign(b"x");
        assert!(SigningKey::kept(&path).unwrap().verify(b"x", signed.as_ref()));
        assert!(!first.verify(b"y", signed.as_ref()));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(dir.path().join("below")).unwrap().count(), 1);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(SigningKey::kept(&path).unwrap_err().to_string().contains("others can read"));
    }

    #[test]
    fn a_short_key_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        std::fs::write(&path, "changeme\n").unwrap();
        assert!(SigningKey::given(&path).unwrap_err().to_string().contains("less than 32 bytes"));
    }
}
