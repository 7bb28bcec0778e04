//! Which dumps are deleted.

use super::*;
use crate::model::Locale;
use crate::tools::backup::dir::PendingDump;
use crate::tools::backup::manifest::{Manifest, Origin, Verified};

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

/// Dumps by age in days: `v` verified, `u` unverified, `-` without a manifest.
fn inventory(dumps: &[(i64, char)]) -> BackupInventory {
    let now = DateTime::UNIX_EPOCH;
    let dump = |(days, kind): &(i64, char)| {
        let at = now - TimeDelta::days(*days);
        let manifest = (*kind != '-').then(|| manifest(at, *kind == 'v'));
        PublishedDump { stem: days.to_string(), at, bytes: 1, manifest }
    };
    BackupInventory { dumps: dumps.iter().map(dump).collect(), ..BackupInventory::default() }
}

fn deleted(dumps: &[(i64, char)], keep: usize) -> Vec<String> {
    select(&inventory(dumps), DateTime::UNIX_EPOCH - TimeDelta::days(180), keep).dumps
}

#[test]
fn the_newest_dump_and_the_newest_verified_dumps_are_kept() {
    let old = [(0, 'v'), (200, 'v'), (230, 'v'), (260, 'v'), (290, 'v')];
    assert_eq!(deleted(&old, 3), ["260", "290"]);
    assert_eq!(deleted(&old, 5), [""; 0]);
    // An unverified dump does not count.
    assert_eq!(deleted(&[(0, 'v'), (200, 'u'), (230, 'v'), (260, 'v'), (290, 'v')], 3), ["200", "290"]);
    // A dump without a manifest does not count, and is kept.
    assert_eq!(deleted(&[(0, 'v'), (200, '-'), (230, 'v'), (260, 'v'), (290, 'v')], 3), ["290"]);
    // The newest is always kept.
    assert_eq!(deleted(&[(400, 'u'), (500, 'v')], 1), [""; 0]);
    // Young dumps are kept, whatever their number.
    assert_eq!(deleted(&[(0, 'v'), (30, 'v'), (60, 'v'), (179, 'v'), (181, 'v')], 1), ["181"]);
}

#[test]
fn a_truncated_dump_does_not_count() {
    let mut inventory = inventory(&[(0, 'v'), (200, 'v'), (230, 'v'), (260, 'v')]);
    inventory.dumps[1].bytes = 0;
    let gone = select(&inventory, DateTime::UNIX_EPOCH - TimeDelta::days(180), 2).dumps;
    assert_eq!(gone, ["200", "260"]);
}

#[test]
fn only_old_sidecars_are_deleted() {
    let ago =
        |days| (PathBuf::from(format!("{days}.dump.json")), DateTime::UNIX_EPOCH - TimeDelta::days(days));
    let inventory = BackupInventory { sidecars: vec![ago(1), ago(200)], ..inventory(&[(0, 'v')]) };
    let gone = select(&inventory, DateTime::UNIX_EPOCH - TimeDelta::days(180), 1).sidecars;
    assert_eq!(gone, [PathBuf::from("200.dump.json")]);
}

#[test]
fn a_wrong_clock_is_refused() {
    let at = DateTime::UNIX_EPOCH;
    assert!(check_clocks(at, at + TimeDelta::minutes(59)).is_ok());
    for wrong in [TimeDelta::minutes(61), TimeDelta::minutes(-61), TimeDelta::days(400)] {
        assert!(check_clocks(at + wrong, at).unwrap_err().to_string().contains("clocks"), "{wrong}");
    }
}

#[test]
fn the_newest_dump_must_be_verified() {
    assert!(newest_verified(&inventory(&[(0, 'v'), (30, 'u')])).is_ok());
    assert!(newest_verified(&inventory(&[])).unwrap_err().contains("there is no dump"));
    assert!(newest_verified(&inventory(&[(0, 'u'), (30, 'v')])).unwrap_err().contains("not verified"));
    assert!(newest_verified(&inventory(&[(0, '-'), (30, 'v')])).unwrap_err().contains("no manifest"));
    let mut pending = inventory(&[(1, 'v')]);
    pending.pending.push(PendingDump { stem: "0".into(), bytes: 1, manifest: None });
    assert!(newest_verified(&pending).unwrap_err().contains("not verified and published"));
    let mut changed = inventory(&[(0, 'v')]);
    changed.dumps[0].bytes = 2;
    assert!(newest_verified(&changed).unwrap_err().contains("has changed"));
}
