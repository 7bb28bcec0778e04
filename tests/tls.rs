//! TLS to PostgreSQL and Redis: authorities, levels of verification, and several hosts.

use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;

use serde_json::Value;

use crate::support::User;
use crate::support::left_out;
use crate::support::ordctl::{Ordctl, finding};
use crate::support::postgres::{Cluster, cluster, value};
use crate::support::systems::{Server, shell};

/// An authority, and a server certificate for 127.0.0.1 but not for localhost.
pub fn certificates(dir: &Path) {
    let at = dir.display();
    shell(&format!(
        "cd {at} && for n in ca other; do openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=$n \
         -keyout $n.key -out $n.crt 2>/dev/null; done && \
         openssl req -newkey rsa:2048 -nodes -subj /CN=server -keyout server.key -out server.csr 2>/dev/null && \
         printf 'subjectAltName=IP:127.0.0.1' >san && \
         openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile san -out server.crt 2>/dev/null"
    ));
}

/// A server with the certificate in this directory.
pub async fn speaking(dir: &Path) -> Cluster {
    let server = Cluster::separate();
    let store = server.store("postgres", "postgres");
    for file in ["server.key", "server.crt"] {
        let place = server.socket_dir().join("data").join(file);
        std::fs::copy(dir.join(file), &place).unwrap();
        std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o600)).unwrap();
        if let Some(user) = User::for_postgres() {
            chown(&place, Some(user.uid), Some(user.gid)).unwrap();
        }
    }
    let session = store.postgres().session().await.unwrap();
    session.batch_execute("ALTER SYSTEM SET ssl = on").await.unwrap();
    session.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    crate::support::eventually("TLS is on", async || {
        value(&store, "SELECT current_setting('ssl')").await == "on"
    })
    .await;
    server
}

/// The finding of a step, for a configuration.
fn ask(configuration: &str, section: &str, id: &str) -> Value {
    let ordctl = Ordctl::configured(configuration);
    let (_, report) = ordctl.json(&["health", "morning", "--only", section]);
    finding(&report, id).clone()
}

#[tokio::test]
async fn the_tls_setting_selects_the_verification_of_postgresql() {
    let dir = tempfile::tempdir().unwrap();
    certificates(dir.path());
    let server = speaking(dir.path()).await;
    let at = dir.path().display();
    let server_is = |host: &str, tls: &str, ca: &str| {
        let url = format!("postgresql://postgres@{host}:{}/postgres", server.port);
        let yaml = format!("database: {{ url: \"{url}\", tls: {tls}, ca_file: {at}/{ca}.crt }}\n");
        ask(&yaml, "postgres", "postgres.server")
    };
    for (host, tls, ca) in [
        ("127.0.0.1", "verify-full", "ca"),
        ("localhost", "verify-ca", "ca"),
        ("127.0.0.1", "require", "other"),
        ("127.0.0.1", "prefer", "other"),
    ] {
        assert_eq!(server_is(host, tls, ca)["status"], "ok", "{host} {tls} {ca}");
    }
    for (host, tls, ca) in [
        ("localhost", "verify-full", "ca"),
        ("127.0.0.1", "verify-full", "other"),
        ("127.0.0.1", "verify-ca", "other"),
    ] {
        let finding = server_is(host, tls, ca);
        assert_eq!(finding["status"], "unknown", "{host} {tls} {ca}");
        assert!(finding["hint"].as_str().unwrap().contains("database.ca_file"), "{finding}");
    }
}

/// Without TLS on the server, a connection that demands it fails; it does not fall back.
#[test]
fn a_server_without_tls_is_refused_when_tls_is_demanded() {
    let url = format!("postgresql://postgres@127.0.0.1:{}/postgres?sslmode=require", cluster().port);
    let finding = ask(&format!("database: {{ url: \"{url}\" }}\n"), "postgres", "postgres.server");
    assert_eq!(finding["status"], "unknown");
    assert!(finding["hint"].as_str().unwrap().contains("database.tls: disable"), "{finding}");
}

#[test]
fn the_tls_setting_selects_the_verification_of_redis() {
    if left_out("the_tls_setting_selects_the_verification_of_redis", &["redis"]) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    certificates(dir.path());
    let at = dir.path().display();
    let redis = Server::start(
        "redis-server",
        &format!(
            "redis-server --port 0 --tls-port PORT --bind 127.0.0.1 --save '' --tls-auth-clients no \
             --tls-cert-file {at}/server.crt --tls-key-file {at}/server.key --tls-ca-cert-file {at}/ca.crt"
        ),
        &[],
        &format!("redis-cli --tls --cacert {at}/ca.crt -p PORT ping"),
    );
    for (tls, ca, status) in
        [("verify-full", "ca", "ok"), ("verify-full", "other", "unknown"), ("require", "other", "ok")]
    {
        let url = format!("rediss://127.0.0.1:{}/0", redis.port);
        let yaml = format!("redis: {{ url: \"{url}\", tls: {tls}, ca_file: {at}/{ca}.crt }}\n");
        let id = if status == "ok" { "redis.redis.ping" } else { "redis.redis" };
        assert_eq!(ask(&yaml, "redis", id)["status"], status, "{tls} {ca}");
    }
}

/// The standby comes first in the list and is passed over.
#[test]
fn the_writable_server_of_several_is_used() {
    let standby = Cluster::standby();
    let url = |attrs: &str| {
        format!(
            "database: {{ url: \"postgresql://postgres@127.0.0.1:{},127.0.0.1:{}/postgres?target_session_attrs={attrs}\" }}\n",
            standby.port,
            cluster().port
        )
    };
    let role =
        |attrs| ask(&url(attrs), "postgres", "postgres.server")["summary"].as_str().unwrap().to_owned();
    assert!(role("read-write").contains("primary"));
    assert!(role("any").contains("standby"));
}
