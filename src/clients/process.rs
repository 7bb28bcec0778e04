//! Child processes: when the caller stops waiting, the whole process group is killed.

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Child;

/// The process group of a program that leads one, killed when this is dropped.
pub(crate) struct Group(Option<Pid>);

impl Group {
    /// The group of a program that was started as a group leader.
    pub(crate) fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // An error means that the group has no process.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// Reads to the end. None: the program wrote more than the limit.
pub(crate) async fn bounded(pipe: Option<impl AsyncRead + Unpin>, limit: usize) -> Option<Vec<u8>> {
    let Some(pipe) = pipe else { return Some(Vec::new()) };
    let mut read = Vec::new();
    // A pipe that breaks ends there.
    drop(pipe.take((limit as u64).saturating_add(1)).read_to_end(&mut read).await);
    (read.len() <= limit).then_some(read)
}

/// Reads to the end and keeps the beginning: a program that writes more must not block.
pub(crate) async fn beginning(pipe: Option<impl AsyncRead + Unpin>, keep: usize) -> Vec<u8> {
    let Some(mut pipe) = pipe else { return Vec::new() };
    let mut kept = Vec::new();
    let mut chunk = vec![0; 8 * 1024];
    // A pipe that breaks ends there.
    while let Ok(n @ 1..) = pipe.read(&mut chunk).await {
        kept.extend_from_slice(&chunk[..n.min(keep - kept.len())]);
    }
    kept
}
