//! This machine: filesystems, memory, load, name.
//!
//! A network filesystem without its server blocks every call, so each call runs on a detached thread and
//! the caller limits the wait.

use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::ClientError;
use crate::clients::detached::spawn_detached;

/// The system's name in findings and errors.
pub(crate) const SYSTEM: &str = crate::model::HOST;

/// A mounted filesystem and its space.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Filesystem {
    /// The requested path.
    pub(crate) path: PathBuf,
    /// Where the filesystem is mounted.
    pub(crate) mount: PathBuf,
    #[serde(skip)]
    pub(crate) device: u64,
    /// Total bytes.
    pub(crate) total: u64,
    /// Bytes in use.
    pub(crate) used: u64,
    /// Bytes that an unprivileged program may still write.
    pub(crate) available: u64,
    /// Total inodes; 0 where they are allocated dynamically.
    pub(crate) inodes: u64,
    pub(crate) inodes_used: u64,
}

impl Filesystem {
    /// Used %, as `df` computes it: of what is used or usable, not of the reserve for root.
    pub(crate) fn used_percent(&self) -> f64 {
        percent(self.used, self.used.saturating_add(self.available))
    }

    /// Used inodes in %; none where inodes are allocated dynamically.
    pub(crate) fn inodes_percent(&self) -> Option<f64> {
        (self.inodes > 0).then(|| percent(self.inodes_used, self.inodes))
    }
}

/// Memory of the whole machine, in bytes.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Memory {
    pub(crate) total: u64,
    /// What programs could get without swapping (the kernel's MemAvailable).
    pub(crate) available: u64,
}

impl Memory {
    /// What is not available, in %.
    pub(crate) fn used_percent(&self) -> f64 {
        percent(self.total.saturating_sub(self.available), self.total)
    }
}

/// Runnable processes, averaged over 1, 5 and 15 minutes, and the processors they share.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Load {
    pub(crate) one: f64,
    pub(crate) five: f64,
    pub(crate) fifteen: f64,
    pub(crate) processors: usize,
}

#[expect(clippy::cast_precision_loss, reason = "a share of bytes needs no 64 bits")]
fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 }
}

/// The filesystem of a path.
pub(crate) async fn filesystem(path: &Path) -> Result<Filesystem, ClientError> {
    let path = path.to_owned();
    let shown = path.display().to_string();
    let found = spawn_detached(move |_| statvfs(path)).await.and_then(|r| r);
    found.map_err(|e| ClientError::failed(SYSTEM, format!("{shown}: {e}")))
}

/// The system identifier of the PostgreSQL cluster in a directory: the first eight bytes of its pg_control.
pub(crate) async fn cluster(directory: &Path) -> Result<u64, ClientError> {
    let path = directory.join("global/pg_control");
    let shown = path.display().to_string();
    let read = spawn_detached(move |_| {
        let mut head = [0; 8];
        std::fs::File::open(path)?.read_exact(&mut head)?;
        // As the server of this machine writes it.
        Ok(u64::from_ne_bytes(head))
    });
    let found = read.await.and_then(|r| r);
    found.map_err(|e: std::io::Error| ClientError::failed(SYSTEM, format!("{shown}: {e}")))
}

/// The nearest existing path at or above this one.
pub(crate) async fn existing(path: PathBuf) -> PathBuf {
    let found = spawn_detached(move |_| path.ancestors().find(|p| p.exists()).map(Path::to_owned)).await;
    found.ok().flatten().unwrap_or_else(|| PathBuf::from("/"))
}

fn statvfs(path: PathBuf) -> std::io::Result<Filesystem> {
    let room = rustix::fs::statvfs(&path)?;
    let device = rustix::fs::stat(&path)?.st_dev;
    let real = path.canonicalize()?;
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    Ok(Filesystem {
        mount: mount_of(&mounts, &real).unwrap_or(real),
        path,
        device,
        total: room.f_blocks.saturating_mul(room.f_frsize),
        used: room.f_blocks.saturating_sub(room.f_bfree).saturating_mul(room.f_frsize),
        available: room.f_bavail.saturating_mul(room.f_frsize),
        inodes: room.f_files,
        inodes_used: room.f_files.saturating_sub(room.f_ffree),
    })
}

/// The mount point of a path, from the kernel's table: the deepest one, and of stacked mounts the last.
fn mount_of(mountinfo: &str, path: &Path) -> Option<PathBuf> {
    let points = mountinfo.lines().filter_map(|line| line.split(' ').nth(4)).map(unescaped);
    points.filter(|point| path.starts_with(point)).max_by_key(|point| point.components().count())
}

/// The kernel writes a space, tab, newline or backslash of a path in octal.
fn unescaped(field: &str) -> PathBuf {
    let text = field.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n");
    PathBuf::from(text.replace("\\134", "\\"))
}

pub(crate) fn memory() -> Result<Memory, ClientError> {
    let mut system = sysinfo::System::new().map_err(|e| ClientError::failed(SYSTEM, e))?;
    system.refresh_memory_specifics(sysinfo::MemoryRefreshKind::nothing().with_ram());
    match system.total_memory() {
        0 => Err(ClientError::failed(SYSTEM, "total memory is unknown")),
        total => Ok(Memory { total, available: system.available_memory() }),
    }
}

/// The memory of the control group that this process belongs to, where it has a limit below the machine's memory, as
/// in a container (cgroups(7), both versions). Of nested groups the one with the least left counts.
pub(crate) fn limited_memory() -> Option<Memory> {
    let own = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    let machine = memory().ok()?.total;
    let groups =
        HIERARCHIES.iter().filter_map(|hierarchy| hierarchy.memory(Path::new("/sys/fs/cgroup"), &own));
    groups.filter(|group| group.total < machine).min_by_key(|group| group.available)
}

/// Where a version of control groups keeps what it knows about memory.
struct Hierarchy {
    /// The controllers in /proc/self/cgroup.
    controllers: &'static str,
    /// The hierarchy's folder below /sys/fs/cgroup.
    folder: &'static str,
    limit: &'static str,
    usage: &'static str,
    /// The name in memory.stat of the pages of files that the kernel drops before it refuses memory.
    cache: &'static str,
}

const HIERARCHIES: [Hierarchy; 2] = [
    Hierarchy {
        controllers: "",
        folder: "",
        limit: "memory.max",
        usage: "memory.current",
        cache: "inactive_file ",
    },
    Hierarchy {
        controllers: "memory",
        folder: "memory",
        limit: "memory.limit_in_bytes",
        usage: "memory.usage_in_bytes",
        cache: "total_inactive_file ",
    },
];

impl Hierarchy {
    /// In a container the path may be the host's although the mount starts at the container's group, so missing
    /// folders are skipped.
    fn memory(&self, root: &Path, own: &str) -> Option<Memory> {
        let path = own.lines().find_map(|line| {
            let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
            controllers.split(',').any(|name| name == self.controllers).then_some(path)
        })?;
        let root = root.join(self.folder);
        let own = root.join(path.trim_start_matches('/'));
        let groups = own.ancestors().take_while(|group| group.starts_with(&root));
        groups.filter_map(|group| self.memory_of_group(group)).min_by_key(|memory| memory.available)
    }

    /// None without a limit.
    fn memory_of_group(&self, group: &Path) -> Option<Memory> {
        let number = |name: &str| std::fs::read_to_string(group.join(name)).ok()?.trim().parse::<u64>().ok();
        let (total, used) = (number(self.limit)?, number(self.usage)?);
        let statistics = std::fs::read_to_string(group.join("memory.stat")).unwrap_or_default();
        let cache = statistics.lines().find_map(|line| line.strip_prefix(self.cache)?.parse().ok());
        let used = used.saturating_sub(cache.unwrap_or(0));
        Some(Memory { total, available: total.saturating_sub(used) })
    }
}

/// How busy the machine is.
pub(crate) fn load() -> Result<Load, ClientError> {
    let load = sysinfo::System::load_average().map_err(|e| ClientError::failed(SYSTEM, e))?;
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(Load { one: load.one, five: load.five, fifteen: load.fifteen, processors })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_is_that_of_df() {
        let fs = Filesystem {
            path: "/".into(),
            mount: "/".into(),
            device: 1,
            total: 1000,
            used: 450,
            available: 500,
            inodes: 0,
            inodes_used: 0,
        };
        // 50 are root's reserve: of 950 usable ones 450 are used.
        assert!((fs.used_percent() - 47.368).abs() < 0.001);
        assert_eq!(fs.inodes_percent(), None);
        assert_eq!(Filesystem { inodes: 10, inodes_used: 1, ..fs }.inodes_percent(), Some(10.0));
    }

    #[test]
    fn the_tightest_limit_of_nested_control_groups_counts() {
        for (hierarchy, line) in HIERARCHIES.iter().zip(["0::", "9:name=systemd:/other\n4:cpu,memory:"]) {
            let root = tempfile::tempdir().unwrap();
            let group = |path: &str, max: &str, current: &str| {
                let dir = root.path().join(hierarchy.folder).join(path);
                std::fs::create_dir_all(&dir).unwrap();
                std::fs::write(dir.join(hierarchy.limit), format!("{max}\n")).unwrap();
                std::fs::write(dir.join(hierarchy.usage), format!("{current}\n")).unwrap();
                std::fs::write(dir.join("memory.stat"), format!("anon 1\n{}100\n", hierarchy.cache)).unwrap();
            };
            let found = |path: &str| {
                let found = hierarchy.memory(root.path(), &format!("{line}{path}\n"));
                found.map(|m| (m.total, m.available))
            };
            assert_eq!(found("/"), None);
            group("pod", "1000", "900");
            group("pod/app", "max", "400");
            assert_eq!(found("/pod/app"), Some((1000, 200)));
            group("pod/app", "500", "450");
            assert_eq!(found("/pod/app"), Some((500, 150)));
            assert_eq!(found("/other"), None);
        }
    }

    #[test]
    fn the_deepest_mount_point_counts() {
        let table = "22 1 8:1 / / rw - ext4 /dev/a rw\n23 22 8:2 / /var rw - ext4 /dev/b rw\n\
                     24 23 8:3 / /var/my\\040data rw - ext4 /dev/c rw\n";
        let of = |path: &str| mount_of(table, Path::new(path)).unwrap();
        assert_eq!(of("/var/lib"), Path::new("/var"));
        assert_eq!(of("/variable"), Path::new("/"));
        assert_eq!(of("/var/my data/x"), Path::new("/var/my data"));
    }

    #[tokio::test]
    async fn a_path_that_is_not_there_is_an_error_that_names_it() {
        let error = filesystem(Path::new("/no/such/path")).await.unwrap_err().to_string();
        assert!(error.contains("/no/such/path"), "{error}");
        assert_eq!(filesystem(Path::new("/proc")).await.unwrap().mount, Path::new("/proc"));
        assert_eq!(existing("/proc/no/such".into()).await, Path::new("/proc"));
    }
}
