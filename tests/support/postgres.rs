//! A scratch PostgreSQL for the run, with a database for each test.

use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use ordctl::base::secret::SecretUrl;
use ordctl::base::settings;
use ordctl::clients::postgres::{Dsn, Postgres};
use ordctl::store::{Library, Store};

use super::{DEADLINE, Guard, User, binaries, run};

/// A server on a Unix socket and on a loopback port. Every client may connect as any role.
pub struct Cluster {
    dir: PathBuf,
    /// The port on 127.0.0.1, and that of the socket's name.
    pub port: u16,
    _guard: Guard,
}

/// The server of this run; started on first use.
pub fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| Cluster::start(make, "off"))
}

/// Creates an empty cluster.
fn make(data: &Path) {
    let mut initdb = program("initdb");
    initdb.arg("-D").arg(data).args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]);
    run(&mut initdb);
}

impl Cluster {
    /// A separate server, to be frozen or stopped.
    pub fn separate() -> Self {
        Self::start(make, "off")
    }

    /// A separate server with durable commits, as in production.
    #[allow(dead_code, reason = "what it is for are the benches")]
    pub fn durable() -> Self {
        Self::start(make, "on")
    }

    fn signal(&self, signal: Signal) {
        let file = std::fs::read_to_string(self.dir.join("data/postmaster.pid")).unwrap();
        let pid: i32 = file.lines().next().unwrap().parse().unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// Freezes the server: connections get no response.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    /// Freezes the server with all its processes: open sessions get no response either.
    pub fn freeze_sessions(&self) {
        self.freeze();
        for child in self.children() {
            kill_process(child, Signal::STOP).ok();
        }
    }

    pub fn thaw_sessions(&self) {
        for child in self.children() {
            kill_process(child, Signal::CONT).ok();
        }
        self.thaw();
    }

    fn children(&self) -> Vec<Pid> {
        let file = std::fs::read_to_string(self.dir.join("data/postmaster.pid")).unwrap();
        let pid = file.lines().next().unwrap();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        children.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().unwrap())).collect()
    }

    /// A standby of the run's server.
    pub fn standby() -> Self {
        Self::standby_of(cluster())
    }

    pub fn standby_of(primary: &Self) -> Self {
        Self::start(
            |data| {
                let mut backup = program("pg_basebackup");
                let socket = primary.socket_dir();
                backup.arg("-D").arg(data).args(["-R", "-c", "fast", "-U", "postgres", "-h"]).arg(socket);
                run(backup.arg("-p").arg(primary.port.to_string()));
            },
            "off",
        )
    }

    fn start(make: impl FnOnce(&Path), fsync: &str) -> Self {
        let dir = tempfile::Builder::new().prefix("ordctl-test-").tempdir().unwrap().keep();
        if let Some(user) = User::for_postgres() {
            chown(&dir, Some(user.uid), Some(user.gid)).unwrap();
        }
        make(&dir.join("data"));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let start = format!(
            "\"$1/postgres\" -D \"$2/data\" -k \"$2\" -p {port} -c listen_addresses=127.0.0.1 \
             -c fsync={fsync} -c max_connections=200 >\"$2/log\" 2>&1 & pid=$!"
        );
        let end =
            "kill -CONT $pid $(cat /proc/$pid/task/$pid/children); kill -INT $pid; wait $pid; rm -rf \"$2\"";
        let guard = Guard::new(&start, end, &[&binaries(), &dir], User::for_postgres());
        let cluster = Self { dir, port, _guard: guard };
        let until = Instant::now() + DEADLINE;
        while !program("pg_isready")
            .arg("-q")
            .arg("-h")
            .arg(&cluster.dir)
            .arg("-p")
            .arg(port.to_string())
            .status()
            .unwrap()
            .success()
        {
            let log = std::fs::read_to_string(cluster.dir.join("log")).unwrap_or_default();
            assert!(Instant::now() < until, "PostgreSQL does not start: {log}");
            std::thread::sleep(Duration::from_millis(10));
        }
        cluster
    }

    /// The directory of its socket.
    pub fn socket_dir(&self) -> &Path {
        &self.dir
    }

    /// The URL of a database of this server.
    pub fn url(&self, user: &str, database: &str) -> String {
        let dir = self.dir.to_str().unwrap().replace('/', "%2F");
        format!("postgresql://{user}@{dir}:{}/{database}", self.port)
    }

    /// A store on a database of this server.
    pub fn store(&self, user: &str, database: &str) -> Store {
        let url = SecretUrl::new(self.url(user, database));
        let dsn = Dsn::parse(&url, &settings::Database::default()).unwrap();
        let postgres = Postgres::connect_lazily(dsn, 3).unwrap();
        Store::new(Arc::new(postgres), Arc::new(Library::default()), Duration::from_secs(30))
    }

    /// One of PostgreSQL's client programs, pointed at a database of this server.
    pub fn client(&self, name: &str, database: &str) -> Command {
        let mut command = program(name);
        command
            .arg("-h")
            .arg(&self.dir)
            .args(["-U", "postgres", "-d", database, "-p"])
            .arg(self.port.to_string());
        command
    }
}

/// One of PostgreSQL's programs, as the user who may run it.
fn program(name: &str) -> Command {
    let mut command = Command::new(binaries().join(name));
    command.current_dir("/");
    if let Some(user) = User::for_postgres() {
        command.uid(user.uid).gid(user.gid);
    }
    command
}

/// An empty database for one test.
pub struct Database {
    pub name: String,
    pub store: Store,
}

impl Database {
    /// Creates one.
    pub async fn fresh() -> Self {
        Self::created_with("").await
    }

    /// One with another encoding than UTF8.
    pub async fn with_encoding(encoding: &str) -> Self {
        Self::created_with(&format!("TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'"))
            .await
    }

    async fn created_with(options: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let admin = cluster().store("postgres", "postgres");
        let session = admin.postgres().session().await.unwrap();
        session.batch_execute(&format!("CREATE DATABASE {name} {options}")).await.unwrap();
        let store = cluster().store("postgres", &name);
        Self { name, store }
    }

    /// One with Ordinaut's schema and rows in it.
    pub async fn upstream() -> Self {
        let database = Self::fresh().await;
        database.execute(include_str!("../fixtures/upstream.sql")).await.unwrap();
        database.execute(include_str!("../fixtures/upstream_rows.sql")).await.unwrap();
        database
    }

    /// The same database, as another role or with a separate pool.
    pub fn store_as(&self, user: &str) -> Store {
        cluster().store(user, &self.name)
    }

    /// Runs statements.
    pub async fn execute(&self, sql: &str) -> Result<(), tokio_postgres::Error> {
        execute(&self.store, sql).await
    }

    /// The only column of a query's only row, as text.
    pub async fn value(&self, sql: &str) -> String {
        value(&self.store, sql).await
    }
}

/// Filling a large table takes minutes.
const FILL_LIMIT: std::time::Duration = std::time::Duration::from_secs(900);

/// Runs statements in a separate session.
pub async fn execute(store: &Store, sql: &str) -> Result<(), tokio_postgres::Error> {
    store.postgres().session().await.unwrap().with_limit(FILL_LIMIT).batch_execute(sql).await
}

/// The only column of a query's only row, as text.
pub async fn value(store: &Store, sql: &str) -> String {
    let client = store.postgres().get().await.unwrap();
    let sql = format!("SELECT coalesce(q.v::text, '') FROM ({sql}) AS q (v)");
    client.query_one(&sql, &[]).await.unwrap().get(0)
}
