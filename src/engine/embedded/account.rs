//! The user who runs PostgreSQL: ourselves, or, since PostgreSQL refuses to run as root, an
//! unprivileged one.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::EmbeddedError;
use crate::base::env;

/// Whom root becomes, in this order.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// A user who runs PostgreSQL's programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(crate) name: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// Whether that is somebody else than us.
    pub(crate) other: bool,
}

impl Account {
    /// Who runs, or will run, this cluster: its owner if it exists.
    pub(crate) fn of(cluster: &Path) -> Result<Self, EmbeddedError> {
        let me = rustix::process::geteuid().as_raw();
        // A cluster's files are its owner's; a directory without any may be anybody's.
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
        let known = |uid| entries(&users).find(|a| a.uid == uid);
        match owner {
            Some((0, _)) => Err(EmbeddedError::NoAccount(format!("{} belongs to root", cluster.display()))),
            Some((uid, gid)) if uid == me || me == 0 => {
                let nameless = Self { name: uid.to_string(), uid, gid, other: false };
                Ok(Self { other: me == 0, ..known(uid).unwrap_or(nameless) })
            }
            Some((uid, _)) => {
                let name = known(uid).map_or_else(|| uid.to_string(), |a| a.name);
                let why = format!("belongs to user {name}: only {name} and root can use it");
                Err(EmbeddedError::NotOurs { path: cluster.to_owned(), why })
            }
            None if me == 0 => UNPRIVILEGED
                .iter()
                .find_map(|name| entries(&users).find(|a| a.name == *name && a.uid != 0))
                .map(|a| Self { other: true, ..a })
                .ok_or_else(|| {
                    EmbeddedError::NoAccount(format!("there is no user {}", UNPRIVILEGED.join(" or ")))
                }),
            None => {
                let gid = rustix::process::getegid().as_raw();
                let nameless = Self { name: me.to_string(), uid: me, gid, other: false };
                Ok(Self { gid, ..known(me).unwrap_or(nameless) })
            }
        }
    }

    /// A program run as this user in `dir`, deaf to our terminal's Ctrl-C, and with nothing of
    /// our environment: it may hold secrets, and PG* variables would change what is done.
    pub(crate) fn command(&self, program: &Path, dir: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", env::read(env::PATH).unwrap_or_else(|| "/usr/bin:/bin".into()))
            .env("LC_ALL", "C")
            .current_dir(dir)
            .stdin(Stdio::null())
            .process_group(0);
        if self.other {
            // This also drops every supplementary group.
            command.gid(self.gid).uid(self.uid);
        }
        command
    }

    /// Makes sure that this user can run `program` in `dir`, by doing it.
    pub(crate) fn check_reach(&self, program: &Path, dir: &Path) -> Result<(), EmbeddedError> {
        match self.command(program, dir).arg("--version").output() {
            Ok(_) => Ok(()),
            Err(e) if e.kind() == ErrorKind::PermissionDenied => Err(EmbeddedError::NotTraversable {
                user: self.name.clone(),
                dir: self
                    .stopped_at(dir)
                    .or_else(|| self.stopped_at(program))
                    .unwrap_or_else(|| dir.to_owned()),
            }),
            Err(e) => Err(EmbeddedError::io(program)(e)),
        }
    }

    /// The outermost directory on the way that this user may not enter, by its mode.
    fn stopped_at(&self, path: &Path) -> Option<PathBuf> {
        let mut way: Vec<&Path> = path.ancestors().filter(|p| p.is_dir()).collect();
        way.reverse();
        way.into_iter().find(|dir| !self.may_enter(dir)).map(Path::to_owned)
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

/// Runs a program to its end.
pub(super) fn output(command: &mut Command) -> Result<Output, EmbeddedError> {
    command.output().map_err(|e| EmbeddedError::io(command.get_program())(e))
}

/// Users of a passwd file: `name:password:uid:gid:…`.
fn entries(text: &str) -> impl Iterator<Item = Account> {
    text.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Account { name, uid, gid, other: false })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_read_and_odd_lines_left_out() {
        let text = "root:x:0:0:root:/root:/bin/sh\n+nis\n\npostgres:x:101:104::/:/bin/sh\n";
        let found: Vec<(String, u32, u32)> = entries(text).map(|a| (a.name, a.uid, a.gid)).collect();
        assert_eq!(found, [("root".into(), 0, 0), ("postgres".into(), 101, 104)]);
    }
}
