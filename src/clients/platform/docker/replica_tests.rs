use super::*;
use serde_json::json;

fn replica(change: impl FnOnce(&mut Value)) -> Result<Replica, ClientError> {
    let mut value = json!({
        "Id": "0123456789abcdef0123",
        "Name": "/shop-worker-1",
        "Image": "sha256:1",
        "Config": {
            "Hostname": "0123456789ab",
            "Env": ["A=b"],
            "Labels": {
                "com.docker.compose.project": "shop",
                "com.docker.compose.service": "worker",
                "com.docker.compose.container-number": "1",
                "com.docker.compose.config-hash": "h",
            },
        },
        "HostConfig": { "NetworkMode": "shop_default", "Binds": ["data:/data"] },
        "NetworkSettings": { "Networks": {
            "another": { "Aliases": ["worker", "0123456789ab", "shop-worker-1"] },
            "shop_default": { "Aliases": ["worker"] },
        } },
    });
    change(&mut value);
    Replica::new(serde_json::from_value(value).unwrap(), "shop/worker:1".into())
}

fn instance(number: u32, state: &str) -> Instance {
    let name = format!("shop-worker-{number}");
    Instance { name, number: Some(number), state: state.into(), ..Instance::default() }
}

#[test]
fn a_copy_has_its_own_name_number_and_aliases() {
    let original = replica(|_| {}).unwrap();
    let additions = original.additions(&[instance(1, "running"), instance(4, "running")], 2, &[]).unwrap();
    let names: Vec<&str> = additions.iter().map(|a| a.name.as_str()).collect();
    assert_eq!(names, ["shop-worker-5", "shop-worker-6"], "numbers count up");
    assert_eq!(additions[0].networks, ["another"]);
    let (body, other_networks) = original.create_body(&additions[0]);
    assert_eq!(body.image.as_deref(), Some("shop/worker:1"));
    assert_eq!(body.hostname, None, "the engine assigns one");
    let labels = body.labels.unwrap();
    assert_eq!(labels["com.docker.compose.container-number"], "5");
    assert_eq!(labels["com.docker.compose.config-hash"], "h");
    assert_eq!(body.host_config.unwrap().binds.unwrap(), ["data:/data"]);
    let first = body.networking_config.unwrap().endpoints_config.unwrap();
    assert_eq!(first.keys().collect::<Vec<_>>(), ["shop_default"]);
    assert_eq!(other_networks[0].1.aliases.as_deref().unwrap(), ["worker", "shop-worker-5"]);
}

#[test]
fn compose_v1_separates_with_an_underscore() {
    let original = replica(|v| v["Name"] = json!("/shop_worker_1")).unwrap();
    let additions = original.additions(&[instance(1, "running")], 1, &[]).unwrap();
    assert_eq!(additions[0].name, "shop_worker_2");
    assert!(original.additions(&[instance(1, "running")], 1, &["shop_worker_2".into()]).is_err());
}

#[test]
fn a_container_that_must_be_unique_is_not_copied() {
    let port = json!({ "80/tcp": [{ "HostIp": "", "HostPort": "8080" }] });
    let any = json!({ "80/tcp": [{ "HostIp": "", "HostPort": "" }] });
    assert!(replica(|v| v["HostConfig"]["PortBindings"] = any).is_ok());
    let cases: [(&str, Result<Replica, ClientError>); 4] = [
        ("publishes the fixed host port 8080", replica(|v| v["HostConfig"]["PortBindings"] = port)),
        ("name is fixed", replica(|v| v["Name"] = json!("/my-worker"))),
        ("labels", replica(|v| v["Config"]["Labels"] = json!({}))),
        (
            "address is fixed",
            replica(|v| {
                v["NetworkSettings"]["Networks"]["another"]["IPAMConfig"] =
                    json!({ "IPv4Address": "10.0.0.9" })
            }),
        ),
    ];
    for (why, result) in cases {
        let error = result.err().unwrap().to_string();
        assert!(error.contains(why), "{why}: {error}");
    }
}

#[test]
fn the_highest_numbers_are_removed_and_stopped_containers_are_started_first() {
    let found =
        [instance(1, "running"), instance(2, "exited"), instance(3, "running"), instance(10, "running")];
    let name = |n: u32| format!("shop-worker-{n}");
    let (changes, missing) = resize(&found, 1);
    let wanted: Vec<Change> =
        [10, 3].into_iter().flat_map(|n| [Change::Stop(name(n)), Change::Remove(name(n))]).collect();
    assert_eq!((changes, missing), (wanted, 0));
    assert_eq!(resize(&found, 3), (vec![], 0));
    assert_eq!(resize(&found, 6), (vec![Change::Start(name(2))], 2));
}

#[test]
fn paused_and_restarting_containers_are_not_started() {
    let found =
        [instance(1, "running"), instance(2, "paused"), instance(3, "restarting"), instance(4, "exited")];
    let (changes, missing) = resize(&found, 4);
    assert_eq!((changes, missing), (vec![Change::Start("shop-worker-4".into())], 2));
}
