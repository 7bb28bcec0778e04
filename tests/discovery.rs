//! Zero configuration: what is found in a directory and on a machine, that nothing is changed there without its name, and
//! the file that `init` writes.

mod secrets;
mod targets;
mod trust;

use std::path::Path;

use serde_json::Value;

use crate::support::compose::Project;
use crate::support::engine::Tables;
use crate::support::left_out;
use crate::support::ordctl::{Ordctl, finding};
use crate::support::postgres::cluster;
use crate::support::systems::{free_port, until};

fn write(ordctl: &Ordctl, name: &str, text: &str) {
    std::fs::write(ordctl.home().join(name), text).unwrap();
}

/// The value and the origin of a setting.
fn value(ordctl: &Ordctl, setting: &str) -> (String, String) {
    let (code, listing) = ordctl.json(&["config", "show", "--origin"]);
    assert_eq!(code, 0);
    let rows = listing["settings"].as_array().unwrap();
    let row = rows.iter().find(|r| r["setting"] == setting).unwrap_or_else(|| panic!("no {setting}"));
    let text = |key: &str| row[key].as_str().map_or_else(|| row[key].to_string(), str::to_owned);
    (text("value"), text("origin"))
}

fn example() -> Ordctl {
    let ordctl = Ordctl::discovering();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/compose");
    for name in ["compose.yaml", ".env"] {
        std::fs::copy(dir.join(name), ordctl.home().join(name)).unwrap();
    }
    ordctl
}

#[test]
fn the_compose_file_of_the_directory_is_the_system() {
    let ordctl = example();
    let of = |service: &str| format!("discovered: compose.yaml (service {service})");
    let file = || "discovered: compose.yaml".to_owned();
    for (setting, expected, origin) in [
        ("environment", "ordinaut", file()),
        ("docker.project", "ordinaut", file()),
        ("database.url", "postgresql://orchestrator@127.0.0.1:5432/orchestrator", of("postgres")),
        ("database.password_file", "secrets/database_password", of("postgres")),
        ("redis.url", "redis://127.0.0.1:6379/0", of("redis")),
        ("prometheus.url", "http://127.0.0.1:9090", of("prometheus")),
        ("endpoints.api.url", "http://127.0.0.1:8080/health", of("api")),
    ] {
        assert_eq!(value(&ordctl, setting), (expected.into(), origin), "{setting}");
    }
    let off = Ordctl::new();
    std::fs::copy(ordctl.home().join("compose.yaml"), off.home().join("compose.yaml")).unwrap();
    assert_eq!(value(&off, "database.url"), ("null".into(), "default".into()));
    // A file says what to use, so nothing is added to it.
    write(&ordctl, "ordctl.yaml", "environment: mine\n");
    assert_eq!(value(&ordctl, "redis.url"), ("null".into(), "default".into()));
}

/// A password of the compose file must not be sent to another server.
#[test]
fn credentials_stay_with_their_address() {
    let ordctl = example();
    write(&ordctl, ".env", "PW=hidden-1\n");
    let compose = "services: { db: { image: postgres, environment: { POSTGRES_PASSWORD: '${PW}' }, ports: ['5432:5432'] } }";
    write(&ordctl, "compose.yaml", compose);
    assert_eq!(value(&ordctl, "database.password_from").0, "compose.yaml#db");
    for (name, url) in [("DATABASE_URL", "postgresql://u@127.0.0.1:1/d"), ("PGHOST", "127.0.0.1")] {
        let other = Ordctl::discovering().with(name, url);
        write(&other, "compose.yaml", compose);
        write(&other, ".env", "PW=hidden-1\n");
        assert_eq!(value(&other, "database.password_from"), ("null".into(), "default".into()), "{name}");
    }
}

#[test]
fn a_url_of_the_env_file_is_used_and_its_password_is_not_shown() {
    let tables_url =
        |password: &str| format!("postgresql://postgres{password}@127.0.0.1:{}/postgres", cluster().port);
    let ordctl = Ordctl::discovering();
    write(&ordctl, ".env", &format!("DATABASE_URL={}\n", tables_url(":hidden-2")));
    assert_eq!(value(&ordctl, "database.url"), (tables_url(""), "discovered: .env (DATABASE_URL)".into()));
    assert_eq!(value(&ordctl, "database.password_from").0, ".env#DATABASE_URL");
    let (code, report) = ordctl.json(&["doctor", "--only", "server"]);
    assert_eq!(code, 0, "{report}");
    for args in
        [&["config", "show", "--origin"] as &[&str], &["init", "--dry-run"], &["doctor", "-o", "yaml"]]
    {
        let output = ordctl.run(args);
        assert!(!format!("{output:?}").contains("hidden-2"), "{args:?}: {output:?}");
    }
    // The name of a service means nothing outside of the compose network.
    write(&ordctl, ".env", "DATABASE_URL=postgresql://u:p@db:5432/d\n");
    write(&ordctl, "compose.yaml", "services: { db: { image: postgres, ports: ['5544:5432'] } }\n");
    assert_eq!(value(&ordctl, "database.url").0, "postgresql://postgres@127.0.0.1:5544/postgres");
    // A password may hold a slash, as in the URLs of SQLAlchemy.
    write(&ordctl, ".env", "DATABASE_URL=postgresql://u:p/w@db:5432/d\n");
    assert_eq!(value(&ordctl, "database.url").0, "postgresql://postgres@127.0.0.1:5544/postgres");
}

#[test]
fn a_broken_compose_file_is_a_warning() {
    let ordctl = Ordctl::discovering().with("DATABASE_URL", "postgresql://u@127.0.0.1:1/d");
    write(&ordctl, "compose.yaml", "services: [\n");
    let output = ordctl.run(&["config", "show"]);
    assert_eq!(output.code, 0);
    assert!(output.err.contains("warning: compose.yaml") && output.err.contains("is ignored"), "{output:?}");
    let wrong = Ordctl::new().with("ORDCTL_DISCOVERY", "maybe").run(&["config", "show"]);
    assert_eq!(wrong.code, 64, "{wrong:?}");
}

/// `serve` would work on it at once.
#[test]
fn a_server_does_not_start_on_a_discovered_system() {
    let ordctl = example().with("ORDCTL_DATA_DIR", "/nowhere/\"quoted\"");
    let output = ordctl.run(&["serve"]);
    assert!(output.err.contains("quoted"), "it takes the embedded database: {output:?}");
    assert!(!output.err.contains("5432"), "{output:?}");
}

/// A compose file whose database is one of the test cluster.
fn compose_file(name: &str, port: u16, database: &str) -> String {
    format!(
        "name: {name}\nservices:\n  postgres:\n    image: postgres:15\n    ports: ['127.0.0.1:{port}:5432']\n    \
         environment: {{ POSTGRES_USER: postgres, POSTGRES_DB: {database} }}\n  worker: {{ image: w, depends_on: [apply] }}\n  \
         apply: {{ image: w }}\n"
    )
}

#[tokio::test]
async fn a_discovered_system_is_reported_and_changed_by_name_only() {
    if left_out("a discovered system", &["docker"]) {
        return;
    }
    let tables = Tables::new().await;
    let project = Project::new("discovered");
    project.start("worker", 1, "", "exec /bin/busybox sleep 1000");
    project.start("apply", 1, "", "exit 0");
    until(&format!("docker ps -a | grep {} | grep -q 'Exited (0)'", project.container("apply", 1)));
    let ordctl = Ordctl::discovering();
    write(&ordctl, "compose.yaml", &compose_file(&project.name, cluster().port, &tables.db.name));
    let (_, report) = ordctl.json(&["health", "morning", "--only", "containers", "--only", "postgres"]);
    assert_eq!(report["target"]["environment"], project.name.as_str());
    assert_eq!(report["target"]["discovered"], "system");
    assert!(report.to_string().contains(&project.container("worker", 1)), "{report}");
    assert_eq!(finding(&report, "postgres.server")["status"], "ok", "{report}");
    let job = finding(&report, "containers.services.apply");
    assert_eq!((&job["status"], &job["summary"]), (&"ok".into(), &"apply: finished".into()), "{report}");

    let before = project.snapshot();
    for args in [&["hold", "--yes"] as &[&str], &["restart", "workers", "--yes"]] {
        let refused = ordctl.run(args);
        assert_eq!(refused.code, 4, "{args:?}: {refused:?}");
        assert!(format!("{refused:?}").contains(&format!("--confirm {}", project.name)), "{refused:?}");
    }
    assert_eq!(project.snapshot(), before);
    assert_eq!(ordctl.run(&["hold", "--confirm", "other"]).code, 4);
    assert_eq!(ordctl.run(&["hold", "--confirm", &project.name]).code, 0);
    assert_eq!(ordctl.run(&["resume", "--confirm", &project.name]).code, 0);
    // The written configuration is consent to --yes.
    assert_eq!(ordctl.run(&["init"]).code, 0);
    assert_eq!(ordctl.run(&["hold", "--yes"]).code, 0);
}

/// An engine whose containers have nothing to do with the database is not part of the system.
#[test]
fn the_local_engine_counts_if_it_publishes_the_given_database() {
    if left_out("the_local_engine_counts_if_it_publishes_the_given_database", &["docker"]) {
        return;
    }
    let of_port = |port: u16| {
        Ordctl::discovering().with("DATABASE_URL", format!("postgresql://postgres@127.0.0.1:{port}/postgres"))
    };
    let other = of_port(cluster().port);
    assert_eq!(value(&other, "docker.enabled").0, "null");
    let (_, report) = other.json(&["health", "morning", "--only", "containers"]);
    assert_eq!(finding(&report, "containers.services")["status"], "skipped", "{report}");

    let (project, port) = (Project::new("published"), free_port());
    project.start("postgres", 1, &format!("-p 127.0.0.1:{port}:5432"), "exec /bin/busybox sleep 1000");
    let ordctl = of_port(port);
    let found = |setting| value(&ordctl, setting);
    assert_eq!(found("docker.enabled"), ("true".into(), "discovered: /var/run/docker.sock".into()));
    assert_eq!(found("docker.project").0, project.name);
    let (_, report) = ordctl.json(&["health", "morning", "--only", "containers"]);
    assert_eq!(report["target"]["discovered"], "docker");
    assert_eq!(finding(&report, "containers.services.postgres")["status"], "ok", "{report}");
    // Without a database it may belong to anything.
    assert_eq!(value(&Ordctl::discovering(), "docker.enabled").0, "null");
}

#[test]
fn init_writes_a_configuration_that_is_accepted() {
    let ordctl = example();
    let discovered = ordctl.json(&["config", "show"]).1;
    let printed = ordctl.run(&["init", "--dry-run"]);
    assert_eq!(printed.code, 0, "{printed:?}");
    assert!(!ordctl.home().join("ordctl.yaml").exists());
    let output = ordctl.run(&["init"]);
    assert_eq!(output.code, 0, "{output:?}");
    let text = std::fs::read_to_string(ordctl.home().join("ordctl.yaml")).unwrap();
    assert_eq!(text, printed.out);
    assert!(text.contains("# compose.yaml (service postgres)\ndatabase:\n"), "{text}");
    let without_origin = |all: Value| all["settings"].clone();
    assert_eq!(without_origin(ordctl.json(&["config", "show"]).1), without_origin(discovered));
    assert_eq!(value(&ordctl, "database.url").1, "ordctl.yaml");

    write(&ordctl, "ordctl.yaml", "environment: kept\n");
    let refused = ordctl.run(&["init"]);
    assert_eq!(refused.code, 4, "{refused:?}");
    assert_eq!(std::fs::read_to_string(ordctl.home().join("ordctl.yaml")).unwrap(), "environment: kept\n");
    // The alias, a file elsewhere, and a relative path of the working directory.
    let elsewhere = ordctl.run(&["config", "init", "--file", "etc/ordctl.yaml"]);
    assert_eq!(elsewhere.code, 0, "{elsewhere:?}");
    let shown = ordctl.run(&["config", "show", "--config", "etc/ordctl.yaml", "-o", "json"]);
    let secret = std::fs::canonicalize(ordctl.home()).unwrap().join("secrets/database_password");
    assert!(shown.out.contains(secret.to_str().unwrap()), "{shown:?}");
}

/// The written file is elsewhere; the variables mean the same in it.
#[test]
fn relative_paths_of_variables_stay_where_they_are() {
    let ordctl = Ordctl::discovering()
        .with("DATABASE_URL", "postgresql://u@127.0.0.1:1/d")
        .with("ORDCTL_DATA_DIR", "data")
        .with("PGPASSFILE", "pp");
    assert_eq!(ordctl.run(&["init", "--file", "etc/ordctl.yaml"]).code, 0);
    let text = std::fs::read_to_string(ordctl.home().join("etc/ordctl.yaml")).unwrap();
    let home = std::fs::canonicalize(ordctl.home()).unwrap();
    for line in [format!("data_dir: {}/data", home.display()), format!("passfile: {}/pp", home.display())] {
        assert!(text.contains(&line), "{line}: {text}");
    }
}

#[test]
fn init_writes_no_secret_and_names_what_is_missing() {
    let ordctl = Ordctl::discovering()
        .with("DATABASE_URL", "postgresql://app:hidden-3@db.example/app?sslmode=require&sslpassword=hidden-4")
        .with("REDIS_URL", "redis://:hidden-5@127.0.0.1:6379/0");
    assert_eq!(ordctl.run(&["init"]).code, 0);
    let text = std::fs::read_to_string(ordctl.home().join("ordctl.yaml")).unwrap();
    assert!(!text.contains("hidden"), "{text}");
    assert!(text.contains("url: postgresql://app@db.example/app?sslmode=require"), "{text}");
    assert!(
        text.contains("# The password in $DATABASE_URL is not written: set database.password_file."),
        "{text}"
    );
    assert_eq!(ordctl.run(&["config", "show"]).code, 0);
    let nothing = Ordctl::discovering();
    assert_eq!(nothing.run(&["init"]).code, 0);
    assert_eq!(nothing.run(&["config", "show"]).code, 0);
}
