//! Published ports of a compose service, in their short and long form (Compose specification, "ports").

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};

use serde_json::Value;

/// Ports of a service that are looked at.
const PORTS_MAX: usize = 1000;

/// A port of a container and where it is reached on the engine's machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PortMapping {
    pub(super) container: u16,
    pub(super) host: u16,
    /// Never a wildcard.
    pub(super) address: String,
}

/// `text` resolves the variables of a scalar.
pub(super) fn published(ports: &Value, text: &dyn Fn(&Value) -> Option<String>) -> Vec<PortMapping> {
    let ports = ports.as_array().map(Vec::as_slice).unwrap_or_default();
    let all =
        ports.iter().flat_map(|port| if port.is_object() { long(port, text) } else { short(port, text) });
    all.take(PORTS_MAX).collect()
}

fn long(port: &Value, text: &dyn Fn(&Value) -> Option<String>) -> Vec<PortMapping> {
    let get = |key: &str| port.get(key).and_then(text);
    if get("protocol").is_some_and(|protocol| protocol != "tcp") {
        return Vec::new();
    }
    let (Some(container), Some(host)) = (get("target"), get("published")) else { return Vec::new() };
    pair(get("host_ip").as_deref(), &host, &container)
}

/// `[ADDRESS:]HOST:CONTAINER[/PROTOCOL]`. Without HOST the engine chooses a port, which the file does not tell.
fn short(port: &Value, text: &dyn Fn(&Value) -> Option<String>) -> Vec<PortMapping> {
    let Some(text) = text(port) else { return Vec::new() };
    let text = match text.split_once('/') {
        None | Some((_, "tcp")) => text.split('/').next().unwrap_or_default(),
        Some(_) => return Vec::new(),
    };
    let Some((rest, container)) = text.rsplit_once(':') else { return Vec::new() };
    match rest.rsplit_once(':') {
        Some((address, host)) => pair(Some(address), host, container),
        None => pair(None, rest, container),
    }
}

fn pair(address: Option<&str>, host: &str, container: &str) -> Vec<PortMapping> {
    let Some(address) = own_address(address) else { return Vec::new() };
    let (Some(hosts), Some(containers)) = (range(host), range(container)) else { return Vec::new() };
    let all = hosts.zip(containers);
    all.map(|(host, container)| PortMapping { container, host, address: address.clone() }).collect()
}

/// The address of this machine that a port is published at. A file must not lead to another machine.
fn own_address(given: Option<&str>) -> Option<String> {
    let address: IpAddr = match given.map(|address| address.trim_matches(['[', ']'])) {
        None | Some("") => Ipv4Addr::UNSPECIFIED.into(),
        Some(address) => address.parse().ok()?,
    };
    let address = match address {
        IpAddr::V4(v4) if v4.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(v6) if v6.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other,
    };
    // Only an address of this machine can be bound; no packet is sent.
    let is_own = address.is_loopback() || UdpSocket::bind((address, 0)).is_ok();
    is_own.then(|| if address.is_ipv6() { format!("[{address}]") } else { address.to_string() })
}

fn range(text: &str) -> Option<std::ops::RangeInclusive<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some(first.trim().parse().ok()?..=last.trim().parse().ok()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_form_of_a_port_is_understood() {
        let text =
            |value: &Value| value.as_str().map_or_else(|| Some(value.to_string()), |s| Some(s.to_owned()));
        let one = |port: Value| -> Vec<String> {
            let all = published(&json!([port]), &text);
            all.iter().map(|p| format!("{}:{} {}", p.address, p.host, p.container)).collect()
        };
        assert_eq!(one(json!("127.0.0.1:15432:5432")), ["127.0.0.1:15432 5432"]);
        assert_eq!(one(json!("15432:5432")), ["127.0.0.1:15432 5432"]);
        assert_eq!(one(json!("0.0.0.0:15432:5432/tcp")), ["127.0.0.1:15432 5432"]);
        assert_eq!(one(json!("[::1]:15432:5432")), ["[::1]:15432 5432"]);
        assert_eq!(one(json!("10-11:20-21")), ["127.0.0.1:10 20", "127.0.0.1:11 21"]);
        assert_eq!(one(json!({ "target": 80, "published": "8080" })), ["127.0.0.1:8080 80"]);
        let with_address = json!({ "target": 80, "published": 8080, "host_ip": "127.0.0.2" });
        assert_eq!(one(with_address), ["127.0.0.2:8080 80"]);
        // 192.0.2.1 is no machine's address (RFC 5737).
        for elsewhere in [json!("192.0.2.1:80:80"), json!("db.example:80:80")] {
            assert_eq!(one(elsewhere.clone()), [""; 0], "{elsewhere}");
        }
        assert_eq!(published(&json!(["1-60000:1-60000"]), &text).len(), PORTS_MAX);
        for none in [json!("5432"), json!(5432), json!("53:53/udp"), json!("a:b"), json!({ "target": 80 })] {
            assert_eq!(one(none.clone()), [""; 0], "{none}");
        }
    }
}
