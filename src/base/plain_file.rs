//! Files that are only read if they are regular and small. A pipe would wait for its writer, and a device has no end.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

/// Largest file that is read.
const MAX: u64 = 1 << 20;

/// An open regular file.
pub(crate) struct PlainFile {
    file: File,
    pub(crate) metadata: Metadata,
}

impl PlainFile {
    /// None where there is no file; an error is the cause alone.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, String> {
        // Opening a pipe does not wait either.
        let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
        let file = match OpenOptions::new().read(true).custom_flags(flags).open(path) {
            Ok(file) => file,
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
            Err(e) => return Err(e.to_string()),
        };
        let metadata = file.metadata().map_err(|e| e.to_string())?;
        if !metadata.is_file() {
            return Err("it is not a plain file".to_owned());
        }
        Ok(Some(Self { file, metadata }))
    }

    pub(crate) fn text(self) -> Result<String, String> {
        let mut text = String::new();
        // The file may grow after its size was read.
        self.file.take(MAX + 1).read_to_string(&mut text).map_err(|e| e.to_string())?;
        if text.len() as u64 > MAX {
            return Err("it is larger than 1 MiB".to_owned());
        }
        Ok(text)
    }
}
