//! Formats of tokens and keys: a prefix, the id of the session or credential, `_`, and 32 random bytes. The
//! database stores a SHA-256 digest of each.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};
use uuid::Uuid;

pub(crate) const ACCESS: &str = "oa_";
pub(crate) const REFRESH: &str = "or_";
pub(crate) const API_KEY: &str = "ok_";

/// A new token for a session or credential.
pub(crate) fn generate(prefix: &str, id: Uuid) -> std::io::Result<String> {
    Ok(format!("{prefix}{}_{}", id.simple(), random()?))
}

/// The id in a token.
pub(crate) fn id_of(prefix: &str, text: &str) -> Option<Uuid> {
    let (id, random) = text.strip_prefix(prefix)?.split_once('_')?;
    (!random.is_empty()).then(|| id.parse().ok())?
}

/// Whether a text is a JSON Web Token, which earlier releases issued.
pub(crate) fn is_jwt(text: &str) -> bool {
    text.starts_with("eyJ") && text.matches('.').count() == 2
}

/// 32 random bytes in base64url.
pub(crate) fn random() -> std::io::Result<String> {
    let mut bytes = [0; 32];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| std::io::Error::other("the system provides no random bytes"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// SHA-256 in hexadecimal. Only for values with enough entropy of their own.
pub(crate) fn digest(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    digest.as_ref().iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_contains_its_id_and_its_prefix_tells_its_use() {
        let id = Uuid::from_u128(5);
        let key = generate(API_KEY, id).unwrap();
        assert_eq!(id_of(API_KEY, &key), Some(id));
        assert_eq!(id_of(REFRESH, &key), None);
        assert_eq!(id_of(API_KEY, "ok_no_x"), None);
        assert_ne!(generate(API_KEY, id).unwrap(), key);
    }

    #[test]
    fn a_json_web_token_is_recognized() {
        assert!(is_jwt("eyJhbGciOiJIUzI1NiJ9.e30.c2ln"));
        assert!(
            !is_jwt(&generate(ACCESS, Uuid::from_u128(1)).unwrap()) && !is_jwt("a.b.c") && !is_jwt("eyJ")
        );
    }
}
