//! A secret in any setting, URL or variable appears in no output: not in `config show`, headers, findings, errors or
//! hints.

use crate::support::ordctl::Ordctl;

const CANARY: &str = "CANARY4f9a";

const COMMANDS: [&[&str]; 9] = [
    &["config", "show", "--origin"],
    &["config", "show", "-o", "json"],
    &["health", "morning"],
    &["health", "morning", "-o", "markdown"],
    &["queue", "status"],
    &["maintain", "analyze", "--dry-run"],
    &["restart", "workers", "--dry-run"],
    &["logs"],
    &["maintain", "monthly", "--dry-run"],
];

fn assert_hidden(what: &str, ordctl: &Ordctl) {
    for args in COMMANDS {
        let output = ordctl.run(args);
        let text = format!("{}{}", output.out, output.err).to_lowercase();
        assert!(!text.contains(&CANARY.to_lowercase()), "{what}: {args:?}: {text}");
    }
}

/// Port 1 of this machine refuses connections.
#[test]
fn no_form_of_a_database_url_shows_its_password() {
    for url in [
        "postgresql://u:C@127.0.0.1:1/d",
        "postgresql+psycopg://u:C@127.0.0.1:1/d",
        "postgresql://u:p@C@127.0.0.1:1/d",
        "postgresql://u:p/C@127.0.0.1:1/d",
        "postgresql://u:p?C@127.0.0.1:1/d",
        "postgresql://u:p#C@127.0.0.1:1/d",
        "postgresql://127.0.0.1:1/d?user=u&password=C",
        "postgresql://u@127.0.0.1:1/d?sslpassword=C",
        "postgresql://u:p@127.0.0.1:C/d?x=1@y",
        "u:C@127.0.0.1:1/d",
        "//u:C@127.0.0.1:1/d",
        "host=127.0.0.1 port=1 user=u password=C",
        "host=127.0.0.1 port=1 user=u\npassword = 'a b\\'C'",
        "host=127.0.0.1 port=1 user=u password='C",
        "mysql://u:C@127.0.0.1:1/d",
    ] {
        let url = url.replace('C', CANARY);
        assert_hidden(&url, &Ordctl::new().with("DATABASE_URL", &url));
    }
}

#[test]
fn no_other_url_shows_its_secret() {
    let database = "database: { url: 'postgresql://u@127.0.0.1:1/d' }\n";
    for yaml in [
        "redis: { url: 'redis://u:C@127.0.0.1:1/0' }",
        "redis: { url: 'redis://u:p@C@127.0.0.1:1/0' }",
        "redis: { url: 'u:C@127.0.0.1:1/0' }",
        "docker: { host: 'tcp://u:C@127.0.0.1:1' }",
        "docker: { host: 'http://127.0.0.1:1/?key=C' }",
        "docker: { host: 'u:C@127.0.0.1:1' }",
        "prometheus: { url: 'http://u:C@127.0.0.1:1' }",
        "prometheus: { url: 'http://C@127.0.0.1:1/?key=C' }",
        "alertmanager: { url: 'http://127.0.0.1:1/?C' }",
        "endpoints: { api: { url: 'http://127.0.0.1:1/health?token=C' } }",
        "endpoints: { api: { url: 'u:C@127.0.0.1:1/health' } }",
        "backup: { dir: b, scratch_url: 'postgresql://u:p@C@127.0.0.1:1/d' }",
    ] {
        let yaml = yaml.replace('C', CANARY);
        assert_hidden(&yaml, &Ordctl::configured(&format!("{database}{yaml}\n")));
    }
    let host = format!("tcp://u:{CANARY}@127.0.0.1:1");
    assert_hidden("DOCKER_HOST", &Ordctl::new().with("DOCKER_HOST", host));
    let redis = format!("redis://:{CANARY}@127.0.0.1:1/0");
    assert_hidden("REDIS_URL", &Ordctl::new().with("REDIS_URL", redis));
}
