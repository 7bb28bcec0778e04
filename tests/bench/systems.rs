//! The systems that the report looks at, and the processes that bash would start to ask them.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Guard, run};

/// A whole Ordinaut, as far as the report looks at it.
pub struct Systems {
    redis: u16,
    prometheus: u16,
    alertmanager: u16,
    project: String,
    _guards: Vec<Guard>,
}

fn port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until a shell command succeeds.
fn until(command: &str) {
    let end = Instant::now() + Duration::from_secs(60);
    while !Command::new("sh")
        .arg("-c")
        .arg(command)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap()
        .success()
    {
        assert!(Instant::now() < end, "still not: {command}");
        std::thread::yield_now();
    }
}

impl Systems {
    /// Starts all of them, with 100,000 lines in the API's log.
    pub fn start() -> Self {
        let dir = tempfile::tempdir().unwrap().keep();
        let (redis, prometheus, alertmanager) = (port(), port(), port());
        let scrape = format!(
            "scrape_configs: [{{job_name: self, static_configs: [{{targets: [\"127.0.0.1:{prometheus}\"]}}]}}]\n"
        );
        std::fs::write(dir.join("prometheus.yml"), scrape).unwrap();
        std::fs::write(dir.join("alertmanager.yml"), "route: {receiver: none}\nreceivers: [{name: none}]\n")
            .unwrap();
        let start = format!(
            "cd \"$1\"\n\
             redis-server --port {redis} --bind 127.0.0.1 --save '' >redis.log 2>&1 & a=$!\n\
             prometheus --config.file=prometheus.yml --storage.tsdb.path=p --web.listen-address=127.0.0.1:{prometheus} >p.log 2>&1 & b=$!\n\
             prometheus-alertmanager --config.file=alertmanager.yml --storage.path=a \
             --web.listen-address=127.0.0.1:{alertmanager} --cluster.listen-address= >a.log 2>&1 & c=$!"
        );
        let servers = Guard::new(&start, "kill $a $b $c; wait; rm -rf \"$1\"", &[&dir], None);
        let project = format!("ordctl-bench-{}", std::process::id());
        let containers = containers(&project);
        until(&format!("redis-cli -p {redis} ping"));
        until(&format!("curl -sf http://127.0.0.1:{prometheus}/-/ready"));
        until(&format!("curl -sf http://127.0.0.1:{alertmanager}/-/ready"));
        until(&format!("test $(docker logs {project}-api-1 2>/dev/null | wc -l) -ge 100000"));
        Self { redis, prometheus, alertmanager, project, _guards: vec![servers, containers] }
    }

    /// What the report is configured with.
    pub fn configuration(&self, database: &str) -> String {
        let Self { redis, prometheus, alertmanager, project, .. } = self;
        format!(
            "database: {{ url: \"{database}\" }}\n\
             redis: {{ url: \"redis://127.0.0.1:{redis}/0\" }}\n\
             docker: {{ project: {project} }}\n\
             prometheus: {{ url: \"http://127.0.0.1:{prometheus}\" }}\n\
             alertmanager: {{ url: \"http://127.0.0.1:{alertmanager}\" }}\n\
             services: {{ api: {{}}, worker: {{}} }}\n\
             endpoints:\n  api: {{ url: \"http://127.0.0.1:{prometheus}/-/healthy\" }}\n  \
             alertmanager: {{ url: \"http://127.0.0.1:{alertmanager}/-/healthy\" }}\n"
        )
    }

    /// One shell command a question of the report.
    pub fn questions(&self, database: &str) -> Vec<String> {
        let Self { redis, prometheus, alertmanager, project, .. } = self;
        let mut all = vec![
            format!("docker ps -a --filter label=com.docker.compose.project={project}"),
            format!("docker inspect -f '{{{{.RestartCount}}}}' {project}-api-1 {project}-worker-1"),
            format!("docker logs {project}-api-1 --since 24h 2>&1 | grep -c -E '(ERROR|CRITICAL|FATAL)'"),
            "docker system df".to_owned(),
            "df -h / /var".to_owned(),
            "df -i / /var".to_owned(),
            "free".to_owned(),
            format!("pg_isready -d '{database}'"),
        ];
        for question in QUERIES {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("queries/{question}.sql"));
            all.push(format!("psql -X -t -d '{database}' -f '{}'", path.display()));
        }
        for question in
            ["ping", "info memory", "info stats", "info persistence", "info keyspace", "xlen events"]
        {
            all.push(format!("redis-cli -p {redis} {question}"));
        }
        let api =
            format!("curl -s -w '%{{time_total}}' -o /dev/null http://127.0.0.1:{prometheus}/-/healthy");
        all.extend([api.clone(), api.clone(), api.clone(), api]);
        all.push(format!("curl -sf http://127.0.0.1:{alertmanager}/-/healthy"));
        all.push(format!("curl -s 'http://127.0.0.1:{alertmanager}/api/v2/alerts?active=true'"));
        for query in ["api_latency_p95", "scheduler_lag"] {
            all.push(format!("curl -s 'http://127.0.0.1:{prometheus}/api/v1/query?query={query}'"));
        }
        all
    }
}

/// The SQL questions of the report.
const QUERIES: [&str; 15] = [
    "postgres_server",
    "postgres_size",
    "postgres_connections_used",
    "postgres_connections_active",
    "tasks_active",
    "postgres_wraparound",
    "postgres_oldest_transaction",
    "postgres_xmin_holder",
    "postgres_slot_wal",
    "postgres_archiver",
    "postgres_prepared_transactions",
    "postgres_invalid_indexes",
    "postgres_replication_lag",
    "queue_depth",
    "workers",
];

/// Two containers as compose would name them; the API has written 100,000 lines.
fn containers(project: &str) -> Guard {
    let busybox = ["/bin/busybox", "/usr/bin/busybox"].into_iter().find(|p| Path::new(p).exists());
    let busybox = busybox.expect("busybox: apt-get install busybox-static");
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("bin")).unwrap();
    std::fs::copy(busybox, root.path().join("bin/busybox")).unwrap();
    let import = format!("tar -C '{}' -c . | docker import - {project}", root.path().display());
    run(Command::new("sh").arg("-c").arg(import));
    let guard = Guard::new(
        ":",
        &format!("docker rm -f {project}-api-1 {project}-worker-1; docker rmi {project}"),
        &[],
        None,
    );
    let lines = "BEGIN { for (i = 0; i < 100000; i++) print \"2026-01-01 00:00:00 \" (i % 1000 ? \"INFO\" : \"ERROR\") \
                 \" [api] request \" i \" GET /tasks status=200 duration=0.012\" }";
    for (service, script) in [("api", format!("/bin/busybox awk '{lines}'; ")), ("worker", String::new())] {
        let mut command = Command::new("docker");
        command.args(["run", "-d", "--network", "none", "--name"]).arg(format!("{project}-{service}-1"));
        command.arg("--label").arg(format!("com.docker.compose.project={project}"));
        command.arg("--label").arg(format!("com.docker.compose.service={service}"));
        command.args([project, "/bin/busybox", "sh", "-c"]).arg(format!("{script}/bin/busybox sleep 100000"));
        run(&mut command);
    }
    guard
}
