//! libpq's password file: `host:port:database:user:password`, `*` matches anything, `\` escapes
//! (PostgreSQL documentation, "The Password File").

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::base::plain_file;

/// Why a file is ignored, as by libpq, with the remedy; None when it is used or does not exist.
pub(super) fn why_ignored(path: &Path) -> Option<(String, String)> {
    let metadata = std::fs::metadata(path).ok()?;
    let shown = path.display();
    if !metadata.is_file() {
        let remedy = "set database.passfile to a file".to_owned();
        return Some((format!("the passfile {shown} is ignored: it is not a plain file"), remedy));
    }
    let mode = metadata.permissions().mode() & 0o7777;
    (mode & 0o077 != 0).then(|| {
        let why = format!("the passfile {shown} is ignored: other users have access to it (mode {mode:04o})");
        (why, format!("chmod 600 {}", shell_words::quote(&shown.to_string())))
    })
}

/// The password for a connection, if the file has one and is not ignored.
pub(super) fn find(path: &Path, host: &str, port: u16, database: &str, user: &str) -> Option<String> {
    if why_ignored(path).is_some() {
        return None;
    }
    // A comment in another encoding makes no password invalid.
    let text = String::from_utf8_lossy(&plain_file::read(path).ok()?).into_owned();
    let port = port.to_string();
    let wanted = [host, &port, database, user];
    text.lines().filter(|l| !l.starts_with('#')).find_map(|line| {
        let fields = split(line);
        let [given @ .., password] = fields.as_slice() else { return None };
        let fits = given.len() == 4 && given.iter().zip(wanted).all(|(g, w)| g == "*" || g == w);
        fits.then(|| password.clone())
    })
}

fn split(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        let last = fields.len() - 1;
        match c {
            '\\' => fields[last].extend(chars.next()),
            // The password is the rest of the line but for escapes; it may hold no bare colon.
            ':' if fields.len() < 5 => fields.push(String::new()),
            c => fields[last].push(c),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_fits_wins_and_open_files_are_ignored() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pgpass");
        std::fs::write(&path, "# mine\nother:5432:d:u:no\nh:*:d:u:a\\:b\\\\c\n*:*:*:*:last\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(find(&path, "h", 5433, "d", "u").as_deref(), Some("a:b\\c"));
        assert_eq!(find(&path, "x", 5433, "d", "u").as_deref(), Some("last"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(find(&path, "h", 5433, "d", "u"), None);
        let (why, remedy) = why_ignored(&path).unwrap();
        assert!(why.ends_with("is ignored: other users have access to it (mode 0644)"), "{why}");
        assert_eq!(remedy, format!("chmod 600 {}", path.display()));
        let (why, _) = why_ignored(dir.path()).unwrap();
        assert!(why.ends_with("it is not a plain file"), "{why}");
        assert_eq!(why_ignored(&dir.path().join("missing")), None);
    }
}
