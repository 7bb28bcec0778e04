//! What `maintain weekly` removes from Docker, and what it leaves: on the real engine, with objects of
//! the test's own, which bear a label that nobody else's have.

use std::collections::BTreeSet;
use std::process::Command;

use ordctl::base::settings::Settings;
use ordctl::clients::platform::docker::{Docker, Kind, RemovalOutcome};
use serde_json::Value;

use super::boundaries::Boundary;
use super::rubbish::{HERE, Rubbish, weekly};
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
async fn what_nobody_uses_goes_and_everything_else_stays_above_all_volumes() {
    if left_out("what_nobody_uses_goes_and_everything_else_stays_above_all_volumes", &["docker"]) {
        return;
    }
    let r = Rubbish::new("goes");
    let (database, _) = prepared().await;
    let (project, running) = (format!("{}-p", r.name), format!("{}-live", r.name));
    let stopped = format!("{}-stopped", r.name);
    let compose = |p: &str, s: &str| {
        format!("--label com.docker.compose.project={p} --label com.docker.compose.service={s}")
    };
    // Stays for its volume, which nothing else would tell the owner of.
    let holds = r.container("holds", "-v /anonymous", "true");
    let anonymous = shell(&format!("docker inspect -f '{{{{(index .Mounts 0).Name}}}}' {holds}"));
    let end = format!("docker rm -f {holds}; docker volume rm {anonymous}");
    let _volume = Guard::new(":", &end, &[], None);
    // Goes: ended, once also in a project that is stopped; two nameless images, one made after the other.
    let ended = r.container("ended", "", "true");
    let once = format!("{} --label com.docker.compose.oneoff=True", compose(&stopped, "job"));
    let once = r.container("once", &once, "true");
    let plain = r.container("plain", "", "true");
    let first = shell(&format!("docker commit {plain}"));
    let from_first = r.container_of(&first, "of-first", "", "true");
    let second = shell(&format!("docker commit {from_first}"));
    let nameless = r.import("", "a=1");
    let empty = r.network("empty", "");
    // Stays.
    let used = r.volume("used");
    let unused = r.volume("unused");
    r.container("runs", &format!("-v {used}:/data"), "sleep 1000");
    r.container("kept", "--label ordctl.keep=yes", "true");
    r.container("service", &compose(&project, "api"), "true");
    r.container("by-name", "", "true");
    r.container("live", &compose(&running, "web"), "sleep 1000");
    r.container("beside", &compose(&running, "job"), "true");
    // A stack that is stopped as a whole, with compose's own restart policy.
    r.container("stopped", &compose(&stopped, "web"), "true");
    r.network("stopped", &format!("--label com.docker.compose.project={stopped}"));
    let leaving = r.network("leaving", "");
    shell(&format!("docker network disconnect none {ended}; docker network connect {leaving} {ended}"));
    r.container("again", "--restart unless-stopped", "sleep 1000");
    shell(&format!("docker stop -t 0 {}-again", r.name));
    let in_use = r.import("", "b=1");
    r.container_of(&in_use, "of-nameless", "--label ordctl.keep=", "true");
    r.import("", "ordctl.keep=1");
    let held = r.network("held", "");
    shell(&format!(
        "docker network disconnect none {0}-kept; docker network connect {held} {0}-kept",
        r.name
    ));
    r.network("kept", "--label ordctl.keep=1");
    r.network("project", &format!("--label com.docker.compose.project={running}"));

    let goes = set(&[&ended, &once, &plain, &from_first, &first, &second, &nameless, &empty]);
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
    assert_eq!(recorder.changes(), [""; 0], "a rehearsal changes nothing");
    let said = finding(&dry, "plan.docker")["details"]["calls"].to_string();
    assert!(said.contains(&format!("(container {}-ended, 0 B)", r.name)), "{said}");

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
        "the nameless image's own layer: {done}"
    );
    let told = finding(&report, &format!("steps.docker.volume.{unused}"));
    assert!(told["summary"].as_str().unwrap().ends_with("no container has it; it stays"), "{told}");
    let changes = recorder.changes();
    let calls = finding(&dry, "plan.docker")["details"]["calls"].to_string();
    assert_eq!(changes.len(), goes.len());
    for change in changes {
        assert!(change.starts_with("DELETE ") && calls.contains(&change), "{change} is not in {calls}");
        assert!(!change.contains("/prune") && !change.contains("/volumes"), "{change}");
    }
}

#[tokio::test]
async fn what_is_younger_than_a_day_stays() {
    if left_out("what_is_younger_than_a_day_stays", &["docker"]) {
        return;
    }
    let r = Rubbish::new("young");
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

/// The engine says when an image was made and named, not when it lost its name: one that was replaced ten
/// minutes ago is the way back.
#[tokio::test]
async fn an_image_goes_only_when_an_earlier_run_saw_it_nameless() {
    if left_out("an_image_goes_only_when_an_earlier_run_saw_it_nameless", &["docker"]) {
        return;
    }
    let r = Rubbish::new("back");
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
    let said = finding(&report, "steps.docker.images");
    assert!(
        there && said["summary"].as_str().unwrap().starts_with("1 images without a name stay"),
        "{report}"
    );
    let aged = "UPDATE ordctl.sample SET at = at - interval '1 hour' WHERE name = 'docker_nameless'";
    database.execute(aged).await.unwrap();
    // Named for a moment since it was seen.
    shell(&format!("docker tag {image} {0}:x; docker tag {0}:1 {0}:x", r.name));
    let named = chrono::Utc::now();
    eventually("that is a while ago", async || chrono::Utc::now() - named > chrono::TimeDelta::seconds(2))
        .await;
    assert!(clean().0, "it had a name after it was seen without");
    database.execute("UPDATE ordctl.sample SET at = now() - interval '1.1 s' WHERE name = 'docker_nameless' AND at > now() - interval '1 minute'").await.unwrap();
    let (there, report) = clean();
    assert!(!there, "{report}");
}

/// Between the plan of a run and its last step much can happen: it is held there.
#[tokio::test]
async fn a_run_removes_no_more_than_its_own_plan_listed() {
    if left_out("a_run_removes_no_more_than_its_own_plan_listed", &["docker"]) {
        return;
    }
    let r = Rubbish::new("between");
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
        .for_each(|later| assert!(r.all().contains(&later), "{later} was in no plan"));
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{report}");
    let left = r.all();
    assert!(!left.contains(&goes), "{report}");
    for stays in [&again, &named, &joined] {
        assert!(left.contains(stays), "{stays}: {report}");
    }
    assert_eq!(finding(&report, "steps.docker")["details"]["unplanned"], 3, "{report}");
    // What came later is nobody's, and the next run's own plan lists it.
    let all = shell(&format!("docker ps -aq --no-trunc --filter name={}-later", r.name));
    assert!(left.contains(&all), "{report}");
    let (code, _) = json(&ordctl, &weekly(&r.label(), &["--yes", "--only", "docker"]));
    assert!(code == 0 && !r.all().contains(&all));
}

/// The last look, at the very moment.
#[tokio::test]
async fn what_is_used_again_when_its_turn_comes_stays() {
    if left_out("what_is_used_again_when_its_turn_comes_stays", &["docker"]) {
        return;
    }
    let r = Rubbish::new("turn");
    let mut settings = Settings::default();
    settings.docker.host = Some(format!("unix://{ENGINE}"));
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
    let nameless = docker.nameless_images(Some(&r.label())).await.unwrap();
    let seen = nameless.into_iter().map(|image| (image, now)).collect();
    let found = docker.unused(now, Some(&r.label()), &seen).await.unwrap();
    let ids: BTreeSet<String> = found.iter().map(|u| u.id.clone()).collect();
    assert_eq!(ids, set(&[&again, &vanishes, &once, &named, &used, &joined]));
    shell(&format!("docker start {again}; docker rm {vanishes}; docker tag {named} {}:named", r.name));
    // Its project is up again.
    r.container("web", &project, "sleep 1000");
    // Created is enough: nothing of them runs.
    shell(&format!(
        "docker create --name {0}-c --label {1} --network {joined} {used} /bin/busybox true",
        r.name,
        r.label()
    ));
    for what in found {
        let fate = docker.remove(&what, chrono::Utc::now()).await.unwrap();
        match (&fate, what.id == vanishes) {
            (RemovalOutcome::Vanished, true) => {}
            (RemovalOutcome::InUse(why), false) => {
                let wanted = match what.kind {
                    Kind::Container if what.id == once => "of a service or a project in use",
                    Kind::Container => "it is running",
                    Kind::Image if what.id == named => "named now",
                    _ => "uses it",
                };
                assert!(why.contains(wanted), "{why}");
            }
            _ => panic!("{what:?}: {fate:?}"),
        }
        assert!(what.id == vanishes || r.all().contains(&what.id));
    }
}

#[tokio::test]
async fn without_docker_the_database_is_cleaned_all_the_same() {
    if left_out("without_docker_the_database_is_cleaned_all_the_same", &["docker"]) {
        return;
    }
    let (database, plain) = prepared().await;
    let (code, dry) = plain.json(&["maintain", "weekly", "--dry-run"]);
    let skipped = finding(&dry, "plan.docker");
    assert_eq!((code, skipped["status"].as_str()), (0, Some("skipped")), "{dry}");
    assert!(skipped["summary"].as_str().unwrap().contains("docker is not configured"), "{skipped}");

    let r = Rubbish::new("down");
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
    // The engine is back: only what failed is done.
    Command::new("ln").arg("-s").arg(ENGINE).arg(&socket).status().unwrap();
    let (code, report) = ordctl.json(&["maintain", "weekly", "--yes", "--resume"]);
    assert_eq!(code, 0, "{report}");
    assert_eq!(finding(&report, "steps.runs")["status"], "skipped");
    assert!(!r.all().contains(&ended));
    let reclaimed = &finding(&report, "reclaimed")["details"];
    assert!(reclaimed["rows"].as_u64().unwrap() > 2900, "what the first run deleted counts: {reclaimed}");
}

#[tokio::test]
async fn a_log_that_nothing_bounds_is_told_and_nothing_is_cut() {
    if left_out("a_log_that_nothing_bounds_is_told_and_nothing_is_cut", &["docker"]) {
        return;
    }
    let r = Rubbish::new("logs");
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
    let said = |name: &str| finding(&report, &format!("steps.logs.{}-{name}", r.name)).clone();
    let (loud, bounded) = (said("api"), said("web"));
    assert!(loud["summary"].as_str().unwrap().ends_with("json-file log, grows without end"), "{loud}");
    assert!(loud["value"].as_f64().unwrap() > 1_000_000.0, "{loud}");
    assert!(bounded["summary"].as_str().unwrap().ends_with("json-file log, rotated"), "{bounded}");
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
