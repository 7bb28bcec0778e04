//! Backup directories in the states that interrupted runs leave.

use std::io::Write;

use super::*;
use crate::model::{Consented, Locale};
use crate::tools::backup::manifest::{Globals, Verified};

const STEM: &str = "shop@test-20260101T010000Z";

fn origin(system: &str) -> Origin {
    Origin { environment: "test".into(), database: "shop".into(), system: Some(system.into()) }
}

fn consent() -> Consented {
    Consented::from_configuration("a test")
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

/// A verified, unpublished dump.
fn pending() -> (tempfile::TempDir, BackupDir) {
    let temporary = tempfile::tempdir().unwrap();
    let dir = BackupDir::new(temporary.path(), origin("1"));
    dir.create(STEM, "dump.part", &consent()).unwrap().write_all(b"dump").unwrap();
    dir.create(STEM, "globals.sql.part", &consent()).unwrap().write_all(b"roles").unwrap();
    dir.write_manifest(STEM, false, &manifest(), &consent()).unwrap();
    (temporary, dir)
}

fn names(dir: &BackupDir) -> Vec<String> {
    let all = std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut all: Vec<String> = all.map(|n| n.replace(STEM, "X")).collect();
    all.sort();
    all
}

const PUBLISHED: [&str; 5] =
    ["X.dump", "X.dump.json", "X.dump.sha256", "X.globals.sql", "X.globals.sql.sha256"];

#[test]
fn an_interrupted_publication_can_be_repeated() {
    let (_dir, dir) = pending();
    // The leftovers of every step.
    std::fs::rename(dir.file(STEM, "globals.sql.part"), dir.file(STEM, "globals.sql")).unwrap();
    std::fs::write(dir.file(STEM, "globals.sql.sha256.new"), "half").unwrap();
    std::fs::write(dir.file(STEM, "dump.sha256.new"), "half").unwrap();
    std::fs::write(dir.file(STEM, "dump.json.new"), "half").unwrap();
    dir.write_manifest(STEM, true, &manifest(), &consent()).unwrap();
    let inventory = dir.inventory().unwrap();
    assert!(inventory.dumps.is_empty() && inventory.orphans.is_empty());
    assert!(inventory.pending[0].manifest.as_ref().unwrap().verified.is_some());
    dir.publish(STEM, &manifest(), &consent()).unwrap();
    assert_eq!(names(&dir), PUBLISHED);
    let sum = std::fs::read_to_string(dir.file(STEM, "globals.sql.sha256")).unwrap();
    assert_eq!(sum, format!("cd  {STEM}.globals.sql\n"));
    // Interrupted before the last step: the dump is published and the rest is an orphan.
    std::fs::write(dir.file(STEM, "dump.json.part"), "stale").unwrap();
    let inventory = dir.inventory().unwrap();
    assert!(inventory.pending.is_empty() && inventory.dumps[0].manifest.is_some());
    assert_eq!(inventory.orphans, [dir.file(STEM, "dump.json.part")]);
    dir.delete(&inventory.orphans, &consent()).unwrap();
    assert_eq!(names(&dir), PUBLISHED);
    assert!(dir.publish(STEM, &manifest(), &consent()).is_err(), "nothing is overwritten");
}

#[test]
fn an_interrupted_deletion_leaves_no_dump() {
    let (_dir, dir) = pending();
    dir.publish(STEM, &manifest(), &consent()).unwrap();
    dir.delete(&dir.dump_files(STEM)[..1], &consent()).unwrap();
    let inventory = dir.inventory().unwrap();
    assert!(inventory.dumps.is_empty() && inventory.pending.is_empty());
    assert_eq!(inventory.sidecars.len(), 4);
}

#[test]
fn sidecars_of_an_encrypted_or_linked_dump_are_no_leftovers() {
    let (_dir, dir) = pending();
    dir.publish(STEM, &manifest(), &consent()).unwrap();
    let (dump, encrypted) = (dir.file(STEM, "dump"), dir.file(STEM, "dump.gpg"));
    std::fs::rename(&dump, &encrypted).unwrap();
    let left = |dir: &BackupDir| dir.inventory().map(|s| s.sidecars.len() + s.orphans.len()).unwrap();
    assert_eq!(left(&dir), 0);
    std::os::unix::fs::symlink("/elsewhere", &dump).unwrap();
    std::fs::remove_file(&encrypted).unwrap();
    assert_eq!(left(&dir), 0);
    std::fs::remove_file(&dump).unwrap();
    assert_eq!(left(&dir), 4);
}

#[test]
fn a_server_of_unknown_identity_is_another_server() {
    let (_dir, dir) = pending();
    let unknown = BackupDir::new(dir.path(), Origin { system: None, ..origin("1") });
    let inventory = unknown.inventory().unwrap();
    assert!(inventory.pending.is_empty() && inventory.foreign == 1);
}

#[test]
fn only_regular_files_with_own_names_count() {
    let (_dir, dir) = pending();
    dir.publish(STEM, &manifest(), &consent()).unwrap();
    let at = |name: &str| dir.path().join(name);
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
    let inventory = dir.inventory().unwrap();
    assert_eq!(inventory.dumps.len(), 1);
    assert_eq!(inventory.dumps[0].stem, STEM);
    // Another server with the same names has other dumps.
    let other = BackupDir::new(dir.path(), origin("2")).inventory().unwrap();
    assert!(other.dumps.is_empty() && other.foreign == 1);
}

#[test]
fn a_dump_in_use_is_locked() {
    let (_dir, dir) = pending();
    let path = dir.file(STEM, "dump.part");
    let locked = dir.lock(&path).unwrap().unwrap();
    assert!(dir.lock(&path).unwrap().is_none());
    drop(locked);
    assert!(dir.lock(&path).unwrap().is_some());
    assert_eq!(dir.create(STEM, "dump.part", &consent()).unwrap_err().kind(), ErrorKind::AlreadyExists);
}
