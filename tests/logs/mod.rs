//! `logs` on a real Docker engine, with containers labeled like those of compose.

mod analyze;
mod follow;
mod last;
mod lines;

use std::process::Command;

use serde_json::Value;

use crate::support::ordctl::{CommandOutput, Ordctl};
use crate::support::systems::image;
use crate::support::{Guard, run};

/// A compose project.
struct Project {
    name: String,
    _guard: Guard,
}

impl Project {
    fn new(test: &str) -> Self {
        let name = format!("ordctl-logs-{test}-{}", std::process::id());
        image(&name);
        let end = format!(
            "docker rm -f $(docker ps -aq --filter label=com.docker.compose.project={name}); docker rmi {name}"
        );
        Self { _guard: Guard::new(":", &end, &[], None), name }
    }

    /// Starts a container of `service` with this log driver.
    fn start(&self, service: &str, number: u32, driver: &str) -> String {
        let container = format!("{}-{service}-{number}", self.name);
        self.run(&container, driver, &[format!("com.docker.compose.service={service}")]);
        container
    }

    /// Starts a container labeled like a swarm task of `service`.
    fn task(&self, service: &str, place: u32, id: &str) -> String {
        let (service, stack) = (format!("{}_{service}", self.name), &self.name);
        let container = format!("{service}.{place}.{id}");
        let name = format!("com.docker.swarm.service.name={service}");
        self.run(&container, "json-file", &[name, format!("com.docker.stack.namespace={stack}")]);
        container
    }

    fn run(&self, container: &str, driver: &str, labels: &[String]) {
        let mut command = Command::new("docker");
        command.args(["run", "-d", "--network", "none", "--log-driver", driver, "--name", container]);
        command.arg("--label").arg(format!("com.docker.compose.project={}", self.name));
        labels.iter().for_each(|label| _ = command.arg("--label").arg(label));
        run(command.args([&self.name, "/bin/busybox", "sleep", "100000"]));
    }

    /// Writes lines to a container's log.
    fn say(&self, container: &str, lines: &[&str]) {
        let script = "/bin/busybox printf '%s\\n' \"$@\" >/proc/1/fd/1";
        let mut command = Command::new("docker");
        command.args(["exec", container, "/bin/busybox", "sh", "-c", script, "sh"]);
        run(command.args(lines));
    }

    /// Ordctl with these services configured.
    fn ordctl(&self, services: &[&str], more: &str) -> Ordctl {
        let services: String = services.iter().map(|s| format!("  {s}: {{}}\n")).collect();
        let services = if services.is_empty() { String::new() } else { format!("services:\n{services}") };
        Ordctl::configured(&format!("docker: {{ project: {} }}\n{services}{more}", self.name))
    }
}

/// The messages of `logs -o json`, and its exit code.
fn messages(ordctl: &Ordctl, args: &[&str]) -> (i32, Vec<String>) {
    let (output, lines) = objects(ordctl, args);
    (output.code, lines.iter().map(|l| l["message"].as_str().unwrap().to_owned()).collect())
}

fn objects(ordctl: &Ordctl, args: &[&str]) -> (CommandOutput, Vec<Value>) {
    let args: Vec<&str> = ["logs", "-o", "json"].iter().chain(args).copied().collect();
    let output = ordctl.run(&args);
    let lines = output.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    (output, lines)
}
