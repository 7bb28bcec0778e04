//! The server is killed while `serve` uses it.

use std::collections::HashSet;
use std::io::Read;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};

use ordctl::clients::postgres::{Dsn, Postgres};
use rustix::process::{Pid, Signal, kill_process};

use super::Scratch;
use crate::support::eventually;
use crate::support::ordctl::Ordctl;

/// `ordctl serve` on the embedded database.
struct Serve {
    child: Child,
    log: Arc<Mutex<String>>,
    scratch: Scratch,
    _home: Ordctl,
}

impl Serve {
    async fn start() -> Self {
        let (scratch, home) = (Scratch::new(), Ordctl::new());
        let mut command = home.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.env("ORDCTL_DATA_DIR", scratch.layout.root());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (log, mut pipe) = (Arc::<Mutex<String>>::default(), child.stderr.take().unwrap());
        let written = log.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = pipe.read(&mut buffer) {
                written.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..n]));
            }
        });
        let serve = Self { child, log, scratch, _home: home };
        eventually("the node listens", async || serve.log().contains("http://")).await;
        serve
    }

    fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    fn url(&self) -> String {
        let log = self.log();
        format!("http://{}", log.split("http://").nth(1).unwrap().split(',').next().unwrap())
    }

    /// Whether a new task runs.
    async fn runs_a_task(&self) -> bool {
        let at = (chrono::Utc::now() + chrono::TimeDelta::seconds(1)).to_rfc3339();
        let body = serde_json::json!({
            "title": "t", "description": "d", "schedule_kind": "once", "schedule_expr": at,
            "payload": {"pipeline": [{"id": "a", "uses": "noop"}]}
        });
        let http = crate::support::engine::http();
        let answer = http.post(format!("{}/tasks", self.url())).json(&body).send().await.unwrap();
        if !answer.status().is_success() {
            return false;
        }
        let task: serde_json::Value = answer.json().await.unwrap();
        let session = self.session().await;
        let sql = "SELECT count(*)::text FROM task_run WHERE final AND success AND task_id::text = $1";
        let id = task["id"].as_str().unwrap().to_owned();
        eventually("the task runs", async || {
            let row = session.query_one(sql, &[&id]).await.unwrap();
            row.get::<_, String>(0) == "1"
        })
        .await;
        true
    }

    async fn session(&self) -> ordctl::clients::postgres::Session {
        let socket = self.scratch.layout.embedded_socket_dir();
        let url = format!(
            "postgresql://orchestrator@{}/orchestrator",
            socket.display().to_string().replace('/', "%2F")
        );
        let url = ordctl::base::secret::SecretUrl::new(url);
        let dsn = Dsn::parse(&url, &Default::default()).unwrap();
        Postgres::connect_lazily(dsn, 1).unwrap().session().await.unwrap()
    }

    fn kill_server(&self) -> Pid {
        let pid = self.scratch.pid();
        kill_process(pid, Signal::KILL).unwrap();
        pid
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        if std::thread::panicking() {
            println!("log of serve:\n{}", self.log());
        }
    }
}

/// Each loop says once that its session is lost, and once that it is back; there are two worker lanes.
#[tokio::test]
async fn a_killed_server_is_restarted() {
    let mut serve = Serve::start().await;
    assert!(serve.runs_a_task().await);
    for _ in 0..2 {
        let begin = serve.log().len();
        let dead = serve.kill_server();
        eventually("another server runs", async || {
            serve.scratch.pid_if_written().is_some_and(|pid| pid != dead)
        })
        .await;
        eventually("a task runs again", async || serve.runs_a_task().await).await;
        let lost = |log: &str| -> Vec<String> {
            log.lines()
                .filter_map(|l| {
                    Some(l.split_once(": lost, reconnecting")?.0.split_once("WARN")?.1.to_owned())
                })
                .collect()
        };
        eventually("every loop is back", async || {
            let log = serve.log();
            let back = log[begin..].matches(": back after ").count();
            back >= lost(&log[begin..]).len()
        })
        .await;
        let log = serve.log();
        let lost = lost(&log[begin..]);
        let different: HashSet<&String> = lost.iter().collect();
        assert!(!lost.is_empty() && lost.len() <= different.len() + 1, "{}", &log[begin..]);
    }
    kill_process(Pid::from_raw(serve.child.id() as i32).unwrap(), Signal::TERM).unwrap();
    assert!(serve.child.wait().unwrap().success());
}

#[tokio::test]
async fn a_server_that_does_not_start_again_ends_serve_with_the_cause() {
    let mut serve = Serve::start().await;
    let control = serve.scratch.layout.embedded_cluster().join("global/pg_control");
    std::fs::rename(&control, control.with_extension("away")).unwrap();
    serve.kill_server();
    let mut ended = None;
    eventually("serve ends", async || {
        ended = serve.child.try_wait().unwrap();
        ended.is_some()
    })
    .await;
    assert_eq!(ended.unwrap().code(), Some(2));
    let log = serve.log();
    assert!(log.contains("did not start again, attempts: 5") && log.contains("pg_control"), "{log}");
}
