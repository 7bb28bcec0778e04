//! Log lines: order, filters, JSON fields, folding and unreadable logs.

use super::{Project, messages, objects};
use crate::support::ordctl::Ordctl;
use crate::support::systems::shell;
use crate::support::{Guard, eventually, left_out};

/// One log is read from its file, the other through the engine.
#[test]
fn logs_of_several_services_are_merged_by_time() {
    if left_out("logs_of_several_services_are_merged_by_time", &["docker"]) {
        return;
    }
    let project = Project::new("merge");
    let api = project.start("api", 1, "json-file");
    let workers = [project.start("worker", 1, "local"), project.start("worker", 2, "json-file")];
    let other = project.start("other", 1, "json-file");
    for (container, line) in
        [(&api, "1"), (&workers[0], "2"), (&workers[1], "3"), (&api, "4"), (&other, "x"), (&workers[0], "5")]
    {
        project.say(container, &[line]);
    }
    let ordctl = project.ordctl(&["api", "worker"], "");
    let expected = |lines: &[&str]| (0, lines.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(messages(&ordctl, &[]), expected(&["1", "2", "3", "4", "5"]));
    assert_eq!(messages(&ordctl, &["worker"]), expected(&["2", "3", "5"]), "every replica is read");
    assert_eq!(messages(&ordctl, &["other", "api"]), expected(&["1", "4", "x"]));
    let all = project.ordctl(&[], "");
    assert_eq!(messages(&all, &[]), expected(&["1", "2", "3", "4", "x", "5"]));

    let (_, lines) = objects(&ordctl, &[]);
    assert_eq!((lines[1]["service"].as_str(), lines[1]["stream"].as_str()), (Some("worker"), Some("stdout")));
    assert_eq!(lines[1]["container"].as_str(), Some(workers[0].as_str()));
    let times: Vec<&str> = lines.iter().map(|l| l["time"].as_str().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert_eq!(messages(&ordctl, &["--since", times[1], "--until", times[3]]), expected(&["2", "3"]));
    assert_eq!(messages(&ordctl, &["--since", "1ms"]), expected(&[]));
    assert_eq!(messages(&ordctl, &["-n", "2"]), expected(&["4", "5"]), "of all services");
    assert_eq!(messages(&ordctl, &["--tail", "2", "--grep", "[123]"]), expected(&["2", "3"]));
    assert_eq!(messages(&ordctl, &["-n", "0"]), expected(&[]));

    let text = ordctl.run(&["logs"]);
    assert!(text.out.lines().next().unwrap().ends_with("  api-1     1"), "{text:?}");
    assert!(!text.out.contains('\u{1b}') && text.err.is_empty(), "{text:?}");
    assert!(ordctl.run(&["logs", "--color", "always"]).out.contains('\u{1b}'));
    let output = ordctl.run(&["logs", "-o", "junit"]);
    assert_eq!(output.code, 64, "{output:?}");

    let output = ordctl.run(&["logs", "apii", "api"]);
    assert_eq!((output.code, output.out.lines().count()), (3, 2), "{output:?}");
    assert!(output.err.contains("apii: no container"), "{output:?}");
}

#[test]
fn level_grep_and_exclude_filter_lines() {
    if left_out("level_grep_and_exclude_filter_lines", &["docker"]) {
        return;
    }
    let project = Project::new("choose");
    let api = project.start("api", 1, "json-file");
    project.say(
        &api,
        &[
            "INFO start",
            "2026-01-02 ERROR [api] request 17 failed",
            r#"{"level":"error","msg":"in small letters","ts":1767323045,"n":5}"#,
            r#"{"level":"info","msg":"no ERROR"}"#,
            "WARN disk",
            "level=error msg=logfmt",
            "FATAL end",
            "plain heartbeat",
        ],
    );
    let ordctl = project.ordctl(&["api"], "");
    let of = |args: &[&str]| messages(&ordctl, args).1;
    assert_eq!(of(&[]).len(), 8);
    let errors = ["2026-01-02 ERROR [api] request 17 failed", "in small letters", "logfmt", "FATAL end"];
    assert_eq!(of(&["--level", "error"]), errors);
    assert_eq!(of(&["--level", "critical"]), ["FATAL end"]);
    assert_eq!(of(&["--level", "warning"]).len(), 5);
    assert_eq!(
        of(&["--grep", "start|end", "--grep", "^plain"]),
        ["INFO start", "FATAL end", "plain heartbeat"]
    );
    assert_eq!(
        of(&["--level", "error", "--exclude", r"request \d+", "--exclude", "json|small"]),
        errors[2..]
    );

    let (_, lines) = objects(&ordctl, &["--grep", "small letters"]);
    let line = &lines[0];
    assert_eq!((line["level"].as_str(), line["fields"]["n"].as_u64()), (Some("error"), Some(5)));
    assert_eq!(line["logged_at"].as_str(), Some("2026-01-02T03:04:05Z"));
    assert!(line["fields"].get("msg").is_none() && line["fields"].get("level").is_none(), "{line}");
    let text = ordctl.run(&["logs", "--grep", "small letters"]).out;
    assert!(text.ends_with("  ERROR    in small letters n=5\n"), "{text}");
}

#[test]
fn escape_sequences_hide_no_match_and_leave_nothing() {
    if left_out("escape_sequences_hide_no_match_and_leave_nothing", &["docker"]) {
        return;
    }
    let project = Project::new("escape");
    let (file, engine) = (project.start("api", 1, "json-file"), project.start("api", 2, "local"));
    let lines = [
        "\u{1b}[31mERROR\u{1b}[0m colour",
        "\u{1b}]0;title\u{7}ERR\u{202e}OR colour",
        r#"{"level":"error","msg":"\u001b[1mERROR\u001b[0m colour"}"#,
        "other",
    ];
    project.say(&file, &lines);
    project.say(&engine, &lines);
    let ordctl = project.ordctl(&["api"], "");
    let (code, found) = messages(&ordctl, &["--grep", "ERROR colour"]);
    assert_eq!((code, found), (0, vec!["ERROR colour".to_owned(); 6]));
    let (_, folded) = ordctl.json(&["logs", "--fold", "--level", "error"]);
    let patterns = folded["patterns"].as_array().unwrap();
    let all: Vec<&str> = patterns.iter().map(|p| p["pattern"].as_str().unwrap()).collect();
    assert_eq!((all, patterns[0]["count"].as_u64()), (vec!["ERROR colour"], Some(6)), "{folded}");
}

#[test]
fn similar_lines_are_folded_with_count_first_and_last_time() {
    if left_out("similar_lines_are_folded_with_count_first_and_last_time", &["docker"]) {
        return;
    }
    let project = Project::new("fold");
    let (one, two) = (project.start("worker", 1, "json-file"), project.start("worker", 2, "local"));
    project.say(&one, &["ERROR job 1 failed", "INFO job 1 begins"]);
    project.say(&two, &["ERROR job 22 failed", "once"]);
    project.say(&one, &["ERROR job 333 failed"]);
    let ordctl = project.ordctl(&["worker"], "");
    let (_, lines) = objects(&ordctl, &["--level", "error"]);
    let (code, folded) = ordctl.json(&["logs", "--fold"]);
    assert_eq!(code, 0);
    let patterns = folded["patterns"].as_array().unwrap();
    assert_eq!(patterns.len(), 3, "{folded}");
    let first = &patterns[0];
    assert_eq!((first["count"].as_u64(), first["level"].as_str()), (Some(3), Some("error")), "{folded}");
    assert_eq!(first["pattern"], "ERROR job # failed");
    let time = |value: &serde_json::Value| -> chrono::DateTime<chrono::Utc> {
        value.as_str().unwrap().parse().unwrap()
    };
    assert_eq!(time(&first["first"]), time(&lines[0]["time"]));
    assert_eq!(time(&first["last"]), time(&lines[2]["time"]));
    let text = ordctl.run(&["logs", "--fold", "--exclude", "once"]);
    assert_eq!(text.out.lines().count(), 3, "{text:?}");

    // More patterns than fit in memory: the lines of dropped patterns still count.
    let script = "/bin/busybox awk 'BEGIN { for (i = 0; i < 9000; i++) { s = \"\"; \
                  for (n = i + 10000; n > 0; n = int(n / 10)) s = s sprintf(\"%c\", 97 + n % 10); \
                  print \"rare \" s; if (i % 3 == 0) print \"frequent \" i } }' >/proc/1/fd/1";
    crate::support::systems::shell(&format!(
        "docker exec {one} /bin/busybox sh -c '{}'",
        script.replace('\'', "'\\''")
    ));
    let (_, folded) = ordctl.json(&["logs", "--fold", "--grep", "^rare|^frequent"]);
    let patterns = folded["patterns"].as_array().unwrap();
    assert_eq!(
        (patterns[0]["pattern"].as_str(), patterns[0]["count"].as_u64()),
        (Some("frequent #"), Some(3000))
    );
    assert!(patterns.len() <= 2001, "{}", patterns.len());
    let sum: u64 = patterns.iter().map(|p| p["count"].as_u64().unwrap()).sum();
    assert_eq!(sum, 12_000, "every line is counted");
    assert_eq!(patterns.last().unwrap()["pattern"], "(other)");
}

#[test]
fn an_unreadable_log_is_reported_and_hides_no_other() {
    if left_out("an_unreadable_log_is_reported_and_hides_no_other", &["docker"]) {
        return;
    }
    let project = Project::new("none");
    let api = project.start("api", 1, "json-file");
    let mute = project.start("worker", 1, "none");
    project.say(&api, &["INFO here", "ERROR there"]);
    let ordctl = project.ordctl(&["api", "worker"], "");
    for args in [&["logs"] as &[&str], &["logs", "--fold"]] {
        let output = ordctl.run(args);
        assert_eq!(output.code, 3, "{output:?}");
        assert!(output.out.contains("INFO here"), "{output:?}");
        assert!(output.err.contains(&format!("the log of {mute}: ")), "{output:?}");
    }
    let output = ordctl.run(&["logs", "api"]);
    assert_eq!((output.code, output.err.as_str()), (0, ""), "{output:?}");
    let (code, report) = ordctl.json(&["logs", "analyze", "--only", "errors"]);
    assert_eq!(code, 3);
    let text = report["sections"][0]["findings"].to_string();
    assert!(text.contains(&mute) && text.contains("ERROR there"), "{text}");
    let unreadable = |args: &[&str]| {
        let (code, report) = ordctl.json(&[&["logs", "analyze", "--skip", "security"], args].concat());
        (
            code,
            report["sections"].to_string().matches(&format!("\"{mute}: cannot read log: ")).count(),
            report,
        )
    };
    for topic in ["performance", "resources"] {
        let (code, times, report) = unreadable(&["--only", topic]);
        assert_eq!(
            (code, times),
            (3, 1),
            "the step that reads the logs reports the unreadable one: {report:#}"
        );
        assert!(report.to_string().contains(" in 2 lines"), "{report:#}");
        let (code, _, report) = unreadable(&["--only", topic, "api", "absent"]);
        assert!(code == 3 && report.to_string().contains("absent: no container"), "{report:#}");
    }
    let (_, times, report) = unreadable(&[]);
    assert_eq!(times, 1, "{report:#}");
}

/// A swarm replaces a crashed task at once.
#[tokio::test]
async fn the_log_of_a_crashed_task_is_read_too() {
    if left_out("the_log_of_a_crashed_task_is_read_too", &["docker"]) {
        return;
    }
    let project = Project::new("crashed");
    let crashed = project.task("worker", 1, "aaa");
    // The engine reports creation times in whole seconds.
    let created = chrono::Utc::now().timestamp();
    eventually("the next second", async || chrono::Utc::now().timestamp() > created).await;
    let now = project.task("worker", 1, "bbb");
    project.say(&crashed, &["ERROR no memory left"]);
    project.say(&now, &["INFO up again"]);
    shell(&format!("docker stop -t 0 {crashed}"));
    let ordctl = project.ordctl(&["worker"], "");
    let both = ["ERROR no memory left", "INFO up again"].map(str::to_owned);
    assert_eq!(messages(&ordctl, &[]), (0, both.to_vec()));
    let (code, report) = ordctl.json(&["logs", "analyze", "--only", "errors"]);
    assert_eq!(code, 1, "{report:#}");
    let book = "name: count\ntitle: Count\nsections:\n  - { id: logs, title: Logs, steps: [{ id: worker, uses: check.logs, with: { service: worker, warn: 1 } }] }\n";
    std::fs::write(ordctl.home().join("count.yaml"), book).unwrap();
    let (code, report) = ordctl.json(&["run", "./count.yaml"]);
    assert_eq!(code, 1, "{report:#}");
    assert!(report.to_string().contains("worker: 1 error in the last 24h (2 lines)"), "{report:#}");
}

/// A container outside the project has the name of one of its services.
#[test]
fn a_foreign_container_with_the_name_of_a_service_is_ignored() {
    if left_out("a_foreign_container_with_the_name_of_a_service_is_ignored", &["docker"]) {
        return;
    }
    let project = Project::new("stranger");
    let service = format!("cache{}", std::process::id());
    let own = project.start(&service, 1, "json-file");
    let _guard = Guard::new(":", &format!("docker rm -f {service}"), &[], None);
    let name = &project.name;
    shell(&format!("docker run -d --network none --name {service} {name} /bin/busybox sleep 100000"));
    project.say(&own, &["ours"]);
    project.say(&service, &["not ours"]);
    let ordctl = project.ordctl(&[&service], "");
    assert_eq!(messages(&ordctl, &[]), (0, vec!["ours".to_owned()]));
    let parameter = format!("service={service}");
    let output = ordctl.run(&["restart", "workers", "--dry-run", "-p", &parameter, "-p", "ready=running"]);
    assert_eq!(output.code, 0, "{output:?}");
    assert!(output.out.contains(&own), "{output:?}");
    let container =
        format!("docker: {{ project: {name} }}\nservices: {{ {service}: {{ container: {service} }} }}\n");
    let ordctl = Ordctl::configured(&container);
    assert_eq!(
        messages(&ordctl, &[]),
        (0, vec!["ours".to_owned(), "not ours".to_owned()]),
        "the settings name it"
    );
}
