//! Files that discovery may read: regular, of limited size, and not written by another user.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::process::geteuid;

use crate::base::env;
use crate::base::plain_file::PlainFile;

/// Who chose a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chooser {
    /// It stands where discovery looks, so it may be another user's.
    Discovery,
    /// The configuration or a variable names it. It may belong to an application's user.
    Operator,
}

/// The text of a file; None where there is none.
pub(super) fn read(path: &Path, chooser: Chooser) -> Result<Option<String>, String> {
    let ignored = |why: String| format!("{} is ignored: {why}", path.display());
    let unread = |why: std::io::Error| ignored(why.to_string());
    let Some(file) = PlainFile::open_if_exists(path).map_err(unread)? else { return Ok(None) };
    let why = match chooser {
        Chooser::Operator => why_open_to_all(&file.metadata),
        Chooser::Discovery => why_distrusted(&file.metadata).or_else(|| {
            // Another user could replace the file.
            let path = std::fs::canonicalize(path).ok()?;
            let directory = path.parent()?;
            let why = why_distrusted(&std::fs::metadata(directory).ok()?)?;
            Some(format!("its directory {} is not trusted: {why}", directory.display()))
        }),
    };
    match why {
        Some(why) => Err(ignored(why)),
        None => file.text().map(Some).map_err(unread),
    }
}

/// Why no file of a directory is used: another user could lead ordctl to a server of their own.
pub(super) fn why_untrusted(directory: &Path) -> Option<String> {
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let directory = std::path::absolute(directory).ok()?;
    let why = why_distrusted(&std::fs::metadata(&directory).ok()?)?;
    Some(format!("nothing is discovered in {}: {why}", directory.display()))
}

/// Why a file of the working directory may be another user's, and the command that changes that. In a sticky directory
/// nobody else can replace it.
pub(crate) fn why_file_untrusted(path: &Path) -> Option<(String, String)> {
    let remedy = |metadata: &Metadata, path: &Path| {
        let is_own = trusted().contains(&metadata.uid());
        let (command, shown) = (if is_own { "chmod go-w" } else { "chown -h \"$(id -un)\"" }, path.display());
        format!("{command} {shown}")
    };
    let link = std::fs::symlink_metadata(path).ok()?;
    let target = std::fs::canonicalize(path).ok()?;
    let file = std::fs::metadata(&target).ok()?;
    // The mode of a link says nothing.
    let mode = if link.is_symlink() { 0 } else { link.mode() };
    if let Some(why) = why_not_own(link.uid(), link.gid(), mode, &trusted()) {
        return Some((why, remedy(&link, path)));
    }
    if let Some(why) = why_distrusted(&file) {
        return Some((format!("{}: {why}", target.display()), remedy(&file, &target)));
    }
    let near = std::path::absolute(path).ok()?;
    [near.parent(), target.parent()].into_iter().flatten().find_map(|directory| {
        let metadata = std::fs::metadata(directory).ok()?;
        let is_sticky = metadata.mode() & 0o1000 != 0;
        let mode = if is_sticky { 0 } else { metadata.mode() };
        let why = why_not_own(metadata.uid(), metadata.gid(), mode, &trusted())?;
        let why = format!("its directory {} is not trusted: {why}", directory.display());
        Some((why, remedy(&metadata, directory)))
    })
}

fn why_distrusted(metadata: &Metadata) -> Option<String> {
    why_not_own(metadata.uid(), metadata.gid(), metadata.mode(), &trusted())
}

fn why_open_to_all(metadata: &Metadata) -> Option<String> {
    let mode = metadata.mode();
    (mode & 0o002 != 0).then(|| format!("every user can write to it (mode {:04o})", mode & 0o7777))
}

/// Root, the own user, and for root the user who called sudo, who may do anything already.
fn trusted() -> Vec<u32> {
    let user = geteuid();
    let caller = env::read(env::SUDO_UID).filter(|_| user.is_root()).and_then(|uid| uid.parse().ok());
    [0, user.as_raw()].into_iter().chain(caller).collect()
}

/// Why others than the trusted users may have written what has this owner, group and mode.
fn why_not_own(owner: u32, group: u32, mode: u32, trusted: &[u32]) -> Option<String> {
    let shown = mode & 0o7777;
    if !trusted.contains(&owner) {
        return Some(format!("it belongs to another user (uid {owner})"));
    }
    // A user's private group has the user's number; with it goes a umask that lets the group write.
    let is_private = owner != 0 && group == owner;
    match mode & 0o022 {
        0 => None,
        0o020 if is_private => None,
        0o020 => Some(format!("its group can write to it (mode {shown:04o})")),
        _ => Some(format!("every user can write to it (mode {shown:04o})")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_user_and_root_alone_can_write_is_trusted() {
        let group_writes = Some("its group can write to it (mode 0664)");
        for (owner, group, mode, why) in [
            (1000, 100, 0o100_644, None),
            (0, 0, 0o040_755, None),
            (1001, 1001, 0o040_755, Some("it belongs to another user (uid 1001)")),
            (1001, 1001, 0o100_600, Some("it belongs to another user (uid 1001)")),
            (1000, 100, 0o100_664, group_writes),
            (1000, 1000, 0o100_664, None),
            (0, 0, 0o100_664, group_writes),
            (1000, 1000, 0o100_666, Some("every user can write to it (mode 0666)")),
            (0, 0, 0o041_777, Some("every user can write to it (mode 1777)")),
        ] {
            let found = why_not_own(owner, group, mode, &[0, 1000]);
            assert_eq!(found.as_deref(), why, "{owner} {group} {mode:o}");
        }
        // Root has no more trust in others.
        assert!(why_not_own(1000, 1000, 0o040_755, &[0]).is_some());
    }
}
