//! The parameters of a connection URL or string: those that libpq supports and the driver does not, and the driver's
//! own.

use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::config::TargetSessionAttrs;

use crate::base::conninfo;
use crate::base::settings::{Database, TlsMode};
use crate::clients::ClientError;

pub(super) const SETTING: &str = "database.url";
const OTHER_FORM: &str = "it is neither a URL that begins with postgresql:// nor key=value pairs";

/// The text as the driver understands it: `postgresql+psycopg://` (SQLAlchemy names its driver) as `postgresql://`,
/// and an unencoded `@` in the password encoded, because the last one ends it as in SQLAlchemy.
fn plain_url(text: &str, default_port: Option<&str>) -> Result<String, ClientError> {
    let wrong = |why: &str| Err(ClientError::misconfigured(SETTING, why));
    let Some((scheme, rest)) = text.split_once("://") else {
        // The driver's error would quote the text, which may hold a password.
        return wrong(OTHER_FORM);
    };
    let scheme = scheme.split('+').next().unwrap_or(scheme);
    if !["postgresql", "postgres"].contains(&scheme) {
        return wrong(OTHER_FORM);
    }
    let (base, query) = rest.split_once('?').map_or((rest, None), |(base, query)| (base, Some(query)));
    if query.is_some_and(|query| query.contains('@')) && !base.contains('@') {
        return wrong("write '?' in the password as %3F, and '@' in a parameter as %40");
    }
    let base = match base.rsplit_once('@') {
        Some((login, place)) => format!("{}@{}", login.replace('@', "%40"), with_port(place, default_port)),
        None => with_port(base, default_port),
    };
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    Ok(format!("{scheme}://{base}{query}"))
}

/// `host[,host]/database` with a port for the hosts that have none: the driver would take 5432.
fn with_port(place: &str, port: Option<&str>) -> String {
    let Some(port) = port else { return place.to_owned() };
    let (hosts, rest) = place.find('/').map_or((place, ""), |at| place.split_at(at));
    let has_port = |host: &str| host.rsplit(']').next().is_some_and(|end| end.contains(':'));
    let with = |host: &str| match host.is_empty() || has_port(host) {
        true => host.to_owned(),
        false => format!("{host}:{port}"),
    };
    format!("{}{rest}", hosts.split(',').map(with).collect::<Vec<_>>().join(","))
}

/// Parameters that libpq supports and the driver does not.
#[derive(Default)]
pub(super) struct Extra {
    pub(super) tls: Option<TlsMode>,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) cert_file: Option<PathBuf>,
    pub(super) key_file: Option<PathBuf>,
    pub(super) passfile: Option<PathBuf>,
    pub(super) session_attrs: Option<TargetSessionAttrs>,
    pub(super) tcp_user_timeout: Option<Duration>,
}

fn unsupported(message: &str) -> ClientError {
    ClientError::misconfigured(SETTING, message)
}

impl Extra {
    /// Takes what neither the URL nor a setting says from the variables of libpq.
    pub(super) fn fill(&mut self, settings: &Database) -> Result<(), ClientError> {
        let has_tls = self.tls.is_some() || settings.tls.is_some();
        for (key, is_given) in [
            ("sslmode", has_tls),
            ("sslrootcert", self.ca_file.is_some() || settings.ca_file.is_some()),
            ("sslcert", self.cert_file.is_some() || settings.cert_file.is_some()),
            ("sslkey", self.key_file.is_some() || settings.key_file.is_some()),
            ("target_session_attrs", self.session_attrs.is_some()),
        ] {
            if let Some(value) = settings.libpq.get(key).filter(|_| !is_given) {
                self.take(key, value)?;
            }
        }
        Ok(())
    }

    /// Takes a parameter; false when it is the driver's.
    fn take(&mut self, key: &str, value: &str) -> Result<bool, ClientError> {
        match key {
            "sslmode" => {
                let mode = serde_json::from_value(serde_json::json!(value)).map_err(|_| {
                    ClientError::misconfigured(
                        SETTING,
                        format!(
                            "sslmode '{value}': must be one of disable, prefer, require, verify-ca, verify-full"
                        ),
                    )
                })?;
                self.tls = Some(mode);
            }
            "sslrootcert" if value == "system" => {}
            "sslrootcert" => self.ca_file = Some(value.into()),
            "sslcert" => self.cert_file = Some(value.into()),
            "sslkey" => self.key_file = Some(value.into()),
            "passfile" => self.passfile = Some(value.into()),
            "target_session_attrs" => {
                self.session_attrs = Some(match value {
                    "any" => TargetSessionAttrs::Any,
                    "read-write" | "primary" => TargetSessionAttrs::ReadWrite,
                    "read-only" | "standby" => TargetSessionAttrs::ReadOnly,
                    other => {
                        return Err(ClientError::misconfigured(
                            SETTING,
                            format!(
                                "target_session_attrs '{other}': must be one of any, read-write, primary, read-only, standby"
                            ),
                        ));
                    }
                });
            }
            // The driver does not encrypt with GSSAPI, so only a client that must do so cannot connect.
            "gssencmode" if value != "require" => {}
            "gssencmode" => {
                return Err(unsupported("gssencmode=require: GSSAPI encryption is not supported"));
            }
            // The driver always uses UTF-8, which the server converts.
            "client_encoding" if ["auto", "utf8", "utf-8", "unicode"].contains(&&*value.to_lowercase()) => {}
            "client_encoding" => return Err(unsupported("client_encoding: only UTF8 is supported")),
            // In libpq in milliseconds, for the driver in seconds.
            "tcp_user_timeout" => {
                let milliseconds: u64 =
                    value.parse().map_err(|_| unsupported("tcp_user_timeout: not a number"))?;
                self.tcp_user_timeout = Some(Duration::from_millis(milliseconds));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// The parameters for the driver, and the others.
pub(super) fn split_off(text: &str, default_port: Option<&str>) -> Result<(String, Extra), ClientError> {
    let mut extra = Extra::default();
    if let Some(pairs) = conninfo::pairs(text) {
        let mut kept = Vec::new();
        for pair in pairs {
            if !extra.take(&pair.key, &pair.value)? {
                kept.push((driver_key(&pair.key).to_owned(), pair.value));
            }
        }
        return Ok((conninfo::render(kept.iter().map(|(k, v)| (k.as_str(), v.as_str()))), extra));
    }
    let url = plain_url(text, default_port)?;
    let Some((base, query)) = url.split_once('?') else { return Ok((url, extra)) };
    let mut kept = Vec::new();
    for pair in query.split('&').filter(|p| !p.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if !extra.take(key, &decode(value))? {
            kept.push(format!("{}={value}", driver_key(key)));
        }
    }
    let url = if kept.is_empty() { base.to_owned() } else { format!("{base}?{}", kept.join("&")) };
    Ok((url, extra))
}

/// The driver's name of a parameter of libpq.
fn driver_key(key: &str) -> &str {
    match key {
        "keepalives_count" => "keepalives_retries",
        "fallback_application_name" => "application_name",
        other => other,
    }
}

fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}
