//! `scale auto --watch`: it outlives what comes and goes, and ends when it is told to or when nobody reads.

use std::io::{BufRead, BufReader};
use std::process::Child;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::auto::{Crew, ONCE};
use crate::support::ordctl::Ordctl;
use crate::support::postgres::execute;
use crate::support::{eventually, left_out};

/// Lines of a program that goes on.
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

    /// Waits for a line after all that are there by now.
    async fn says(&self, words: &str) -> String {
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
async fn watching_outlives_a_lost_database_and_another_run_and_ends_cleanly() {
    if left_out("watching_outlives_a_lost_database_and_another_run_and_ends_cleanly", &["docker"]) {
        return;
    }
    let crew = Crew::new("watch", 1).await;
    crew.busy("watch-1", 0.5).await;
    let machine = crew.machine("cool_down_up: 0s");
    assert_eq!(machine.run(&["scale", "auto", "--watch", "1s"]).code, 4, "it asks once, and nobody is there");
    let args = ["scale", "auto", "--watch", "1s", "--yes", "-p", "ready=running"];
    let watch = Watch::start(&machine, &args);
    watch.says(" ok       worker: stay at 1: ").await;

    let other = crew.database.store_as("postgres");
    let (name, gone) = (&crew.database.name, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity");
    let elsewhere = crate::support::postgres::cluster().store("postgres", "postgres");
    execute(&elsewhere, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await.unwrap();
    execute(&elsewhere, &format!("{gone} WHERE datname = '{name}'")).await.unwrap();
    watch.says(" unknown  worker: as many as there are: ").await;
    execute(&elsewhere, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await.unwrap();
    watch.says(" ok       worker: stay at 1: ").await;

    let lock = other.postgres().session().await.unwrap();
    lock.batch_execute("SELECT pg_advisory_lock(x'6f726463746c'::bigint)").await.unwrap();
    let sql = format!(
        "INSERT INTO due_work (task_id, run_at) SELECT '{}', now() FROM generate_series(1, 500)",
        crew.task
    );
    execute(&other, &sql).await.unwrap();
    watch.says("another run acts on this database").await;
    assert_eq!(machine.run(&ONCE).code, 4, "beside another run");
    assert_eq!(crew.running(), 1);
    drop(lock);
    watch.says("up from 1 to 2").await;
    eventually("two run", async || crew.running() == 2).await;
    assert_eq!(watch.end(), 0);

    // Metrics that cannot be written are told, and the watch goes on; without a reader it ends.
    let mut args = vec!["scale", "auto", "--watch", "1s", "--yes", "-p", "ready=running", "--textfile"];
    args.push("/proc/ordctl/scale.prom");
    let watch = Watch::start(&machine, &args);
    watch.says("/proc/ordctl/scale.prom").await;
    watch.says("/proc/ordctl/scale.prom").await;
    assert_eq!(watch.end(), 0);
    let mut unread = machine.spawn(&args);
    drop(unread.stdout.take());
    let ended = tokio::task::spawn_blocking(|| unread.wait_with_output().unwrap()).await.unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(ended.status.code() == Some(2) && said.contains("nobody reads the lines any more"), "{said}");

    let json = Watch::start(&machine, &["scale", "auto", "--watch", "--dry-run", "-o", "json"]);
    let line: Value = serde_json::from_str(&json.says("operate/scale-auto").await).unwrap();
    assert_eq!((line["kind"].as_str(), json.end()), (Some("dryrun"), 0));
}
