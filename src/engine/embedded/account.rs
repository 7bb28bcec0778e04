//! The user that runs PostgreSQL: the current user or, because PostgreSQL refuses to run as root, an
//! unprivileged one.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::EmbeddedError;
use crate::base::env;

/// The users that root switches to, in this order.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(crate) name: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// Whether this is not the current user.
    pub(crate) is_other_user: bool,
}

impl Account {
    /// The cluster's owner, or the user that will create it.
    pub(crate) fn for_cluster(cluster: &Path) -> Result<Self, EmbeddedError> {
        let me = rustix::process::geteuid().as_raw();
        // The files decide: an empty directory can belong to anyone.
        let owner = match std::fs::metadata(cluster.join("PG_VERSION")) {
            Err(e) if e.kind() == ErrorKind::NotFound => None,
            Err(e) if e.kind() == ErrorKind::PermissionDenied => {
                Some(std::fs::metadata(cluster).map_err(EmbeddedError::io(cluster))?)
            }
            Err(e) => return Err(EmbeddedError::io(cluster)(e)),
            Ok(metadata) => Some(metadata),
        };
        let owner = owner.map(|m| (m.uid(), m.gid()));
        let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        let known = |uid| passwd_users(&users).find(|a| a.uid == uid);
        match owner {
            Some((0, _)) => Err(EmbeddedError::NoAccount(format!("{} belongs to root", cluster.display()))),
            Some((uid, gid)) if uid == me || me == 0 => {
                let nameless = Self { name: uid.to_string(), uid, gid, is_other_user: false };
                Ok(Self { is_other_user: me == 0, ..known(uid).unwrap_or(nameless) })
            }
            Some((uid, _)) => {
                let name = known(uid).map_or_else(|| uid.to_string(), |a| a.name);
                let problem = format!("belongs to user {name}: only {name} and root can use it");
                Err(EmbeddedError::NotPrivate { path: cluster.to_owned(), problem })
            }
            None if me == 0 => UNPRIVILEGED
                .iter()
                .find_map(|name| passwd_users(&users).find(|a| a.name == *name && a.uid != 0))
                .map(|a| Self { is_other_user: true, ..a })
                .ok_or_else(|| {
                    EmbeddedError::NoAccount(format!("no user {} exists", UNPRIVILEGED.join(" or ")))
                }),
            None => {
                let gid = rustix::process::getegid().as_raw();
                let nameless = Self { name: me.to_string(), uid: me, gid, is_other_user: false };
                Ok(Self { gid, ..known(me).unwrap_or(nameless) })
            }
        }
    }

    /// A command that runs as this user in `dir`, does not receive the terminal's Ctrl-C, and does not
    /// inherit the environment, which can contain secrets and PG* variables.
    pub(crate) fn command(&self, program: &Path, dir: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", env::read(env::PATH).unwrap_or_else(|| "/usr/bin:/bin".into()))
            .env("LC_ALL", "C")
            .current_dir(dir)
            .stdin(Stdio::null())
            .process_group(0);
        if self.is_other_user {
            // This also drops every supplementary group.
            command.gid(self.gid).uid(self.uid);
        }
        command
    }

    /// Fails unless this user can run `program` in `dir`.
    pub(crate) fn check_access(&self, program: &Path, dir: &Path) -> Result<(), EmbeddedError> {
        match self.command(program, dir).arg("--version").output() {
            Ok(_) => Ok(()),
            Err(e) if e.kind() == ErrorKind::PermissionDenied => Err(EmbeddedError::NotTraversable {
                user: self.name.clone(),
                dir: self
                    .blocking_directory(dir)
                    .or_else(|| self.blocking_directory(program))
                    .unwrap_or_else(|| dir.to_owned()),
            }),
            Err(e) => Err(EmbeddedError::io(program)(e)),
        }
    }

    /// The outermost directory of the path that this user cannot enter.
    fn blocking_directory(&self, path: &Path) -> Option<PathBuf> {
        let mut directories: Vec<&Path> = path.ancestors().filter(|p| p.is_dir()).collect();
        directories.reverse();
        directories.into_iter().find(|dir| !self.may_enter(dir)).map(Path::to_owned)
    }

    fn may_enter(&self, dir: &Path) -> bool {
        let Ok(metadata) = std::fs::metadata(dir) else { return false };
        let bit = match metadata {
            ref m if m.uid() == self.uid => 0o100,
            ref m if m.gid() == self.gid => 0o010,
            _ => 0o001,
        };
        metadata.mode() & bit != 0
    }
}

pub(super) fn output(command: &mut Command) -> Result<Output, EmbeddedError> {
    command.output().map_err(|e| EmbeddedError::io(command.get_program())(e))
}

/// The users of a passwd file (`name:password:uid:gid:…`).
fn passwd_users(text: &str) -> impl Iterator<Item = Account> {
    text.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Account { name, uid, gid, is_other_user: false })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwd_users_are_parsed_and_invalid_lines_skipped() {
        let text = "root:x:0:0:root:/root:/bin/sh\n+nis\n\npostgres:x:101:104::/:/bin/sh\n";
        let found: Vec<(String, u32, u32)> = passwd_users(text).map(|a| (a.name, a.uid, a.gid)).collect();
        assert_eq!(found, [("root".into(), 0, 0), ("postgres".into(), 101, 104)]);
    }
}
