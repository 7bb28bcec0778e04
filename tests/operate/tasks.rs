//! A task cannot change services except through an allowed runbook.

use crate::support::compose::Project;
use crate::support::engine::{Setup, Tables};
use crate::support::left_out;

#[tokio::test]
async fn a_task_changes_services_only_through_an_allowed_runbook() {
    if left_out("a_task_changes_services_only_through_an_allowed_runbook", &["docker"]) {
        return;
    }
    let project = Project::new("task");
    project.start("lonely", 1, "--network none --init", "exec /bin/busybox sleep 100000");
    let before = project.snapshot();
    let tables = Tables::new().await;
    let mut setup = Setup::of(&tables.db)
        .runbook("stopping")
        .book("stopping", "name: stopping\nsteps: [ { uses: service.stop, with: { service: lonely } } ]\n");
    setup.more = format!("docker: {{ project: {} }}\n", project.name);
    let own = r#"{"id": "a", "uses": "service.stop", "with": {"service": "lonely"}}"#.to_owned();
    let task = tables.task(&[own], "").await;
    tables.queue(&task, 1).await;
    let _node = setup.node(&[]);
    let refused = "SELECT count(*) FROM task_run WHERE NOT success AND error LIKE '%only through a runbook%'";
    tables.until(refused, "1").await;
    assert_eq!(project.snapshot(), before);
    let allowed = r#"{"id": "a", "uses": "runbook.run", "with": {"runbook": "stopping"}}"#.to_owned();
    let task = tables.task(&[allowed], "").await;
    tables.queue(&task, 1).await;
    tables.until("SELECT count(*) FROM task_run WHERE success", "1").await;
    assert_eq!(project.states("lonely"), ["lonely-1 exited"]);
}
