//! Settings of the tools that tasks use: allowed hosts, allowed programs and the source of secrets.
//! Everything but public HTTP is denied by default.

use std::path::PathBuf;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::base::env;
use crate::base::size::Size;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HttpRequest {
    /// Allowed hosts: `api.example.com`, `*.example.com`, `127.0.0.1:8080`, `[::1]:8080`. Default: every
    /// public host. A host without a wildcard may be private.
    pub(crate) allow: Vec<HostPattern>,
    /// Also allow loopback, private, link-local and other addresses that are not public.
    pub(crate) allow_private: bool,
    /// Maximum size of a response body; a larger one is an error.
    pub(crate) max_body: Size,
    /// Maximum number of redirects; each is checked like the first address.
    pub(crate) redirects: u32,
}

impl Default for HttpRequest {
    fn default() -> Self {
        Self { allow: Vec::new(), allow_private: false, max_body: Size::new(1 << 20), redirects: 3 }
    }
}

/// Programs that `shell.exec` may run.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ShellExec {
    /// Absolute paths, such as `/usr/local/bin/backup.sh`. Without any, the tool is refused.
    pub(crate) allow: Vec<Program>,
    /// Maximum size of a program's standard output and of its standard error; more is an error.
    pub(crate) max_output: Size,
}

impl Default for ShellExec {
    fn default() -> Self {
        Self { allow: Vec::new(), max_output: Size::new(1 << 20) }
    }
}

/// Source of `${secret:NAME}`: the file `dir/NAME`, else an environment variable.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SecretSource {
    /// A directory with a file for each secret.
    pub(crate) dir: Option<PathBuf>,
    /// What a secret is for: `http.request`, `http.request api.example.com`, `shell.exec /usr/local/bin/backup.sh`.
    /// A task uses only secrets that are listed here; a listed secret goes nowhere else, not even from a runbook.
    pub(crate) bind: IndexMap<String, Vec<SecretUse>>,
    /// Prefix of a secret's variable. The name follows in upper case, with `.` and `-` as `_`.
    pub(crate) env_prefix: String,
}

impl Default for SecretSource {
    fn default() -> Self {
        Self { dir: None, bind: IndexMap::new(), env_prefix: env::SECRET_PREFIX.into() }
    }
}

/// A tool that may use a secret, and for which target: a host of `http.request`, a program of `shell.exec`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct SecretUse {
    tool: String,
    target: Option<String>,
}

impl SecretUse {
    /// `target` is `host:port` or the path of a program.
    pub(crate) fn covers(&self, tool: &str, target: Option<&str>) -> bool {
        let is_host = |pattern: &str, target: &str| {
            let (host, port) = target.rsplit_once(':')?;
            let pattern = HostPattern::try_from(pattern.to_owned()).ok()?;
            Some(pattern.matches(host.trim_matches(['[', ']']), port.parse().ok()?))
        };
        self.tool == tool
            && match (&self.target, target) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(own), Some(target)) if own.starts_with('/') => own == target,
                (Some(own), Some(target)) => is_host(own, target) == Some(true),
            }
    }
}

impl TryFrom<String> for SecretUse {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut words = text.split_whitespace().map(str::to_owned);
        match (words.next(), words.next(), words.next()) {
            (Some(tool), target, None) if tool.contains('.') => Ok(Self { tool, target }),
            _ => Err(format!(
                "'{text}' is not a tool with an optional target, such as http.request api.example.com"
            )),
        }
    }
}

impl From<SecretUse> for String {
    fn from(one: SecretUse) -> Self {
        one.target.iter().fold(one.tool, |tool, target| format!("{tool} {target}"))
    }
}

/// The absolute path of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "PathBuf")]
pub(crate) struct Program(PathBuf);

impl Program {
    /// Exact comparison, without resolving `..` or links.
    pub(crate) fn is(&self, path: &str) -> bool {
        self.0.as_os_str() == path
    }
}

impl TryFrom<PathBuf> for Program {
    type Error = String;

    fn try_from(path: PathBuf) -> Result<Self, String> {
        if path.is_absolute() {
            Ok(Self(path))
        } else {
            Err(format!("'{}' is not an absolute path", path.display()))
        }
    }
}

/// An allowed host, with an optional port: `api.example.com`, `*.example.com`,
/// `127.0.0.1:8080`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct HostPattern {
    /// In lower case; an IPv6 address has no brackets; without `*.` when `below` is set.
    host: String,
    /// Matches subdomains, not the host itself.
    below: bool,
    port: Option<u16>,
}

impl HostPattern {
    /// Whether it matches a host as a parsed URL gives it, without brackets.
    pub(crate) fn matches(&self, host: &str, port: u16) -> bool {
        if self.port.is_some_and(|p| p != port) {
            return false;
        }
        match self.below {
            false => host == self.host,
            true => host.strip_suffix(&self.host).is_some_and(|left| left.ends_with('.') && left.len() > 1),
        }
    }

    /// Whether it names exactly one host.
    pub(crate) fn is_literal(&self) -> bool {
        !self.below
    }
}

impl TryFrom<String> for HostPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let bad = || {
            format!(
                "'{text}' is not a host; use for example api.example.com, *.example.com or 127.0.0.1:8080"
            )
        };
        let lower = text.trim().to_ascii_lowercase();
        let (below, rest) = match lower.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, lower.as_str()),
        };
        let (host, port) = if let Some(inner) = rest.strip_prefix('[') {
            let (host, after) = inner.split_once(']').ok_or_else(bad)?;
            host.parse::<std::net::Ipv6Addr>().map_err(|_| bad())?;
            (host, after)
        } else {
            let at = rest.find(':').unwrap_or(rest.len());
            (&rest[..at], &rest[at..])
        };
        let port = match port.strip_prefix(':') {
            Some(port) => Some(port.parse().map_err(|_| bad())?),
            None if port.is_empty() => None,
            None => return Err(bad()),
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
        let host = host.trim_end_matches('.');
        if host.is_empty() || !host.chars().all(plain) || host.split('.').any(str::is_empty) {
            return Err(bad());
        }
        // In the spelling of a parsed URL, so that both compare as texts.
        let host = host.parse().map_or_else(|_| host.to_owned(), |ip: std::net::Ipv6Addr| ip.to_string());
        Ok(Self { host, below, port })
    }
}

impl From<HostPattern> for String {
    fn from(pattern: HostPattern) -> Self {
        let host = match (pattern.below, pattern.host.contains(':')) {
            (true, _) => format!("*.{}", pattern.host),
            (false, true) => format!("[{}]", pattern.host),
            (false, false) => pattern.host,
        };
        pattern.port.map_or_else(|| host.clone(), |port| format!("{host}:{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> HostPattern {
        text.to_owned().try_into().unwrap()
    }

    #[test]
    fn a_pattern_matches_its_hosts_only() {
        for (text, host, port, matches) in [
            ("api.example.com", "api.example.com", 443, true),
            ("API.example.com.", "api.example.com", 443, true),
            ("api.example.com", "xapi.example.com", 443, false),
            ("api.example.com", "api.example.com.evil.org", 443, false),
            ("*.example.com", "a.b.example.com", 443, true),
            ("*.example.com", "example.com", 443, false),
            ("*.example.com", ".example.com", 443, false),
            ("*.example.com", "evilexample.com", 443, false),
            ("127.0.0.1:8080", "127.0.0.1", 8080, true),
            ("127.0.0.1:8080", "127.0.0.1", 8081, false),
            ("[0:0::1]:8080", "::1", 8080, true),
        ] {
            assert_eq!(pattern(text).matches(host, port), matches, "{text} {host}:{port}");
        }
        for text in ["", "http://x", "x/y", "*", "*.", "a..b", "x:y", "x:99999", "[::1", "[x]", "u@h"] {
            assert!(HostPattern::try_from(text.to_owned()).is_err(), "{text}");
        }
        for text in ["*.example.com:8443", "[::1]:80", "a"] {
            assert_eq!(String::from(pattern(text)), text);
        }
    }

    #[test]
    fn a_program_is_an_absolute_path() {
        assert!(Program::try_from(PathBuf::from("backup.sh")).is_err());
        let program = Program::try_from(PathBuf::from("/bin/x")).unwrap();
        assert!(program.is("/bin/x") && !program.is("/bin/../bin/x") && !program.is("/bin/x/"));
    }
}
