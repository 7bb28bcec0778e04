//! Services of a Docker Swarm on this machine's engine. Whoever needs one waits for the others, also
//! those of other test runs; an engine that was in no swarm leaves it again.

use serde_json::Value;

use super::compose::Project;
use super::postgres::cluster;
use super::systems::{shell, until};
use super::{Guard, run};

/// A stack without services, on a swarm of its own or on the one that was there.
pub struct Stack {
    _swarm: Guard,
    pub project: Project,
}

/// Joins once nobody else is at it, and tells so with a file.
const JOIN: &str = "exec 9>/tmp/ordctl-test-swarm.lock; flock 9
bridge=$(docker network ls -q --filter name=docker_gwbridge)
made=; docker swarm init --advertise-addr 127.0.0.1 && made=yes
touch \"$1/swarm\"";

const LEAVE: &str = "[ \"$made\" ] && docker swarm leave --force
[ \"$bridge\" ] || docker network rm docker_gwbridge";

impl Stack {
    pub fn new(name: &str) -> Self {
        let project = Project::new(name);
        let flags = project.flags.path();
        let services =
            format!("docker service ls -q --filter label=com.docker.stack.namespace={}", project.name);
        let containers = format!("docker ps -aq --filter label=com.docker.stack.namespace={}", project.name);
        let end = format!(
            "docker service rm $({services})
             n=0; while [ \"$({containers})\" ] && [ $n -lt 100 ]; do sleep 0.2; n=$((n + 1)); done
             docker rm -f $({containers})
             {LEAVE}"
        );
        let guard = Guard::new(JOIN, &end, &[flags], None);
        until(&format!("[ -e '{}/swarm' ]", flags.display()));
        Self { _swarm: guard, project }
    }

    /// The name of a service.
    pub fn service(&self, short: &str) -> String {
        format!("{}_{short}", self.project.name)
    }

    /// Makes a service with so many replicas; `command` is a script's last line.
    pub fn create(&self, short: &str, options: &str, command: &str) {
        let (name, stack) = (self.service(short), &self.project.name);
        let flags = self.project.flags.path().display();
        let label = format!("com.docker.stack.namespace={stack}");
        let script = format!("[ -e /flags/{short}.broken ] && exit 3; {command}");
        let mounts: String =
            [format!("{flags}:/flags"), "/usr:/usr".into(), "/lib:/lib".into(), "/lib64:/lib64".into()]
                .iter()
                .filter_map(|m| m.split_once(':'))
                .map(|(from, to)| format!(" --mount type=bind,src={from},dst={to}"))
                .collect();
        let mut docker = std::process::Command::new("sh");
        docker.arg("-c").arg(format!(
            "docker service create --quiet --no-resolve-image --name {name} --label {label} --container-label {label} \
             --update-monitor 500ms --restart-delay 500ms{mounts} {options} {stack} /bin/busybox sh -c \"$1\""
        ));
        run(docker.arg("sh").arg(script));
    }

    /// Real workers on a database of the run's cluster.
    pub fn workers(&self, number: u32, database: &str, options: &str) {
        let socket = cluster().socket_dir().display();
        let program = env!("CARGO_BIN_EXE_ordctl");
        let url = cluster().url("postgres", database);
        let options = format!(
            "--replicas {number} --mount type=bind,src={socket},dst={socket} --mount type=bind,src={program},dst=/ordctl \
             -e DATABASE_URL={url} -e ORDCTL_DATA_DIR=/tmp/data -e HOME=/tmp {options}"
        );
        self.create("worker", &options, "exec /ordctl serve --role worker");
    }

    /// What the swarm keeps of a service.
    pub fn inspect(&self, short: &str) -> Value {
        let text = shell(&format!("docker service inspect {}", self.service(short)));
        serde_json::from_str::<Value>(&text).unwrap()[0].take()
    }

    /// Its containers here, also those that have ended, with their starts and ends, sorted.
    pub fn containers(&self, short: &str) -> Vec<Value> {
        let ids =
            format!("docker ps -aq --filter label=com.docker.swarm.service.name={}", self.service(short));
        let text = shell(&format!("ids=$({ids}); [ -z \"$ids\" ] && echo '[]' || docker inspect $ids"));
        serde_json::from_str(&text).unwrap()
    }

    /// How many run.
    pub fn running(&self, short: &str) -> usize {
        self.containers(short).iter().filter(|c| c["State"]["Running"] == true).count()
    }

    /// The configuration of this stack.
    pub fn configuration(&self, database: &str, more: &str) -> String {
        self.project.configuration(&cluster().url("postgres", database), more)
    }
}
