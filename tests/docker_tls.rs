//! The Docker engine over TLS: authorities, client certificates and contexts of the docker command.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use ordctl::engine::migrations::migrate;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, UnixStream};
use tokio_rustls::TlsAcceptor;

use crate::support::left_out;
use crate::support::ordctl::Ordctl;
use crate::support::postgres::{Database, cluster};
use crate::support::recorder::ENGINE;
use crate::support::systems::shell;

/// `ca.pem` with a server certificate for 127.0.0.1 and a client certificate, and `other.pem`, an unrelated
/// authority.
fn certificates(dir: &Path) {
    let at = dir.display();
    shell(&format!(
        "cd {at} && for n in ca other; do openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=$n \
         -keyout $n.key -out $n.pem 2>/dev/null; done; \
         echo subjectAltName=IP:127.0.0.1 >server.ext; echo extendedKeyUsage=clientAuth >client.ext; \
         for n in server client; do \
         openssl req -newkey rsa:2048 -nodes -subj /CN=$n -keyout $n.key -out $n.csr 2>/dev/null && \
         openssl x509 -req -in $n.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile $n.ext -out $n.pem \
         2>/dev/null; done"
    ));
}

/// A TLS endpoint in front of the engine's socket that demands a client certificate.
fn tls_proxy(dir: &Path) -> SocketAddr {
    let certs = |name: &str| -> Vec<CertificateDer<'static>> {
        CertificateDer::pem_file_iter(dir.join(name)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certs("ca.pem"));
    let clients = WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap();
    let key = PrivateKeyDer::from_pem_file(dir.join("server.key")).unwrap();
    let config = ServerConfig::builder()
        .with_client_cert_verifier(clients)
        .with_single_cert(certs("server.pem"), key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    // The thread ends with the process.
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let Ok(mut client) = acceptor.accept(client).await else { return };
                    let mut engine = UnixStream::connect(ENGINE).await.unwrap();
                    drop(tokio::io::copy_bidirectional(&mut client, &mut engine).await);
                });
            }
        });
    });
    address
}

/// A directory as DOCKER_CERT_PATH names it.
fn cert_dir(dir: &Path, name: &str, files: &[(&str, &str)]) -> String {
    let target = dir.join(name);
    std::fs::create_dir_all(&target).unwrap();
    for (from, to) in files {
        std::fs::copy(dir.join(from), target.join(to)).unwrap();
    }
    target.display().to_string()
}

const RUNBOOK: &str = "name: engine
title: Engine
sections:
  - { id: docker, title: Docker, steps: [{ uses: check.docker }, { uses: check.containers }] }
";

/// A service without containers, whose finding has a hint.
const SERVICES: &str = "docker: { project: ordctl-none }\nservices: { absent: {} }\n";

fn run(ordctl: &Ordctl) -> (i32, String) {
    std::fs::write(ordctl.home().join("engine.yaml"), RUNBOOK).unwrap();
    let output = ordctl.run(&["run", "./engine.yaml", "-o", "json"]);
    (output.code, output.out + &output.err)
}

#[test]
fn both_sides_of_a_tls_connection_are_verified() {
    if left_out("both_sides_of_a_tls_connection_are_verified", &["docker"]) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    certificates(dir.path());
    let url = format!("tcp://{}", tls_proxy(dir.path()));
    let identity = [("client.pem", "cert.pem"), ("client.key", "key.pem")];
    let with = |name: &str, files: &[(&str, &str)]| {
        let certs = cert_dir(dir.path(), name, files);
        run(&Ordctl::configured(SERVICES).with("DOCKER_HOST", &url).with("DOCKER_CERT_PATH", certs))
    };
    let (code, text) = with("right", &[("ca.pem", "ca.pem"), identity[0], identity[1]]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains(&format!("at {url}")), "{text}");
    let hint = format!("docker -H {url} --tlsverify --tlscacert {}/right/ca.pem", dir.path().display());
    assert!(text.contains(&hint), "hints reach the same engine: {text}");

    let (code, text) = with("wrong_ca", &[("other.pem", "ca.pem"), identity[0], identity[1]]);
    assert!(code == 3 && text.contains("UnknownIssuer"), "{code}: {text}");
    let (code, text) = with("no_client", &[("ca.pem", "ca.pem")]);
    assert!(code == 3 && text.to_lowercase().contains("certificate"), "{code}: {text}");
}

#[test]
fn a_context_brings_its_certificates() {
    if left_out("a_context_brings_its_certificates", &["docker"]) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    certificates(dir.path());
    let url = format!("tcp://{}", tls_proxy(dir.path()));
    let ordctl = Ordctl::configured(SERVICES).with("DOCKER_CONTEXT", "secure");
    let contexts = ordctl.home().join(".docker/contexts");
    let id = shell("printf secure | sha256sum | cut -d' ' -f1");
    let (meta, tls) =
        (contexts.join("meta").join(id.trim()), contexts.join("tls").join(id.trim()).join("docker"));
    std::fs::create_dir_all(&meta).unwrap();
    std::fs::create_dir_all(&tls).unwrap();
    let endpoint = format!(r#"{{"Name": "secure", "Endpoints": {{"docker": {{"Host": "{url}"}}}}}}"#);
    std::fs::write(meta.join("meta.json"), endpoint).unwrap();
    for (from, to) in [("ca.pem", "ca.pem"), ("client.pem", "cert.pem"), ("client.key", "key.pem")] {
        std::fs::copy(dir.path().join(from), tls.join(to)).unwrap();
    }
    let (code, text) = run(&ordctl);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("docker --context secure ps"), "{text}");
}

#[test]
fn plain_tcp_to_another_machine_is_refused() {
    let (code, text) = run(&Ordctl::configured("docker: { host: \"tcp://192.0.2.1:2375\" }\n"));
    assert_eq!(code, 64, "{text}");
    assert!(text.contains("docker.host: tcp://192.0.2.1:2375 is not encrypted"), "{text}");
}

#[tokio::test]
async fn hints_about_workers_name_the_engine() {
    let database = Database::fresh().await;
    migrate(&database.store, &Default::default(), &crate::support::consent()).await.unwrap();
    let host = "tcp://127.0.0.1:1";
    let url = cluster().url("postgres", &database.name);
    let ordctl =
        Ordctl::configured(&format!("database: {{ url: \"{url}\" }}\ndocker: {{ host: \"{host}\" }}\n"));
    let (_, report) = ordctl.json(&["health", "morning", "--only", "workers"]);
    assert!(report.to_string().contains(&format!("docker -H {host} ps -a --filter name=worker")), "{report}");
}
