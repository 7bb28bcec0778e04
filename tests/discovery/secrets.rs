//! Passwords in URLs that are cut or stand in the wrong place, and configurations that somebody else could have written.

use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;

use super::{value, write};
use crate::support::ordctl::{CommandOutput, Ordctl};

/// Without the quotes of its value, a URL ends at ` #`, in the middle of the password.
#[test]
fn the_password_of_a_cut_url_is_not_shown() {
    let ordctl = Ordctl::discovering();
    write(&ordctl, ".env", "DATABASE_URL=postgresql://app:hidden9 #x@db/app\n");
    let given = Ordctl::discovering().with("DATABASE_URL", "postgresql://app:hidden9");
    for (ordctl, words) in [
        (&ordctl, "warning: .env (DATABASE_URL) is not used: a password may be cut"),
        (&given, "postgresql://app:********"),
    ] {
        for args in [
            &["config", "show", "--origin"] as &[&str],
            &["init", "--dry-run"],
            &["doctor"],
            &["queue", "status"],
        ] {
            let output = ordctl.run(args);
            assert!(!format!("{output:?}").contains("hidden9"), "{args:?}: {output:?}");
        }
        let output = ordctl.run(&["config", "show"]);
        assert!(format!("{}{}", output.out, output.err).contains(words), "{output:?}");
        ordctl.run(&["init"]);
        let written = std::fs::read_to_string(ordctl.home().join("ordctl.yaml")).unwrap();
        assert!(!written.contains("hidden9"), "{written}");
    }
}

#[test]
fn a_url_in_pgdatabase_is_refused_and_not_shown() {
    for text in ["postgresql://u:hidden9@h/db", "host=h password=hidden9"] {
        let ordctl = Ordctl::discovering().with("PGDATABASE", text);
        for args in [&["init", "--dry-run"] as &[&str], &["config", "show"]] {
            let output = ordctl.run(args);
            assert_eq!(output.code, 64, "{output:?}");
            assert!(output.err.contains("PGDATABASE: must be the name of a database"), "{output:?}");
            assert!(!format!("{output:?}").contains("hidden9"), "{output:?}");
        }
    }
}

/// Its runbooks, its programs and its addresses would be those of another user.
#[test]
fn a_configuration_that_another_user_could_have_written_is_refused() {
    let ordctl = Ordctl::configured("environment: theirs\n");
    let (home, file) = (ordctl.home(), ordctl.home().join("ordctl.yaml"));
    let mode = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    let refused = |words: &str, hint: &str| {
        let output = ordctl.run(&["config", "show"]);
        assert_eq!(output.code, 64, "{words}: {output:?}");
        assert!(output.err.contains(words) && output.err.contains(hint), "{words}: {output:?}");
        let explicit = ordctl.run(&["config", "show", "--config", "ordctl.yaml"]);
        assert_eq!(explicit.code, 0, "{explicit:?}");
    };
    for (wrong, who) in [(0o666, "every user"), (0o664, "its group")] {
        mode(&file, wrong);
        refused(&format!("ordctl.yaml is not used: {who} can write to it"), "hint: chmod go-w ordctl.yaml");
    }
    mode(&file, 0o644);
    assert_eq!(value(&ordctl, "environment").0, "theirs");
    // Another user could replace the file, unless the directory is sticky.
    mode(home, 0o777);
    refused("every user can write to it (mode 0777)", "hint: chmod go-w ");
    mode(home, 0o1777);
    assert_eq!(value(&ordctl, "environment").0, "theirs");
    if !rustix::process::geteuid().is_root() {
        return;
    }
    chown(&file, Some(65_533), None).unwrap();
    refused("it belongs to another user (uid 65533)", "hint: chown ");
    let with_sudo = CommandOutput::of(ordctl.command(&["config", "show"]).env("SUDO_UID", "65533"));
    assert_eq!(with_sudo.code, 0, "who calls sudo uses their own file: {with_sudo:?}");
    // The link is theirs, and what it leads to is not.
    std::fs::rename(&file, home.join("own.yaml")).unwrap();
    chown(home.join("own.yaml"), Some(0), None).unwrap();
    symlink("own.yaml", &file).unwrap();
    assert_eq!(value(&ordctl, "environment").0, "theirs");
    std::os::unix::fs::lchown(&file, Some(65_533), None).unwrap();
    refused("it belongs to another user (uid 65533)", "hint: chown ");
}
