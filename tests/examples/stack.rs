//! Starts examples/compose with docker-compose and checks the whole system.

use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::example;
use crate::support::engine::http;
use crate::support::ordctl::Ordctl;
use crate::support::systems::{free_port, shell};
use crate::support::{Guard, User, binaries, eventually, left_out, run};

const SERVICES: [&str; 5] = ["POSTGRES", "REDIS", "API", "PROMETHEUS", "ALERTMANAGER"];
const PORTS: [u16; 5] = [5432, 6379, 8080, 9090, 9093];

/// The compose stack with a unique name and free ports.
struct Stack {
    // Declared first, so that it stops the containers while the directory still exists.
    _guard: Guard,
    name: String,
    dir: TempDir,
    ports: [u16; 5],
}

impl Stack {
    fn new() -> Self {
        let name = format!("ordctl-stack-{}", std::process::id());
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path().display().to_string();
        shell(&format!("cp -r '{}/.' '{}' '{at}'", example("compose").display(), override_file()));
        // The commands from the head of compose.yaml.
        shell(&format!(
            "cd '{at}' && mkdir -m 700 secrets && openssl rand -hex 24 > secrets/database_password"
        ));
        images(&name);
        let ports = PORTS.map(|_| free_port());
        let mut variables = format!("COMPOSE_PROJECT_NAME={name}\nORDCTL_IMAGE={name}\n");
        for (service, port) in SERVICES.iter().zip(ports) {
            variables.push_str(&format!("{service}_PORT={port}\n{service}_IMAGE={name}-base\n"));
        }
        let user = User::for_postgres()
            .map_or_else(|| shell("echo $(id -u):$(id -g)"), |u| format!("{}:{}", u.uid, u.gid));
        let alertmanager = shell("command -v prometheus-alertmanager || command -v alertmanager");
        variables.push_str(&format!(
            "POSTGRES_USER_ID={user}\nPOSTGRES_BINARIES={}\nALERTMANAGER={alertmanager}\n",
            binaries().display()
        ));
        std::fs::write(dir.path().join(".env"), variables).unwrap();
        let end = format!(
            "cd '{at}' && docker-compose -f compose.yaml -f override.yaml down -v -t 1; docker rmi {name} {name}-base"
        );
        Self { name, dir, ports, _guard: Guard::new(":", &end, &[], None) }
    }

    fn compose(&self, what: &str) -> String {
        shell(&format!(
            "cd '{}' && docker-compose -f compose.yaml -f override.yaml {what} 2>&1",
            self.dir.path().display()
        ))
    }

    fn url(&self, service: &str) -> String {
        let place = SERVICES.iter().position(|s| *s == service).unwrap();
        format!("http://127.0.0.1:{}", self.ports[place])
    }

    /// Without a configuration, in a directory with the compose file.
    fn discovering(&self) -> Ordctl {
        let ordctl = Ordctl::discovering();
        let (from, to) = (self.dir.path().display(), ordctl.home().display());
        shell(&format!("cp -r '{from}/compose.yaml' '{from}/.env' '{from}/secrets' '{to}'"));
        ordctl
    }

    /// The example's operator configuration with this stack's ports.
    fn ordctl(&self) -> Ordctl {
        let mut text = std::fs::read_to_string(example("compose/ordctl.yaml")).unwrap();
        text = text.replace("project: ordinaut", &format!("project: {}", self.name));
        for (usual, ours) in PORTS.iter().zip(self.ports) {
            text = text.replace(&format!("127.0.0.1:{usual}"), &format!("127.0.0.1:{ours}"));
        }
        let ordctl = Ordctl::configured(&text);
        shell(&format!("cp -r '{}/secrets' '{}'", self.dir.path().display(), ordctl.home().display()));
        ordctl
    }
}

fn override_file() -> String {
    format!("{}/tests/examples/override.yaml", env!("CARGO_MANIFEST_DIR"))
}

/// Builds a busybox base image, and the engine's image from the example's Dockerfile.
fn images(name: &str) {
    let root = tempfile::tempdir().unwrap();
    let owner = User::for_postgres().map_or(String::new(), |u| format!("{}:{}", u.uid, u.gid));
    let uid = owner.split(':').next().unwrap();
    shell(&format!(
        "cd '{}' && mkdir -p bin tmp lib lib64 usr etc data prometheus alertmanager var/lib/postgresql/data && \
         cp $(command -v busybox) bin/busybox && for a in $(busybox --list); do [ -e bin/$a ] || ln -s busybox bin/$a; done && \
         chmod 1777 tmp data && echo 'postgres:x:{uid}:{uid}::/tmp:/bin/sh' > etc/passwd && \
         {{ [ -z '{owner}' ] || chown {owner} var/lib/postgresql/data; }} && tar -c . | docker import - {name}-base",
        root.path().display()
    ));
    let context = tempfile::tempdir().unwrap();
    std::fs::copy(env!("CARGO_BIN_EXE_ordctl"), context.path().join("ordctl")).unwrap();
    run(Command::new("docker")
        .args(["build", "-q", "-t", name, "--build-arg", &format!("BASE={name}-base")])
        .args(["--build-arg", "PROGRAM=ordctl", "-f"])
        .arg(example("compose/Dockerfile"))
        .arg(context.path()));
}

#[tokio::test]
async fn stack_starts_and_becomes_healthy() {
    if left_out("stack_starts_and_becomes_healthy", &["docker", "redis", "prometheus", "alertmanager"]) {
        return;
    }
    let stack = Stack::new();
    stack.compose("up -d --no-build");
    let ordctl = stack.ordctl();
    let mut report = Value::Null;
    let wrong = |report: &Value| -> Vec<String> {
        let all =
            report["sections"].as_array().unwrap().iter().flat_map(|s| s["findings"].as_array().unwrap());
        // Disks and memory of this machine are not part of the stack.
        let all = all.filter(|f| !f["id"].as_str().unwrap().starts_with("host."));
        all.filter(|f| f["status"] != "ok").map(|f| format!("{} {}", f["id"], f["summary"])).collect()
    };
    eventually("every finding is ok", async || {
        let look = ["health", "morning", "--skip", "performance", "--skip", "disk", "--skip", "backup"];
        report = ordctl.json(&look).1;
        wrong(&report).is_empty()
    })
    .await;
    assert!(report["sections"].as_array().unwrap().len() >= 8, "{report}");

    let (code, scaled) = ordctl.json(&["scale", "up", "2", "--yes"]);
    assert_eq!(code, 0, "{scaled}");
    let http = http();
    let query = format!(
        "{}/api/v1/query?query=count(up%7Bjob%3D~%22api%7Cscheduler%7Cworker%22%7D%3D%3D1)",
        stack.url("PROMETHEUS")
    );
    eventually("Prometheus scrapes every engine process", async || {
        let answer: Value = http.get(&query).send().await.unwrap().json().await.unwrap();
        answer["data"]["result"][0]["value"][1] == "4"
    })
    .await;

    let alert = r#"[{"labels": {"alertname": "Trial", "severity": "warning"}}]"#;
    let sent = http.post(format!("{}/api/v2/alerts", stack.url("ALERTMANAGER")));
    let sent = sent.header("content-type", "application/json").body(alert).send().await.unwrap();
    assert_eq!(sent.status(), 200);
    let events = "exec -T redis redis-cli XRANGE events - +";
    eventually("the alert becomes an event", async || stack.compose(events).contains("alert.Trial")).await;
    assert_eq!(ordctl.json(&["scale", "status"]).0, 0);

    // The same without a configuration file, and with the one that `init` writes.
    let discovering = stack.discovering();
    for configured in [false, true] {
        let look = ["health", "morning", "--skip", "performance", "--skip", "disk", "--skip", "backup"];
        let (_, report) = discovering.json(&[&look[..], &["--skip", "alerts"]].concat());
        assert_eq!(wrong(&report), [""; 0], "configured: {configured}");
        assert_eq!(report["target"]["environment"], stack.name.as_str());
        if !configured {
            assert_eq!(discovering.run(&["scale", "up", "3", "--yes"]).code, 4);
            assert_eq!(discovering.run(&["init"]).code, 0);
        }
    }
}
