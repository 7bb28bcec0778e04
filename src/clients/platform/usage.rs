//! What an instance uses.

use serde::Serialize;

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct ResourceUsage {
    /// Processor time in % of one processor; none until the platform has measured twice.
    pub(crate) cpu_percent: Option<f64>,
    /// Bytes of memory without the reclaimable page cache.
    pub(crate) memory: u64,
    /// Its memory limit in bytes, else the memory of its machine.
    pub(crate) memory_limit: Option<u64>,
    /// Bytes received since its start, as the three fields below.
    pub(crate) received: u64,
    pub(crate) sent: u64,
    /// Bytes read from disks.
    pub(crate) read: u64,
    pub(crate) written: u64,
}

impl ResourceUsage {
    /// Memory in % of its limit.
    pub(crate) fn memory_percent(&self) -> Option<f64> {
        let limit = self.memory_limit.filter(|limit| *limit > 0)?;
        Some(100.0 * self.memory as f64 / limit as f64)
    }
}
