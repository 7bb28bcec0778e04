//! `migrate` creates the embedded PostgreSQL only after consent.

use super::Scratch;
use crate::support::ordctl::Ordctl;

#[test]
fn migrate_asks_before_it_creates_a_cluster() {
    let scratch = Scratch::new();
    let ordctl = Ordctl::new().with("ORDCTL_DATA_DIR", scratch.layout.root().to_str().unwrap());
    let cluster = scratch.layout.embedded_cluster();
    let check = ordctl.run(&["migrate", "--check"]);
    assert_eq!(check.code, 1, "{check:?}");
    assert!(check.out.contains("Embedded PostgreSQL: not created"), "{check:?}");
    let plan = ordctl.run(&["migrate", "--dry-run"]);
    assert_eq!(plan.code, 0, "{plan:?}");
    assert!(plan.out.contains("Create the embedded PostgreSQL in "), "{plan:?}");
    let refused = ordctl.run(&["migrate"]);
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(refused.err.contains("no consent"), "{refused:?}");
    assert!(!scratch.layout.embedded().exists(), "created without consent");

    let done = ordctl.run(&["migrate", "--yes"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.out.contains("0001 ") && cluster.join("PG_VERSION").exists(), "{done:?}");
    assert!(!scratch.pid_file().exists(), "the server is stopped");
    let again = ordctl.run(&["migrate", "--check"]);
    assert_eq!(again.code, 0, "{again:?}");
}
