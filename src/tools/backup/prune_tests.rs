//! What may be deleted, by what there is.

use super::*;
use crate::model::{Locale, Manifest, Origin, Verified};

fn manifest(at: DateTime<Utc>, verified: bool) -> Manifest {
    let text = String::new;
    Manifest {
        manifest_version: 1,
        origin: Origin { environment: text(), database: text(), system: None },
        server: text(),
        program: 15,
        made_at: at,
        seconds: 1.0,
        bytes: 1,
        sha256: text(),
        database_bytes: 1,
        locale: Locale { encoding: text(), collate: text(), ctype: text(), provider: None, locale: None },
        rows: Vec::new(),
        objects: serde_json::Map::new(),
        globals: None,
        verified: verified.then_some(Verified { at, seconds: 1.0, server: 15 }),
    }
}

/// Dumps of so many days ago: `v` verified, `u` not, `-` without a manifest.
fn shelf(dumps: &[(i64, char)]) -> BackupInventory {
    let now = DateTime::UNIX_EPOCH;
    let dump = |(days, kind): &(i64, char)| {
        let at = now - TimeDelta::days(*days);
        let manifest = (*kind != '-').then(|| manifest(at, *kind == 'v'));
        Kept { stem: days.to_string(), at, bytes: 1, manifest }
    };
    BackupInventory { dumps: dumps.iter().map(dump).collect(), ..BackupInventory::default() }
}

fn goes(dumps: &[(i64, char)], floor: usize) -> Vec<String> {
    old(&shelf(dumps), DateTime::UNIX_EPOCH - TimeDelta::days(180), floor).dumps
}

#[test]
fn the_newest_and_the_floor_of_verified_ones_stay() {
    let old = [(0, 'v'), (200, 'v'), (230, 'v'), (260, 'v'), (290, 'v')];
    assert_eq!(goes(&old, 3), ["260", "290"]);
    assert_eq!(goes(&old, 5), [""; 0]);
    // One that is not verified counts for nothing.
    assert_eq!(goes(&[(0, 'v'), (200, 'u'), (230, 'v'), (260, 'v'), (290, 'v')], 3), ["200", "290"]);
    // Nor does a lost manifest, and such a dump stays.
    assert_eq!(goes(&[(0, 'v'), (200, '-'), (230, 'v'), (260, 'v'), (290, 'v')], 3), ["290"]);
    // The newest stays, whatever it is.
    assert_eq!(goes(&[(400, 'u'), (500, 'v')], 1), [""; 0]);
    // What is young stays, however many there are.
    assert_eq!(goes(&[(0, 'v'), (30, 'v'), (60, 'v'), (179, 'v'), (181, 'v')], 1), ["181"]);
}

#[test]
fn a_dump_that_was_cut_short_counts_for_nothing() {
    let mut shelf = shelf(&[(0, 'v'), (200, 'v'), (230, 'v'), (260, 'v')]);
    shelf.dumps[1].bytes = 0;
    let gone = old(&shelf, DateTime::UNIX_EPOCH - TimeDelta::days(180), 2).dumps;
    assert_eq!(gone, ["200", "260"]);
}

#[test]
fn only_old_sidecars_go() {
    let ago =
        |days| (PathBuf::from(format!("{days}.dump.json")), DateTime::UNIX_EPOCH - TimeDelta::days(days));
    let shelf = BackupInventory { sidecars: vec![ago(1), ago(200)], ..shelf(&[(0, 'v')]) };
    let gone = old(&shelf, DateTime::UNIX_EPOCH - TimeDelta::days(180), 1).sidecars;
    assert_eq!(gone, [PathBuf::from("200.dump.json")]);
}

#[test]
fn with_a_wrong_clock_nothing_goes() {
    let at = DateTime::UNIX_EPOCH;
    assert!(clocks(at, at + TimeDelta::minutes(59)).is_ok());
    for wrong in [TimeDelta::minutes(61), TimeDelta::minutes(-61), TimeDelta::days(400)] {
        assert!(clocks(at + wrong, at).unwrap_err().to_string().contains("clocks"), "{wrong}");
    }
}

#[test]
fn the_newest_must_be_a_verified_backup() {
    assert!(newest(&shelf(&[(0, 'v'), (30, 'u')])).is_ok());
    assert!(newest(&shelf(&[])).unwrap_err().contains("there is no dump"));
    assert!(newest(&shelf(&[(0, 'u'), (30, 'v')])).unwrap_err().contains("not verified"));
    assert!(newest(&shelf(&[(0, '-'), (30, 'v')])).unwrap_err().contains("no manifest"));
    let mut waits = shelf(&[(1, 'v')]);
    waits.pending.push(crate::tools::backup::dir::Pending { stem: "0".into(), bytes: 1, manifest: None });
    assert!(newest(&waits).unwrap_err().contains("not verified and published"));
    let mut changed = shelf(&[(0, 'v')]);
    changed.dumps[0].bytes = 2;
    assert!(newest(&changed).unwrap_err().contains("has changed"));
}
