use tokio_postgres::config::TargetSessionAttrs;

use super::*;
use crate::base::settings::Libpq;

fn parse(url: &str) -> Result<Dsn, ClientError> {
    Dsn::parse(&SecretUrl::new(url), &Database::default())
}

#[test]
fn certificates_are_verified_off_loopback_by_default() {
    for (url, tls) in [
        ("postgresql://u@127.0.0.1/d", TlsMode::Prefer),
        ("postgresql://u@localhost/d", TlsMode::Prefer),
        ("postgresql://u@db.example/d", TlsMode::VerifyFull),
        ("postgresql://u@127.0.0.1,db.example/d", TlsMode::VerifyFull),
        ("postgresql://u@db.example/d?sslmode=require", TlsMode::Require),
        ("postgresql://u@db.example/d?sslmode=verify-ca&sslrootcert=%2Fca.pem", TlsMode::VerifyCa),
        ("host=db.example user=u sslmode=disable", TlsMode::Disable),
    ] {
        assert_eq!(parse(url).unwrap().tls, tls, "{url}");
    }
}

#[test]
fn sqlalchemy_urls_and_several_hosts_are_parsed() {
    let dsn = parse("postgresql+psycopg://u:pw@a:5433,b:5434/d?target_session_attrs=primary").unwrap();
    assert_eq!(dsn.target(), "u@a:5433,b:5434/d");
    assert_eq!(dsn.config.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
}

/// (PostgreSQL documentation, "Environment Variables": defaults for what the string does not say.)
#[test]
fn variables_of_libpq_fill_what_the_url_leaves_out() {
    let given = [("host", "h1"), ("port", "5433"), ("dbname", "d1"), ("user", "u1"), ("password", "p1")];
    let libpq = Libpq::with(&[&given[..], &[("sslmode", "require")]].concat());
    let settings = Database { libpq, ..Database::default() };
    let parse = |url: &str| Dsn::parse(&SecretUrl::new(url), &settings).unwrap();
    for (url, target, password) in [
        ("postgresql://u:p@h:1/d", "u@h:1/d", "p"),
        ("postgresql://h/d", "u1@h:5433/d", "p1"),
        ("postgresql://h:1,[::1]/", "u1@h:1,::1:5433/d1", "p1"),
        ("host=h user=u", "u@h:5433/d1", "p1"),
        ("postgresql:///d", "u1@h1:5433/d", "p1"),
    ] {
        let dsn = parse(url);
        let found = (dsn.target(), dsn.config.get_password());
        assert_eq!(found, (target.to_owned(), Some(password.as_bytes())), "{url}");
    }
    assert_eq!(parse("postgresql://h/d").tls, TlsMode::Require);
    assert_eq!(parse("postgresql://h/d?sslmode=disable").tls, TlsMode::Disable);
    let own = Database { tls: Some(TlsMode::VerifyCa), ..settings.clone() };
    assert_eq!(Dsn::parse(&SecretUrl::new("postgresql://h/d"), &own).unwrap().tls, TlsMode::VerifyCa);
}

#[test]
fn libpqs_parameters_are_accepted() {
    let parameters = "gssencmode=prefer&client_encoding=utf8&keepalives=1&keepalives_idle=30&keepalives_interval=5\
        &keepalives_count=3&tcp_user_timeout=20000&options=-c%20work_mem%3D8MB";
    let dsn = parse(&format!("postgresql://u@h/d?{parameters}")).unwrap();
    assert_eq!(dsn.config.get_options(), Some("-c work_mem=8MB"));
    assert_eq!(dsn.config.get_keepalives_retries(), Some(3));
    assert_eq!(dsn.config.get_tcp_user_timeout(), Some(&Duration::from_secs(20)));
    let words =
        "\n host=h user=u dbname='my db' gssencmode=disable options='-c work_mem=8MB' password = 'a b' \n";
    let dsn = parse(words).unwrap();
    assert_eq!((dsn.target().as_str(), dsn.config.get_password()), ("u@h:5432/my db", Some(&b"a b"[..])));
    assert_eq!(parse(" postgresql://u@h/d\n").unwrap().target(), "u@h:5432/d");
    for refused in ["gssencmode=require", "client_encoding=latin1"] {
        assert!(parse(&format!("postgresql://u@h/d?{refused}")).is_err(), "{refused}");
    }
}

#[test]
fn no_part_of_a_password_is_shown() {
    let dsn = parse("postgresql://u:p@ss@h/d").unwrap();
    assert_eq!((dsn.target().as_str(), dsn.config.get_password()), ("u@h:5432/d", Some(&b"p@ss"[..])));
    // The driver's own error would quote these texts, so they never reach it.
    for (url, error) in [
        ("u:hidden@h/d", "neither a URL"),
        ("mysql://u:hidden@h/d", "neither a URL"),
        ("postgresql://u:p?hidden@h/d", "'?' in the password as %3F"),
    ] {
        let text = parse(url).unwrap_err().to_string();
        assert!(text.contains(error) && !text.contains("hidden"), "{url}: {text}");
    }
    for url in ["password='hidden", "postgresql://u:x@h:hidden@y/d"] {
        if let Err(error) = parse(url) {
            assert!(!error.to_string().contains("hidden"), "{url}: {error}");
        }
    }
}

#[test]
fn a_password_is_found_by_the_sockets_directory() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("pgpass");
    std::fs::write(&path, "localhost:*:*:u:of the default\n/run/pg:*:*:u:of the directory\n").unwrap();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let settings = Database { passfile: Some(path), ..Database::default() };
    for (url, password) in [
        ("postgresql://u@%2Frun%2Fpg/d", "of the directory"),
        ("postgresql://u@%2Fvar%2Frun%2Fpostgresql/d", "of the default"),
    ] {
        let dsn = Dsn::parse(&SecretUrl::new(url), &settings).unwrap();
        assert_eq!(dsn.config.get_password(), Some(password.as_bytes()), "{url}");
    }
}

#[test]
fn invalid_parameters_are_named() {
    for (url, word) in [
        ("postgresql://u@h/d?sslmode=maybe", "sslmode 'maybe'"),
        ("postgresql://u@h/d?target_session_attrs=best", "target_session_attrs 'best'"),
        ("postgresql://u@h:many/d", "port"),
        ("postgresql://u@h/d?speed=fast", "speed"),
    ] {
        let error = parse(url).unwrap_err().to_string();
        assert!(error.contains(word), "{url}: {error}");
    }
}
