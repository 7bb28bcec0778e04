use super::*;
use crate::base::secret::SecretUrl;

/// A configuration directory of the docker command.
struct DockerConfig(tempfile::TempDir);

impl DockerConfig {
    fn new(current: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(
            dir.path().join("config.json"),
            format!(r#"{{"auths": {{}}, "currentContext": "{current}"}}"#),
        )
        .unwrap();
        Self(dir)
    }

    /// `id` is what `docker context create` names the directories of this context.
    fn with_context(self, id: &str, endpoint: &str, tls: &[&str]) -> Self {
        let contexts = self.0.path().join("contexts");
        let meta = contexts.join("meta").join(id);
        std::fs::create_dir_all(&meta).unwrap();
        let text = format!(r#"{{"Name": "x", "Metadata": {{}}, "Endpoints": {{"docker": {endpoint}}}}}"#);
        std::fs::write(meta.join("meta.json"), text).unwrap();
        if !tls.is_empty() {
            let dir = contexts.join("tls").join(id).join("docker");
            std::fs::create_dir_all(&dir).unwrap();
            tls.iter().for_each(|file| std::fs::write(dir.join(file), "").unwrap());
        }
        self
    }

    fn env(&self) -> DockerEnv {
        DockerEnv { config_dir: Some(self.0.path().to_owned()), ..DockerEnv::default() }
    }
}

/// printf staging | sha256sum
const STAGING: &str = "e919a75364398a449f860aeadddc57fa0502145a4e63959ddb33c417a48dc0da";

fn host(url: &str) -> settings::Docker {
    settings::Docker { host: Some(SecretUrl::new(url)), ..settings::Docker::default() }
}

fn context(name: &str) -> settings::Docker {
    settings::Docker { context: Some(name.to_owned()), ..settings::Docker::default() }
}

fn error(docker: &settings::Docker, env: &DockerEnv) -> String {
    Endpoint::resolve(docker, env).unwrap_err().to_string()
}

#[test]
fn the_default_is_the_local_socket() {
    let endpoint = Endpoint::resolve(&settings::Docker::default(), &DockerEnv::default()).unwrap();
    assert_eq!(endpoint.transport, Transport::Unix("/var/run/docker.sock".into()));
    assert_eq!(endpoint.cli.command("ps"), "docker ps");
    let elsewhere = DockerEnv { selects_engine: true, ..DockerEnv::default() };
    let endpoint = Endpoint::resolve(&host(DEFAULT_HOST), &elsewhere).unwrap();
    assert_eq!(endpoint.cli.command("ps"), "docker -H unix:///var/run/docker.sock ps");
}

#[test]
fn plain_tcp_is_refused_off_loopback_unless_it_is_allowed() {
    let env = DockerEnv::default();
    for local in ["tcp://127.0.0.1:2375", "tcp://localhost:2375", "tcp://[::1]:2375"] {
        assert!(
            matches!(Endpoint::resolve(&host(local), &env).unwrap().transport, Transport::Tcp(_)),
            "{local}"
        );
    }
    let refused = error(&host("tcp://db:2375"), &env);
    assert!(
        refused.starts_with("docker.host: tcp://db:2375 is not encrypted: set docker.cert_path"),
        "{refused}"
    );
    let allowed = settings::Docker { allow_plain_tcp: true, ..host("tcp://db:2375") };
    let endpoint = Endpoint::resolve(&allowed, &env).unwrap();
    assert_eq!(endpoint.transport, Transport::Tcp("db:2375".into()));
    assert_eq!(endpoint.cli.command("ps"), "docker -H tcp://db:2375 ps");
    assert!(!endpoint.is_local());
}

#[test]
fn unsupported_urls_are_refused() {
    let env = DockerEnv::default();
    assert!(error(&host("ssh://ops@db"), &env).contains("ssh is not supported"));
    assert!(error(&host("db:2375"), &env).contains("neither unix:///path nor tcp://host:port"));
}

#[test]
fn a_certificate_directory_turns_tls_on() {
    let dir = tempfile::tempdir().unwrap();
    for file in ["ca.pem", "cert.pem", "key.pem"] {
        std::fs::write(dir.path().join(file), "").unwrap();
    }
    let files = TlsFiles::in_dir(dir.path());
    let tls = Transport::Tls("db:2376".into(), files);
    let configured = settings::Docker { cert_path: Some(dir.path().into()), ..host("tcp://db:2376") };
    let endpoint = Endpoint::resolve(&configured, &DockerEnv::default()).unwrap();
    assert_eq!(endpoint.transport, tls);
    let at = dir.path().display();
    assert_eq!(
        endpoint.cli.command("ps"),
        format!(
            "docker -H tcp://db:2376 --tlsverify --tlscacert {at}/ca.pem --tlscert {at}/cert.pem --tlskey {at}/key.pem ps"
        )
    );
    // DOCKER_TLS_VERIFY without DOCKER_CERT_PATH uses the directory of the docker command.
    let env = DockerEnv { tls_verify: true, config_dir: Some(dir.path().into()), ..DockerEnv::default() };
    assert_eq!(Endpoint::resolve(&host("tcp://db:2376"), &env).unwrap().transport, tls);
    let missing = settings::Docker { cert_path: Some("/missing".into()), ..host("tcp://db:2376") };
    assert!(error(&missing, &env).starts_with("docker.cert_path: /missing is not a directory"));
}

#[test]
fn contexts_give_host_and_certificates() {
    let config = DockerConfig::new("").with_context(
        STAGING,
        r#"{"Host": "tcp://db:2376", "SkipTLSVerify": false}"#,
        &["ca.pem", "cert.pem", "key.pem"],
    );
    let endpoint = Endpoint::resolve(&context("staging"), &config.env()).unwrap();
    let Transport::Tls(address, files) = &endpoint.transport else { panic!("{endpoint:?}") };
    assert_eq!((address.as_str(), endpoint.url.as_str()), ("db:2376", "tcp://db:2376"));
    assert!(files.ca.is_some() && files.identity.is_some());
    assert_eq!(endpoint.cli.command("ps"), "docker --context staging ps");
    assert!(error(&context("other"), &config.env()).contains("there is no context other"));
}

#[test]
fn a_context_without_certificates_is_plain_tcp() {
    let config = DockerConfig::new("").with_context(STAGING, r#"{"Host": "tcp://db:2375"}"#, &[]);
    let refused = error(&context("staging"), &config.env());
    assert!(refused.starts_with("docker.context staging: tcp://db:2375 is not encrypted"), "{refused}");
    let skips = r#"{"Host": "tcp://db:2376", "SkipTLSVerify": true}"#;
    let config = DockerConfig::new("").with_context(STAGING, skips, &[]);
    assert!(error(&context("staging"), &config.env()).contains("skips the verification"));
}

#[test]
fn host_wins_over_context_and_context_over_the_current_one() {
    let config =
        DockerConfig::new("staging").with_context(STAGING, r#"{"Host": "unix:///run/staging.sock"}"#, &[]);
    let url = |docker: &settings::Docker| Endpoint::resolve(docker, &config.env()).unwrap().url;
    assert_eq!(url(&settings::Docker::default()), "unix:///run/staging.sock");
    assert_eq!(url(&context("default")), DEFAULT_HOST);
    let both = settings::Docker { context: Some("staging".into()), ..host("unix:///run/other.sock") };
    assert_eq!(url(&both), "unix:///run/other.sock");
    let local = Endpoint::resolve(&context("default"), &config.env()).unwrap();
    assert_eq!(local.cli.command("ps"), "docker -H unix:///var/run/docker.sock ps");
}

#[test]
fn a_broken_configuration_file_is_named() {
    let config = DockerConfig::new("");
    std::fs::write(config.0.path().join("config.json"), "{").unwrap();
    assert!(error(&settings::Docker::default(), &config.env()).contains("config.json: "));
}
