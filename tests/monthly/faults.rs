//! Missing prerequisites of a backup, and dumps that are not valid backups.

use std::path::PathBuf;

use super::*;
use crate::support::left_out;

/// Refused before any change: exit 4 with a hint, and an empty backup directory.
fn refused(place: &Place, args: &[&str], words: &[&str]) {
    let output = place.run(args);
    assert_eq!(output.code, 4, "{output:?}");
    for word in words {
        assert!(output.err.contains(word), "{word}: {output:?}");
    }
    assert_eq!(files(&place.dir()), [""; 0]);
}

/// Rejected by the verification: exit 2, no published dump, no scratch database.
async fn rejected(place: &Place, word: &str) {
    let (code, report) = place.json(&[]);
    assert_eq!(code, 2, "{report}");
    let verdict = finding(&report, "steps.verify");
    assert!(verdict["summary"].as_str().unwrap().contains(word), "{verdict}");
    assert_eq!(finding(&report, "steps.prune")["summary"], "Delete old backups: not reached");
    assert!(!place.names().iter().any(|n| n.ends_with(".dump")), "{:?}", place.names());
    assert_eq!(place.scratch().await, "0");
}

/// `pg_dump > file` leaves such a file on a full disk.
#[tokio::test]
async fn a_truncated_dump_is_no_backup() {
    let place = Place::with(PROGRAMS).await;
    // Truncated in the table of contents, and in the last rows.
    place.programs("$real/pg_dump \"$@\" | head -c 30000", RESTORE);
    rejected(&place, "could not read from input file").await;
    place.programs("$real/pg_dump \"$@\" | head -c -2000", RESTORE);
    rejected(&place, "it cannot be restored").await;
    // The next run deletes the leftovers and succeeds.
    place.programs(DUMP, RESTORE);
    assert_eq!(place.run(&[]).code, 0);
    assert_eq!(place.names(), GOOD);
}

#[tokio::test]
async fn a_dump_that_lacks_rows_or_indexes_is_no_backup() {
    let place = Place::with(PROGRAMS).await;
    place.programs("exec $real/pg_dump \"$@\" --exclude-table=public.part_1", RESTORE);
    rejected(&place, "restored without table public.part_1").await;
    place.programs("exec $real/pg_dump \"$@\" --exclude-table-data=public.part_1", RESTORE);
    rejected(&place, "public.part_1 has 0 rows, expected 70").await;
    place.programs(DUMP, "[ \"$1\" = --list ] || { set -- --section=pre-data --section=data \"$@\"; }\nexec $real/pg_restore \"$@\"");
    rejected(&place, "restored database has").await;
}

/// A time-dependent check constraint, as Ordinaut has one: a valid row cannot be restored later.
#[tokio::test]
async fn rows_that_cannot_be_read_back_are_rejected() {
    let place = Place::new().await;
    execute(
        &place.store,
        "CREATE TABLE lease (until timestamptz CHECK (until > now())); INSERT INTO lease VALUES (now() + interval '100 ms')",
    )
    .await
    .unwrap();
    eventually("the lease expires", async || {
        value(&place.store, "SELECT bool_and(until < now()) FROM lease").await == "true"
    })
    .await;
    rejected(&place, "violates check constraint").await;
}

#[tokio::test]
async fn missing_or_old_programs_are_refused() {
    let place = Place::with(PROGRAMS).await;
    std::fs::create_dir(place.ordctl.home().join("programs")).unwrap();
    refused(
        &place,
        &[],
        &["pg_dump and pg_restore not found", "apt-get install postgresql-client-15", "programs"],
    );
    place.programs("[ \"$1\" = --version ] && echo 'pg_dump (PostgreSQL) 12.3'", RESTORE);
    refused(&place, &[], &["pg_dump 12 is too old for a server of version 15", "postgresql-client-15"]);
    // Without the setting an old version in PATH is skipped.
    let home = place.ordctl.home();
    let path = format!("{}:{}", home.join("programs").display(), std::env::var("PATH").unwrap());
    std::fs::write(home.join("ordctl.yaml"), "environment: test\nbackup: { dir: backups }\n").unwrap();
    let output = CommandOutput::of(place.ordctl.command(&place.args(&[])).env("PATH", path));
    assert_eq!(output.code, 0, "{output:?}");
}

#[tokio::test]
async fn a_role_that_may_not_create_databases_is_refused() {
    let place = Place::new().await;
    execute(&place.store, "CREATE ROLE weak LOGIN; GRANT pg_read_all_data TO weak").await.unwrap();
    let weak = |home: &Place| {
        let mut command = home.ordctl.command(&home.args(&[]));
        CommandOutput::of(command.env("DATABASE_URL", url(&home.cluster, "weak")))
    };
    let output = weak(&place);
    assert_eq!(output.code, 4, "{output:?}");
    assert!(
        output.err.contains("weak may not create databases")
            && output.err.contains("ALTER ROLE weak CREATEDB")
    );
    assert_eq!(files(&place.dir()), [""; 0]);
    execute(&place.store, "REVOKE pg_read_all_data FROM weak; ALTER ROLE weak CREATEDB").await.unwrap();
    let output = weak(&place);
    assert_eq!(output.code, 4, "{output:?}");
    assert!(output.err.contains("may not read"), "{output:?}");
}

/// pg_dump would fail at them after it dumped everything else.
#[tokio::test]
async fn a_dry_run_foresees_row_level_security_and_foreign_large_objects() {
    let place = Place::new().await;
    let setup = "CREATE ROLE weak LOGIN CREATEDB; GRANT pg_read_all_data, pg_read_all_settings TO weak;
                 CREATE TABLE hidden (n int); ALTER TABLE hidden ENABLE ROW LEVEL SECURITY";
    execute(&place.store, setup).await.unwrap();
    let dry = || {
        let mut command = place.ordctl.command(&place.args(&["--dry-run"]));
        CommandOutput::of(command.env("DATABASE_URL", url(&place.cluster, "weak")))
    };
    let output = dry();
    assert_eq!(output.code, 4, "{output:?}");
    let text = format!("{}{}", output.out, output.err);
    assert!(text.contains("row-level security hides rows of hidden from role weak"), "{text}");
    execute(&place.store, "ALTER ROLE weak BYPASSRLS; SELECT lo_create(0)").await.unwrap();
    let output = dry();
    let text = format!("{}{}", output.out, output.err);
    assert!(output.code == 4 && text.contains("role weak may not read 1 large objects"), "{output:?}");
}

/// A role without superuser rights verifies the dump on another server.
#[tokio::test]
async fn a_dump_can_be_verified_on_another_server() {
    let place = Place::new().await;
    let other = Cluster::separate();
    execute(&place.store, "CREATE ROLE weak LOGIN; GRANT pg_read_all_data TO weak").await.unwrap();
    let yaml = format!(
        "environment: test\nbackup:\n  dir: backups\n  scratch_url: postgresql://postgres@127.0.0.1:{}/postgres\n",
        other.port
    );
    std::fs::write(place.ordctl.home().join("ordctl.yaml"), yaml).unwrap();
    let mut command = place.ordctl.command(&place.args(&[]));
    let output = CommandOutput::of(command.env("DATABASE_URL", url(&place.cluster, "weak")));
    assert!(output.code <= 1 && place.names() == GOOD, "{output:?}");
}

#[tokio::test]
async fn a_scratch_database_that_cannot_be_dropped_is_reported_and_the_dump_is_verified() {
    let place = Place::with(PROGRAMS).await;
    let keep = "[ \"$1\" = --list ] && exec $real/pg_restore \"$@\"\n$real/pg_restore \"$@\" || exit\nfor a; do case $a in --dbname=*) d=${a#*=};; esac; done\n$real/psql -qd postgres -c \"ALTER DATABASE $d IS_TEMPLATE true\" </dev/null";
    place.programs(DUMP, keep);
    let (code, report) = place.json(&[]);
    assert_eq!(code, 1, "{report}");
    let left = finding(&report, "steps.verify.leftovers");
    assert!(left["summary"].as_str().unwrap().contains("the dump is valid"), "{left}");
    assert_eq!(place.names(), GOOD);
    assert_eq!(place.scratch().await, "1");
}

/// A restore could fill a disk of unknown size.
#[tokio::test]
async fn unknown_free_space_on_the_server_is_refused() {
    let place = Place::new().await;
    // The role may not read the data directory.
    execute(&place.store, "CREATE ROLE weak LOGIN CREATEDB; GRANT pg_read_all_data TO weak").await.unwrap();
    let weak = |args: &[&str]| {
        CommandOutput::of(place.ordctl.command(args).env("DATABASE_URL", url(&place.cluster, "weak")))
    };
    let output = weak(&place.args(&[]));
    assert_eq!(output.code, 4, "{output:?}");
    assert!(
        output.err.contains("free space on the server is unknown: set capacity.disk or backup.scratch_url")
    );
    assert_eq!(files(&place.dir()), [""; 0]);
    let output = weak(&["doctor", "--only", "backup"]);
    assert!(output.out.contains("free space on the server is unknown"), "{output:?}");
    let yaml = "environment: test\nbackup: { dir: backups }\ncapacity: { disk: / }\n";
    std::fs::write(place.ordctl.home().join("ordctl.yaml"), yaml).unwrap();
    let output = weak(&["doctor", "--only", "backup"]);
    assert!(!output.out.contains("free space on the server is unknown"), "{output:?}");
}

/// The data directory of a server in a container may exist on this machine, too.
#[tokio::test]
async fn a_data_directory_of_another_cluster_does_not_count() {
    let place = Place::new().await;
    let elsewhere = place.ordctl.home().join("elsewhere");
    std::fs::create_dir_all(elsewhere.join("global")).unwrap();
    let control = place.cluster.socket_dir().join("data/global/pg_control");
    let mut other = std::fs::read(control).unwrap();
    let directory = format!("SELECT '{}'::text", elsewhere.display());
    place.override_source_query("SELECT s.setting", &directory);
    let ask = || CommandOutput::of(&mut place.ordctl.command(&["doctor", "--only", "backup"]));
    let unknown = "free space on the server is unknown";
    assert!(ask().out.contains(unknown));
    std::fs::write(elsewhere.join("global/pg_control"), &other).unwrap();
    assert!(!ask().out.contains(unknown), "{:?}", ask());
    other[0] ^= 1;
    std::fs::write(elsewhere.join("global/pg_control"), &other).unwrap();
    let output = ask();
    assert!(output.out.contains(unknown) && output.out.contains("capacity.disk"), "{output:?}");
    refused(&place, &[], &[unknown, "capacity.disk"]);
}

/// A tmpfs, unmounted on drop.
struct Tmpfs(PathBuf);

impl Tmpfs {
    fn mount(place: &Place, size: &str) -> Self {
        let dir = place.dir();
        crate::support::systems::shell(&format!("mount -t tmpfs -o size={size} tmpfs {}", dir.display()));
        Self(dir)
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        crate::support::systems::shell(&format!("umount -l {}", self.0.display()));
    }
}

#[tokio::test]
async fn a_small_or_read_only_disk_is_refused() {
    if left_out("a_small_or_read_only_disk_is_refused", &["mount"]) {
        return;
    }
    let place = Place::new().await;
    let noise = "CREATE TABLE noise AS SELECT gen_random_bytes(1000) FROM generate_series(1, 1500)";
    execute(&place.store, noise).await.unwrap();
    let small = Tmpfs::mount(&place, "1m");
    refused(&place, &[], &["has 1.0 MiB free", "a dump needs up to", "df -h"]);
    let output = place.run(&["-p", "room=0"]);
    assert_eq!(output.code, 2, "{output:?}");
    assert!(output.out.contains("No space left") && output.out.contains("free disk space"), "{output:?}");
    assert_eq!(files(&place.dir()), [""; 0]);
    crate::support::systems::shell(&format!("mount -o remount,ro {}", place.dir().display()));
    refused(&place, &["-p", "room=0"], &["not writable", "ead-only"]);
    drop(small);
}

/// The partial file of a killed run takes the space that the next dump needs.
#[tokio::test]
async fn a_dump_fits_where_a_partial_file_is_deleted_first() {
    if left_out("a_dump_fits_where_a_partial_file_is_deleted_first", &["mount"]) {
        return;
    }
    let place = Place::new().await;
    let small = Tmpfs::mount(&place, "24m");
    let stale = place.dir().join("shop@test-20260102T030405Z.dump.part");
    std::fs::write(&stale, vec![0; 20 << 20]).unwrap();
    let plan = place.ordctl.run(&["maintain", "monthly", "--dry-run"]);
    assert_eq!(plan.code, 0, "{plan:?}");
    assert!(plan.out.contains(", after deleting 1 partial file of killed runs (20.0 MiB)"), "{plan:?}");
    assert!(stale.exists(), "a dry run deletes nothing");
    let output = place.run(&[]);
    assert_eq!(output.code, 0, "{output:?}");
    assert!(output.out.contains("Deleted: 1 partial file of killed runs (20.0 MiB)"), "{output:?}");
    assert!(!stale.exists());
    drop(small);
}

#[tokio::test]
async fn a_missing_or_unconfigured_directory_is_refused() {
    let place = Place::new().await;
    std::fs::remove_dir(place.dir()).unwrap();
    let output = place.run(&[]);
    assert_eq!(output.code, 4, "{output:?}");
    assert!(output.err.contains("mkdir -p -m 700"), "{output:?}");
    std::fs::write(place.ordctl.home().join("ordctl.yaml"), "environment: test\n").unwrap();
    let output = place.run(&[]);
    assert!(output.code == 4 && output.err.contains("set backup.dir"), "{output:?}");
}

#[tokio::test]
async fn a_concurrent_run_is_refused() {
    let place = Place::with(PROGRAMS).await;
    place.programs(&super::kills::hold("dumping"), RESTORE);
    let first = place.start(&[]);
    let marker = place.marker("dumping");
    eventually("the first run dumps", async || marker.exists()).await;
    let before = files(&place.dir());
    let output = place.run(&[]);
    assert_eq!(output.code, 4, "{output:?}");
    // A run with another data directory does not see the target's lock; the dump itself is locked.
    let mut command = place.ordctl.command(&place.args(&[]));
    let output = CommandOutput::of(command.env("ORDCTL_DATA_DIR", place.marker("elsewhere")));
    assert_eq!(output.code, 4, "{output:?}");
    assert_eq!(files(&place.dir()), before);
    std::fs::remove_file(&marker).unwrap();
    assert!(super::kills::ended(first).await, "the first run succeeds");
    assert_eq!(place.names(), GOOD);
}

/// Every user can read the process list.
#[tokio::test]
async fn no_argument_contains_the_password() {
    let place = Place::with(PROGRAMS).await;
    let record = "tr '\\0' '\\n' </proc/$$/cmdline >>\"$HOME/seen\"; echo \"$PGPASSWORD\" >>\"$HOME/given\"";
    place.programs(&format!("{record}; {DUMP}"), &format!("{record}; {RESTORE}"));
    let url = format!("postgresql://postgres:geheim@127.0.0.1:{}/shop", place.cluster.port);
    let output = CommandOutput::of(place.ordctl.command(&place.args(&[])).env("DATABASE_URL", url));
    assert_eq!(output.code, 0, "{output:?}");
    let read = |name: &str| std::fs::read_to_string(place.marker(name)).unwrap();
    assert!(read("seen").contains("--format=custom") && !read("seen").contains("geheim"));
    assert_eq!(read("given").lines().collect::<Vec<_>>(), ["geheim"; 3]);
    assert!(!(output.out + &output.err).contains("geheim"));
    for name in files(&place.dir()).iter().filter(|n| n.ends_with(".json")) {
        assert!(!std::fs::read_to_string(place.dir().join(name)).unwrap().contains("geheim"));
    }
}

#[tokio::test]
async fn pg_dump_and_pg_restore_verify_certificates_as_ordctl_does() {
    let place = Place::new().await;
    let certificates = tempfile::tempdir().unwrap();
    crate::tls::certificates(certificates.path());
    let server = crate::tls::speaking(certificates.path()).await;
    let admin = server.store("postgres", "postgres");
    execute(&admin, "CREATE DATABASE shop").await.unwrap();
    let rules = server.socket_dir().join("data/pg_hba.conf");
    std::fs::write(&rules, "local all all trust\nhostssl all all 127.0.0.1/32 trust\n").unwrap();
    execute(&admin, "SELECT pg_reload_conf()").await.unwrap();
    let run = |host: &str, tls: &str| {
        let url = format!("postgresql://postgres@{host}:{}/shop?sslmode={tls}", server.port);
        let ca = certificates.path().join("ca.crt");
        let yaml = format!(
            "environment: test\ndatabase: {{ ca_file: {} }}\nbackup: {{ dir: backups }}\n",
            ca.display()
        );
        std::fs::write(place.ordctl.home().join("ordctl.yaml"), yaml).unwrap();
        CommandOutput::of(place.ordctl.command(&place.args(&[])).env("DATABASE_URL", url))
    };
    eventually("the server requires TLS", async || run("127.0.0.1", "disable").code == 4).await;
    let output = run("127.0.0.1", "verify-full");
    assert!(output.code <= 1 && place.names() == GOOD, "{output:?}");
}
