//! Checks the target of a request against `http_request`.

use std::net::{IpAddr, SocketAddr};

use reqwest::Url;
use url::Host;

use crate::base::settings::HttpRequest;
use crate::clients::guarded_http::GuardedHttpError;
use crate::clients::guarded_http::address::not_public;

/// The checked addresses of a URL. The caller must connect to these: a second lookup could return others.
pub(crate) async fn admit(url: &Url, rules: &HttpRequest) -> Result<Vec<SocketAddr>, GuardedHttpError> {
    if !matches!(url.scheme(), "http" | "https") {
        let message = format!("scheme '{}' is not supported: use http or https", url.scheme());
        return Err(GuardedHttpError::Unusable(message));
    }
    let no_host = || GuardedHttpError::Unusable("the URL has no host".into());
    let host = url.host().ok_or_else(no_host)?;
    let port = url.port_or_known_default().ok_or_else(no_host)?;
    let name = match &host {
        Host::Domain(name) => name.trim_end_matches('.').to_owned(),
        Host::Ipv4(ip) => ip.to_string(),
        Host::Ipv6(ip) => ip.to_string(),
    };
    let listed = rules.allow.iter().any(|p| p.matches(&name, port));
    let literally = rules.allow.iter().any(|p| p.is_literal() && p.matches(&name, port));
    // Before the DNS lookup, which would reveal the name.
    if !rules.allow.is_empty() && !listed {
        return Err(GuardedHttpError::Refused {
            message: format!("{name}:{port} is not in http_request.allow"),
            hint: format!("add {name}:{port} to http_request.allow"),
        });
    }
    let trusted = rules.allow_private || literally;
    let addresses = match host {
        Host::Domain(domain) => resolve(domain, port).await?,
        Host::Ipv4(ip) => vec![SocketAddr::new(IpAddr::V4(ip), port)],
        Host::Ipv6(ip) => vec![SocketAddr::new(IpAddr::V6(ip), port)],
    };
    // One private address is enough to refuse: mixed answers are a known attack.
    match addresses.iter().find_map(|a| not_public(a.ip())) {
        Some(what) if !trusted => Err(GuardedHttpError::Refused {
            message: format!("{name} is not public: its address is {what}"),
            hint: format!("add {name}:{port} to http_request.allow if tasks may reach it"),
        }),
        _ => Ok(addresses),
    }
}

async fn resolve(domain: &str, port: u16) -> Result<Vec<SocketAddr>, GuardedHttpError> {
    let no_answer = |why: String| GuardedHttpError::NoAnswer(format!("cannot resolve {domain}: {why}"));
    let found = tokio::net::lookup_host((domain, port)).await.map_err(|e| no_answer(e.to_string()))?;
    let found: Vec<SocketAddr> = found.collect();
    if found.is_empty() { Err(no_answer("no address".into())) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(allow: &[&str], allow_private: bool) -> HttpRequest {
        let allow = allow.iter().map(|p| (*p).to_owned().try_into().unwrap()).collect();
        HttpRequest { allow, allow_private, ..HttpRequest::default() }
    }

    async fn verdict(url: &str, allow: &[&str], private: bool) -> &'static str {
        match admit(&Url::parse(url).unwrap(), &rules(allow, private)).await {
            Ok(addresses) => {
                assert!(!addresses.is_empty());
                "ok"
            }
            Err(GuardedHttpError::Refused { message, .. }) if message.contains("http_request.allow") => {
                "unlisted"
            }
            Err(GuardedHttpError::Refused { .. }) => "private",
            Err(e) => unreachable!("{e}"),
        }
    }

    #[tokio::test]
    async fn without_a_list_every_public_host_and_no_other() {
        assert_eq!(verdict("https://1.1.1.1/x", &[], false).await, "ok");
        assert_eq!(verdict("https://1.1.1.1/x", &[], true).await, "ok");
        for url in [
            "http://127.0.0.1/",
            "http://localhost/",
            "http://LOCALHOST:80/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://169.254.169.254/latest/meta-data",
            "http://0/",
        ] {
            assert_eq!(verdict(url, &[], false).await, "private", "{url}");
            assert_eq!(verdict(url, &[], true).await, "ok", "{url}");
        }
    }

    #[tokio::test]
    async fn with_a_list_its_hosts_alone_and_a_literal_one_may_be_private() {
        let list = &["1.1.1.1", "127.0.0.1:8080", "localhost", "*.example.com"];
        for (url, what) in [
            ("https://1.1.1.1/", "ok"),
            ("https://1.0.0.1/", "unlisted"),
            ("http://127.0.0.1:8080/", "ok"),
            ("http://127.0.0.1:8081/", "unlisted"),
            ("http://localhost:99/", "ok"),
            ("https://example.com/", "unlisted"),
            // Refused before the DNS lookup.
            ("https://nowhere.invalid/", "unlisted"),
        ] {
            assert_eq!(verdict(url, list, false).await, what, "{url}");
        }
        assert_eq!(verdict("http://127.0.0.1:8081/", list, true).await, "unlisted");
        // A pattern for many hosts does not vouch for where one of them leads.
        assert_eq!(verdict("http://127.0.0.1/", &["*.0.0.1"], false).await, "private");
    }

    #[tokio::test]
    async fn other_schemes_are_no_requests() {
        let url = Url::parse("file:///etc/passwd").unwrap();
        assert!(matches!(admit(&url, &rules(&[], true)).await, Err(GuardedHttpError::Unusable(_))));
    }
}
