//! Reading files that people write: configurations, secrets, certificates, runbooks.
//!
//! Reading a pipe without a writer would wait for ever, and reading a device could fill the memory.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{Error, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use rustix::fs::OFlags;

/// Far more than any of these files has.
const MAX: u64 = 4 << 20;
/// JSON for an expression may be an export of data.
const INPUT_MAX: u64 = 64 << 20;
/// How long the writer of a pipe may take.
const PIPE_LIMIT: Duration = Duration::from_secs(10);

/// An open plain file.
pub(crate) struct PlainFile {
    file: File,
    pub(crate) metadata: Metadata,
}

impl PlainFile {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        // Only without NONBLOCK would the opening of a pipe wait for its writer.
        let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
        let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(Error::new(ErrorKind::InvalidInput, "it is not a plain file"));
        }
        Ok(Self { file, metadata })
    }

    /// None where there is no file.
    pub(crate) fn open_if_exists(path: &Path) -> Result<Option<Self>, Error> {
        match Self::open(path) {
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            opened => opened.map(Some),
        }
    }

    pub(crate) fn text(self) -> Result<String, Error> {
        bounded(self.file, MAX).and_then(text)
    }
}

/// The content of a plain file of at most 4 MiB.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    bounded(PlainFile::open(path)?.file, MAX)
}

/// As [`read`], as text.
pub(crate) fn read_text(path: &Path) -> Result<String, Error> {
    read(path).and_then(text)
}

/// The text of a file that the command line names. It may be a pipe, as of `<(command)`, whose writer has 10 s.
pub(crate) fn read_argument(path: &Path) -> Result<String, Error> {
    let metadata = std::fs::metadata(path)?;
    if metadata.is_file() || metadata.is_dir() {
        return read_text(path);
    }
    let (sender, content) = mpsc::sync_channel(1);
    let path = path.to_owned();
    // A thread that still waits does not keep the program alive.
    std::thread::Builder::new().spawn(move || {
        drop(sender.send(File::open(&path).and_then(|file| bounded(file, MAX))));
    })?;
    let late = |_| Error::new(ErrorKind::TimedOut, "it is a pipe whose writer did not end within 10 s");
    content.recv_timeout(PIPE_LIMIT).map_err(late)?.and_then(text)
}

/// The text of standard input, of at most 64 MiB. As in every filter, its writer may take any time.
pub(crate) fn input_text(input: impl Read) -> Result<String, Error> {
    bounded(input, INPUT_MAX).and_then(text)
}

fn bounded(input: impl Read, max: u64) -> Result<Vec<u8>, Error> {
    let mut content = Vec::new();
    match input.take(max + 1).read_to_end(&mut content)? {
        length if length as u64 > max => {
            Err(Error::new(ErrorKind::FileTooLarge, format!("it is larger than {} MiB", max >> 20)))
        }
        _ => Ok(content),
    }
}

fn text(content: Vec<u8>) -> Result<String, Error> {
    String::from_utf8(content).map_err(|_| Error::new(ErrorKind::InvalidData, "it is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_files_of_a_sane_size_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "text").unwrap();
        assert_eq!(read_text(&file).unwrap(), "text");
        assert_eq!(read_argument(&file).unwrap(), "text");
        std::fs::write(&file, [0xff]).unwrap();
        assert_eq!(read_text(&file).unwrap_err().to_string(), "it is not UTF-8");
        assert_eq!(read(&dir.path().join("none")).unwrap_err().kind(), ErrorKind::NotFound);
        // It takes no room on the disk.
        File::create(&file).unwrap().set_len(MAX + 1).unwrap();
        for read in [read_text, read_argument] {
            assert_eq!(read(&file).unwrap_err().to_string(), "it is larger than 4 MiB");
        }
        for path in ["/dev/zero", "/"] {
            assert_eq!(read(Path::new(path)).unwrap_err().to_string(), "it is not a plain file");
        }
        assert_eq!(read_argument(Path::new("/dev/zero")).unwrap_err().to_string(), "it is larger than 4 MiB");
        assert_eq!(read_argument(Path::new("/dev/null")).unwrap(), "");
    }
}
