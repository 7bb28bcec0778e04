//! What lies in the directory, in whatever state it was left.

use std::io::Write;

use super::*;
use crate::model::{Globals, Locale, Verified};

const STEM: &str = "shop@test-20260101T010000Z";

fn origin(system: &str) -> Origin {
    Origin { environment: "test".into(), database: "shop".into(), system: Some(system.into()) }
}

fn manifest() -> Manifest {
    let at = DateTime::UNIX_EPOCH;
    let locale = Locale {
        encoding: "UTF8".into(),
        collate: "C".into(),
        ctype: "C".into(),
        provider: None,
        locale: None,
    };
    Manifest {
        manifest_version: 1,
        origin: origin("1"),
        server: "15".into(),
        program: 15,
        made_at: at,
        seconds: 1.0,
        bytes: 4,
        sha256: "ab".into(),
        database_bytes: 9,
        locale,
        rows: Vec::new(),
        objects: serde_json::Map::new(),
        globals: Some(Globals { bytes: 5, sha256: "cd".into(), passwords: true }),
        verified: Some(Verified { at, seconds: 1.0, server: 15 }),
    }
}

/// A verified dump that waits.
fn waiting() -> (tempfile::TempDir, BackupDir) {
    let dir = tempfile::tempdir().unwrap();
    let vault = BackupDir::new(dir.path(), origin("1"));
    vault.begin(STEM, "dump.part").unwrap().write_all(b"dump").unwrap();
    vault.begin(STEM, "globals.sql.part").unwrap().write_all(b"roles").unwrap();
    vault.record(STEM, false, &manifest()).unwrap();
    (dir, vault)
}

fn names(vault: &BackupDir) -> Vec<String> {
    let all = std::fs::read_dir(vault.dir()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut all: Vec<String> = all.map(|n| n.replace(STEM, "X")).collect();
    all.sort();
    all
}

const WHOLE: [&str; 5] = ["X.dump", "X.dump.json", "X.dump.sha256", "X.globals.sql", "X.globals.sql.sha256"];

#[test]
fn publishing_goes_on_wherever_it_was_left() {
    let (_dir, vault) = waiting();
    // Left after each of its steps, it is done again.
    std::fs::rename(vault.path(STEM, "globals.sql.part"), vault.path(STEM, "globals.sql")).unwrap();
    std::fs::write(vault.path(STEM, "globals.sql.sha256.new"), "half").unwrap();
    std::fs::write(vault.path(STEM, "dump.sha256.new"), "half").unwrap();
    std::fs::write(vault.path(STEM, "dump.json.new"), "half").unwrap();
    vault.record(STEM, true, &manifest()).unwrap();
    let shelf = vault.shelf().unwrap();
    assert!(shelf.dumps.is_empty() && shelf.orphans.is_empty());
    assert!(shelf.pending[0].manifest.as_ref().unwrap().verified.is_some());
    vault.publish(STEM, &manifest()).unwrap();
    assert_eq!(names(&vault), WHOLE);
    let sum = std::fs::read_to_string(vault.path(STEM, "globals.sql.sha256")).unwrap();
    assert_eq!(sum, format!("cd  {STEM}.globals.sql\n"));
    // Left before the last: the dump bears its name, and the rest is an orphan.
    std::fs::write(vault.path(STEM, "dump.json.part"), "stale").unwrap();
    let shelf = vault.shelf().unwrap();
    assert!(shelf.pending.is_empty() && shelf.dumps[0].manifest.is_some());
    assert_eq!(shelf.orphans, [vault.path(STEM, "dump.json.part")]);
    vault.remove(&shelf.orphans).unwrap();
    assert_eq!(names(&vault), WHOLE);
    assert!(vault.publish(STEM, &manifest()).is_err(), "nothing is written over");
}

#[test]
fn a_removal_that_was_left_half_way_leaves_no_dump() {
    let (_dir, vault) = waiting();
    vault.publish(STEM, &manifest()).unwrap();
    vault.remove(&vault.files_of(STEM)[..1]).unwrap();
    let shelf = vault.shelf().unwrap();
    assert!(shelf.dumps.is_empty() && shelf.pending.is_empty());
    assert_eq!(shelf.sidecars.len(), 4);
}

#[test]
fn what_is_left_of_a_dump_that_was_encrypted_or_linked_elsewhere_is_no_leftover() {
    let (_dir, vault) = waiting();
    vault.publish(STEM, &manifest()).unwrap();
    let (dump, aside) = (vault.path(STEM, "dump"), vault.path(STEM, "dump.gpg"));
    std::fs::rename(&dump, &aside).unwrap();
    let left = |vault: &BackupDir| vault.shelf().map(|s| s.sidecars.len() + s.orphans.len()).unwrap();
    assert_eq!(left(&vault), 0);
    std::os::unix::fs::symlink("/elsewhere", &dump).unwrap();
    std::fs::remove_file(&aside).unwrap();
    assert_eq!(left(&vault), 0);
    std::fs::remove_file(&dump).unwrap();
    assert_eq!(left(&vault), 4);
}

#[test]
fn a_server_that_may_not_be_known_is_no_other() {
    let (_dir, vault) = waiting();
    let unknown = BackupDir::new(vault.dir(), Origin { system: None, ..origin("1") });
    let shelf = unknown.shelf().unwrap();
    assert!(shelf.pending.is_empty() && shelf.foreign == 1);
}

#[test]
fn only_names_of_ours_that_are_files_count() {
    let (_dir, vault) = waiting();
    vault.publish(STEM, &manifest()).unwrap();
    let at = |name: &str| vault.dir().join(name);
    for name in [
        "shop@test-20260101T010000Z.dump.gz",
        "shop@test-20261301T010000Z.dump",
        "shop@test-20260101T010000Z",
        "shop@prod-20260101T010000Z.dump",
        "xshop@test-20260101T010000Z.dump",
        "äöü@test-20260101T010000Z.dump",
    ] {
        std::fs::write(at(name), "x").unwrap();
    }
    std::fs::create_dir(at("shop@test-20260102T010000Z.dump")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", at("shop@test-20260103T010000Z.dump")).unwrap();
    let shelf = vault.shelf().unwrap();
    assert_eq!(shelf.dumps.len(), 1);
    assert_eq!(shelf.dumps[0].stem, STEM);
    // Of a server of the same names the dumps are told apart.
    let other = BackupDir::new(vault.dir(), origin("2")).shelf().unwrap();
    assert!(other.dumps.is_empty() && other.foreign == 1);
}

#[test]
fn a_dump_that_is_worked_on_is_locked() {
    let (_dir, vault) = waiting();
    let path = vault.path(STEM, "dump.part");
    let held = vault.lock(&path).unwrap().unwrap();
    assert!(vault.lock(&path).unwrap().is_none());
    drop(held);
    assert!(vault.lock(&path).unwrap().is_some());
    assert_eq!(vault.begin(STEM, "dump.part").unwrap_err().kind(), ErrorKind::AlreadyExists);
}
