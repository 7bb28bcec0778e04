//! The local journal: a preallocated file with one JSON line per record, synced after each.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use rustix::fs::{FallocateFlags, OFlags, fallocate};
use serde_json::Value;

use super::history::is_same_target;
use super::{EndStatus, Record, RunStart};
use crate::model::Target;

/// Enough for a long run. Bytes that are not written yet are zero.
const SIZE: u64 = 256 * 1024;
/// A longer record drops its result.
const RECORD_MAX: usize = 16 * 1024;
/// Older ended journals are deleted.
const JOURNALS_MAX: usize = 200;

#[derive(Debug)]
pub(crate) struct FileJournal {
    file: File,
    path: PathBuf,
}

impl FileJournal {
    /// Begins a journal in a directory.
    pub(crate) fn begin(directory: &Path, begin: RunStart) -> anyhow::Result<Self> {
        std::fs::create_dir_all(directory)
            .with_context(|| format!("cannot create {}", directory.display()))?;
        prune(directory);
        let stamp = begin.at.format("%Y%m%dT%H%M%S%3fZ");
        let name = format!("{stamp}-{}-{}.journal", begin.runbook.replace('/', "."), begin.id.simple());
        let path = directory.join(name);
        let open = || -> anyhow::Result<File> {
            let file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&path)?;
            fallocate(&file, FallocateFlags::empty(), 0, SIZE)?;
            hold(&file);
            // The directory entry must survive a crash, too.
            File::open(directory)?.sync_all()?;
            Ok(file)
        };
        let file = open()
            .with_context(|| format!("cannot write the journal {}", path.display()))
            .inspect_err(|_| {
                // Leave nothing that looks like a run.
                drop(std::fs::remove_file(&path));
            })?;
        let mut journal = Self { file, path };
        journal.write(&Record::Begin(Box::new(begin)))?;
        Ok(journal)
    }

    /// Opens the journal of an earlier run to continue it.
    pub(crate) fn reopen(past: &PastRun) -> anyhow::Result<Self> {
        let mut file = OpenOptions::new()
            .write(true)
            .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
            .open(&past.path)?;
        file.seek(SeekFrom::Start(past.length))?;
        hold(&file);
        Ok(Self { file, path: past.path.clone() })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Appends a record and syncs it.
    pub(crate) fn write(&mut self, record: &Record) -> anyhow::Result<()> {
        let mut line = serde_json::to_string(record)?;
        if line.len() > RECORD_MAX
            && let Record::Done { .. } = record
        {
            let mut short = record.clone();
            if let Record::Done { result, .. } = &mut short {
                *result = Value::Null;
            }
            line = serde_json::to_string(&short)?;
        }
        line.push('\n');
        self.file.write_all(line.as_bytes())?;
        self.file.sync_data()?;
        Ok(())
    }
}

/// Tells readers that the run is in progress; the kernel drops the lock when the process ends. A file system without locks
/// must not prevent the run: its readers then take it for an interrupted one.
fn hold(file: &File) {
    drop(file.lock());
}

/// A run as its journal tells it.
#[derive(Debug)]
pub(crate) struct PastRun {
    pub(crate) begin: RunStart,
    /// Results of the finished steps, by position; null where the record dropped it.
    pub(crate) done: BTreeMap<usize, Value>,
    /// The position of the step that began and did not end.
    pub(crate) open: Option<usize>,
    pub(crate) ended: Option<EndStatus>,
    path: PathBuf,
    length: u64,
}

/// The newest run of a runbook on a target, if it can be resumed.
pub(crate) fn unfinished(
    directory: &Path,
    runbook: &str,
    target: &Target,
) -> anyhow::Result<Option<PastRun>> {
    let newest = journals(directory)?
        .into_iter()
        .rev()
        .filter_map(|path| read(&path))
        .find(|past| past.begin.runbook == runbook && is_same_target(&past.begin.target, target));
    Ok(newest.filter(|past| past.ended.is_none()))
}

pub(super) fn journals(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(e).with_context(|| format!("cannot read {}", directory.display())),
    };
    let mut paths: Vec<PathBuf> = entries
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == "journal"))
        .collect();
    paths.sort();
    Ok(paths)
}

/// The records of a journal up to the last complete one, and their length; a crash may have torn the next one.
pub(super) fn records(path: &Path) -> Option<(Vec<Record>, u64)> {
    let bytes = std::fs::read(path).ok()?;
    let mut records = Vec::new();
    let mut length = 0;
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        let Some(text) = line.strip_suffix(b"\n") else { break };
        // In two steps: an enum with a tag cannot read its numbers directly.
        let value = serde_json::from_slice::<Value>(text);
        let Ok(record) = value.and_then(serde_json::from_value::<Record>) else { break };
        length += line.len() as u64;
        records.push(record);
    }
    Some((records, length))
}

fn read(path: &Path) -> Option<PastRun> {
    let (records, length) = records(path)?;
    let mut records = records.into_iter();
    let Some(Record::Begin(begin)) = records.next() else { return None };
    let mut past = PastRun {
        begin: *begin,
        done: BTreeMap::new(),
        open: None,
        ended: None,
        path: path.to_owned(),
        length,
    };
    for record in records {
        match record {
            Record::Step { position, .. } => past.open = Some(position),
            Record::Done { position, status, result, .. } => {
                past.open = None;
                if matches!(status, EndStatus::Done | EndStatus::Skipped) {
                    past.done.insert(position, result);
                }
            }
            Record::End { status, .. } => past.ended = Some(status),
            Record::Begin(_) => {}
        }
    }
    Some(past)
}

fn prune(directory: &Path) {
    let Ok(paths) = journals(directory) else { return };
    let extra = paths.len().saturating_sub(JOURNALS_MAX);
    for path in &paths[..extra] {
        if read(path).is_none_or(|past| past.ended.is_some()) {
            // A failed deletion is tried again by the next run.
            drop(std::fs::remove_file(path));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn begin() -> RunStart {
        RunStart {
            id: Uuid::now_v7(),
            runbook: "maintain/analyze".into(),
            steps: "f".into(),
            params: serde_json::Map::new(),
            only: Vec::new(),
            skip: Vec::new(),
            target: Target { environment: "production".into(), ..Target::default() },
            user: "u".into(),
            reason: None,
            at: chrono::Utc::now(),
        }
    }

    fn records() -> Vec<Record> {
        let at = chrono::Utc::now();
        let step = |position| Record::Step { position, id: "s".into(), uses: String::new(), at };
        let done = |position, status| Record::Done {
            position,
            id: "s".into(),
            status,
            error: None,
            text: String::new(),
            result: json!({ "n": position }),
            at,
        };
        vec![
            step(0),
            done(0, EndStatus::Done),
            step(1),
            done(1, EndStatus::Failed),
            step(1),
            done(1, EndStatus::Done),
        ]
    }

    #[test]
    fn a_journal_torn_at_any_byte_keeps_its_complete_records() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = FileJournal::begin(dir.path(), begin()).unwrap();
        let mut ends = vec![std::fs::read(journal.path()).unwrap().iter().position(|b| *b == 0).unwrap()];
        for record in records() {
            journal.write(&record).unwrap();
            ends.push(journal.file.stream_position().unwrap() as usize);
        }
        let complete = std::fs::read(journal.path()).unwrap();
        assert_eq!(complete.len() as u64, SIZE);
        let wanted: Vec<(usize, Option<usize>)> =
            vec![(0, None), (0, Some(0)), (1, None), (1, Some(1)), (1, None), (1, Some(1)), (2, None)];
        for cut in ends[0]..*ends.last().unwrap() + 1 {
            let mut torn = complete.clone();
            torn[cut..].fill(0);
            std::fs::write(journal.path(), &torn).unwrap();
            let past = read(journal.path()).unwrap();
            let records = ends.iter().filter(|e| **e <= cut).count() - 1;
            assert_eq!((past.done.len(), past.open), wanted[records], "cut at {cut}");
            assert_eq!(past.length as usize, ends[records]);
        }
    }

    #[test]
    fn only_the_newest_run_of_the_same_target_can_be_resumed() {
        let dir = tempfile::tempdir().unwrap();
        let find = |name: &str| {
            let target = Target { environment: name.into(), ..Target::default() };
            unfinished(dir.path(), "maintain/analyze", &target).unwrap()
        };
        assert!(find("production").is_none());
        let first = begin();
        FileJournal::begin(dir.path(), first.clone()).unwrap();
        assert_eq!(find("production").unwrap().begin.id, first.id);
        assert!(find("staging").is_none());
        let at = first.at + chrono::TimeDelta::seconds(1);
        let mut second = FileJournal::begin(dir.path(), RunStart { at, ..begin() }).unwrap();
        second.write(&Record::End { status: EndStatus::Done, at }).unwrap();
        assert!(find("production").is_none());
    }
}
