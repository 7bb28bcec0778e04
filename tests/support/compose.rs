//! A compose project of real containers: `ordctl serve` workers, PostgreSQL, Redis and a web server, all
//! from programs of this machine, so that no image is pulled. Everything ends with the test process.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::postgres::cluster;
use super::systems::{free_port, shell};
use super::{Guard, User, binaries, run};

pub struct Project {
    pub name: String,
    /// The port of the API.
    pub api: u16,
    /// A directory that containers read at their start: `SERVICE.broken` makes them exit with code 3.
    pub flags: TempDir,
    _guard: Guard,
}

impl Project {
    /// Imports the image of an empty project.
    pub fn new(name: &str) -> Self {
        // Its length is the same in every run, since texts that are too long are cut.
        let name = format!("ordctl-{name}-{:07}", std::process::id());
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("bin")).unwrap();
        std::fs::create_dir(root.path().join("tmp")).unwrap();
        std::fs::copy("/bin/busybox", root.path().join("bin/busybox")).unwrap();
        std::os::unix::fs::symlink("busybox", root.path().join("bin/sh")).unwrap();
        shell(&format!("chmod 1777 '{}/tmp'", root.path().display()));
        shell(&format!("tar -C '{}' -c . | docker import - {name}", root.path().display()));
        let all = format!("docker ps -aq --filter label=com.docker.compose.project={name}");
        let end = format!(
            "docker rm -f $({all}); docker network rm {name}_default {name}_second; docker rmi {name}"
        );
        let guard = Guard::new(":", &end, &[], None);
        let flags = tempfile::tempdir().unwrap();
        std::fs::create_dir(flags.path().join("www")).unwrap();
        std::fs::write(flags.path().join("www/health"), "{\"status\": \"healthy\"}").unwrap();
        Self { name, api: free_port(), flags, _guard: guard }
    }

    pub fn container(&self, service: &str, number: u32) -> String {
        format!("{}-{service}-{number}", self.name)
    }

    /// Starts a container with the labels of compose. `command` is the last line of its script.
    pub fn start(&self, service: &str, number: u32, options: &str, command: &str) {
        let (name, project) = (self.container(service, number), &self.name);
        let flags = self.flags.path().display();
        let labels = [
            ("project", project.as_str()),
            ("service", service),
            ("container-number", &number.to_string()),
            ("oneoff", "False"),
            ("config-hash", "0123456789abcdef"),
        ]
        .map(|(k, v)| format!("--label com.docker.compose.{k}={v}"))
        .join(" ");
        let script =
            format!("[ -e /flags/{service}.broken ] && exit 3; {}", self.counting_starts(service, command));
        let mut docker = Command::new("sh");
        docker.arg("-c").arg(format!(
            "docker run -d --name {name} {labels} -v {flags}:/flags -v /usr:/usr:ro -v /lib:/lib:ro -v /lib64:/lib64:ro \
             --tmpfs /run {options} {project} /bin/busybox sh -c \"$1\""
        ));
        run(docker.arg("sh").arg(script));
    }

    /// Counts the starts of a service, and fails the start whose number is in `SERVICE.fails_at`.
    fn counting_starts(&self, service: &str, command: &str) -> String {
        let at = format!("/flags/{service}");
        format!(
            "n=$(($(/bin/busybox cat {at}.starts 2>/dev/null || echo 0) + 1)); echo $n >{at}.starts; \
             [ $n = \"$(/bin/busybox cat {at}.fails_at 2>/dev/null)\" ] && exit 3; {command}"
        )
    }

    /// A worker on a database of the test cluster, over its socket.
    pub fn worker(&self, number: u32, database: &str) {
        let socket = cluster().socket_dir().display();
        let url = cluster().url("postgres", database);
        self.worker_at(number, &url, &format!("--network none -v {socket}:{socket}"));
    }

    /// A worker on any database.
    pub fn worker_at(&self, number: u32, url: &str, options: &str) {
        let program = env!("CARGO_BIN_EXE_ordctl");
        let options = format!(
            "{options} -v {program}:/ordctl:ro -e DATABASE_URL={url} -e ORDCTL_DATA_DIR=/tmp/data -e HOME=/tmp"
        );
        self.start("worker", number, &options, "exec /ordctl serve --role worker");
    }

    /// A web server that serves `www/health`.
    pub fn api(&self) {
        let command = format!("exec /bin/busybox httpd -f -p 127.0.0.1:{} -h /flags/www", self.api);
        self.start("api", 1, "--network host --init", &command);
    }

    /// Starts Redis and returns its port.
    pub fn redis(&self) -> u16 {
        let port = free_port();
        let command = format!("exec /usr/bin/redis-server --port {port} --bind 127.0.0.1 --save '3600 1'");
        self.start("redis", 1, "--network host", &command);
        port
    }

    /// Starts PostgreSQL with a data directory on this machine and returns its port.
    pub fn postgres(&self) -> u16 {
        let port = free_port();
        let data = self.flags.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let programs = binaries();
        let programs = programs.display();
        let user = User::for_postgres().map_or(String::new(), |u| {
            std::os::unix::fs::chown(&data, Some(u.uid), Some(u.gid)).unwrap();
            format!("--user {}:{}", u.uid, u.gid)
        });
        // That user must reach the data directory and write the count of starts.
        shell(&format!("chmod 777 '{}'", self.flags.path().display()));
        let as_user =
            if user.is_empty() { "" } else { "setpriv --reuid postgres --regid postgres --clear-groups" };
        shell(&format!(
            "cd / && {as_user} {programs}/initdb -D '{}' -U postgres -A trust -E UTF8 --locale=C -N >/dev/null",
            data.display()
        ));
        // SIGINT (fast shutdown), as in the official image.
        let options = format!("--network host --stop-signal SIGINT {user}");
        let command = format!(
            "exec {programs}/postgres -D /flags/data -k /tmp -p {port} -c listen_addresses=127.0.0.1 -c fsync=off"
        );
        self.start("postgres", 1, &options, &command);
        port
    }

    /// The configuration for this project; `more` is appended.
    pub fn configuration(&self, url: &str, more: &str) -> String {
        format!(
            "environment: test\ndatabase: {{ url: \"{url}\" }}\ndocker: {{ project: {} }}\n\
             endpoints: {{ api: {{ url: \"http://127.0.0.1:{}/health\" }} }}\n{more}",
            self.name, self.api
        )
    }

    pub fn inspect(&self, service: &str, number: u32) -> Value {
        let text = shell(&format!("docker inspect {}", self.container(service, number)));
        serde_json::from_str::<Value>(&text).unwrap()[0].take()
    }

    /// StartedAt and FinishedAt of a container.
    pub fn times(&self, service: &str, number: u32) -> (String, String) {
        let state = &self.inspect(service, number)["State"];
        let text = |key: &str| state[key].as_str().unwrap().to_owned();
        (text("StartedAt"), text("FinishedAt"))
    }

    /// Ids, states and times of the project's containers: equal as long as nothing changes.
    pub fn snapshot(&self) -> String {
        shell(&format!(
            "docker inspect -f '{{{{.Id}}}} {{{{.Name}}}} {{{{.State.Status}}}} {{{{.State.StartedAt}}}} {{{{.State.FinishedAt}}}}' \
             $(docker ps -aq --filter label=com.docker.compose.project={}) | sort",
            self.name
        ))
    }

    /// Names and states of the containers of a service, sorted.
    pub fn states(&self, service: &str) -> Vec<String> {
        let all = shell(&format!(
            "docker ps -a --filter label=com.docker.compose.project={} --filter label=com.docker.compose.service={service} --format '{{{{.Names}}}} {{{{.State}}}}' | sort -V",
            self.name
        ));
        all.lines().map(|l| l.trim_start_matches(&format!("{}-", self.name)).to_owned()).collect()
    }

    /// Writes or removes a file of [`Project::flags`].
    pub fn flag(&self, name: &str, value: Option<&str>) {
        let path = self.flags.path().join(name);
        match value {
            Some(value) => std::fs::write(path, value).unwrap(),
            None => std::fs::remove_file(path).unwrap(),
        }
    }

    pub fn has_compose() -> bool {
        Path::new("/usr/bin/docker-compose").exists()
    }
}
