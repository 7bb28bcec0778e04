//! Data directories and server programs.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};

use ordctl::base::exit;
use ordctl::engine::embedded::{Embedded, EmbeddedError, Search};

use super::{Scratch, mode, query};
use crate::support::{User, binaries};

#[tokio::test]
async fn without_server_programs_the_hint_names_the_package_and_nothing_is_created() {
    let scratch = Scratch::new();
    let error =
        Embedded::join_with(&scratch.layout, Search::only(vec!["/nowhere".into()])).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::NoBinaries { .. }), "{error}");
    assert!(!scratch.layout.root().exists());
    let error = error.into_cli_error();
    assert_eq!(error.code, exit::REFUSED);
    let hint = error.hint.unwrap();
    assert!(hint.contains("apt-get install postgresql") && hint.contains("/nowhere"), "{hint}");
}

#[tokio::test]
async fn a_cluster_of_another_major_version_is_not_touched() {
    let scratch = Scratch::new();
    Embedded::join(&scratch.layout).await.unwrap().leave().await.unwrap();
    let version = scratch.layout.embedded_cluster().join("PG_VERSION");
    fs::write(&version, "12\n").unwrap();
    let error = Embedded::join(&scratch.layout).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::OtherMajor { has: 12, .. }), "{error}");
    assert!(error.hint().unwrap().contains("postgresql-12"));
    assert_eq!(fs::read_to_string(&version).unwrap(), "12\n");
    assert!(!Embedded::running(&scratch.layout));
}

#[tokio::test]
async fn a_directory_without_a_cluster_is_not_touched() {
    let scratch = Scratch::new();
    let cluster = scratch.layout.embedded_cluster();
    fs::create_dir_all(&cluster).unwrap();
    fs::write(cluster.join("precious"), "x").unwrap();
    let error = Embedded::join(&scratch.layout).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::NotACluster(_)), "{error}");
    assert!(cluster.join("precious").exists());
}

#[tokio::test]
async fn a_failed_initdb_leaves_no_cluster() {
    let scratch = Scratch::new();
    // An initdb that fails halfway, as on a full disk.
    let programs = scratch.layout.root().parent().unwrap().join("bin");
    fs::create_dir(&programs).unwrap();
    for name in ["postgres", "pg_ctl"] {
        symlink(binaries().join(name), programs.join(name)).unwrap();
    }
    let initdb = programs.join("initdb");
    fs::write(&initdb, "#!/bin/sh\necho 15 >\"$2/PG_VERSION\"\necho 'No space left on device' >&2\nexit 1\n")
        .unwrap();
    fs::set_permissions(&initdb, Permissions::from_mode(0o755)).unwrap();
    let error = Embedded::join_with(&scratch.layout, Search::only(vec![programs])).await.unwrap_err();
    assert!(matches!(&error, EmbeddedError::Initdb(stderr) if stderr.contains("No space left")), "{error}");
    let left: Vec<_> =
        fs::read_dir(scratch.layout.embedded()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|n| n.to_string_lossy().starts_with("data")), "{left:?}");
    // The same for the rest of a killed initdb.
    let unfinished = scratch.layout.embedded().join("data.unfinished");
    fs::create_dir(&unfinished).unwrap();
    fs::write(unfinished.join("PG_VERSION"), "15\n").unwrap();
    let embedded = Embedded::join(&scratch.layout).await.unwrap();
    assert!(!unfinished.exists());
    embedded.leave().await.unwrap();
}

#[tokio::test]
async fn a_failed_start_reports_the_server_log() {
    let scratch = Scratch::new();
    Embedded::join(&scratch.layout).await.unwrap().leave().await.unwrap();
    let settings = scratch.layout.embedded_cluster().join("postgresql.auto.conf");
    fs::write(settings, "work_mem = 'much'\n").unwrap();
    let error = Embedded::join(&scratch.layout).await.unwrap_err().to_string();
    assert!(error.contains("invalid value for parameter \"work_mem\""), "{error}");
    assert!(!Embedded::running(&scratch.layout));
}

#[tokio::test]
async fn a_long_path_uses_a_private_socket_directory_in_tmp() {
    let scratch = Scratch::named(&"long".repeat(30));
    let socket = scratch.layout.embedded_socket_dir();
    assert!(socket.starts_with("/tmp"));
    fs::create_dir(&socket).unwrap();
    fs::set_permissions(&socket, Permissions::from_mode(0o755)).unwrap();
    if let Some(user) = User::for_postgres() {
        let error = Embedded::join(&scratch.layout).await.unwrap_err().to_string();
        assert!(error.contains("belongs to user 0"), "{error}");
        chown(&socket, Some(user.uid), Some(user.gid)).unwrap();
    }
    let error = Embedded::join(&scratch.layout).await.unwrap_err();
    assert!(
        matches!(&error, EmbeddedError::NotPrivate { problem, .. } if problem.contains("0755")),
        "{error}"
    );
    fs::remove_dir(&socket).unwrap();
    symlink("/var", &socket).unwrap();
    let error = Embedded::join(&scratch.layout).await.unwrap_err();
    assert!(
        matches!(&error, EmbeddedError::NotPrivate { problem, .. } if problem == "is not a directory"),
        "{error}"
    );
    fs::remove_file(&socket).unwrap();

    let embedded = Embedded::join(&scratch.layout).await.unwrap();
    assert_eq!(mode(&socket), 0o700);
    assert_eq!(query(&embedded, "SELECT 'here'").await, "here");
    embedded.leave().await.unwrap();
}

#[tokio::test]
async fn only_shell_special_characters_in_the_path_are_refused() {
    let scratch = Scratch::named("it's, an odd; path");
    let embedded = Embedded::join(&scratch.layout).await.unwrap();
    assert_eq!(query(&embedded, "SELECT 'here'").await, "here");
    embedded.leave().await.unwrap();
    for name in ["a$HOME", "a`id`", "a\"b", "a\\b"] {
        let scratch = Scratch::named(name);
        let error = Embedded::join(&scratch.layout).await.unwrap_err();
        assert!(matches!(error, EmbeddedError::UnsupportedPath(_)), "{error}");
    }
}

#[tokio::test]
async fn a_directory_that_postgresqls_user_cannot_enter_is_named() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let scratch = Scratch::new();
    let parent = scratch.layout.root().parent().unwrap().to_owned();
    fs::set_permissions(&parent, Permissions::from_mode(0o700)).unwrap();
    let error = Embedded::join(&scratch.layout).await.unwrap_err();
    assert!(matches!(&error, EmbeddedError::NotTraversable { dir, .. } if *dir == parent), "{error}");
    assert!(error.hint().unwrap().contains("chmod o+x"));
    fs::set_permissions(&parent, Permissions::from_mode(0o755)).unwrap();
    Embedded::join(&scratch.layout).await.unwrap().leave().await.unwrap();
}
