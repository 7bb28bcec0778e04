//! Values that must never be printed.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Replaces a secret in output.
pub(crate) const MASK: &str = "********";

/// A value that only [`Secret::expose`] returns. Debug and Serialize print a mask.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value, for the call that needs it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(MASK)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(MASK)
    }
}

/// A connection URL. Display, Debug and Serialize mask its password, including a `password=` parameter.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(String);

impl SecretUrl {
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The URL with its password, for the client that connects.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn has_password(&self) -> bool {
        masked(&self.0) != self.0
    }
}

/// Masks the password of `scheme://user:password@host/…?password=…`, and of `key=value` strings.
fn masked(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    let rest = match url.split_once("://") {
        Some((scheme, rest)) => {
            out.push_str(scheme);
            out.push_str("://");
            // A password may hold an unencoded '/' or '@': everything to the last '@' counts.
            let (authority, tail) = match rest.rsplit_once('@') {
                Some((user, tail)) => (Some(user), tail),
                None => (None, rest),
            };
            if let Some(user) = authority {
                match user.split_once(':') {
                    Some((name, password)) if !password.is_empty() => {
                        out.push_str(&format!("{name}:{MASK}@"));
                    }
                    _ => out.push_str(&format!("{user}@")),
                }
            }
            tail
        }
        None => url,
    };
    out.push_str(&mask_parameter(rest));
    out
}

fn mask_parameter(text: &str) -> String {
    let Some(at) = text.find("password=") else { return text.to_owned() };
    let start = at + "password=".len();
    let value = &text[start..];
    let end = match value.chars().next() {
        Some('\'') => value[1..].find('\'').map_or(value.len(), |i| i + 2),
        _ => value.find(['&', ' ', '#']).unwrap_or(value.len()),
    };
    if end == 0 {
        return text.to_owned();
    }
    format!("{}{MASK}{}", &text[..start], mask_parameter(&value[end..]))
}

impl std::fmt::Display for SecretUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&masked(&self.0))
    }
}

impl std::fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for SecretUrl {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SecretUrl {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_masked_wherever_it_stands() {
        for (given, shown) in [
            ("postgresql://u:pw@h:5432/d", "postgresql://u:********@h:5432/d"),
            ("postgresql://u:p/w@x@h/d", "postgresql://u:********@h/d"),
            ("postgresql://u@h/d", "postgresql://u@h/d"),
            ("redis://:pw@h:6379/0", "redis://:********@h:6379/0"),
            ("postgresql://h/d?password=pw&x=1", "postgresql://h/d?password=********&x=1"),
            ("host=h password='a b' user=u", "host=h password=******** user=u"),
            ("host=h password=pw", "host=h password=********"),
        ] {
            let url = SecretUrl::new(given);
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), shown);
            assert_eq!(serde_json::json!(url), serde_json::json!(shown));
        }
    }
}
