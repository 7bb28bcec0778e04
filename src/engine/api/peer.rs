//! The client of a connection: its address, and the user that owns its socket.
//!
//! As in PostgreSQL's `peer` authentication, the kernel says who is at the other end. `/proc/net/tcp` and `tcp6`
//! (proc_pid_net(5)) list every TCP socket of the machine with its owner. A platform without these tables trusts
//! nobody.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use tokio::sync::OnceCell;

use super::Api;

const TABLES: [&str; 2] = ["/proc/net/tcp", "/proc/net/tcp6"];
/// In the other states the kernel may have forgotten the owner and prints user 0.
const ESTABLISHED: &str = "01";
/// Stands for every user that does not exist in this process's user namespace (user_namespaces(7)).
const UNMAPPED_USER: u32 = 65534;

/// The remote address of the connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

impl FromRequestParts<Api> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Infallible> {
        let unknown = Self(IpAddr::from([0, 0, 0, 0]));
        Ok(parts.extensions.get::<Self>().copied().unwrap_or(unknown))
    }
}

/// Both ends of a connection. Clones share the result of the lookup.
#[derive(Clone, Debug)]
pub(crate) struct PeerSocket {
    /// The client's end.
    peer: SocketAddr,
    /// The server's end.
    local: SocketAddr,
    is_trusted: Arc<OnceCell<bool>>,
}

impl PeerSocket {
    pub(crate) fn new(peer: SocketAddr, local: SocketAddr) -> Self {
        Self { peer, local, is_trusted: Arc::default() }
    }

    /// Whether the client's socket belongs to the server's own user or to root. Read once per connection.
    pub(crate) async fn is_of_own_user(&self) -> bool {
        *self.is_trusted.get_or_init(|| async { self.owner().await.is_some_and(is_trusted) }).await
    }

    async fn owner(&self) -> Option<u32> {
        for table in TABLES {
            if let Ok(text) = tokio::fs::read_to_string(table).await
                && let Some(user) = owner_in(&text, self.peer, self.local)
            {
                return Some(user);
            }
        }
        None
    }
}

fn is_trusted(user: u32) -> bool {
    user == 0 || (user == rustix::process::geteuid().as_raw() && user != UNMAPPED_USER)
}

/// The owner of the socket whose local end is `peer` and whose remote end is `local`.
fn owner_in(table: &str, peer: SocketAddr, local: SocketAddr) -> Option<u32> {
    let same = |text: &str, end: SocketAddr| {
        socket_address(text).is_some_and(|(ip, port)| ip == end.ip().to_canonical() && port == end.port())
    };
    table.lines().skip(1).find_map(|row| {
        let mut words = row.split_ascii_whitespace().skip(1);
        let (near, far, state) = (words.next()?, words.next()?, words.next()?);
        if state != ESTABLISHED || !same(near, peer) || !same(far, local) {
            return None;
        }
        words.nth(3)?.parse().ok()
    })
}

/// An address of the table: the words of the IP address in the machine's byte order, and the port.
fn socket_address(text: &str) -> Option<(IpAddr, u16)> {
    let (ip, port) = text.split_once(':')?;
    let word = |at: usize| u32::from_str_radix(ip.get(at * 8..at * 8 + 8)?, 16).ok().map(u32::to_ne_bytes);
    let ip = match ip.len() {
        8 => IpAddr::from(Ipv4Addr::from(word(0)?)),
        32 => {
            let words = [word(0)?, word(1)?, word(2)?, word(3)?];
            let octets: [u8; 16] = words.concat().try_into().ok()?;
            IpAddr::from(Ipv6Addr::from(octets)).to_canonical()
        }
        _ => return None,
    };
    Some((ip, u16::from_str_radix(port, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const V4: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     7        0 100 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     7        0 101 1 0 20 4 30 10 -1
   2: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000    33        0 102 1 0 20 4 30 10 -1
   3: 0100007F:C351 0100007F:1F90 06 00000000:00000000 03:00001770 00000000     0        0 0 3 0
";
    const V6: &str = "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:C350 00000000000000000000000001000000:1F90 01 00000000:00000000 00:00000000 00000000    34        0 103 1 0 20 4 30 10 -1
   1: 0000000000000000FFFF00000100007F:C352 0000000000000000FFFF00000100007F:1F90 01 00000000:00000000 00:00000000 00000000    35        0 104 1 0 20 4 30 10 -1
";

    /// The tables of a little-endian machine.
    #[cfg(target_endian = "little")]
    #[test]
    fn the_clients_end_of_the_connection_names_the_owner() {
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        let server = at("127.0.0.1:8080");
        assert_eq!(owner_in(V4, at("127.0.0.1:50000"), server), Some(33));
        assert_eq!(owner_in(V4, at("127.0.0.1:50001"), server), None, "a closed socket has no owner");
        assert_eq!(owner_in(V4, at("127.0.0.2:50000"), server), None);
        assert_eq!(owner_in(V6, at("[::1]:50000"), at("[::1]:8080")), Some(34));
        assert_eq!(
            owner_in(V6, at("127.0.0.1:50002"), server),
            Some(35),
            "an IPv4 address in an IPv6 socket"
        );
        assert_eq!(owner_in("", at("127.0.0.1:50000"), server), None);
    }

    /// As on a platform without the tables, or when a proxy of another network namespace holds the socket.
    #[tokio::test]
    async fn a_socket_that_no_table_lists_is_not_trusted() {
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        assert!(!PeerSocket::new(at("192.0.2.1:50000"), at("192.0.2.2:8080")).is_of_own_user().await);
    }

    #[test]
    fn only_root_and_the_own_user_are_trusted() {
        let own = rustix::process::geteuid().as_raw();
        assert!(is_trusted(0) && (is_trusted(own) || own == UNMAPPED_USER));
        assert!(!is_trusted(own + 1) && !is_trusted(UNMAPPED_USER));
    }
}
