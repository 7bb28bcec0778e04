use super::*;
use serde_json::{Value, json};

fn rules(label: Option<&str>) -> Rules<'_> {
    let before = "2026-01-10T00:00:00Z".parse().unwrap();
    let [live, stopped] = ["live", "stopped"].map(str::to_owned);
    Rules { before, label, live: [live.clone()].into(), projects: [live, stopped].into() }
}

fn container(state: &str, more: Value) -> ContainerUse {
    let mut summary = json!({ "Id": "c", "Names": ["/c"], "State": state, "ImageID": "sha256:used",
        "NetworkSettings": { "Networks": { "net": { "NetworkID": "n1" } } } });
    summary.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ContainerUse::from(serde_json::from_value::<ContainerSummary>(summary).unwrap())
}

fn labelled(key: &str, value: &str) -> ContainerUse {
    container("exited", json!({ "Labels": { key: value } }))
}

#[test]
fn only_ended_containers_without_owner_are_unused() {
    let rules = rules(None);
    assert!(
        rules.container(&container("exited", json!({}))) && rules.container(&container("dead", json!({})))
    );
    for state in ["running", "paused", "restarting", "created", "removing"] {
        assert!(!rules.container(&container(state, json!({}))), "{state}");
    }
    for (key, value) in [
        (PROJECT, "live"),
        (PROJECT, "stopped"),
        (KEEP, ""),
        ("com.docker.swarm.task.id", "x"),
        ("io.kubernetes.pod.name", "x"),
    ] {
        assert!(!rules.container(&labelled(key, value)), "{key}");
    }
}

#[test]
fn of_a_compose_project_only_one_off_containers_are_unused() {
    let once = |project: &str, one_off: &str| {
        container("exited", json!({ "Labels": { PROJECT: project, "com.docker.compose.oneoff": one_off } }))
    };
    let rules = rules(None);
    assert!(rules.container(&once("stopped", "True")));
    assert!(!rules.container(&once("stopped", "False")) && !rules.container(&once("live", "True")));
    let all = [labelled(PROJECT, "a"), container("running", json!({ "Labels": { PROJECT: "b" } }))];
    let found = Rules::new(&all, Some("c"), rules.before, None);
    let names = |of: &[&str]| of.iter().map(|n| (*n).to_owned()).collect::<HashSet<_>>();
    assert_eq!((found.live, found.projects), (names(&["b", "c"]), names(&["a", "b", "c"])));
}

#[test]
fn a_container_with_a_volume_is_kept() {
    let with = |typ: &str| container("exited", json!({ "Mounts": [{ "Type": "bind" }, { "Type": typ }] }));
    assert!(rules(None).container(&with("tmpfs")) && !rules(None).container(&with("volume")));
}

#[test]
fn a_label_limits_the_objects() {
    for (label, goes) in [("a", true), ("a=1", true), ("a=2", false), ("b", false)] {
        assert_eq!(rules(Some(label)).container(&labelled("a", "1")), goes, "{label}");
    }
}

#[test]
fn a_container_has_ended_when_it_will_not_restart() {
    let before = rules(None).before;
    let ended = |finished: &str, policy: &str| {
        let answer = json!({ "Created": "2026-01-01T00:00:00Z", "State": { "FinishedAt": finished },
            "HostConfig": { "RestartPolicy": { "Name": policy } } });
        ended_before(&serde_json::from_value(answer).unwrap(), before)
    };
    assert!(ended("2026-01-09T23:59:59Z", "no") && ended("2026-01-09T00:00:00Z", ""));
    assert!(!ended("2026-01-10T00:00:01Z", "no"));
    assert!(ended("0001-01-01T00:00:00Z", "no"), "never begun: its creation counts");
    for policy in ["always", "unless-stopped", "on-failure"] {
        assert!(!ended("2026-01-09T00:00:00Z", policy), "{policy}");
    }
}

fn an_image(id: &str, parent: &str, more: Value) -> ImageSummary {
    let mut image = json!({ "Id": id, "ParentId": parent, "RepoTags": ["<none>:<none>"], "RepoDigests": null,
        "Created": 1_700_000_000, "Size": 7, "SharedSize": -1, "Labels": null, "Containers": -1 });
    image.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(image).unwrap()
}

#[test]
fn an_image_with_a_tag_a_container_or_a_used_child_is_kept() {
    let rules = rules(None);
    let user = container("running", json!({}));
    let goes = |more: Value| rules.image(&an_image("sha256:a", "", more), &[&user]);
    assert!(goes(json!({})) && goes(json!({ "RepoTags": null })));
    assert!(!goes(json!({ "RepoTags": ["app:1"] })) && !goes(json!({ "Created": 1_900_000_000 })));
    assert!(!goes(json!({ "Labels": { KEEP: "yes" } })));
    assert!(goes(json!({ "RepoDigests": ["<none>@<none>"] })));
    assert!(
        !goes(json!({ "RepoDigests": ["app@sha256:1"] })),
        "a pull leaves the digest of the previous version"
    );
    assert!(!rules.image(&an_image("sha256:used", "", json!({})), &[&user]));
    assert!(rules.image(&an_image("sha256:used", "", json!({})), &[]));

    let tagged = an_image("t", "base", json!({ "RepoTags": ["app:1"] }));
    let all = [
        an_image("base", "", json!({})),
        an_image("mid", "base", json!({})),
        an_image("top", "mid", json!({})),
    ];
    let ids = |all: &[ImageSummary]| -> Vec<String> {
        let go = all.iter().filter(|i| rules.image(i, &[])).collect();
        without_children(all, go).iter().map(|i| i.id.clone()).collect()
    };
    assert_eq!(ids(&all), ["top", "mid", "base"]);
    let with: Vec<ImageSummary> = all.iter().cloned().chain([tagged]).collect();
    assert_eq!(ids(&with), ["top", "mid"], "a tagged image uses the base");
}

#[test]
fn an_image_is_unused_only_when_a_run_observed_it_untagged_and_it_was_not_tagged_since() {
    let at = |day: u32| Some(format!("2026-01-{day:02}T00:00:00Z").parse().unwrap());
    let was = |seen, named| was_untagged(seen, named, rules(None).before);
    assert!(was(at(10), None) && was(at(9), at(8)));
    assert!(!was(None, None) && !was(None, at(1)) && !was(at(11), at(8)) && !was(at(9), at(11)));
    assert!(!was(at(8), at(9)), "it was tagged in between");
}

#[test]
fn a_network_with_a_container_or_of_the_engine_is_kept() {
    let rules = rules(None);
    let stopped = [container("exited", json!({}))];
    let goes = |more: Value, all: &[ContainerUse]| {
        let mut network =
            json!({ "Name": "x", "Id": "n2", "Created": "2026-01-01T00:00:00.5Z", "Scope": "local" });
        network.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        rules.network(&serde_json::from_value(network).unwrap(), all)
    };
    assert!(goes(json!({}), &stopped));
    assert!(!goes(json!({ "Id": "n1" }), &stopped) && !goes(json!({ "Name": "net" }), &stopped));
    for name in PREDEFINED {
        assert!(!goes(json!({ "Name": name }), &[]), "{name}");
    }
    assert!(
        !goes(json!({ "Scope": "swarm" }), &[]) && !goes(json!({ "Created": "2026-01-11T00:00:00Z" }), &[])
    );
    for project in ["live", "stopped"] {
        assert!(!goes(json!({ "Labels": { PROJECT: project } }), &[]), "{project}");
    }
}
