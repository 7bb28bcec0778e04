//! Reads a json-file log from the disk, ten times as fast as the engine sends it.
//!
//! Records are ordered by time, so a bisection finds the first one. Rotated files (`LOG.1`, `LOG.2` …,
//! higher is older) are read as far back as needed. [`open`] declines any unexpected layout; then the
//! engine sends the log.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use memchr::memchr;

use crate::clients::platform::docker::line_joiner::Joiner;
use crate::clients::platform::docker::log_record::{Record, parse};
use crate::clients::platform::{Line, LineSink};

/// Bytes per read.
const BLOCK: usize = 256 * 1024;
/// The largest plausible record: 16 KiB of text with every byte escaped, and attributes.
const MAX_RECORD: usize = 1024 * 1024;
/// The two streams may be slightly out of order, so reading begins this many bytes earlier.
const SLACK: u64 = 64 * 1024;
/// Attempts when the log is rotated while it is being opened.
const TRIES: usize = 3;

/// One file of a log, from the first byte to read to its end when it was opened.
pub(crate) struct Part {
    file: File,
    inode: (u64, u64),
    from: u64,
    end: u64,
}

/// The files that hold everything since `since` (a [`crate::clients::platform::time_key`]), oldest first. None where they cannot be read.
pub(crate) fn open(path: &Path, since: &[u8]) -> Option<Vec<Part>> {
    (0..TRIES).find_map(|_| try_open(path, since).transpose())?.ok()
}

/// `Ok(None)` when the log was rotated in between.
fn try_open(path: &Path, since: &[u8]) -> io::Result<Option<Vec<Part>>> {
    let mut parts = vec![Part::open(path)?];
    for number in 1.. {
        let Some(oldest) = parts.last() else { break };
        if oldest.first_time()?.is_some_and(|t| t.as_slice() < since) {
            break;
        }
        match Part::open(&numbered(path, number)) {
            Ok(part) if parts.iter().any(|p| p.inode == part.inode) => return Ok(None),
            Ok(part) => parts.push(part),
            Err(e) if e.kind() == io::ErrorKind::NotFound && !older_exists(path, number)? => break,
            Err(e) => return Err(e),
        }
    }
    let now = std::fs::metadata(path)?;
    if (now.dev(), now.ino()) != parts[0].inode {
        return Ok(None);
    }
    for part in &mut parts {
        part.from = part.bisect(since)?;
    }
    parts.reverse();
    Ok(Some(parts))
}

fn numbered(path: &Path, number: usize) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}

/// Whether there is a rotated file of this or a higher number in another format, such as `LOG.1.gz`.
fn older_exists(path: &Path, number: usize) -> io::Result<bool> {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else { return Ok(false) };
    let prefix = format!("{}.", name.to_string_lossy());
    for entry in std::fs::read_dir(directory)? {
        let name = entry?.file_name();
        let rest = name.to_string_lossy().strip_prefix(&prefix).map(str::to_owned);
        let found = rest.and_then(|r| r.split('.').next().and_then(|n| n.parse::<usize>().ok()));
        if found.is_some_and(|n| n >= number) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Passes every line since `since` to `sink`, until `stop` returns true.
pub(crate) fn read(
    parts: &[Part],
    since: &[u8],
    sink: &mut impl LineSink,
    stop: impl Fn() -> bool,
) -> io::Result<()> {
    let mut joiner = Joiner::default();
    let mut scratch = Vec::new();
    let mut take = |line: &[u8]| {
        // A crash leaves half-written records.
        let Some(Record { stream, time, text, complete }) = parse(line, &mut scratch) else { return };
        if time >= since {
            joiner.feed(&Line { stream, time, text }, complete, sink);
        }
    };
    for part in parts {
        part.each_line(&mut take, &stop)?;
    }
    joiner.finish(sink);
    Ok(())
}

impl Part {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let meta = file.metadata()?;
        Ok(Self { file, inode: (meta.dev(), meta.ino()), from: 0, end: meta.len() })
    }

    /// The time of the first record; none in an empty file.
    fn first_time(&self) -> io::Result<Option<Vec<u8>>> {
        match self.record_from(0, false)? {
            Some((_, time)) => Ok(Some(time)),
            None if self.end == 0 => Ok(None),
            None => Err(io::Error::new(io::ErrorKind::InvalidData, "not a json-file log")),
        }
    }

    /// The offset from which all records since `since` are read.
    fn bisect(&self, since: &[u8]) -> io::Result<u64> {
        let (mut low, mut high) = (0, self.end);
        while high - low > SLACK {
            let middle = low + (high - low) / 2;
            match self.record_from(middle, true)? {
                Some((start, time)) if time.as_slice() < since && start < high => low = start,
                _ => high = middle,
            }
        }
        match low.saturating_sub(SLACK) {
            0 => Ok(0),
            earlier => Ok(self.record_from(earlier, true)?.map_or(0, |(start, _)| start.min(low))),
        }
    }

    /// Offset and time of the record at `at`, or with `inside` of the first one after the next newline. None
    /// at the end.
    fn record_from(&self, at: u64, inside: bool) -> io::Result<Option<(u64, Vec<u8>)>> {
        let mut buffer = Vec::new();
        let mut scratch = Vec::new();
        while buffer.len() < 2 * MAX_RECORD {
            let filled = buffer.len();
            buffer.resize(filled + 16 * 1024, 0);
            let n = self.read_at(&mut buffer[filled..], at + filled as u64)?;
            buffer.truncate(filled + n);
            let start = if inside { memchr(b'\n', &buffer).map(|i| i + 1) } else { Some(0) };
            if let Some(start) = start
                && let Some(length) = memchr(b'\n', &buffer[start..])
            {
                let record = parse(&buffer[start..start + length], &mut scratch);
                return Ok(record.map(|r| (at + start as u64, r.time.to_vec())));
            }
            if n == 0 {
                return Ok(None);
            }
        }
        Ok(None)
    }

    /// Calls `take` with each line. A last line without a newline is still being written and is left out.
    fn each_line(&self, take: &mut impl FnMut(&[u8]), stop: &impl Fn() -> bool) -> io::Result<()> {
        let mut buffer = vec![0; BLOCK];
        let (mut filled, mut at) = (0, self.from);
        loop {
            let n = self.read_at(&mut buffer[filled..], at)?;
            if n == 0 || stop() {
                return Ok(());
            }
            at += n as u64;
            filled += n;
            let mut start = 0;
            while let Some(length) = memchr(b'\n', &buffer[start..filled]) {
                take(&buffer[start..start + length]);
                start += length + 1;
            }
            buffer.copy_within(start..filled, 0);
            filled -= start;
            if filled == buffer.len() {
                if filled >= MAX_RECORD {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "a record is too long"));
                }
                buffer.resize(filled * 2, 0);
            }
        }
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(at)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        self.file.read_at(&mut buffer[..wanted], at)
    }
}

#[cfg(test)]
#[path = "log_file_tests.rs"]
mod tests;
