//! Nodes of the engine: the real program with `serve`, on a database of the test's own.

use std::io::{BufRead, BufReader};
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
    _home: Ordctl,
}

/// What is common to the nodes of a test: which hosts tools may ask, and the lease.
pub struct Setup {
    pub url: String,
    pub lease: &'static str,
    pub drain: &'static str,
    pub allow: Vec<String>,
    pub runbooks: Vec<&'static str>,
    /// What `engine.retention` says.
    pub retention: &'static str,
    /// Further lines of the configuration.
    pub more: String,
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
            allow: Vec::new(),
            runbooks: Vec::new(),
            retention: "{}",
            more: String::new(),
            queries: Vec::new(),
            books: Vec::new(),
        }
    }

    /// Tools may ask this port of loopback.
    pub fn allowing(mut self, port: u16) -> Self {
        self.allow.push(format!("127.0.0.1:{port}"));
        self
    }

    /// Tasks may run this runbook.
    pub fn runbook(mut self, name: &'static str) -> Self {
        self.runbooks.push(name);
        self
    }

    /// With a query of the user's.
    pub fn query(mut self, name: &'static str, text: &'static str) -> Self {
        self.queries.push((name, text));
        self
    }

    /// With a runbook of the user's.
    pub fn book(mut self, name: &'static str, text: &'static str) -> Self {
        self.books.push((name, text));
        self
    }

    pub fn ordctl(&self) -> Ordctl {
        let ordctl = Ordctl::configured(&format!(
            "environment: test\ndatabase: {{ url: \"{}\" }}\nengine: {{ lease: {}, drain: {}, listen: \"127.0.0.1:0\", runbooks: {:?}, retention: {} }}\n\
             http_request: {{ allow: {:?} }}\nshell_exec: {{ allow: [\"/bin/sh\"] }}\nqueries: [own]\nrunbooks: [own]\n{}",
            self.url, self.lease, self.drain, self.runbooks, self.retention, self.allow, self.more
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
        let mut child = home.command(&all).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (kept, pipe) = (log.clone(), child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                let mut log = kept.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        Node { child, log, _home: home }
    }
}

impl Node {
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.child.id() as i32).unwrap(), signal).unwrap();
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// kill -9, and gone.
    pub fn kill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// Whether it has ended by itself, or was killed.
    pub fn ended(&mut self) -> Option<i32> {
        self.child.try_wait().unwrap().map(|s| s.code().unwrap_or(-1))
    }

    /// Waits for its end; its exit code.
    pub async fn end(&mut self) -> i32 {
        let mut code = None;
        eventually("the node ends", async || {
            code = self.ended();
            code.is_some()
        })
        .await;
        code.unwrap()
    }

    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Where it serves HTTP.
    pub async fn http(&self) -> String {
        let mut found = None;
        eventually("it says where it listens", async || {
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
            println!("a node said:\n{}", self.log());
        }
    }
}

/// A client for the API.
pub fn http() -> reqwest::Client {
    // Another test may have done it.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::new()
}

/// A migrated database, and helpers to fill and ask it.
pub struct Tables {
    pub db: Database,
}

impl Tables {
    pub async fn new() -> Self {
        let db = Database::fresh().await;
        migrate(&db.store, &Default::default()).await.unwrap();
        Self { db }
    }

    /// Makes a task that is only run on demand; `set` are further columns, as `column = value`.
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

    /// Queues tasks as upstream's Python would.
    pub async fn queue(&self, task: &str, times: u32) {
        self.db
            .execute(&format!(
                "INSERT INTO due_work (task_id, run_at) SELECT '{task}', now() FROM generate_series(1, {times})"
            ))
            .await
            .unwrap();
    }

    /// Waits until a query's only value is this.
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

    /// Waits until nothing is due or leased any more.
    pub async fn drained(&self) {
        self.until("SELECT count(*) FROM due_work", "0").await;
    }
}
