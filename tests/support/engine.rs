//! Engine nodes: `ordctl serve` processes on a test database.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};

use ordctl::engine::migrations::migrate;
use rustix::process::{Pid, Signal, kill_process};

use super::eventually;
use super::ordctl::Ordctl;
use super::postgres::{Cluster, Database, cluster};

/// A running `ordctl serve`, killed when dropped.
pub struct Node {
    child: Child,
    log: Arc<Mutex<String>>,
    home: Ordctl,
}

/// The configuration of a test's nodes.
pub struct Setup {
    pub url: String,
    pub lease: &'static str,
    pub drain: &'static str,
    /// The value of `engine.stalled_after`.
    pub stalled_after: &'static str,
    pub allow: Vec<String>,
    pub runbooks: Vec<&'static str>,
    /// The value of `engine.retention`.
    pub retention: &'static str,
    /// Additional configuration lines.
    pub more: String,
    /// How far the nodes' clock is off, as `faketime -f` takes it.
    pub clock: Option<&'static str>,
    /// The log filter of the nodes.
    pub log: Option<&'static str>,
    pub queries: Vec<(&'static str, &'static str)>,
    pub books: Vec<(&'static str, &'static str)>,
}

impl Setup {
    pub fn of(database: &Database) -> Self {
        Self::at(cluster(), &database.name)
    }

    pub fn at(cluster: &Cluster, name: &str) -> Self {
        let url = format!("postgresql://postgres@127.0.0.1:{}/{name}", cluster.port);
        Self {
            url,
            lease: "2s",
            drain: "20s",
            stalled_after: "15s",
            allow: Vec::new(),
            runbooks: Vec::new(),
            retention: "{}",
            more: String::new(),
            clock: None,
            log: None,
            queries: Vec::new(),
            books: Vec::new(),
        }
    }

    /// Allows HTTP requests to this loopback port.
    pub fn allowing(mut self, port: u16) -> Self {
        self.allow.push(format!("127.0.0.1:{port}"));
        self
    }

    /// Allows tasks to run this runbook.
    pub fn runbook(mut self, name: &'static str) -> Self {
        self.runbooks.push(name);
        self
    }

    /// Adds a user query.
    pub fn query(mut self, name: &'static str, text: &'static str) -> Self {
        self.queries.push((name, text));
        self
    }

    /// Adds a user runbook.
    pub fn book(mut self, name: &'static str, text: &'static str) -> Self {
        self.books.push((name, text));
        self
    }

    pub fn ordctl(&self) -> Ordctl {
        let ordctl = Ordctl::configured(&format!(
            "environment: test\ndatabase: {{ url: \"{}\" }}\nengine: {{ lease: {}, drain: {}, stalled_after: {}, listen: \"127.0.0.1:0\", runbooks: {:?}, retention: {} }}\n\
             http_request: {{ allow: {:?} }}\nshell_exec: {{ allow: [\"/bin/sh\"] }}\nqueries: [own]\nrunbooks: [own]\n{}",
            self.url,
            self.lease,
            self.drain,
            self.stalled_after,
            self.runbooks,
            self.retention,
            self.allow,
            self.more
        ));
        let own = ordctl.home().join("own");
        std::fs::create_dir(&own).unwrap();
        for (ending, files) in [("sql", &self.queries), ("yaml", &self.books)] {
            for (name, text) in files {
                std::fs::write(own.join(format!("{name}.{ending}")), text).unwrap();
            }
        }
        ordctl
    }

    /// Starts a node; `args` go to `serve`.
    pub fn node(&self, args: &[&str]) -> Node {
        let home = self.ordctl();
        let mut all = vec!["serve"];
        all.extend(args);
        let mut command = home.command(&all);
        command.envs(self.log.map(|filter| ("ORDCTL_LOG", filter)));
        if let Some(offset) = self.clock {
            // The program `faketime` would start the node as a child of its own, which outlives a kill. Timers run on
            // the monotonic clock, which stays true.
            let library = format!("/usr/lib/{}-linux-gnu/faketime/libfaketime.so.1", std::env::consts::ARCH);
            assert!(Path::new(&library).is_file(), "{library} is missing: apt-get install faketime");
            command
                .env("LD_PRELOAD", library)
                .env("FAKETIME", offset)
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (output, pipe) = (log.clone(), child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                let mut log = output.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        Node { child, log, home }
    }
}

impl Node {
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.child.id() as i32).unwrap(), signal).unwrap();
    }

    /// Its working directory, which is also its home.
    pub fn home(&self) -> &Path {
        self.home.home()
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills the node with SIGKILL.
    pub fn kill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// The exit code if the node has exited.
    pub fn ended(&mut self) -> Option<i32> {
        self.child.try_wait().unwrap().map(|s| s.code().unwrap_or(-1))
    }

    /// Waits until the node exits; returns the exit code.
    pub async fn end(&mut self) -> i32 {
        let mut code = None;
        eventually("the node exits", async || {
            code = self.ended();
            code.is_some()
        })
        .await;
        code.unwrap()
    }

    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// The URL of its HTTP server.
    pub async fn http(&self) -> String {
        let mut found = None;
        eventually("the node logs its address", async || {
            let log = self.log();
            let url =
                log.split("http://").nth(1).and_then(|r| r.split(',').next()).map(|a| format!("http://{a}"));
            found = url;
            found.is_some()
        })
        .await;
        found.unwrap()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            println!("log of a node:\n{}", self.log());
        }
    }
}

/// A client for the API.
pub fn http() -> reqwest::Client {
    // Another test may have installed it.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::new()
}

/// A migrated database with helpers to fill and query it.
pub struct Tables {
    pub db: Database,
}

impl Tables {
    pub async fn new() -> Self {
        let db = Database::fresh().await;
        migrate(&db.store, &Default::default(), &crate::support::consent()).await.unwrap();
        Self { db }
    }

    /// Creates a task that runs only on demand; `set` assigns further columns, as `column = value`.
    pub async fn task(&self, steps: &[String], set: &str) -> String {
        let payload = format!(r#"{{"pipeline": [{}]}}"#, steps.join(", ")).replace('\'', "''");
        let id = self.db.value("SELECT gen_random_uuid()").await;
        self.db
            .execute(&format!(
                "INSERT INTO task (id, title, description, created_by, schedule_kind, schedule_expr, payload)
                 VALUES ('{id}', 'task', 'a test''s', '00000000-0000-0000-0000-000000000001', 'event', 'never', '{payload}')"
            ))
            .await
            .unwrap();
        if !set.is_empty() {
            self.db.execute(&format!("UPDATE task SET {set} WHERE id = '{id}'")).await.unwrap();
        }
        id
    }

    /// Queues work as Ordinaut's Python does.
    pub async fn queue(&self, task: &str, times: u32) {
        self.db
            .execute(&format!(
                "INSERT INTO due_work (task_id, run_at) SELECT '{task}', now() FROM generate_series(1, {times})"
            ))
            .await
            .unwrap();
    }

    /// Waits until a query returns this value.
    pub async fn until(&self, sql: &str, wanted: &str) {
        let mut last = String::new();
        eventually(&format!("{sql} is {wanted}"), async || {
            let now = self.db.value(sql).await;
            let same = now == wanted;
            if now != last {
                last = now;
            }
            same
        })
        .await;
    }

    /// Waits until no work is due or leased.
    pub async fn drained(&self) {
        self.until("SELECT count(*) FROM due_work", "0").await;
    }
}
