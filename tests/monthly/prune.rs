//! Old dumps are deleted only if the newest dump is verified.

use super::*;

/// Copies of the newest, verified dump with these times.
fn add_old_dumps(place: &Place, moments: &[&str]) {
    let newest = place.file(".dump");
    for at in moments {
        let stem = place.dir().join(format!("shop@test-{at}"));
        let with = |ending: &str| PathBuf::from(format!("{}{ending}", stem.display()));
        std::fs::copy(&newest, with(".dump")).unwrap();
        for ending in [".json", ".sha256"] {
            let from = PathBuf::from(format!("{}{ending}", newest.display()));
            std::fs::copy(from, with(&format!(".dump{ending}"))).unwrap();
        }
        for ending in [".globals.sql", ".globals.sql.sha256"] {
            let from = newest.with_extension(&ending[1..]);
            std::fs::copy(from, with(ending)).unwrap();
        }
    }
}

const OLD: [&str; 5] =
    ["20200101T000000Z", "20200201T000000Z", "20200301T000000Z", "20200401T000000Z", "20200501T000000Z"];

async fn place_with_old_dumps(more: &str) -> Place {
    let place = Place::with(more).await;
    place.programs(DUMP, RESTORE);
    assert_eq!(place.run(&[]).code, 0);
    add_old_dumps(&place, &OLD);
    place
}

fn dumps(place: &Place) -> Vec<String> {
    files(&place.dir()).into_iter().filter(|n| n.ends_with(".dump")).collect()
}

#[tokio::test]
async fn old_dumps_are_deleted_except_the_configured_number() {
    let place = place_with_old_dumps("").await;
    // Foreign names, directories, links and link targets are not touched.
    let outside = place.ordctl.home().join("outside");
    std::fs::write(&outside, "precious").unwrap();
    std::os::unix::fs::symlink(&outside, place.dir().join("shop@test-20190101T000000Z.dump")).unwrap();
    std::os::unix::fs::symlink(&outside, place.dir().join("shop@test-20190101T000000Z.dump.json")).unwrap();
    std::fs::create_dir(place.dir().join("shop@test-20190201T000000Z.dump")).unwrap();
    for name in
        ["shop@other-20190101T000000Z.dump", "shop-20190101.sql.gz", "shop@test-20190101.dump", "notes.txt"]
    {
        std::fs::write(place.dir().join(name), "x").unwrap();
    }
    std::fs::write(place.dir().join("shop@test-20190301T000000Z.dump"), "no manifest").unwrap();
    let before = files(&place.dir());
    let (_, dry_run) = place.ordctl.json(&["maintain", "monthly", "--dry-run"]);
    let planned = finding(&dry_run, "plan.prune")["details"]["calls"].to_string();
    assert_eq!(files(&place.dir()), before);
    let (code, report) = place.json(&[]);
    assert_eq!(code, 0, "{report}");
    let gone: Vec<&String> = before.iter().filter(|n| !files(&place.dir()).contains(n)).collect();
    // backup.keep is 3: two new dumps and one old one.
    let wanted: Vec<String> = OLD[..4]
        .iter()
        .flat_map(|at| {
            [".dump", ".dump.json", ".dump.sha256", ".globals.sql", ".globals.sql.sha256"]
                .map(|e| format!("shop@test-{at}{e}"))
        })
        .collect();
    assert_eq!(gone, wanted.iter().collect::<Vec<_>>());
    for at in &OLD[..4] {
        assert!(planned.contains(at), "{planned}");
    }
    assert!(!planned.contains(OLD[4]), "{planned}");
    assert_eq!(std::fs::read_to_string(&outside).unwrap(), "precious");
    assert!(
        finding(&report, "steps.prune.strangers")["summary"].as_str().unwrap().contains("1 old dump without")
    );
    assert!(
        finding(&report, "steps.prune")["summary"]
            .as_str()
            .unwrap()
            .contains("4 dumps older than 180d deleted")
    );
}

#[tokio::test]
async fn nothing_is_deleted_if_the_new_dump_is_invalid() {
    let place = place_with_old_dumps(PROGRAMS).await;
    let before = dumps(&place);
    place.programs("$real/pg_dump \"$@\" | head -c 30000", RESTORE);
    assert_eq!(place.run(&[]).code, 2);
    assert_eq!(dumps(&place), before);
    // Skipping the verification does not help. Refused if nothing was done, failed if something was.
    for (args, code) in [
        (&["--only", "prune"][..], 4),
        (&["--skip", "verify"], 2),
        (&["--skip", "verify", "--skip", "publish"], 2),
        (&["--skip", "dump", "--skip", "verify", "--skip", "publish"], 2),
    ] {
        let output = place.run(args);
        assert_eq!(output.code, code, "{args:?}: {output:?}");
        assert_eq!(output.out.contains("refused"), code == 4, "{args:?}: {output:?}");
        assert!(output.out.contains("not verified"), "{args:?}: {output:?}");
        assert_eq!(dumps(&place), before, "{args:?}");
    }
}

/// A failure of the restore says nothing about the dump.
#[tokio::test]
async fn a_failed_restore_does_not_unmark_a_published_dump() {
    let place = place_with_old_dumps(PROGRAMS).await;
    let newest = place.dir().join(format!("{}.json", dumps(&place).last().unwrap()));
    let marked = std::fs::read_to_string(&newest).unwrap();
    for restore in [
        "[ \"$1\" = --list ] || kill -9 $$\nexec $real/pg_restore \"$@\"",
        "[ \"$1\" = --list ] || { echo 'pg_restore: error: could not execute query: ERROR:  could not extend file: No space left on device' >&2; exit 1; }\nexec $real/pg_restore \"$@\"",
        "echo 'pg_restore: error: input file does not appear to be a valid archive' >&2; exit 1",
    ] {
        place.programs(DUMP, restore);
        let output = place.run(&["--only", "verify"]);
        assert_eq!(output.code, 2, "{output:?}");
        assert_eq!(std::fs::read_to_string(&newest).unwrap(), marked, "{output:?}");
    }
}

#[tokio::test]
async fn nothing_is_deleted_if_the_newest_dump_has_changed_or_is_not_verified() {
    let place = place_with_old_dumps("").await;
    let before = dumps(&place);
    let prune = |word: &str| {
        let output = place.run(&["--only", "prune"]);
        assert_eq!(output.code, 4, "{output:?}");
        assert!(output.out.contains(word), "{word}: {output:?}");
        assert_eq!(dumps(&place), before);
    };
    let evening = || place.ordctl.json(&["health", "evening", "--only", "backup"]).1;
    let newest = place.dir().join(before.last().unwrap());
    let manifest = PathBuf::from(format!("{}.json", newest.display()));
    let (good, marked) = (std::fs::read(&newest).unwrap(), std::fs::read_to_string(&manifest).unwrap());
    let mut flipped = good.clone();
    flipped[5000] ^= 1;
    std::fs::write(&newest, flipped).unwrap();
    prune("the checksum of the newest dump");
    // A failed verification removes the mark.
    assert_eq!(place.run(&["--only", "verify"]).code, 2);
    std::fs::write(&newest, good).unwrap();
    prune("is not verified");
    // `health evening` reports it, whatever newer dumps of others exist.
    std::fs::write(place.dir().join("other@test-20991231T000000Z.dump"), "PGDMP").unwrap();
    assert_eq!(finding(&evening(), "backup.backup.verified")["status"], "crit");
    std::fs::remove_file(place.dir().join("other@test-20991231T000000Z.dump")).unwrap();
    std::fs::remove_file(&manifest).unwrap();
    prune("has no manifest");
    // Verification succeeds again.
    std::fs::write(&manifest, marked).unwrap();
    assert_eq!(place.run(&["--only", "verify"]).code, 0);
    assert_eq!(place.run(&["--only", "prune"]).code, 0);
    assert_eq!(dumps(&place).len(), 3);
}

#[tokio::test]
async fn nothing_is_deleted_if_the_clocks_differ() {
    let place = place_with_old_dumps("").await;
    let before = dumps(&place);
    place.override_source_query("clock_timestamp()", "clock_timestamp() + interval '2 hours'");
    let output = place.run(&["--only", "prune"]);
    assert_eq!(output.code, 4, "{output:?}");
    assert!(output.err.contains("the clocks of this machine and of the database differ by"), "{output:?}");
    assert_eq!(dumps(&place), before);
}

#[tokio::test]
async fn young_dumps_and_dumps_of_another_server_are_kept() {
    let place = place_with_old_dumps("").await;
    let before = dumps(&place);
    let output = place.run(&["--only", "prune", "-p", "older_than=1h"]);
    assert!(output.code != 0 && (output.out + &output.err).contains("at least 1d"));
    let other = place.dir().join(format!("shop@test-{}.dump.json", OLD[0]));
    let text = std::fs::read_to_string(&other).unwrap().replace("\"system\": \"", "\"system\": \"9");
    std::fs::write(&other, text).unwrap();
    let (code, report) = place.json(&["--only", "prune"]);
    assert_eq!(code, 0, "{report}");
    let after = dumps(&place);
    assert!(after.contains(&before[0]) && !after.contains(&before[1]), "{after:?}");
    assert!(
        finding(&report, "steps.prune.strangers")["summary"].as_str().unwrap().contains("another server")
    );
}
