//! What belongs to the whole server lies beside the dump: roles, without which nobody may use what is restored.

use super::*;

fn text(place: &Place) -> String {
    std::fs::read_to_string(place.file(".globals.sql")).unwrap()
}

/// Makes the roles on another server.
fn restored(place: &Place, on: &Cluster) -> String {
    let said = std::process::Command::new(binaries().join("psql"))
        .args(["-h", "127.0.0.1", "-U", "postgres", "-d", "postgres", "-p", &on.port.to_string(), "-f"])
        .arg(place.file(".globals.sql"))
        .output()
        .unwrap();
    String::from_utf8(said.stderr).unwrap()
}

#[tokio::test]
async fn the_roles_lie_beside_the_dump_with_their_passwords() {
    let place = Place::new().await;
    let roles = "CREATE ROLE readers; CREATE ROLE app LOGIN PASSWORD 'geheim' IN ROLE readers;
                 ALTER ROLE app SET statement_timeout = '7s'";
    execute(&place.store, roles).await.unwrap();
    let (code, report) = place.json(&[]);
    assert_eq!((code, place.names()), (0, GOOD.map(str::to_owned).to_vec()), "{report}");
    assert!(text(&place).contains("SCRAM-SHA-256$") && !text(&place).contains("geheim"));
    assert_eq!(mode(&place.file(".globals.sql")), 0o600);
    let other = Cluster::separate();
    let said = restored(&place, &other);
    let there = other.store("postgres", "postgres");
    let asked =
        "SELECT rolcanlogin || ' ' || rolconfig::text || ' ' || pg_has_role('app', 'readers', 'MEMBER')
                   FROM pg_roles WHERE rolname = 'app'";
    assert_eq!(value(&there, asked).await, "true {statement_timeout=7s} true", "{said}");
}

/// As on a managed server: nobody but its keeper reads pg_authid.
#[tokio::test]
async fn who_may_not_read_passwords_keeps_the_roles_without_them() {
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
        Said::of(command.env("DATABASE_URL", url(&place.cluster, "weak")))
    };
    let said = weak(&["maintain", "monthly", "--dry-run", "--only", "dump"]);
    assert!(said.out.contains("pg_dumpall --globals-only --no-password --no-role-passwords"), "{said:?}");
    let said = weak(&place.args(&["--only", "dump"]));
    // It may not write the journal, either.
    assert!(said.code <= 1, "{said:?}");
    assert!(said.out.contains("without passwords: weak may not read pg_authid"), "{said:?}");
    let text = std::fs::read_to_string(place.file(".globals.sql.part")).unwrap();
    assert!(text.contains("CREATE ROLE app") && !text.contains("SCRAM"), "{text}");
}

#[tokio::test]
async fn without_the_roles_the_dump_is_good_all_the_same() {
    let place = Place::with(PROGRAMS).await;
    place.programs(DUMP, RESTORE);
    place.program("pg_dumpall", "echo half; echo 'pg_dumpall: error: out of sorts' >&2; exit 1");
    let (code, report) = place.json(&[]);
    assert_eq!(code, 1, "{report}");
    let told = finding(&report, "steps.dump.globals");
    assert!(told["summary"].as_str().unwrap().contains("not beside it: pg_dumpall: out of sorts"), "{told}");
    assert!(told["hint"].as_str().unwrap().contains("ordctl maintain monthly"), "{told}");
    assert_eq!(place.names(), GOOD[..4]);
    // One that is not there is told, too.
    std::fs::remove_file(place.ordctl.home().join("programs/pg_dumpall")).unwrap();
    let said = place.run(&["--only", "dump"]);
    assert!(said.code == 1 && said.out.contains("it cannot be started"), "{said:?}");
}

#[tokio::test]
async fn roles_that_have_changed_beside_the_dump_are_told() {
    let place = Place::new().await;
    assert_eq!(place.run(&["--only", "dump"]).code, 0);
    std::fs::write(place.file(".globals.sql.part"), "CREATE ROLE evil SUPERUSER;\n").unwrap();
    let (code, report) = place.json(&["--only", "verify"]);
    assert_eq!(code, 1, "{report}");
    let told = finding(&report, "steps.verify.globals");
    assert!(told["summary"].as_str().unwrap().contains("its checksum is not the one"), "{told}");
}
