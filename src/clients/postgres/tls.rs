//! TLS to PostgreSQL: trusted certificate authorities and the level of verification.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::Dsn;
use crate::base::plain_file;
use crate::base::settings::TlsMode;
use crate::clients::ClientError;

/// A connector with the verification level of the DSN.
pub(crate) fn connector(dsn: &Dsn) -> Result<MakeRustlsConnect, ClientError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|e| ClientError::misconfigured("database.tls", e))?;
    let checks = matches!(dsn.tls, TlsMode::VerifyCa | TlsMode::VerifyFull);
    let builder = if checks {
        let roots = Arc::new(roots(dsn.ca_file.as_deref())?);
        let inner = WebPkiServerVerifier::builder_with_provider(roots, provider)
            .build()
            .map_err(|e| ClientError::misconfigured("database.ca_file", e))?;
        let check_name = dsn.tls == TlsMode::VerifyFull;
        builder.dangerous().with_custom_certificate_verifier(Arc::new(Authority { inner, check_name }))
    } else {
        builder.dangerous().with_custom_certificate_verifier(Arc::new(NoVerification(provider)))
    };
    let config = match (&dsn.cert_file, &dsn.key_file) {
        (Some(cert), Some(key)) => {
            let certs = certificates(cert, "database.cert_file")?;
            let setting = "database.key_file";
            let key = PrivateKeyDer::from_pem_slice(&pem(key, setting)?)
                .map_err(|e| ClientError::misconfigured(setting, format!("{}: {e}", key.display())))?;
            builder
                .with_client_auth_cert(certs, key)
                .map_err(|e| ClientError::misconfigured("database.cert_file", e))?
        }
        (None, None) => builder.with_no_client_auth(),
        _ => {
            return Err(ClientError::misconfigured(
                "database.cert_file",
                "cert_file and key_file go together",
            ));
        }
    };
    Ok(MakeRustlsConnect::new(config))
}

fn roots(file: Option<&Path>) -> Result<RootCertStore, ClientError> {
    let mut store = RootCertStore::empty();
    let certs = match file {
        Some(path) => certificates(path, "database.ca_file")?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    store.add_parsable_certificates(certs);
    Ok(store)
}

fn pem(path: &Path, setting: &str) -> Result<Vec<u8>, ClientError> {
    plain_file::read(path)
        .map_err(|e| ClientError::misconfigured(setting, format!("{}: {e}", path.display())))
}

fn certificates(path: &Path, setting: &str) -> Result<Vec<CertificateDer<'static>>, ClientError> {
    CertificateDer::pem_slice_iter(&pem(path, setting)?)
        .collect::<Result<_, _>>()
        .map_err(|e| ClientError::misconfigured(setting, format!("{}: {e}", path.display())))
}

/// verify-full, and verify-ca, which does not check the name.
#[derive(Debug)]
struct Authority {
    inner: Arc<WebPkiServerVerifier>,
    check_name: bool,
}

impl ServerCertVerifier for Authority {
    fn verify_server_cert(
        &self,
        end: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.inner.verify_server_cert(end, chain, name, ocsp, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.check_name => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, cert, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, cert, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// prefer and require: encryption without verification, as in libpq.
#[derive(Debug)]
struct NoVerification(Arc<CryptoProvider>);

impl ServerCertVerifier for NoVerification {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
