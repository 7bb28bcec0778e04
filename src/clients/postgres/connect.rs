//! Opens sessions. Every address of every host gets one attempt, whose deadline covers TCP, TLS, authentication
//! and the check that the server accepts writes. The host that answered last comes first.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::config::{Host, LoadBalanceHosts, TargetSessionAttrs};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::dsn::DEFAULT_CONNECT_TIMEOUT;
use super::health::Health;
use super::session::Session;
use super::text::UNCHECKED;
use super::{ClientError, Dsn, SYSTEM, explain};
use crate::base::units;

/// Time after which unacknowledged data ends a session, and idle time before the kernel probes the peer.
pub(crate) const TCP_TIMEOUT: Duration = Duration::from_secs(10);
pub(crate) const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(3);
const KEEPALIVE_RETRIES: u32 = 3;
/// The driver asks for UTF8, and the server then refuses to send anything else.
const TAKE_ANY_BYTES: &str = "SET client_encoding = SQL_ASCII";

pub(super) type Connection =
    tokio_postgres::Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

pub(super) struct Connector {
    pub(super) dsn: Dsn,
    /// For errors of an unreachable server.
    pub(super) hint: Option<String>,
    pub(super) tls: MakeRustlsConnect,
    /// The default deadline of a statement.
    pub(super) limit: Duration,
    /// Sessions must accept writes, whatever the URL says.
    pub(super) writable: bool,
    pub(super) health: Arc<Health>,
    /// The index of the host that answered last.
    pub(super) preferred: AtomicUsize,
}

impl Connector {
    pub(super) async fn session(&self) -> Result<Session, ClientError> {
        let (client, connection) = self.connect().await?;
        let is_unchecked = connection.parameter("server_encoding") == Some(UNCHECKED);
        let task = tokio::spawn(async move {
            // The error reaches the caller through the client; here it only ends the task.
            drop(connection.await);
        });
        let session = self.watched(client, task);
        if is_unchecked {
            session.batch_execute(TAKE_ANY_BYTES).await.map_err(|e| explain(&e))?;
        }
        Ok(session)
    }

    pub(super) fn watched(&self, client: Client, task: tokio::task::JoinHandle<()>) -> Session {
        Session::new(client, task, self.tls.clone(), self.limit, self.health.clone(), self.writable)
    }

    /// Connects to the first host that answers.
    pub(super) async fn connect(&self) -> Result<(Client, Connection), ClientError> {
        let hosts = self.dsn.hosts();
        let mut order: Vec<usize> = (0..hosts.len()).collect();
        if self.dsn.config.get_load_balance_hosts() == LoadBalanceHosts::Random {
            fastrand::shuffle(&mut order);
        } else if let Some(first) = order.iter().position(|i| *i == self.preferred.load(Ordering::Relaxed)) {
            order.rotate_left(first);
        }
        let mut failures = Vec::with_capacity(order.len());
        for i in order {
            match self.connect_host(&hosts[i]).await {
                Ok(connected) => {
                    self.preferred.store(i, Ordering::Relaxed);
                    return Ok(connected);
                }
                Err(error) => failures.push((hosts[i].location(), error)),
            }
        }
        Err(self.summarize(failures))
    }

    async fn connect_host(&self, host: &TargetHost) -> Result<(Client, Connection), ClientError> {
        let limit = self.dsn.connect_timeout();
        let late = || {
            let limit = units::duration(limit.as_secs_f64());
            ClientError::unreachable(SYSTEM, format!("no answer within {limit}"))
        };
        let addresses = timeout(limit, host.resolve()).await.unwrap_or_else(|_| Err(late()))?;
        let mut last = ClientError::unreachable(SYSTEM, "the name has no address");
        for address in addresses {
            let config = self.config(host, address);
            match timeout(limit, config.connect(self.tls.clone())).await {
                Ok(Ok(connected)) => return Ok(connected),
                Ok(Err(error)) => last = explain(&error),
                Err(_) => last = late(),
            }
        }
        Err(last)
    }

    /// The settings of one attempt.
    fn config(&self, host: &TargetHost, address: Option<IpAddr>) -> Config {
        let mut config = self.dsn.single(&host.host, host.port, address);
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(TCP_TIMEOUT);
        }
        // The driver's default is the kernel's two hours.
        config.keepalives_idle(config.get_keepalives_idle().min(TCP_TIMEOUT));
        config.keepalives_interval(config.get_keepalives_interval().unwrap_or(KEEPALIVE_INTERVAL));
        config.keepalives_retries(config.get_keepalives_retries().unwrap_or(KEEPALIVE_RETRIES));
        if self.writable {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        config
    }

    /// One error for all hosts. An answer, such as a rejected password, says more than a missing one.
    fn summarize(&self, mut failures: Vec<(String, ClientError)>) -> ClientError {
        if let Some(at) = failures.iter().position(|(_, e)| !matches!(e, ClientError::Unreachable { .. })) {
            let (address, error) = failures.swap_remove(at);
            return error.at(&address);
        }
        let (mut messages, mut hint) = (Vec::new(), None);
        for (address, error) in failures {
            let ClientError::Unreachable { message, hint: own, .. } = error else { continue };
            messages.push(format!("{address}: {message}"));
            hint = hint.or(own);
        }
        let hint = hint.or_else(|| self.hint.clone());
        ClientError::Unreachable { system: SYSTEM, message: messages.join("; "), hint }
    }
}

/// One of the hosts of a URL.
pub(super) struct TargetHost {
    pub(super) host: Host,
    pub(super) port: u16,
    /// `hostaddr` of the URL.
    pub(super) address: Option<IpAddr>,
}

impl TargetHost {
    /// `name:port`, or the directory of the socket.
    pub(super) fn address(&self) -> String {
        match &self.host {
            Host::Tcp(name) => format!("{name}:{}", self.port),
            Host::Unix(path) => path.display().to_string(),
        }
    }

    /// The same for errors, with the port of a socket.
    fn location(&self) -> String {
        match &self.host {
            Host::Tcp(_) => self.address(),
            Host::Unix(path) => path.join(format!(".s.PGSQL.{}", self.port)).display().to_string(),
        }
    }

    /// Its addresses; None for a socket.
    async fn resolve(&self) -> Result<Vec<Option<IpAddr>>, ClientError> {
        let name = match (&self.host, self.address) {
            (Host::Unix(_), _) => return Ok(vec![None]),
            (_, Some(address)) => return Ok(vec![Some(address)]),
            (Host::Tcp(name), None) => name,
        };
        let found = tokio::net::lookup_host((name.as_str(), self.port)).await;
        let found = found.map_err(|e| ClientError::unreachable(SYSTEM, crate::clients::error::chain(&e)))?;
        Ok(found.map(|address| Some(address.ip())).collect())
    }
}

impl Dsn {
    pub(super) fn hosts(&self) -> Vec<TargetHost> {
        let (hosts, addresses) = (self.config.get_hosts(), self.config.get_hostaddrs());
        let ports = self.config.get_ports();
        let number = hosts.len().max(addresses.len());
        let host = |i: usize| {
            let address = addresses.get(i).copied();
            let host = match (hosts.get(i), address) {
                (Some(host), _) => host.clone(),
                (None, Some(address)) => Host::Tcp(address.to_string()),
                (None, None) => return None,
            };
            let port = ports.get(i).or_else(|| ports.first()).copied().unwrap_or(5432);
            Some(TargetHost { host, port, address })
        };
        (0..number).filter_map(host).collect()
    }

    pub(super) fn connect_timeout(&self) -> Duration {
        self.config.get_connect_timeout().copied().unwrap_or(DEFAULT_CONNECT_TIMEOUT)
    }

    /// The same settings for one host, at this address if it has one.
    pub(super) fn single(&self, host: &Host, port: u16, address: Option<IpAddr>) -> tokio_postgres::Config {
        let all = &self.config;
        let mut one = tokio_postgres::Config::new();
        match host {
            Host::Tcp(name) => one.host(name),
            Host::Unix(path) => one.host_path(path),
        };
        one.port(port).connect_timeout(self.connect_timeout());
        address.map(|address| one.hostaddr(address));
        all.get_user().map(|user| one.user(user));
        all.get_password().map(|password| one.password(password));
        all.get_dbname().map(|name| one.dbname(name));
        all.get_options().map(|options| one.options(options));
        all.get_application_name().map(|name| one.application_name(name));
        all.get_tcp_user_timeout().map(|timeout| one.tcp_user_timeout(*timeout));
        all.get_keepalives_interval().map(|interval| one.keepalives_interval(interval));
        all.get_keepalives_retries().map(|retries| one.keepalives_retries(retries));
        one.ssl_mode(all.get_ssl_mode())
            .ssl_negotiation(all.get_ssl_negotiation())
            .keepalives(all.get_keepalives())
            .keepalives_idle(all.get_keepalives_idle())
            .target_session_attrs(all.get_target_session_attrs())
            .channel_binding(all.get_channel_binding());
        one
    }
}
