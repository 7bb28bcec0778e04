use super::*;
use crate::clients::platform::testing;

fn judge_api(group: &ServiceContainers, containers: &[InstanceDetails]) -> Finding {
    let rules = Rules {
        now: "2026-01-02T08:00:00Z".parse().unwrap(),
        settle: Duration::from_secs(600),
        loop_at: 3,
        commands: &testing::commands(),
    };
    judge(group, containers, &rules)
}

fn group(min: u32) -> ServiceContainers {
    ServiceContainers { service: "api".into(), min, configured: true, discovered: false }
}

fn up() -> InstanceDetails {
    InstanceDetails {
        name: "api-1".into(),
        state: "running".into(),
        started_at: Some("2026-01-01T08:00:00Z".parse().unwrap()),
        ..InstanceDetails::default()
    }
}

fn exited(code: i64) -> InstanceDetails {
    InstanceDetails {
        state: "exited".into(),
        exit_code: code,
        finished_at: Some("2026-01-02T07:00:00Z".parse().unwrap()),
        ..up()
    }
}

fn verdict(min: u32, containers: &[InstanceDetails]) -> (Status, String) {
    let finding = judge_api(&group(min), containers);
    (finding.status, finding.summary)
}

#[test]
fn enough_running_containers_are_ok_with_uptime() {
    assert_eq!(verdict(1, &[up()]), (Status::Ok, "api: up 1d".into()));
    let healthy = InstanceDetails { health: Some(Health::Healthy), restarts: 2, ..up() };
    assert_eq!(verdict(1, &[healthy]), (Status::Ok, "api: up 1d, healthy, restarted 2 times".into()));
    assert_eq!(verdict(2, &[up(), up()]).1, "api: 2 of 2 running, up 1d");
}

#[test]
fn too_few_or_none_is_critical() {
    assert_eq!(verdict(1, &[]), (Status::Crit, "api: no container".into()));
    assert_eq!(verdict(3, &[up(), up()]).0, Status::Crit);
    assert_eq!(verdict(0, &[]), (Status::Ok, "api: no container (optional)".into()));
    let finding = judge_api(&group(2), &[up()]);
    assert_eq!((finding.value, finding.crit), (Some(1.0), Some(1.0)));
}

#[test]
fn an_exit_counts_if_the_container_is_needed() {
    let (status, summary) = verdict(1, &[exited(137)]);
    assert_eq!(status, Status::Crit);
    assert!(summary.contains("api-1 exited with code 137 1h ago"), "{summary}");
    let (status, summary) = verdict(1, &[exited(0)]);
    assert_eq!(status, Status::Crit);
    assert!(summary.contains("exited with code 0"), "{summary}");
    assert_eq!(verdict(1, &[up(), exited(0)]).0, Status::Ok, "a replica removed by scaling");
    assert_eq!(verdict(1, &[up(), exited(1)]).0, Status::Warn);
    assert_eq!(verdict(0, &[exited(0)]), (Status::Ok, "api: finished".into()));
    assert_eq!(verdict(0, &[exited(1)]).0, Status::Warn);
    let found = ServiceContainers { configured: false, ..group(0) };
    assert_eq!(judge_api(&found, &[exited(1)]).status, Status::Crit);
    assert_eq!(judge_api(&found, &[exited(0)]).status, Status::Ok);
}

/// A compose file does not tell a job from a service.
#[test]
fn a_discovered_service_may_have_finished() {
    let found = ServiceContainers { discovered: true, ..group(1) };
    let verdict = |containers: &[InstanceDetails]| {
        let finding = judge_api(&found, containers);
        (finding.status, finding.summary)
    };
    assert_eq!(verdict(&[exited(0)]), (Status::Ok, "api: finished".into()));
    for broken in [exited(1), exited(143), InstanceDetails { is_restarted: true, ..exited(0) }] {
        assert_eq!(verdict(std::slice::from_ref(&broken)).0, Status::Crit, "{broken:?}");
        assert_eq!(verdict(&[exited(0), broken]).0, Status::Crit);
    }
    assert_eq!(verdict(&[]).0, Status::Crit);
}

#[test]
fn health_memory_and_restarts_count() {
    let unhealthy = InstanceDetails {
        health: Some(Health::Unhealthy),
        health_output: Some("connection\nrefused".into()),
        ..up()
    };
    let finding = judge_api(&group(1), &[unhealthy]);
    assert_eq!(finding.status, Status::Crit);
    assert_eq!(finding.summary, "api: api-1 unhealthy: connection refused");
    assert_eq!(finding.hint.unwrap(), "docker inspect --format '{{json .State.Health}}' api-1");
    assert_eq!(verdict(1, &[InstanceDetails { health: Some(Health::Starting), ..up() }]).0, Status::Warn);
    assert_eq!(verdict(1, &[InstanceDetails { oom_killed: true, ..exited(137) }]).0, Status::Crit);
    assert_eq!(verdict(0, &[InstanceDetails { oom_killed: true, ..exited(137) }]).0, Status::Crit);
    let looping = InstanceDetails { state: "restarting".into(), restarts: 4, exit_code: 1, ..up() };
    let (status, summary) = verdict(1, &[looping]);
    assert_eq!(status, Status::Crit);
    assert!(summary.contains("restart loop (4 restarts, exit code 1)"), "{summary}");
    let young = |restarts| InstanceDetails {
        restarts,
        started_at: Some("2026-01-02T07:59:00Z".parse().unwrap()),
        ..up()
    };
    assert_eq!(verdict(1, &[young(0)]).0, Status::Ok);
    assert_eq!(verdict(1, &[young(1)]).0, Status::Warn);
    assert_eq!(verdict(1, &[young(3)]).0, Status::Crit);
    assert_eq!(verdict(1, &[InstanceDetails { state: "paused".into(), ..up() }]).0, Status::Crit);
}

#[test]
fn a_container_named_like_its_service_is_not_repeated() {
    let paused = InstanceDetails { name: "api".into(), state: "paused".into(), ..up() };
    assert_eq!(verdict(1, &[paused]).1, "api: paused");
}

#[test]
fn the_worst_issue_comes_first() {
    let unhealthy = InstanceDetails { name: "api-2".into(), health: Some(Health::Unhealthy), ..up() };
    let starting = InstanceDetails { health: Some(Health::Starting), ..up() };
    let finding = judge_api(&group(1), &[starting, unhealthy]);
    assert!(finding.summary.starts_with("api: 2 running, api-2 unhealthy"), "{}", finding.summary);
    assert!(finding.hint.unwrap().ends_with("api-2"));
}
