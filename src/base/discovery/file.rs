//! Files that discovery may read.

use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Largest file that is read.
const MAX: u64 = 1 << 20;

/// The text of a file; None where there is none. Only regular files are opened: reading a pipe would wait for its
/// writer.
pub(super) fn read(path: &Path) -> Result<Option<String>, String> {
    let shown = path.display();
    let Ok(metadata) = std::fs::metadata(path) else { return Ok(None) };
    if !metadata.is_file() {
        return Err(format!("{shown} is ignored: it is not a plain file"));
    }
    if let Some(why) = writable_by_all(path, &metadata) {
        return Err(why);
    }
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(|e| format!("{shown} is ignored: {e}"))?;
    // The file may grow after its size was read.
    file.take(MAX + 1).read_to_string(&mut text).map_err(|e| format!("{shown} is ignored: {e}"))?;
    if text.len() as u64 > MAX {
        return Err(format!("{shown} is ignored: it is larger than 1 MiB"));
    }
    Ok(Some(text))
}

/// Why no file of a directory is used: in `/tmp`, another user could lead ordctl to a server of their own.
pub(super) fn why_untrusted(directory: &Path) -> Option<String> {
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let directory = std::path::absolute(directory).ok()?;
    writable_by_all(&directory, &std::fs::metadata(&directory).ok()?)
}

fn writable_by_all(path: &Path, metadata: &std::fs::Metadata) -> Option<String> {
    let shown = path.display();
    (metadata.permissions().mode() & 0o002 != 0)
        .then(|| format!("nothing is discovered in {shown}: every user can write to it"))
}
