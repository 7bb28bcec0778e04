//! A discovered target is named by what it is, is never a guess between two databases, and hides no configuration.

use std::os::unix::net::UnixListener;

use super::{compose_file, value, write};
use crate::support::engine::Tables;
use crate::support::ordctl::{Ordctl, finding};
use crate::support::postgres::cluster;

/// The directory of the context `hung`: the SHA-256 of its name.
const HUNG: &str = "c4410f72e4467dfe7d9cd78edbb2f5786bdccaa54a6010782b2c411f988e717a";

fn url(database: &str) -> String {
    format!("postgresql://postgres@127.0.0.1:{}/{database}", cluster().port)
}

/// `--confirm shop-dev` must not change a database that is not the one of shop-dev.
#[tokio::test]
async fn the_name_to_confirm_is_that_of_the_database_in_force() {
    let (own, other) = (Tables::new().await, Tables::new().await);
    let compose = compose_file("shop-dev", cluster().port, &own.db.name);
    let address = format!("127.0.0.1:{}/{}", cluster().port, other.db.name);
    let by_variable = Ordctl::discovering().with("DATABASE_URL", url(&other.db.name));
    let by_env_file = Ordctl::discovering();
    write(&by_env_file, ".env", &format!("DATABASE_URL={}\n", url(&other.db.name)));
    let by_libpq = Ordctl::discovering()
        .with("PGHOST", "localhost")
        .with("PGPORT", cluster().port.to_string())
        .with("PGUSER", "postgres")
        .with("PGDATABASE", other.db.name.as_str());
    for ordctl in [by_variable, by_env_file, by_libpq] {
        write(&ordctl, "compose.yaml", &compose);
        let name = format!("{address}+shop-dev");
        assert_eq!(value(&ordctl, "environment").0, name);
        let refused = ordctl.run(&["hold", "--confirm", "shop-dev"]);
        assert_eq!(refused.code, 4, "{refused:?}");
        assert!(refused.err.contains(&format!("--confirm {name}")), "{refused:?}");
        assert_eq!(ordctl.run(&["hold", "--confirm", &name]).code, 0);
        assert_eq!(ordctl.run(&["resume", "--confirm", &name]).code, 0);
        std::fs::remove_file(ordctl.home().join("compose.yaml")).unwrap();
        if ordctl.home().join(".env").exists() {
            assert_eq!(value(&ordctl, "environment").0, address, "without a project");
        }
    }
    // However the project's own database is given, it has the project's name.
    let given = url(&own.db.name).replace("127.0.0.1", "localhost");
    let ordctl = Ordctl::discovering().with("DATABASE_URL", given);
    write(&ordctl, "compose.yaml", &compose);
    assert_eq!(value(&ordctl, "environment").0, "shop-dev");
}

/// Which of them is the system is not for ordctl to guess.
#[tokio::test]
async fn two_databases_of_a_compose_file_are_named_and_not_changed() {
    let tables = Tables::new().await;
    let ordctl = Ordctl::discovering();
    let port = cluster().port;
    let second = "  second: { image: 'postgres:16', ports: ['127.0.0.1:5999:5432'] }\n";
    let compose = compose_file("pair", port, &tables.db.name) + second;
    write(&ordctl, "compose.yaml", &compose);
    let words = format!("compose.yaml: 2 databases: postgres (127.0.0.1:{port}) and second (127.0.0.1:5999)");
    let shown = ordctl.run(&["config", "show"]);
    assert!(shown.code == 0 && shown.err.contains(&words), "{shown:?}");
    for confirm in [&["--yes"] as &[&str], &["--confirm", "pair"]] {
        let refused = ordctl.run(&[&["hold"], confirm].concat());
        assert_eq!(refused.code, 4, "{refused:?}");
        assert!(refused.err.contains("several databases were discovered"), "{refused:?}");
    }
    // The choice is the operator's: init writes the rest.
    let written = ordctl.run(&["init", "--dry-run"]);
    assert!(!written.out.contains("\ndatabase:") && written.out.contains("set database.url"), "{written:?}");
    assert!(written.out.contains("project: pair"), "{written:?}");
    // One that starts with a profile only is no rival.
    write(&ordctl, "compose.yaml", &compose.replace("'postgres:16',", "'postgres:16', profiles: [test],"));
    assert!(!ordctl.run(&["config", "show"]).err.contains("databases"));
    assert_eq!(ordctl.run(&["hold", "--confirm", "pair"]).code, 0);
    assert_eq!(ordctl.run(&["resume", "--confirm", "pair"]).code, 0);
}

/// An engine that hangs may run the services of the database: it is unknown, not absent.
#[test]
fn a_silent_engine_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("socket");
    let _silent = UnixListener::bind(&socket).unwrap();
    let host = format!("unix://{}", socket.display());
    let given = || Ordctl::discovering().with("DATABASE_URL", url("postgres"));
    let by_context = |name: Option<&str>| {
        let ordctl = given();
        let meta = ordctl.home().join(".docker/contexts/meta").join(HUNG);
        std::fs::create_dir_all(&meta).unwrap();
        let text = format!(r#"{{"Name": "hung", "Endpoints": {{"docker": {{"Host": "{host}"}}}}}}"#);
        std::fs::write(meta.join("meta.json"), text).unwrap();
        match name {
            Some(name) => ordctl.with("DOCKER_CONTEXT", name),
            None => {
                write(&ordctl, ".docker/config.json", r#"{"currentContext": "hung"}"#);
                ordctl
            }
        }
    };
    for (ordctl, is_discovered) in [
        (given().with("DOCKER_HOST", host.as_str()), false),
        (by_context(Some("hung")), false),
        (by_context(None), true),
    ] {
        let args = ["health", "morning", "--only", "containers", "--timeout", "3s", "-o", "json"];
        let output = ordctl.run(&args);
        let report: serde_json::Value = serde_json::from_str(&output.out).unwrap();
        assert_eq!(finding(&report, "containers.services")["status"], "unknown", "{output:?}");
        if is_discovered {
            let words = "docker context hung: Docker is unreachable: no answer within 1 s";
            assert!(output.err.contains(words), "{output:?}");
            let written = ordctl.run(&["init", "--dry-run"]);
            assert!(!written.out.contains("\ndocker:"), "{written:?}");
        }
    }
}

#[test]
fn the_discovered_environment_can_be_chosen_by_its_name() {
    let ordctl = Ordctl::discovering();
    write(&ordctl, "compose.yaml", &compose_file("shop", 5999, "app"));
    let shown = ordctl.run(&["config", "show", "--env", "shop"]);
    assert_eq!(shown.code, 0, "{shown:?}");
    let wrong = ordctl.run(&["config", "show", "--env", "shpo"]);
    assert!(wrong.code == 64 && wrong.err.contains("shop"), "{wrong:?}");
    let by_variable = Ordctl::discovering().with("ORDCTL_ENV", "shop");
    write(&by_variable, "compose.yaml", &compose_file("shop", 5999, "app"));
    assert_eq!(value(&by_variable, "environment").0, "shop");
}

/// The file would come before the one in force and configure nothing.
#[test]
fn init_hides_no_configuration_behind_an_empty_one() {
    let ordctl = Ordctl::discovering();
    std::fs::create_dir_all(ordctl.home().join(".config/ordctl")).unwrap();
    write(&ordctl, ".config/ordctl/ordctl.yaml", "environment: mine\n");
    for args in [&["init"] as &[&str], &["init", "--dry-run"]] {
        let refused = ordctl.run(args);
        assert_eq!(refused.code, 4, "{refused:?}");
        assert!(refused.err.contains(".config/ordctl/ordctl.yaml"), "{refused:?}");
        assert!(refused.err.contains("hint: ordctl config show --origin"), "{refused:?}");
    }
    assert!(!ordctl.home().join("ordctl.yaml").exists());
    assert_eq!(value(&ordctl, "environment").0, "mine");
    assert_eq!(ordctl.run(&["init", "--file", "elsewhere.yaml"]).code, 0);
    write(&ordctl, "compose.yaml", &compose_file("shop", 5999, "app"));
    assert_eq!(ordctl.run(&["init"]).code, 0);
}
