//! `scale auto --watch`: survives a lost database and concurrent runs; ends on SIGTERM or a closed pipe.

use std::io::{BufRead, BufReader};
use std::process::Child;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::auto::{ONCE, Workers};
use crate::support::ordctl::Ordctl;
use crate::support::postgres::execute;
use crate::support::{eventually, left_out};

/// The output lines of a running program.
struct Watch {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Watch {
    fn start(ordctl: &Ordctl, args: &[&str]) -> Self {
        let mut child = ordctl.spawn(args);
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let readers: [Box<dyn std::io::Read + Send>; 2] = [Box::new(out), Box::new(err)];
        for reader in readers {
            let lines = lines.clone();
            std::thread::spawn(move || {
                BufReader::new(reader)
                    .lines()
                    .map_while(Result::ok)
                    .for_each(|l| lines.lock().unwrap().push(l));
            });
        }
        Self { child, lines }
    }

    /// Waits for a new line that contains `words`.
    async fn wait_for_line(&self, words: &str) -> String {
        let from = self.lines.lock().unwrap().len();
        let found = || self.lines.lock().unwrap()[from..].iter().find(|l| l.contains(words)).cloned();
        eventually(&format!("a line with {words}, in {:?}", self.lines), async || found().is_some()).await;
        found().unwrap()
    }

    fn end(mut self) -> i32 {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap().code().unwrap()
    }
}

#[tokio::test]
async fn watch_survives_a_lost_database_and_a_concurrent_run() {
    if left_out("watch_survives_a_lost_database_and_a_concurrent_run", &["docker"]) {
        return;
    }
    let workers = Workers::new("watch", 1).await;
    workers.set_utilization("watch-1", 0.5).await;
    let machine = workers.machine("cool_down_up: 0s");
    assert_eq!(machine.run(&["scale", "auto", "--watch", "1s"]).code, 4, "without consent");
    let args = ["scale", "auto", "--watch", "1s", "--yes", "-p", "ready=running"];
    let watch = Watch::start(&machine, &args);
    watch.wait_for_line(" ok       worker: stay at 1: ").await;

    let other = workers.database.store_as("postgres");
    let (name, gone) = (&workers.database.name, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity");
    let elsewhere = crate::support::postgres::cluster().store("postgres", "postgres");
    execute(&elsewhere, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await.unwrap();
    execute(&elsewhere, &format!("{gone} WHERE datname = '{name}'")).await.unwrap();
    watch.wait_for_line(" unknown  worker: no decision: ").await;
    execute(&elsewhere, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await.unwrap();
    watch.wait_for_line(" ok       worker: stay at 1: ").await;

    let lock = other.postgres().session().await.unwrap();
    lock.batch_execute("SELECT pg_advisory_lock(x'6f726463746c'::bigint)").await.unwrap();
    let sql = format!(
        "INSERT INTO due_work (task_id, run_at) SELECT '{}', now() FROM generate_series(1, 500)",
        workers.task
    );
    execute(&other, &sql).await.unwrap();
    watch.wait_for_line("another run is acting on this database").await;
    assert_eq!(machine.run(&ONCE).code, 4, "during another run");
    assert_eq!(workers.running(), 1);
    drop(lock);
    watch.wait_for_line("up from 1 to 2").await;
    eventually("two run", async || workers.running() == 2).await;
    assert_eq!(watch.end(), 0);

    // A failed write of metrics is reported and the watch continues; a closed pipe ends it.
    let mut args = vec!["scale", "auto", "--watch", "1s", "--yes", "-p", "ready=running", "--textfile"];
    args.push("/proc/ordctl/scale.prom");
    let watch = Watch::start(&machine, &args);
    watch.wait_for_line("/proc/ordctl/scale.prom").await;
    watch.wait_for_line("/proc/ordctl/scale.prom").await;
    assert_eq!(watch.end(), 0);
    let mut unread = machine.spawn(&args);
    drop(unread.stdout.take());
    let ended = tokio::task::spawn_blocking(|| unread.wait_with_output().unwrap()).await.unwrap();
    let output = String::from_utf8(ended.stderr).unwrap();
    assert!(ended.status.code() == Some(2) && output.contains("standard output is closed"), "{output}");

    let json = Watch::start(&machine, &["scale", "auto", "--watch", "--dry-run", "-o", "json"]);
    let line: Value = serde_json::from_str(&json.wait_for_line("operate/scale-auto").await).unwrap();
    assert_eq!((line["kind"].as_str(), json.end()), (Some("dryrun"), 0));
}
