use super::*;

const HEALTHY: &str = "redis_version:7.0.15\nrole:master\nuptime_in_seconds:90\nused_memory:1048576\n\
    maxmemory:0\nmaxmemory_policy:noeviction\nevicted_keys:0\nrdb_last_bgsave_status:ok\n\
    rdb_last_save_time:1000\nrdb_changes_since_last_save:3\naof_enabled:0\naof_last_write_status:ok\n\
    connected_clients:2\nrejected_connections:0\nconnected_slaves:0\ndb0:keys=7,expires=0,avg_ttl=0\n";

const RULES: Option<&str> = Some("3600 1 300 100");

fn finding(id: &str, changes: &str) -> Finding {
    with_rules(id, changes, RULES)
}

fn with_rules(id: &str, changes: &str, rules: Option<&str>) -> Finding {
    // The last of two equal fields wins.
    let info = Info::parse(&format!("{HEALTHY}{changes}"));
    let params: Params = serde_json::from_value(json!({})).unwrap();
    let all = server_findings(&info, rules, Duration::from_micros(300), &params, 1060, "redis-cli");
    all.into_iter().find(|f| f.id == id).unwrap()
}

#[test]
fn a_healthy_server_is_ok() {
    for (id, summary) in [
        ("ping", "Redis: 300 µs, version 7.0.15, role master, up 1m 30s"),
        ("memory", "Redis memory: 1.0 MiB used, no maxmemory"),
        ("evictions", "Redis evictions: none"),
        ("persistence", "Redis persistence: last save 1m ago, 3 changes since"),
        ("clients", "Redis clients: 2 connected"),
        ("keyspace", "Redis keys: db0 7"),
    ] {
        let finding = finding(id, "");
        assert_eq!((finding.status, finding.summary.as_str()), (Status::Ok, summary));
        assert_eq!(finding.hint, None);
    }
}

#[test]
fn each_problem_has_its_own_finding() {
    for (id, changes, status, words) in [
        ("memory", "maxmemory:1200000\n", Status::Warn, "87.4 % used"),
        ("memory", "maxmemory:1048576\n", Status::Crit, "100.0 % used"),
        ("evictions", "evicted_keys:5\n", Status::Warn, "5 keys since start, policy noeviction"),
        ("persistence", "rdb_last_bgsave_status:err\n", Status::Crit, "last save failed"),
        ("persistence", "aof_enabled:1\naof_last_write_status:err\n", Status::Crit, "append-only"),
        ("persistence", "aof_last_write_status:err\n", Status::Ok, "last save"),
        (
            "replication",
            "role:slave\nmaster_link_status:down\nmaster_host:m\n",
            Status::Crit,
            "master m down",
        ),
        ("replication", "role:slave\nmaster_link_status:up\nmaster_host:m\n", Status::Ok, "connected"),
        ("replication", "connected_slaves:2\n", Status::Ok, "2 replicas"),
        ("clients", "rejected_connections:4\n", Status::Warn, "4 rejected"),
    ] {
        let finding = finding(id, changes);
        assert_eq!(finding.status, status, "{changes}");
        assert!(finding.summary.contains(words), "{}", finding.summary);
    }
}

#[test]
fn a_server_that_saves_nothing_is_a_warning() {
    let never = "rdb_last_bgsave_time_sec:-1\nuptime_in_seconds:9000\n";
    for (changes, rules, status) in [
        ("", Some(""), Status::Warn),
        ("", RULES, Status::Ok),
        ("aof_enabled:1\n", Some(""), Status::Ok),
        ("role:slave\nmaster_link_status:up\n", Some(""), Status::Ok),
        (never, None, Status::Warn),
        ("rdb_last_bgsave_time_sec:-1\n", None, Status::Ok),
        ("rdb_last_bgsave_time_sec:0\nuptime_in_seconds:9000\n", None, Status::Ok),
        (&format!("{never}aof_enabled:1\n"), None, Status::Ok),
        (&format!("{never}rdb_changes_since_last_save:0\n"), None, Status::Ok),
    ] {
        let finding = with_rules("persistence", changes, rules);
        assert_eq!(finding.status, status, "{changes} {rules:?}: {}", finding.summary);
    }
    let finding = with_rules("persistence", "", Some(""));
    assert_eq!(finding.summary, "Redis persistence: none, a restart loses the events in streams");
    assert_eq!(finding.hint.unwrap(), "redis-cli config set appendonly yes && redis-cli config rewrite");
    assert_eq!(with_rules("persistence", never, None).hint.unwrap(), "redis-cli info persistence");
}

#[test]
fn a_sentinel_is_named() {
    let finding = finding("ping", "redis_mode:sentinel\n");
    assert_eq!(
        (finding.status, finding.summary.as_str()),
        (Status::Crit, "Redis: this is a Sentinel, which holds no data")
    );
    assert_eq!(finding.hint.as_deref(), Some("redis-cli sentinel masters"));
}

#[test]
fn an_unreadable_stream_is_unknown() {
    let params: Params = serde_json::from_value(json!({ "warn_stream": 10, "crit_stream": 20 })).unwrap();
    let of = |length| stream("events", &length, &params, "redis-cli").status;
    assert_eq!(of(Ok(Some(9))), Status::Ok);
    assert_eq!(of(Ok(Some(10))), Status::Warn);
    assert_eq!(of(Ok(Some(20))), Status::Crit);
    assert_eq!(of(Ok(None)), Status::Ok);
    assert_eq!(of(Err(ClientError::failed("redis", "WRONGTYPE"))), Status::Unknown);
}
