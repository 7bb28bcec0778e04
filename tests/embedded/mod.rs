//! The embedded PostgreSQL: who joins, who leaves, who is killed.

mod members;
mod places;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use ordctl::base::layout::Layout;
use ordctl::clients::postgres::Postgres;
use ordctl::engine::embedded::Embedded;

use crate::support::Guard;

/// Ends a server by its pid file, if that still names it, and removes what it left.
const CLEAN_UP: &str = r#"
pid=$(head -n 1 "$1/postgres/data/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ] && [ "$(readlink /proc/$pid/cwd)" = "$1/postgres/data" ]; then
    kill -QUIT $pid
    while [ -e "/proc/$pid/cwd" ]; do sleep 0.02; done
fi
rm -rf "$1" "$2""#;

/// A data directory whose server, if one is left, ends with the test.
struct Scratch {
    layout: Layout,
    _guard: Guard,
}

impl Scratch {
    fn new() -> Self {
        Self::named("d")
    }

    /// One whose last part has this name.
    fn named(name: &str) -> Self {
        let dir = tempfile::Builder::new().prefix("ordctl-test-").tempdir().unwrap().keep();
        // Whoever runs PostgreSQL must get through.
        std::fs::set_permissions(&dir, PermissionsExt::from_mode(0o755)).unwrap();
        let layout = Layout::new(dir.join(name));
        let socket = layout.embedded_socket_dir();
        let parent = format!("{CLEAN_UP}\nrm -rf \"$3\"");
        let guard = Guard::new("", &parent, &[layout.root(), &socket, &dir], None);
        Self { layout, _guard: guard }
    }

    fn pid_file(&self) -> PathBuf {
        self.layout.embedded_cluster().join("postmaster.pid")
    }

    /// The server's process.
    fn pid(&self) -> rustix::process::Pid {
        let text = std::fs::read_to_string(self.pid_file()).unwrap();
        rustix::process::Pid::from_raw(text.lines().next().unwrap().parse().unwrap()).unwrap()
    }
}

/// Asks the server something.
async fn ask(embedded: &Embedded, sql: &str) -> String {
    let session = Postgres::connect_lazily(embedded.dsn(), 1).unwrap().session().await.unwrap();
    session.query_one(sql, &[]).await.unwrap().get(0)
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
