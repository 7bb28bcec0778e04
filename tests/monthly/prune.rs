//! Old dumps go only beside a newest one that is verified.

use super::*;

/// Dumps of these moments, verified, copies of the newest.
fn older(place: &Place, moments: &[&str]) {
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

async fn stocked(more: &str) -> Place {
    let place = Place::with(more).await;
    place.programs(DUMP, RESTORE);
    assert_eq!(place.run(&[]).code, 0);
    older(&place, &OLD);
    place
}

fn dumps(place: &Place) -> Vec<String> {
    files(&place.dir()).into_iter().filter(|n| n.ends_with(".dump")).collect()
}

#[tokio::test]
async fn old_dumps_go_down_to_the_floor() {
    let place = stocked("").await;
    // What is not ours by name, is a directory or a link stays, and where a link leads to.
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
    let (_, rehearsal) = place.ordctl.json(&["maintain", "monthly", "--dry-run"]);
    let planned = finding(&rehearsal, "plan.prune")["details"]["calls"].to_string();
    assert_eq!(files(&place.dir()), before);
    let (code, report) = place.json(&[]);
    assert_eq!(code, 0, "{report}");
    let gone: Vec<&String> = before.iter().filter(|n| !files(&place.dir()).contains(n)).collect();
    // Two new ones and one old one are the three that stay.
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

/// The script deletes the old ones whatever became of the new one.
#[tokio::test]
async fn nothing_goes_when_the_new_one_is_bad() {
    let place = stocked(PROGRAMS).await;
    let before = dumps(&place);
    place.programs("$real/pg_dump \"$@\" | head -c 30000", RESTORE);
    assert_eq!(place.run(&[]).code, 2);
    assert_eq!(dumps(&place), before);
    // Nor by going round the verification, however that is tried: the bad one lies there.
    // Refused where nothing was done, failed where something was.
    for (args, code) in [
        (&["--only", "prune"][..], 4),
        (&["--skip", "verify"], 2),
        (&["--skip", "verify", "--skip", "publish"], 2),
        (&["--skip", "dump", "--skip", "verify", "--skip", "publish"], 2),
    ] {
        let said = place.run(args);
        assert_eq!(said.code, code, "{args:?}: {said:?}");
        assert_eq!(said.out.contains("refused"), code == 4, "{args:?}: {said:?}");
        assert!(
            said.out.contains("not verified") || said.out.contains("was not verified"),
            "{args:?}: {said:?}"
        );
        assert_eq!(dumps(&place), before, "{args:?}");
    }
}

/// What happens to the restore, and not to the dump, says nothing about the dump.
#[tokio::test]
async fn a_failed_restore_does_not_take_the_mark_of_a_published_dump() {
    let place = stocked(PROGRAMS).await;
    let newest = place.dir().join(format!("{}.json", dumps(&place).last().unwrap()));
    let marked = std::fs::read_to_string(&newest).unwrap();
    for restore in [
        "[ \"$1\" = --list ] || kill -9 $$\nexec $real/pg_restore \"$@\"",
        "[ \"$1\" = --list ] || { echo 'pg_restore: error: could not execute query: ERROR:  could not extend file: No space left on device' >&2; exit 1; }\nexec $real/pg_restore \"$@\"",
        "echo 'pg_restore: error: input file does not appear to be a valid archive' >&2; exit 1",
    ] {
        place.programs(DUMP, restore);
        let said = place.run(&["--only", "verify"]);
        assert_eq!(said.code, 2, "{said:?}");
        assert_eq!(std::fs::read_to_string(&newest).unwrap(), marked, "{said:?}");
    }
}

/// It looks for itself whether the newest is what was verified.
#[tokio::test]
async fn nothing_goes_when_the_newest_has_changed_or_lost_its_mark() {
    let place = stocked("").await;
    let before = dumps(&place);
    let prune = |word: &str| {
        let said = place.run(&["--only", "prune"]);
        assert_eq!(said.code, 4, "{said:?}");
        assert!(said.out.contains(word), "{word}: {said:?}");
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
    // Verified again it loses its mark.
    assert_eq!(place.run(&["--only", "verify"]).code, 2);
    std::fs::write(&newest, good).unwrap();
    prune("is not verified");
    // The evening tells, too, and a newer dump of anybody else's changes nothing about it.
    std::fs::write(place.dir().join("other@test-20991231T000000Z.dump"), "PGDMP").unwrap();
    assert_eq!(finding(&evening(), "backup.backup.verified")["status"], "crit");
    std::fs::remove_file(place.dir().join("other@test-20991231T000000Z.dump")).unwrap();
    std::fs::remove_file(&manifest).unwrap();
    prune("has no manifest");
    // And gets it back.
    std::fs::write(&manifest, marked).unwrap();
    assert_eq!(place.run(&["--only", "verify"]).code, 0);
    assert_eq!(place.run(&["--only", "prune"]).code, 0);
    assert_eq!(dumps(&place).len(), 3);
}

/// By a clock that is wrong every dump may be old.
#[tokio::test]
async fn nothing_goes_when_the_clocks_do_not_agree() {
    let place = stocked("").await;
    let before = dumps(&place);
    place.asked_otherwise("clock_timestamp()", "clock_timestamp() + interval '2 hours'");
    let said = place.run(&["--only", "prune"]);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.err.contains("the clocks of this machine and of the database are"), "{said:?}");
    assert_eq!(dumps(&place), before);
}

#[tokio::test]
async fn what_is_young_or_of_another_server_stays() {
    let place = stocked("").await;
    let before = dumps(&place);
    let said = place.run(&["--only", "prune", "-p", "older_than=1h"]);
    assert!(said.code != 0 && (said.out + &said.err).contains("a day at least"));
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
