//! The claim cursor: how far a node has claimed, for each priority.
//!
//! Rows are claimed in index order, so rows before the last claimed one are leased or finished, and
//! their index entries stay until vacuum. A claim that starts at the cursor does not read them again.
//! A row that appears before the cursor (handed back, or skipped because another claim had locked it)
//! is found by the next full scan: one every [`FULL_SCAN_INTERVAL`], and one before a lane goes idle.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::claim::ClaimedJob;

use crate::base::lock::lock;

const FULL_SCAN_INTERVAL: Duration = Duration::from_millis(100);
const PRIORITIES: usize = 9;

#[derive(Default)]
pub(crate) struct ClaimCursor(Mutex<State>);

struct State {
    positions: [Position; PRIORITIES],
    full_scan_at: Option<Instant>,
}

/// `run_at` and id of the last claimed row.
type Position = (DateTime<Utc>, i64);

const BEGINNING: Position = (DateTime::UNIX_EPOCH, i64::MIN);

impl Default for State {
    fn default() -> Self {
        Self { positions: [BEGINNING; PRIORITIES], full_scan_at: None }
    }
}

/// Where a claim starts, one entry per priority.
pub(crate) struct ScanStart {
    pub(crate) times: Vec<DateTime<Utc>>,
    pub(crate) ids: Vec<i64>,
    pub(crate) is_full: bool,
}

impl ClaimCursor {
    /// Where the next claim starts. `full`: forces a scan from the beginning.
    pub(crate) fn next_start(&self, full: bool) -> ScanStart {
        let mut state = lock(&self.0);
        let is_full = full || state.full_scan_at.is_none_or(|at| at.elapsed() >= FULL_SCAN_INTERVAL);
        if is_full {
            *state = State { positions: [BEGINNING; PRIORITIES], full_scan_at: Some(Instant::now()) };
        }
        let (times, ids) = state.positions.iter().copied().unzip();
        ScanStart { times, ids, is_full }
    }

    pub(crate) fn advance(&self, jobs: &[ClaimedJob]) {
        let mut state = lock(&self.0);
        for job in jobs {
            let index = usize::try_from(job.priority - 1).unwrap_or(PRIORITIES);
            if let Some(position) = state.positions.get_mut(index) {
                *position = (*position).max((job.run_at, job.id));
            }
        }
    }
}
