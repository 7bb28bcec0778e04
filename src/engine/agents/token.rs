//! Tokens and API keys as they are written.
//!
//! * An access token is a JSON Web Signature in compact form (RFC 7515) with HMAC-SHA-256 (RFC 7518) over
//!   claims of RFC 7519. Its header is ours letter for letter or it is refused: no algorithm is chosen by
//!   whoever sends it.
//! * A refresh token is `or_SESSION_RANDOM`, an API key `ok_ID_RANDOM`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::SigningKey;

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
const ISSUER: &str = "ordctl";

/// What an access token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Claims {
    iss: String,
    pub(crate) sub: Uuid,
    pub(crate) sid: Uuid,
    iat: i64,
    exp: i64,
}

/// An access token of a session; times are seconds since 1970.
pub(crate) fn access(key: &SigningKey, agent: Uuid, session: Uuid, now: i64, seconds: i64) -> String {
    let claims =
        Claims { iss: ISSUER.into(), sub: agent, sid: session, iat: now, exp: now.saturating_add(seconds) };
    let body = serde_json::to_vec(&claims).unwrap_or_default();
    let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(body));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(text.as_bytes()));
    format!("{text}.{signature}")
}

/// What an access token says, if it is ours and not too old.
pub(crate) fn read(key: &SigningKey, token: &str, now: i64) -> Option<Claims> {
    let (text, signature) = token.rsplit_once('.')?;
    let (header, body) = text.split_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    if !key.verify(text.as_bytes(), &signature) || header != URL_SAFE_NO_PAD.encode(HEADER) {
        return None;
    }
    let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()?;
    (claims.iss == ISSUER && now < claims.exp).then_some(claims)
}

/// Writes an id and something random behind a mark.
pub(crate) fn marked(mark: &str, id: Uuid, random: &str) -> String {
    format!("{mark}{}_{random}", id.simple())
}

pub(crate) fn unmark(mark: &str, text: &str) -> Option<Uuid> {
    let (id, random) = text.strip_prefix(mark)?.split_once('_')?;
    (!random.is_empty()).then(|| id.parse().ok())?
}

/// What refresh tokens begin with.
pub(crate) const REFRESH: &str = "or_";
/// What API keys begin with.
pub(crate) const KEY: &str = "ok_";

#[cfg(test)]
mod tests {
    use super::*;

    fn key(dir: &tempfile::TempDir, name: &str) -> SigningKey {
        SigningKey::kept(&dir.path().join(name)).unwrap()
    }

    #[test]
    fn a_token_is_believed_when_it_is_ours_whole_and_young() {
        let dir = tempfile::tempdir().unwrap();
        let (ours, other) = (key(&dir, "a"), key(&dir, "b"));
        let (agent, session) = (Uuid::from_u128(7), Uuid::from_u128(8));
        let token = access(&ours, agent, session, 1000, 60);
        assert_eq!(read(&ours, &token, 1059).map(|c| (c.sub, c.sid)), Some((agent, session)));
        assert!(read(&ours, &token, 1060).is_none(), "too old");
        assert!(read(&other, &token, 1001).is_none(), "another's key");
        let parts: Vec<&str> = token.split('.').collect();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        let mine = URL_SAFE_NO_PAD.encode(r#"{"iss":"ordctl","sub":"00000000-0000-0000-0000-000000000001"}"#);
        for forged in [
            format!("{none}.{}.", parts[1]),
            format!("{none}.{}.{}", parts[1], parts[2]),
            format!("{}.{mine}.{}", parts[0], parts[2]),
            format!("{}.{}", parts[0], parts[1]),
            String::new(),
            "..".into(),
        ] {
            assert!(read(&ours, &forged, 1001).is_none(), "{forged}");
        }
    }

    #[test]
    fn marks_are_read_back() {
        let id = Uuid::from_u128(5);
        assert_eq!(unmark(KEY, &marked(KEY, id, "a_b")), Some(id));
        assert_eq!(unmark(REFRESH, &marked(KEY, id, "ab")), None);
        assert_eq!(unmark(KEY, "ok_no_x"), None);
    }
}
