//! Precedence of settings, and errors of wrong ones.

use std::os::unix::fs::PermissionsExt;

use crate::support::ordctl::Ordctl;
use crate::support::postgres::cluster;

fn value(ordctl: &Ordctl, args: &[&str], setting: &str) -> (String, String) {
    let mut all = vec!["config", "show", "--origin"];
    all.extend(args);
    let (code, listing) = ordctl.json(&all);
    assert_eq!(code, 0);
    let rows = listing["settings"].as_array().unwrap();
    let row = rows.iter().find(|r| r["setting"] == setting).unwrap_or_else(|| panic!("no {setting}"));
    let text = |key: &str| row[key].as_str().map_or_else(|| row[key].to_string(), str::to_owned);
    (text("value"), text("origin"))
}

const FILE: &str = "
environment: production
time_zone: Europe/Chisinau
database: { url: \"postgresql://app:hidden@db-prod/app\", connect_timeout: 2s }
environments:
  staging:
    database: { url: \"postgresql://app@db-staging/app\" }
";

#[test]
fn flags_override_variables_override_the_file_override_defaults() {
    let file = Ordctl::configured(FILE);
    let url = |o: &Ordctl, args: &[&str]| value(o, args, "database.url");
    assert_eq!(url(&file, &[]), ("postgresql://app:********@db-prod/app".into(), "ordctl.yaml".into()));
    assert_eq!(value(&file, &[], "database.connect_timeout").0, "2 s");
    assert_eq!(value(&file, &[], "redis.stream"), ("events".into(), "default".into()));

    assert_eq!(value(&file, &[], "http_request.max_body"), ("1.0 MiB".into(), "default".into()));
    assert_eq!(value(&file, &[], "secrets.env_prefix").0, "ORDCTL_SECRET_");

    let variable = Ordctl::configured(FILE).with("DATABASE_URL", "postgresql://app@db-shell/app");
    assert_eq!(url(&variable, &[]), ("postgresql://app@db-shell/app".into(), "$DATABASE_URL".into()));
    let flag = ["--database-url", "postgresql://app@db-flag/app"];
    assert_eq!(url(&variable, &flag), ("postgresql://app@db-flag/app".into(), "--database-url".into()));
}

/// A DATABASE_URL left in a shell must not turn `--env staging` into production.
#[test]
fn an_environment_chosen_by_flag_overrides_variables() {
    let ordctl = Ordctl::configured(FILE).with("DATABASE_URL", "postgresql://app@db-shell/app");
    let staging = value(&ordctl, &["--env", "staging"], "database.url");
    assert_eq!(
        staging,
        ("postgresql://app@db-staging/app".into(), "ordctl.yaml (environments.staging)".into())
    );
    // Keys that the environment does not set come from the rest of the file.
    assert_eq!(value(&ordctl, &["--env", "staging"], "time_zone").0, "Europe/Chisinau");
    assert_eq!(value(&ordctl, &["--env", "staging"], "environment"), ("staging".into(), "--env".into()));

    let by_variable = Ordctl::configured(FILE).with("ORDCTL_ENV", "staging");
    assert_eq!(value(&by_variable, &[], "database.url").0, "postgresql://app@db-staging/app");
}

#[test]
fn configuration_errors_have_a_position() {
    for (yaml, place, words) in [
        ("databse:\n  url: x\n", "ordctl.yaml:1:1: ", "did you mean 'database'?"),
        ("http_request:\n  allow: ['http://x']\n", "ordctl.yaml:2:", "'http://x' is not a host"),
        ("shell_exec: { allow: [x] }\n", "ordctl.yaml:1:", "'x' is not an absolute path"),
        ("redis:\n  urll: x\n", "ordctl.yaml:2:3: ", "did you mean 'url'?"),
        ("environments:\n  a:\n    redsi: {}\n", "ordctl.yaml:3:5: ", "did you mean 'redis'?"),
        ("time_zone: Mars/Olympus\n", "ordctl.yaml:1:12: ", "Mars/Olympus"),
        ("database: { connect_timeout: soon }\n", "ordctl.yaml:1:", "'soon' is not a duration"),
        ("engine:\n  retention: { runs: 30m }\n", "ordctl.yaml:2:", "'30m' is too short: the minimum is 1h"),
        ("engine:\n  retention: { tasks: 1d }\n", "ordctl.yaml:2:", "unknown field"),
        ("database: [\n", "ordctl.yaml:", ""),
        ("a: 1\na: 2\n", "ordctl.yaml:", ""),
        ("just text\n", "ordctl.yaml:1:1: ", ""),
    ] {
        let output = Ordctl::configured(yaml).run(&["health", "morning"]);
        assert_eq!(output.code, 64, "{yaml}: {output:?}");
        assert!(output.err.contains(place) && output.err.contains(words), "{yaml}: {}", output.err);
        assert!(output.out.is_empty());
    }
}

#[test]
fn an_unusable_setting_is_an_error_not_a_finding() {
    for (url, words) in [
        ("postgresql://u@h/d?sslmode=maybe", "sslmode 'maybe'"),
        ("postgresql://u@h:port/d", "database.url"),
        ("mysql://u@h/d", "database.url"),
    ] {
        let output = Ordctl::new().with("DATABASE_URL", url).run(&["health", "morning"]);
        assert_eq!(output.code, 64, "{output:?}");
        assert!(output.err.contains(words), "{output:?}");
    }
}

#[test]
fn an_unreadable_file_is_an_error() {
    let ordctl = Ordctl::new();
    std::fs::create_dir(ordctl.home().join("ordctl.yaml")).unwrap();
    let output = ordctl.run(&["config", "show"]);
    assert_eq!(output.code, 64, "{output:?}");
    assert!(output.err.contains("cannot read ordctl.yaml"), "{output:?}");
}

#[test]
fn the_example_configuration_is_valid() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/ordctl.yaml")).unwrap();
    let ordctl = Ordctl::configured(&text);
    assert_eq!(value(&ordctl, &[], "docker.project").0, "ordinaut");
    assert_eq!(value(&ordctl, &["--env", "staging"], "docker.project").0, "ordinaut-staging");
}

/// A hint typed as printed must not reach another system.
#[test]
fn hints_repeat_the_flags_that_chose_the_system() {
    let ordctl = Ordctl::configured(FILE);
    let output = ordctl.run(&["queue", "status", "--env", "staging", "--data-dir", "my data"]);
    assert!(output.err.contains("hint: ordctl --env staging --data-dir 'my data' "), "{output:?}");
    let (_, report) = ordctl.json(&["doctor", "--env", "staging", "--only", "postgres", "--timeout", "2s"]);
    let next = report["next"].as_array().unwrap();
    assert!(!next.is_empty(), "{report}");
    for hint in next.iter().filter_map(|n| n.as_str()).filter(|n| n.starts_with("ordctl ")) {
        assert!(hint.starts_with("ordctl --env staging "), "{hint}");
    }
    let plain = ordctl.run(&["queue", "status"]);
    assert!(plain.err.contains("hint: ordctl ") && !plain.err.contains("--env"), "{plain:?}");
}

/// libpq ignores a password file that others may read, and says so.
#[test]
fn an_ignored_passfile_is_a_warning() {
    let ordctl = Ordctl::new().with("DATABASE_URL", "postgresql://u@127.0.0.1:1/d");
    let path = ordctl.home().join(".pgpass");
    let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    std::fs::write(&path, "*:*:*:*:hidden\n").unwrap();
    let report = ["health", "morning", "--only", "queue", "--report", "r.md"];
    for others in [0o604, 0o640] {
        mode(others);
        let output = ordctl.run(&report);
        let shown = path.display();
        let warning = format!(
            "warning: the passfile {shown} is ignored: other users have access to it (mode 0{others:o})\nhint: chmod 600 {shown}\n"
        );
        assert_eq!((output.code, output.err.as_str()), (3, warning.as_str()), "once, on standard error");
        assert_eq!(ordctl.json(&report).0, 3, "standard output is data alone");
    }
    // A run that writes a first report and one at its end.
    let acts = ordctl.run(&["maintain", "analyze", "--yes", "--report", "r.md"]);
    assert_eq!(acts.err.matches("is ignored").count(), 1, "{acts:?}");
    // Nobody asks for it, or the remedy was typed.
    assert_eq!(ordctl.run(&["config", "show"]).err, "");
    mode(0o600);
    assert_eq!(ordctl.run(&report).err, "");
    mode(0o644);
    let other = Ordctl::new()
        .with("DATABASE_URL", "postgresql://u:p@127.0.0.1:1/d")
        .with("PGPASSFILE", path.to_str().unwrap());
    assert_eq!(other.run(&report).err, "", "the URL has a password");
    let given = Ordctl::new()
        .with("DATABASE_URL", "postgresql://u@127.0.0.1:1/d")
        .with("PGPASSFILE", path.to_str().unwrap());
    assert!(given.run(&report).err.contains("hint: chmod 600"));
}

/// A configuration works from wherever ordctl is started.
#[test]
fn relative_paths_start_at_the_file() {
    let ordctl = Ordctl::new();
    std::fs::create_dir_all(ordctl.home().join("etc/secrets")).unwrap();
    let yaml = "database: { url: \"postgresql://u@127.0.0.1:1/d\", password_file: secrets/p }\n\
                environments: { staging: { backup: { dir: backups } } }\n";
    std::fs::write(ordctl.home().join("etc/ordctl.yaml"), yaml).unwrap();
    let config = ["--config", "etc/ordctl.yaml"];
    assert_eq!(value(&ordctl, &config, "database.password_file").0, "etc/secrets/p");
    let staging = ["--config", "etc/ordctl.yaml", "--env", "staging"];
    assert_eq!(value(&ordctl, &staging, "backup.dir").0, "etc/backups");
    let check = ["queue", "status", "--config", "etc/ordctl.yaml"];
    let missing = ordctl.run(&check);
    assert!(missing.err.contains("etc/secrets/p: No such file"), "{missing:?}");
    std::fs::write(ordctl.home().join("etc/secrets/p"), "hidden\n").unwrap();
    let found = ordctl.run(&check);
    assert!(found.err.contains("127.0.0.1:1: Connection refused"), "{found:?}");
}

/// (PostgreSQL documentation, "Environment Variables".)
#[test]
fn variables_of_libpq_configure_a_database() {
    let port = cluster().port.to_string();
    let libpq = |database: &str| {
        let ordctl = Ordctl::new().with("PGHOST", "127.0.0.1").with("PGPORT", port.as_str());
        ordctl.with("PGUSER", "postgres").with("PGDATABASE", database).with("PGPASSWORD", "hidden-pw")
    };
    let ordctl = libpq("postgres");
    let (url, origin) = value(&ordctl, &[], "database.url");
    assert_eq!(url, format!("host='127.0.0.1' port='{port}' dbname='postgres' user='postgres'"));
    assert_eq!(origin, "$PGHOST, $PGPORT, $PGDATABASE, $PGUSER");
    let (code, report) = ordctl.json(&["doctor", "--only", "server"]);
    assert_eq!((code, report["status"].as_str()), (0, Some("ok")), "{report}");
    assert!(!report.to_string().contains("hidden-pw"));

    // The server answers with an error, which names the server.
    let missing = libpq("nothing").run(&["queue", "status"]);
    let place = format!("database \"nothing\" does not exist (127.0.0.1:{port})");
    assert!(missing.err.contains(&place), "{missing:?}");

    // A connection string wins, and the variables fill what it leaves out.
    let url = "postgresql://127.0.0.1/";
    let both = libpq("nothing").with("DATABASE_URL", format!("{url}postgres"));
    assert_eq!(value(&both, &[], "database.url"), (format!("{url}postgres"), "$DATABASE_URL".into()));
    assert_eq!(both.json(&["doctor", "--only", "server"]).0, 0);
    let file = Ordctl::configured(FILE).with("PGHOST", "elsewhere");
    assert_eq!(value(&file, &[], "database.url").1, "ordctl.yaml");
    // A user alone is no database.
    let alone = Ordctl::new().with("PGUSER", "postgres").run(&["queue", "status"]);
    assert!(alone.err.contains("PostgreSQL is not configured"), "{alone:?}");
}

#[test]
fn a_service_of_libpq_configures_a_database() {
    let ordctl = Ordctl::new().with("PGSERVICE", "mine").with("PGUSER", "other");
    let port = cluster().port;
    let text =
        format!("[mine]\nhost=127.0.0.1\nport={port}\nuser=postgres\ndbname=postgres\npassword=hidden-pw\n");
    std::fs::write(ordctl.home().join(".pg_service.conf"), text).unwrap();
    let (url, origin) = value(&ordctl, &[], "database.url");
    assert!(url.contains("user='postgres'") && !url.contains("hidden-pw"), "{url}");
    assert_eq!(origin, "$PGSERVICE");
    assert_eq!(ordctl.json(&["doctor", "--only", "server"]).0, 0);
    let other = Ordctl::new().with("PGSERVICE", "nothing").run(&["doctor"]);
    assert_eq!(other.code, 64);
    assert!(other.err.contains("PGSERVICE: no service 'nothing' in"), "{other:?}");
    // A file that cannot be read may have the service.
    let ordctl = Ordctl::new().with("PGSERVICE", "mine").with("PGSERVICEFILE", ".");
    let unread = ordctl.run(&["doctor"]);
    assert!(unread.err.contains("PGSERVICE: cannot read .: it is not a plain file"), "{unread:?}");
}

#[test]
fn a_missing_configuration_names_the_searched_files() {
    let ordctl = Ordctl::new();
    let output = ordctl.run(&["queue", "status"]);
    let home = ordctl.home().display();
    let words =
        format!("none of ordctl.yaml, {home}/.config/ordctl/ordctl.yaml, /etc/ordctl/ordctl.yaml exists");
    assert!(output.err.contains(&words), "{output:?}");
    assert!(ordctl.run(&["config", "show", "--origin"]).err.contains(&words));
    let file = Ordctl::configured("environment: x\n").run(&["queue", "status"]);
    assert!(file.err.contains("the configuration is ordctl.yaml"), "{file:?}");
}

/// Nothing but this machine was checked: a cron job that does not find its configuration must not report ok.
#[test]
fn doctor_is_not_ok_where_nothing_is_configured() {
    let (code, report) = Ordctl::new().json(&["doctor"]);
    assert_eq!((code, report["status"].as_str()), (3, Some("skipped")), "{report}");
    assert!(report["next"].as_array().unwrap().contains(&"ordctl init".into()), "{report}");
}
