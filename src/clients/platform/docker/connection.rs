//! Connections to the engine: the client library's, and a plain HTTP client for what the library's types
//! leave out.
//!
//! With TLS the engine's certificate is checked against `ca.pem` alone where there is one, as the docker
//! command does it; the library would accept the authorities of the operating system as well.

use std::time::Duration;

use bollard::{API_DEFAULT_VERSION, BollardRequest};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::base::plain_file;
use crate::base::shell;
use crate::clients::ClientError;
use crate::clients::http::{install_crypto, why};
use crate::clients::platform::docker::endpoint::{Endpoint, TlsFiles, Transport};
use crate::clients::platform::docker::{LIBRARY_LIMIT, SYSTEM, explain};

const SETTING: &str = "docker.cert_path";

impl Endpoint {
    /// A client of the library. Connects with the first request.
    pub(super) fn library_client(&self) -> Result<bollard::Docker, ClientError> {
        let client = match &self.transport {
            Transport::Unix(path) => bollard::Docker::connect_with_unix(
                &path.to_string_lossy(),
                LIBRARY_LIMIT,
                API_DEFAULT_VERSION,
            ),
            Transport::Tcp(address) => {
                bollard::Docker::connect_with_http(address, LIBRARY_LIMIT, API_DEFAULT_VERSION)
            }
            Transport::Tls(address, files) => {
                let connector = HttpsConnectorBuilder::new().with_tls_config(tls_config(files)?).https_only();
                let client = Client::builder(TokioExecutor::new()).build(connector.enable_http1().build());
                let send = move |request: BollardRequest| {
                    let client = client.clone();
                    async move { client.request(request).await.map_err(bollard::errors::Error::from) }
                };
                let url = Some(format!("https://{address}"));
                bollard::Docker::connect_with_custom_transport(send, url, LIBRARY_LIMIT, API_DEFAULT_VERSION)
            }
        };
        client.map_err(|e| explain(&e))
    }

    /// A plain HTTP client, and the URL that paths are appended to.
    pub(super) fn http_client(&self) -> Result<(reqwest::Client, String), ClientError> {
        install_crypto();
        let builder = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        let builder = builder.timeout(Duration::from_secs(LIBRARY_LIMIT));
        let (builder, url) = match &self.transport {
            Transport::Unix(path) => {
                (builder.tls_certs_only([]).unix_socket(path.as_path()), "http://docker".to_owned())
            }
            Transport::Tcp(address) => (builder.tls_certs_only([]), format!("http://{address}")),
            Transport::Tls(address, files) => {
                (builder.tls_backend_preconfigured(tls_config(files)?), format!("https://{address}"))
            }
        };
        let client = builder.build().map_err(|e| ClientError::unreachable(SYSTEM, why(e)))?;
        Ok((client, url))
    }

    /// Puts a hint for this endpoint in place of the one for a local engine.
    pub(super) fn with_hint(&self, error: ClientError) -> ClientError {
        let ClientError::Unreachable { system, message, hint } = error else { return error };
        let hint = match &self.transport {
            Transport::Unix(_) => hint,
            Transport::Tls(_, files) if message.contains("certificate") => Some(match &files.ca {
                Some(ca) => format!("openssl x509 -noout -issuer -subject -in {}", shell::word(ca.display())),
                None => "ordctl config show --origin".to_owned(),
            }),
            _ => Some(self.cli.command("version")),
        };
        ClientError::Unreachable { system, message, hint }
    }
}

fn tls_config(files: &TlsFiles) -> Result<ClientConfig, ClientError> {
    install_crypto();
    let mut roots = RootCertStore::empty();
    let trusted = match &files.ca {
        Some(path) => certificates(path)?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    roots.add_parsable_certificates(trusted);
    let builder = ClientConfig::builder().with_root_certificates(roots);
    let Some((cert, key)) = &files.identity else { return Ok(builder.with_no_client_auth()) };
    let private = PrivateKeyDer::from_pem_slice(&pem(key)?)
        .map_err(|e| ClientError::misconfigured(SETTING, format!("{}: {e}", key.display())))?;
    builder
        .with_client_auth_cert(certificates(cert)?, private)
        .map_err(|e| ClientError::misconfigured(SETTING, format!("{}: {e}", cert.display())))
}

fn pem(path: &std::path::Path) -> Result<Vec<u8>, ClientError> {
    plain_file::read(path)
        .map_err(|e| ClientError::misconfigured(SETTING, format!("{}: {e}", path.display())))
}

fn certificates(path: &std::path::Path) -> Result<Vec<CertificateDer<'static>>, ClientError> {
    CertificateDer::pem_slice_iter(&pem(path)?)
        .collect::<Result<_, _>>()
        .map_err(|e| ClientError::misconfigured(SETTING, format!("{}: {e}", path.display())))
}
