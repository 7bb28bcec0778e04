//! Swarm services on this machine's engine. A lock serializes the tests that need a swarm, also across test
//! runs. An engine that was not in a swarm leaves it at the end.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::compose::Project;
use super::postgres::cluster;
use super::systems::{shell, until};
use super::{Guard, run};

/// Serializes the stacks of this process, so that no test spends its deadline waiting for the lock file.
static TURN: Mutex<()> = Mutex::new(());

/// A stack on an existing swarm, or on one that is created for it.
pub struct Stack {
    _swarm: Guard,
    pub project: Project,
    // Declared last, so that the next stack starts after this one is gone.
    _turn: MutexGuard<'static, ()>,
}

/// Takes the lock, initializes the swarm and creates a file when it is ready.
const JOIN: &str = "exec 9>/tmp/ordctl-test-swarm.lock; flock 9
bridge=$(docker network ls -q --filter name=docker_gwbridge)
created=; docker swarm init --advertise-addr 127.0.0.1 && created=yes
touch \"$1/swarm\"";

const LEAVE: &str = "[ \"$created\" ] && docker swarm leave --force
[ \"$bridge\" ] || docker network rm docker_gwbridge";

impl Stack {
    pub fn new(name: &str) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
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
        Self { _swarm: guard, project, _turn: turn }
    }

    pub fn service(&self, short: &str) -> String {
        format!("{}_{short}", self.project.name)
    }

    /// Creates a service. `command` is the last line of its script.
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

    /// Workers on a database of the test cluster.
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

    pub fn inspect(&self, short: &str) -> Value {
        let text = shell(&format!("docker service inspect {}", self.service(short)));
        serde_json::from_str::<Value>(&text).unwrap()[0].take()
    }

    /// The containers of a service on this node, running or not, as `docker inspect` shows them.
    pub fn containers(&self, short: &str) -> Vec<Value> {
        let ids =
            format!("docker ps -aq --filter label=com.docker.swarm.service.name={}", self.service(short));
        let text = shell(&format!(
            "ids=$({ids}); [ -z \"$ids\" ] && echo '[]' || docker inspect $ids 2>/dev/null || true"
        ));
        // A container may be removed between the two commands; the output has the others.
        serde_json::from_str(&text).unwrap()
    }

    pub fn running(&self, short: &str) -> usize {
        self.containers(short).iter().filter(|c| c["State"]["Running"] == true).count()
    }

    /// The configuration for this stack; `more` is appended.
    pub fn configuration(&self, database: &str, more: &str) -> String {
        self.project.configuration(&cluster().url("postgres", database), more)
    }
}
