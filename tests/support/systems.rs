//! The systems that a report checks: real servers on loopback, and containers named as compose names them.
//! All end with the test process.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::web::Web;
use super::{Guard, run};

/// A server with a port on loopback.
pub struct Server {
    pub port: u16,
    pub dir: PathBuf,
    guard: Option<Guard>,
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until a shell command succeeds.
pub fn until(command: &str) {
    let end = Instant::now() + Duration::from_secs(60);
    let succeeds = || {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(command).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        shell.status().unwrap().success()
    };
    while !succeeds() {
        assert!(Instant::now() < end, "still not: {command}");
        std::thread::yield_now();
    }
}

/// The output of a shell command that must succeed, without its last line break.
pub fn shell(command: &str) -> String {
    run(Command::new("sh").arg("-c").arg(command)).trim_end().to_owned()
}

impl Server {
    /// Starts a program; `PORT` in its command is replaced. It is ready when `ready` succeeds.
    pub fn start(package: &str, command: &str, files: &[(&str, String)], ready: &str) -> Self {
        let program = command.split(' ').next().unwrap();
        let there = Command::new("sh").arg("-c").arg(format!("command -v {program}")).output().unwrap();
        assert!(there.status.success(), "{program} is missing: apt-get install {package}");
        let dir = tempfile::tempdir().unwrap().keep();
        for (name, text) in files {
            std::fs::write(dir.join(name), text).unwrap();
        }
        let port = free_port();
        let command = command.replace("PORT", &port.to_string());
        let start = format!("cd \"$1\"; {command} >log 2>&1 & pid=$!; echo $pid >\"$1/pid\"");
        let end = "kill -CONT $pid; kill -9 $pid; wait; rm -rf \"$1\"";
        let guard = Guard::new(&start, end, &[&dir], None);
        until(&ready.replace("PORT", &port.to_string()));
        Self { port, dir, guard: Some(guard) }
    }

    fn signal(&self, signal: Signal) {
        let pid: i32 = std::fs::read_to_string(self.dir.join("pid")).unwrap().trim().parse().unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// Keeps its connections open and answers nothing.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    pub fn stop(&mut self) {
        self.guard = None;
    }
}

/// The API's 95th percentile, in PromQL.
pub const P95: &str =
    "histogram_quantile(0.95,sum(rate(orchestrator_http_request_duration_seconds_bucket[5m]))by(le))";

/// A Prometheus that scrapes an API every second.
pub fn prometheus(api: u16) -> Server {
    let targets = format!(
        "global: {{ scrape_interval: 1s }}\nscrape_configs: [{{ job_name: api, static_configs: [{{ targets: [\"127.0.0.1:{api}\"] }}] }}]\n",
    );
    Server::start(
        "prometheus",
        "prometheus --config.file=prometheus.yml --storage.tsdb.path=tsdb --web.listen-address=127.0.0.1:PORT",
        &[("prometheus.yml", targets)],
        "curl -sf --max-time 2 http://127.0.0.1:PORT/-/ready",
    )
}

pub fn alertmanager(configuration: &str) -> Server {
    Server::start(
        "prometheus-alertmanager",
        "prometheus-alertmanager --config.file=alertmanager.yml --storage.path=state \
         --web.listen-address=127.0.0.1:PORT --cluster.listen-address=",
        &[("alertmanager.yml", configuration.to_owned())],
        "curl -sf --max-time 2 http://127.0.0.1:PORT/-/ready",
    )
}

/// Of an Alertmanager that notifies nobody.
pub const NO_RECEIVER: &str = "route: { receiver: none }\nreceivers: [{ name: none }]\n";

/// All systems that a report checks.
pub struct Systems {
    pub redis: Server,
    pub prometheus: Server,
    pub alertmanager: Server,
    pub api: Web,
    /// The compose project, also the name of its image.
    pub project: String,
    _containers: Guard,
}

impl Systems {
    /// Starts all of them, with `lines` lines in the log of the service `api`.
    pub fn start(name: &str, lines: u32) -> Self {
        let project = format!("ordctl-{name}-{}", std::process::id());
        let containers = containers(&project, lines);
        let api = Web::start();
        let redis = Server::start(
            "redis-server",
            "redis-server --port PORT --bind 127.0.0.1 --save '3600 1'",
            &[],
            "redis-cli -p PORT ping",
        );
        let prometheus = prometheus(api.port);
        let alertmanager = alertmanager(NO_RECEIVER);
        until(&format!("test $(docker logs {project}-api-1 2>/dev/null | wc -l) -ge {lines}"));
        Self { redis, prometheus, alertmanager, api, project, _containers: containers }
    }

    /// Waits until Prometheus has enough samples of the API for a rate.
    pub fn measured(&self) {
        let query =
            format!("promtool query instant -o json http://127.0.0.1:{} '{P95}'", self.prometheus.port);
        until(&format!("{query} | grep -q '0\\.[0-9]'"));
    }

    /// The configuration of all of them. `docker` is the address of the engine, if not the default.
    pub fn configuration(&self, database: &str, docker: Option<&str>) -> String {
        let host = docker.map_or_else(String::new, |h| format!(", host: \"{h}\""));
        format!(
            "environment: test\n\
             database: {{ url: \"{database}\" }}\n\
             redis: {{ url: \"redis://127.0.0.1:{}/0\" }}\n\
             docker: {{ project: {}{host} }}\n\
             prometheus: {{ url: \"http://127.0.0.1:{}\" }}\n\
             alertmanager: {{ url: \"http://127.0.0.1:{}\" }}\n\
             params: {{ health/morning: {{ load_warn: 1000 }} }}\n\
             services: {{ api: {{}}, worker: {{}} }}\n\
             endpoints: {{ api: {{ url: \"http://127.0.0.1:{}/health\" }} }}\n",
            self.redis.port, self.project, self.prometheus.port, self.alertmanager.port, self.api.port
        )
    }
}

/// Creates an image with only busybox: no image can be pulled here.
pub fn image(name: &str) {
    let engine = Command::new("docker").arg("version").output();
    let answers = engine.is_ok_and(|o| o.status.success());
    assert!(answers, "no Docker engine answers: apt-get install docker.io, then start dockerd (make deps)");
    let busybox = ["/bin/busybox", "/usr/bin/busybox"].into_iter().find(|p| Path::new(p).exists());
    let busybox = busybox.expect("busybox is missing: apt-get install busybox-static");
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("bin")).unwrap();
    std::fs::copy(busybox, root.path().join("bin/busybox")).unwrap();
    shell(&format!("tar -C '{}' -c . | docker import - {name}", root.path().display()));
}

/// Two containers named as compose names them: an API with a log, and a worker that exits and was restarted
/// twice.
fn containers(project: &str, lines: u32) -> Guard {
    image(project);
    let end = format!("docker rm -f {project}-api-1 {project}-worker-1; docker rmi {project}");
    let guard = Guard::new(":", &end, &[], None);
    let log = format!(
        "/bin/busybox awk 'BEGIN {{ for (i = 0; i < {lines}; i++) print \"2026-01-01 00:00:00 \" \
         (i % 1000 ? \"INFO\" : \"ERROR\") \" [api] request \" i \" GET /tasks status=200 duration=0.012\" }}'; \
         /bin/busybox sleep 100000"
    );
    for (service, restart, script) in [("api", "no", log.as_str()), ("worker", "on-failure:2", "exit 3")] {
        let mut command = Command::new("docker");
        command.args(["run", "-d", "--network", "none", "--restart", restart]);
        command.arg("--name").arg(format!("{project}-{service}-1"));
        command.arg("--label").arg(format!("com.docker.compose.project={project}"));
        command.arg("--label").arg(format!("com.docker.compose.service={service}"));
        run(command.args([project, "/bin/busybox", "sh", "-c", script]));
    }
    guard
}
