//! The embedded PostgreSQL: members, locations, crashes.

mod consent;
mod locations;
mod members;
mod restart;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use ordctl::base::layout::Layout;
use ordctl::clients::postgres::Postgres;
use ordctl::engine::embedded::Embedded;

use crate::support::Guard;

/// Stops a server by its pid file and removes its files.
const CLEAN_UP: &str = r#"
pid=$(head -n 1 "$1/postgres/data/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ] && [ "$(readlink /proc/$pid/cwd)" = "$1/postgres/data" ]; then
    kill -QUIT $pid
    while [ -e "/proc/$pid/cwd" ]; do sleep 0.02; done
fi
rm -rf "$1" "$2""#;

/// A data directory whose server is stopped at the end of the test.
struct Scratch {
    layout: Layout,
    _guard: Guard,
}

impl Scratch {
    fn new() -> Self {
        Self::named("d")
    }

    /// With this directory name.
    fn named(name: &str) -> Self {
        let dir = tempfile::Builder::new().prefix("ordctl-test-").tempdir().unwrap().keep();
        // The user that runs PostgreSQL must be able to enter it.
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

    fn pid(&self) -> rustix::process::Pid {
        self.pid_if_written().unwrap()
    }

    /// None without the file, and between its creation and its first line.
    fn pid_if_written(&self) -> Option<rustix::process::Pid> {
        let text = std::fs::read_to_string(self.pid_file()).ok()?;
        rustix::process::Pid::from_raw(text.lines().next()?.parse().ok()?)
    }
}

/// Queries the server.
async fn query(embedded: &Embedded, sql: &str) -> String {
    let session = Postgres::connect_lazily(embedded.dsn(), 1).unwrap().session().await.unwrap();
    session.query_one(sql, &[]).await.unwrap().get(0)
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
