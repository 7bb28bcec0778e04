//! Which Docker objects `maintain weekly` removes and keeps, on a real engine with labelled objects of the
//! test.

use ordctl::base::secret::SecretUrl;
use std::collections::BTreeSet;
use std::process::Command;

use ordctl::base::settings::Settings;
use ordctl::clients::platform::docker::{Docker, ObjectKind, RemovalOutcome};
use serde_json::Value;

use super::boundaries::Boundary;
use super::unused_objects::{HERE, UnusedObjects, weekly};
use super::{cleaned, prepared};
use crate::support::ordctl::{Ordctl, finding};

use crate::support::recorder::{self, ENGINE};
use crate::support::systems::shell;
use crate::support::{Guard, eventually, left_out};

fn json(ordctl: &Ordctl, args: &[String]) -> (i32, Value) {
    ordctl.json(&args.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The ids in a plan's calls.
fn listed(report: &Value) -> BTreeSet<String> {
    let calls = finding(report, "plan.docker")["details"]["calls"].as_array().unwrap();
    let id = |c: &Value| c.as_str().unwrap().split(['/', '?', ' ']).nth(3).unwrap().to_owned();
    calls.iter().filter(|c| c.as_str().unwrap().starts_with("DELETE /")).map(id).collect()
}

fn set(ids: &[&String]) -> BTreeSet<String> {
    ids.iter().map(|s| (*s).clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn unused_objects_are_removed_and_everything_else_is_kept() {
    if left_out("unused_objects_are_removed_and_everything_else_is_kept", &["docker"]) {
        return;
    }
    let r = UnusedObjects::new("goes");
    let (database, _) = prepared().await;
    let (project, running) = (format!("{}-p", r.name), format!("{}-live", r.name));
    let stopped = format!("{}-stopped", r.name);
    let compose = |p: &str, s: &str| {
        format!("--label com.docker.compose.project={p} --label com.docker.compose.service={s}")
    };
    // Kept for its anonymous volume.
    let holds = r.container("holds", "-v /anonymous", "true");
    let anonymous = shell(&format!("docker inspect -f '{{{{(index .Mounts 0).Name}}}}' {holds}"));
    let end = format!("docker rm -f {holds}; docker volume rm {anonymous}");
    let _volume = Guard::new(":", &end, &[], None);
    // Removed: ended containers, one of them one-off in a stopped project; two untagged images, one built on
    // the other.
    let ended = r.container("ended", "", "true");
    let once = format!("{} --label com.docker.compose.oneoff=True", compose(&stopped, "job"));
    let once = r.container("once", &once, "true");
    let plain = r.container("plain", "", "true");
    let first = shell(&format!("docker commit {plain}"));
    let from_first = r.container_of(&first, "of-first", "", "true");
    let second = shell(&format!("docker commit {from_first}"));
    let untagged = r.import("", "a=1");
    let empty = r.network("empty", "");
    // Kept.
    let used = r.volume("used");
    let unused = r.volume("unused");
    r.container("runs", &format!("-v {used}:/data"), "sleep 1000");
    r.container("kept", "--label ordctl.keep=yes", "true");
    r.container("service", &compose(&project, "api"), "true");
    r.container("by-name", "", "true");
    r.container("live", &compose(&running, "web"), "sleep 1000");
    r.container("beside", &compose(&running, "job"), "true");
    // A stopped stack with compose's default restart policy.
    r.container("stopped", &compose(&stopped, "web"), "true");
    r.network("stopped", &format!("--label com.docker.compose.project={stopped}"));
    let leaving = r.network("leaving", "");
    shell(&format!("docker network disconnect none {ended}; docker network connect {leaving} {ended}"));
    r.container("again", "--restart unless-stopped", "sleep 1000");
    shell(&format!("docker stop -t 0 {}-again", r.name));
    let in_use = r.import("", "b=1");
    r.container_of(&in_use, "of-untagged", "--label ordctl.keep=", "true");
    r.import("", "ordctl.keep=1");
    let held = r.network("held", "");
    shell(&format!(
        "docker network disconnect none {0}-kept; docker network connect {held} {0}-kept",
        r.name
    ));
    r.network("kept", "--label ordctl.keep=1");
    r.network("project", &format!("--label com.docker.compose.project={running}"));

    let goes = set(&[&ended, &once, &plain, &from_first, &first, &second, &untagged, &empty]);
    let recorder = recorder::Docker::start();
    let docker = format!(
        "docker: {{ host: \"{}\", project: {project} }}\nservices: {{ api: {{}}, job: {{ container: {}-by-name }} }}\n",
        recorder.host(),
        r.name
    );
    let ordctl = r.configured(&database, &docker);
    let before = r.all();
    let (code, dry) = json(&ordctl, &weekly(&r.label(), &["--dry-run"]));
    assert_eq!(code, 0, "{dry}");
    assert_eq!((listed(&dry), r.all()), (goes.clone(), before.clone()));
    assert_eq!(recorder.changes(), [""; 0], "a dry run changes nothing");
    let output = finding(&dry, "plan.docker")["details"]["calls"].to_string();
    assert!(output.contains(&format!("(container {}-ended, 0 B)", r.name)), "{output}");

    let (code, report) = json(&ordctl, &weekly(&r.label(), &["--yes"]));
    assert_eq!(code, 0, "{report}");
    let gone: BTreeSet<String> = before.difference(&r.all()).cloned().collect();
    assert_eq!(gone, goes);
    cleaned(&database).await;
    assert_eq!(shell(&format!("docker volume ls -q --filter name={anonymous}")), anonymous);
    for name in [&used, &unused] {
        let file =
            format!("docker run --rm --network none -v {name}:/data {} /bin/busybox cat /data/file", r.tag());
        assert_eq!(shell(&file), "precious");
    }
    let done = finding(&report, "steps.docker")["details"].clone();
    assert_eq!((&done["containers"], &done["images"], &done["networks"]), (&4.into(), &3.into(), &1.into()));
    assert!(
        done["reclaimed"]["bytes"].as_u64().unwrap() > 1_000_000,
        "the untagged image's own layer: {done}"
    );
    let volume = finding(&report, &format!("steps.docker.volume.{unused}"));
    assert!(volume["summary"].as_str().unwrap().ends_with("unused, kept"), "{volume}");
    let changes = recorder.changes();
    let calls = finding(&dry, "plan.docker")["details"]["calls"].to_string();
    assert_eq!(changes.len(), goes.len());
    for change in changes {
        assert!(change.starts_with("DELETE ") && calls.contains(&change), "{change} is not in {calls}");
        assert!(!change.contains("/prune") && !change.contains("/volumes"), "{change}");
    }
}

#[tokio::test]
async fn objects_younger_than_a_day_are_kept() {
    if left_out("objects_younger_than_a_day_are_kept", &["docker"]) {
        return;
    }
    let r = UnusedObjects::new("young");
    let (database, _) = prepared().await;
    r.container("ended", "", "true");
    r.import("", "a=1");
    r.network("empty", "");
    let ordctl = r.configured(&database, HERE);
    let label = format!("docker_label={}", r.label());
    let (code, dry) = ordctl.json(&["maintain", "weekly", "-p", &label, "--dry-run", "--only", "docker"]);
    assert_eq!((code, listed(&dry).len()), (0, 0), "{dry}");
    let before = r.all();
    let (code, _) = ordctl.json(&["maintain", "weekly", "-p", &label, "--yes", "--only", "docker"]);
    assert_eq!((code, r.all()), (0, before));
}

/// The engine does not record when an image lost its tag, and a recently replaced image may be needed for a
/// rollback.
#[tokio::test]
async fn an_image_is_removed_only_when_an_earlier_run_observed_it_untagged() {
    if left_out("an_image_is_removed_only_when_an_earlier_run_observed_it_untagged", &["docker"]) {
        return;
    }
    let r = UnusedObjects::new("back");
    let (database, _) = prepared().await;
    let image = r.import("", "a=1");
    let made = chrono::Utc::now();
    let later = async || chrono::Utc::now() - made > chrono::TimeDelta::milliseconds(2100);
    eventually("it is two seconds old", later).await;
    let ordctl = r.configured(&database, HERE);
    let label = format!("docker_label={}", r.label());
    let clean = || {
        let args = ["maintain", "weekly", "-p", &label, "-p", "docker_age=1s", "--yes", "--only", "docker"];
        let (code, report) = ordctl.json(&args);
        assert_eq!(code, 0, "{report}");
        (r.all().contains(&image), report)
    };
    let (there, report) = clean();
    let output = finding(&report, "steps.docker.images");
    assert!(there && output["summary"].as_str().unwrap().starts_with("Untagged images: 1 kept"), "{report}");
    let aged = "UPDATE ordctl.sample SET at = at - interval '1 hour' WHERE name = 'docker_nameless'";
    database.execute(aged).await.unwrap();
    // Tagged for a moment after that run.
    shell(&format!("docker tag {image} {0}:x; docker tag {0}:1 {0}:x", r.name));
    let named = chrono::Utc::now();
    eventually("two seconds pass", async || chrono::Utc::now() - named > chrono::TimeDelta::seconds(2)).await;
    assert!(clean().0, "it was tagged after it was observed untagged");
    database.execute("UPDATE ordctl.sample SET at = now() - interval '1.1 s' WHERE name = 'docker_nameless' AND at > now() - interval '1 minute'").await.unwrap();
    let (there, report) = clean();
    assert!(!there, "{report}");
}

/// The run is stopped between its plan and its last step.
#[tokio::test]
async fn a_run_removes_no_more_than_its_own_plan_listed() {
    if left_out("a_run_removes_no_more_than_its_own_plan_listed", &["docker"]) {
        return;
    }
    let r = UnusedObjects::new("between");
    let (database, _) = prepared().await;
    let goes = r.container("goes", "", "true");
    let again = r.container(
        "again",
        "",
        "sh -c 'test -e /once && exec /bin/busybox sleep 1000; /bin/busybox touch /once'",
    );
    shell(&format!("docker wait {again}"));
    let vanishes = r.container("vanishes", "", "true");
    let named = r.import("", "a=1");
    let joined = r.network("joined", "");
    let ordctl = r.configured(&database, HERE);
    let boundary = Boundary::set(&database, "docker", "INSERT").await;
    let args = weekly(&r.label(), &["--yes", "--only", "docker", "-o", "json"]);
    let child = ordctl.spawn(&args.iter().map(String::as_str).collect::<Vec<_>>());
    boundary
        .frozen(&child, async || {
            let later = r.container("later", "", "true");
            let later_image = r.import("", "b=1");
            let later_network = r.network("later", "");
            shell(&format!(
                "docker start {again}; docker rm {vanishes}; docker tag {named} {}:named",
                r.name
            ));
            shell(&format!(
                "docker run -d --name {0}-joins --label {1} --network {joined} {2} /bin/busybox sleep 1000",
                r.name,
                r.label(),
                r.tag()
            ));
            set(&[&later, &later_image, &later_network])
        })
        .await
        .into_iter()
        .for_each(|later| assert!(r.all().contains(&later), "{later} was not in the plan"));
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{report}");
    let left = r.all();
    assert!(!left.contains(&goes), "{report}");
    for stays in [&again, &named, &joined] {
        assert!(left.contains(stays), "{stays}: {report}");
    }
    assert_eq!(finding(&report, "steps.docker")["details"]["unplanned"], 3, "{report}");
    // The plan of the next run lists the later objects.
    let all = shell(&format!("docker ps -aq --no-trunc --filter name={}-later", r.name));
    assert!(left.contains(&all), "{report}");
    let (code, _) = json(&ordctl, &weekly(&r.label(), &["--yes", "--only", "docker"]));
    assert!(code == 0 && !r.all().contains(&all));
}

/// The check immediately before each removal.
#[tokio::test]
async fn an_object_in_use_again_is_kept() {
    if left_out("an_object_in_use_again_is_kept", &["docker"]) {
        return;
    }
    let r = UnusedObjects::new("turn");
    let mut settings = Settings::default();
    settings.docker.host = Some(SecretUrl::new(format!("unix://{ENGINE}")));
    let docker = Docker::new(&settings).unwrap();
    let again = r.container(
        "again",
        "",
        "sh -c 'test -e /once && exec /bin/busybox sleep 1000; /bin/busybox touch /once'",
    );
    shell(&format!("docker wait {again}"));
    let vanishes = r.container("vanishes", "", "true");
    let (named, used) = (r.import("", "a=1"), r.import("", "b=1"));
    let joined = r.network("joined", "");
    let project = format!("--label com.docker.compose.project={}-p", r.name);
    let once = r.container("once", &format!("{project} --label com.docker.compose.oneoff=True"), "true");
    let now = chrono::Utc::now();
    let untagged = docker.untagged_images(Some(&r.label())).await.unwrap();
    let seen = untagged.into_iter().map(|image| (image, now)).collect();
    let found = docker.unused(now, Some(&r.label()), &seen).await.unwrap();
    let ids: BTreeSet<String> = found.iter().map(|u| u.id.clone()).collect();
    assert_eq!(ids, set(&[&again, &vanishes, &once, &named, &used, &joined]));
    shell(&format!("docker start {again}; docker rm {vanishes}; docker tag {named} {}:named", r.name));
    // Its project runs again.
    r.container("web", &project, "sleep 1000");
    // A created container uses its image and network, too.
    shell(&format!(
        "docker create --name {0}-c --label {1} --network {joined} {used} /bin/busybox true",
        r.name,
        r.label()
    ));
    for object in found {
        let outcome = docker.remove(&object, chrono::Utc::now(), &crate::support::consent()).await.unwrap();
        match (&outcome, object.id == vanishes) {
            (RemovalOutcome::Vanished, true) => {}
            (RemovalOutcome::InUse(why), false) => {
                let wanted = match object.kind {
                    ObjectKind::Container if object.id == once => "belongs to a service or project in use",
                    ObjectKind::Container => "it is running",
                    ObjectKind::Image if object.id == named => "named now",
                    _ => "uses it",
                };
                assert!(why.contains(wanted), "{why}");
            }
            _ => panic!("{object:?}: {outcome:?}"),
        }
        assert!(object.id == vanishes || r.all().contains(&object.id));
    }
}

#[tokio::test]
async fn without_docker_the_database_is_still_cleaned() {
    if left_out("without_docker_the_database_is_still_cleaned", &["docker"]) {
        return;
    }
    let (database, plain) = prepared().await;
    let (code, dry) = plain.json(&["maintain", "weekly", "--dry-run"]);
    let skipped = finding(&dry, "plan.docker");
    assert_eq!((code, skipped["status"].as_str()), (0, Some("skipped")), "{dry}");
    assert!(skipped["summary"].as_str().unwrap().contains("Docker is not configured"), "{skipped}");

    let r = UnusedObjects::new("down");
    let ended = r.container("ended", "", "true");
    let home = tempfile::tempdir().unwrap();
    let socket = home.path().join("docker.sock");
    let ordctl = r.configured(&database, &format!("docker: {{ host: \"unix://{}\" }}\n", socket.display()));
    let (code, dry) = json(&ordctl, &weekly(&r.label(), &["--dry-run"]));
    assert_eq!((code, finding(&dry, "plan.docker")["status"].as_str()), (1, Some("warn")), "{dry}");
    let (code, report) = json(&ordctl, &weekly(&r.label(), &["--yes"]));
    assert_eq!(code, 2, "{report}");
    cleaned(&database).await;
    assert_eq!(finding(&report, "steps.docker")["status"], "crit");
    assert_eq!(finding(&report, "verification.invalid_indexes")["status"], "ok", "{report}");
    assert_eq!(finding(&report, "resume")["hint"], "ordctl run maintain/weekly --resume");
    // The engine is back: only the failed steps run.
    Command::new("ln").arg("-s").arg(ENGINE).arg(&socket).status().unwrap();
    let (code, report) = ordctl.json(&["maintain", "weekly", "--yes", "--resume"]);
    assert_eq!(code, 0, "{report}");
    assert_eq!(finding(&report, "steps.runs")["status"], "skipped");
    assert!(!r.all().contains(&ended));
    let reclaimed = &finding(&report, "reclaimed")["details"];
    assert!(reclaimed["rows"].as_u64().unwrap() > 2900, "rows deleted by the first run count: {reclaimed}");
}

#[tokio::test]
async fn an_unbounded_log_is_reported_and_not_truncated() {
    if left_out("an_unbounded_log_is_reported_and_not_truncated", &["docker"]) {
        return;
    }
    let r = UnusedObjects::new("logs");
    let (database, _) = prepared().await;
    let project = format!("{}-p", r.name);
    let of = |s: &str| {
        format!("--label com.docker.compose.project={project} --label com.docker.compose.service={s}")
    };
    let talks = "awk 'BEGIN { for (i = 0; i < 20000; i++) print \"a line of the log that is long enough to count \" i }'";
    let api = r.container("api", &of("api"), talks);
    let web =
        r.container("web", &format!("{} --log-opt max-size=64k --log-opt max-file=2", of("web")), talks);
    shell(&format!("docker wait {api} {web}"));
    let ordctl = r.configured(&database, &HERE.replace("{ host", &format!("{{ project: {project}, host")));
    let before = shell(&format!("docker logs {api} | md5sum"));
    let (code, report) = ordctl.json(&["maintain", "weekly", "--yes", "--only", "logs"]);
    assert_eq!(code, 0, "{report}");
    let output = |name: &str| finding(&report, &format!("steps.logs.{}-{name}", r.name)).clone();
    let (loud, bounded) = (output("api"), output("web"));
    assert!(loud["summary"].as_str().unwrap().ends_with("no rotation (json-file driver)"), "{loud}");
    assert!(loud["value"].as_f64().unwrap() > 1_000_000.0, "{loud}");
    assert!(bounded["summary"].as_str().unwrap().ends_with("rotated (json-file driver)"), "{bounded}");
    let rotated = bounded["value"].as_f64().unwrap();
    assert!(rotated > 60_000.0 && rotated < 140_000.0, "both files: {bounded}");
    assert_eq!(shell(&format!("docker logs {api} | md5sum")), before);

    let book = "name: logs\ntitle: Logs\nsections:\n  - { id: logs, title: Logs, steps: [{ uses: check.log_files, with: { warn: 1MiB } }] }\n";
    std::fs::write(ordctl.home().join("logs.yaml"), book).unwrap();
    let (code, report) = ordctl.json(&["run", "./logs.yaml"]);
    let loud = finding(&report, &format!("logs.log_files.{}-api", r.name));
    assert_eq!((code, loud["status"].as_str()), (1, Some("warn")), "{report}");
    assert!(loud["hint"].as_str().unwrap().contains("max-size"), "{loud}");
}
