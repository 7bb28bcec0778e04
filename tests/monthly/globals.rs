//! The server's global objects beside the dump: roles, which a restored database needs.

use super::*;

fn text(place: &Place) -> String {
    std::fs::read_to_string(place.file(".globals.sql")).unwrap()
}

fn restored(place: &Place, on: &Cluster) -> String {
    let output = std::process::Command::new(binaries().join("psql"))
        .args(["-h", "127.0.0.1", "-U", "postgres", "-d", "postgres", "-p", &on.port.to_string(), "-f"])
        .arg(place.file(".globals.sql"))
        .output()
        .unwrap();
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test]
async fn roles_are_dumped_with_their_passwords() {
    let place = Place::new().await;
    let roles = "CREATE ROLE readers; CREATE ROLE app LOGIN PASSWORD 'geheim' IN ROLE readers;
                 ALTER ROLE app SET statement_timeout = '7s'";
    execute(&place.store, roles).await.unwrap();
    let (code, report) = place.json(&[]);
    assert_eq!((code, place.names()), (0, GOOD.map(str::to_owned).to_vec()), "{report}");
    assert!(text(&place).contains("SCRAM-SHA-256$") && !text(&place).contains("geheim"));
    assert_eq!(mode(&place.file(".globals.sql")), 0o600);
    let other = Cluster::separate();
    let output = restored(&place, &other);
    let there = other.store("postgres", "postgres");
    let asked =
        "SELECT rolcanlogin || ' ' || rolconfig::text || ' ' || pg_has_role('app', 'readers', 'MEMBER')
                   FROM pg_roles WHERE rolname = 'app'";
    assert_eq!(value(&there, asked).await, "true {statement_timeout=7s} true", "{output}");
}

/// On managed servers only the provider reads pg_authid.
#[tokio::test]
async fn a_role_that_may_not_read_passwords_dumps_the_roles_without_them() {
    let place = Place::new().await;
    let roles = "CREATE ROLE app LOGIN PASSWORD 'geheim'; CREATE ROLE weak LOGIN;
                 DO $$ DECLARE s text; BEGIN
                   FOR s IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|^information' LOOP
                     EXECUTE format('GRANT USAGE ON SCHEMA %1$I TO weak', s);
                     EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %1$I TO weak', s);
                     EXECUTE format('GRANT SELECT ON ALL SEQUENCES IN SCHEMA %1$I TO weak', s);
                   END LOOP;
                 END $$";
    execute(&place.store, roles).await.unwrap();
    let weak = |args: &[&str]| {
        let mut command = place.ordctl.command(args);
        CommandOutput::of(command.env("DATABASE_URL", url(&place.cluster, "weak")))
    };
    let output = weak(&["maintain", "monthly", "--dry-run", "--show-statements", "--only", "dump"]);
    assert!(output.out.contains("pg_dumpall --globals-only --no-password --no-role-passwords"), "{output:?}");
    let output = weak(&place.args(&["--only", "dump"]));
    // The role may not write the journal, either.
    assert!(output.code <= 1, "{output:?}");
    assert!(output.out.contains("without passwords, role weak may not read pg_authid"), "{output:?}");
    let text = std::fs::read_to_string(place.file(".globals.sql.part")).unwrap();
    assert!(text.contains("CREATE ROLE app") && !text.contains("SCRAM"), "{text}");
}

#[tokio::test]
async fn a_dump_without_roles_is_valid() {
    let place = Place::with(PROGRAMS).await;
    place.programs(DUMP, RESTORE);
    place.program("pg_dumpall", "echo half; echo 'pg_dumpall: error: out of sorts' >&2; exit 1");
    let (code, report) = place.json(&[]);
    assert_eq!(code, 1, "{report}");
    let finding = finding(&report, "steps.dump.globals");
    assert!(
        finding["summary"].as_str().unwrap().contains("not dumped: pg_dumpall: out of sorts"),
        "{finding}"
    );
    assert!(finding["hint"].as_str().unwrap().contains("ordctl maintain monthly"), "{finding}");
    assert_eq!(place.names(), GOOD[..4]);
    // pg_dumpall is missing.
    std::fs::remove_file(place.ordctl.home().join("programs/pg_dumpall")).unwrap();
    let output = place.run(&["--only", "dump"]);
    assert!(output.code == 1 && output.out.contains("cannot be started"), "{output:?}");
}

#[tokio::test]
async fn a_changed_roles_file_is_reported() {
    let place = Place::new().await;
    assert_eq!(place.run(&["--only", "dump"]).code, 0);
    std::fs::write(place.file(".globals.sql.part"), "CREATE ROLE evil SUPERUSER;\n").unwrap();
    let (code, report) = place.json(&["--only", "verify"]);
    assert_eq!(code, 1, "{report}");
    let finding = finding(&report, "steps.verify.globals");
    assert!(finding["summary"].as_str().unwrap().contains("checksum does not match"), "{finding}");
}
