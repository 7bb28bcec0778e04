//! What a container uses: processor, memory, network and disk, computed as `docker stats` does.

use bollard::models::{ContainerBlkioStats, ContainerCpuStats, ContainerMemoryStats, ContainerStatsResponse};
use bollard::query_parameters::StatsOptionsBuilder;
use futures_util::StreamExt;
use tokio::time::timeout;

use crate::clients::ClientError;
use crate::clients::platform::docker::{Docker, PROMPT, SYSTEM, explain, hangs};
use crate::clients::platform::{InstanceRef, ResourceUsage};

impl Docker {
    /// What a container uses now; none when it is gone. The engine measures twice, which takes up to two seconds.
    pub(super) async fn container_usage(
        &self,
        container: &InstanceRef,
    ) -> Result<Option<ResourceUsage>, ClientError> {
        let options = StatsOptionsBuilder::default().stream(false).one_shot(false).build();
        let engine = self.engine().await?;
        let mut answers = std::pin::pin!(engine.stats(&container.id, Some(options)));
        let answer = timeout(PROMPT, answers.next()).await.map_err(|_| hangs(PROMPT))?;
        match answer {
            Some(Ok(answer)) => Ok(Some(usage(answer))),
            Some(Err(e)) => match explain(&e) {
                e if e.http_status() == Some(404) => Ok(None),
                e => Err(e),
            },
            None => Err(ClientError::unreachable(SYSTEM, "the engine returned no usage")),
        }
    }
}

fn usage(answer: ContainerStatsResponse) -> ResourceUsage {
    let networks = answer.networks.unwrap_or_default();
    let memory = answer.memory_stats.unwrap_or_default();
    let (read, written) = blocks(answer.blkio_stats.unwrap_or_default());
    ResourceUsage {
        cpu_percent: cpu(&answer.cpu_stats.unwrap_or_default(), &answer.precpu_stats.unwrap_or_default()),
        memory: used(&memory),
        memory_limit: memory.limit,
        received: networks.values().filter_map(|n| n.rx_bytes).sum(),
        sent: networks.values().filter_map(|n| n.tx_bytes).sum(),
        read,
        written,
    }
}

/// Its share of the work of all processors between two measurements, times their number.
fn cpu(now: &ContainerCpuStats, before: &ContainerCpuStats) -> Option<f64> {
    let total = |s: &ContainerCpuStats| s.cpu_usage.as_ref().and_then(|u| u.total_usage);
    let own = total(now)?.checked_sub(total(before)?)?;
    let all = now.system_cpu_usage?.checked_sub(before.system_cpu_usage?).filter(|all| *all > 0)?;
    let listed = now.cpu_usage.as_ref().and_then(|u| u.percpu_usage.as_ref()).map(Vec::len);
    let processors = now.online_cpus.filter(|n| *n > 0).map_or(listed.unwrap_or(1) as f64, f64::from);
    Some(100.0 * processors * own as f64 / all as f64)
}

/// Usage without the inactive page cache: `inactive_file`, or `total_inactive_file` with cgroups v1.
fn used(memory: &ContainerMemoryStats) -> u64 {
    let usage = memory.usage.unwrap_or_default();
    let details = memory.stats.as_ref();
    let cache = details.and_then(|d| d.get("total_inactive_file").or_else(|| d.get("inactive_file")));
    usage.saturating_sub(cache.copied().filter(|c| *c < usage).unwrap_or(0))
}

fn blocks(stats: ContainerBlkioStats) -> (u64, u64) {
    let entries = stats.io_service_bytes_recursive.unwrap_or_default();
    let sum = |wanted: &str| {
        let of = entries.iter().filter(|e| e.op.as_deref().is_some_and(|op| op.eq_ignore_ascii_case(wanted)));
        of.filter_map(|e| e.value).sum()
    };
    (sum("read"), sum("write"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn usage_equals_docker_stats() {
        let answer = json!({
            "cpu_stats": { "cpu_usage": { "total_usage": 3_000 }, "system_cpu_usage": 50_000, "online_cpus": 4 },
            "precpu_stats": { "cpu_usage": { "total_usage": 1_000 }, "system_cpu_usage": 40_000 },
            "memory_stats": { "usage": 1_000, "limit": 2_000, "stats": { "inactive_file": 400 } },
            "networks": { "a": { "rx_bytes": 1, "tx_bytes": 2 }, "b": { "rx_bytes": 10, "tx_bytes": 20 } },
            "blkio_stats": { "io_service_bytes_recursive": [
                { "op": "Read", "value": 5 }, { "op": "Write", "value": 7 }, { "op": "Total", "value": 12 },
                { "op": "read", "value": 100 },
            ]},
        });
        let found = usage(serde_json::from_value(answer).unwrap());
        let wanted = ResourceUsage {
            cpu_percent: Some(80.0),
            memory: 600,
            memory_limit: Some(2_000),
            received: 11,
            sent: 22,
            read: 105,
            written: 7,
        };
        assert_eq!(found, wanted);
        assert_eq!(found.memory_percent(), Some(30.0));
    }

    #[test]
    fn a_single_measurement_gives_no_cpu_share() {
        let answer = json!({
            "cpu_stats": { "cpu_usage": { "total_usage": 3_000 }, "system_cpu_usage": 50_000 },
            "precpu_stats": { "cpu_usage": { "total_usage": 0 } },
            "memory_stats": {},
        });
        let found = usage(serde_json::from_value(answer).unwrap());
        assert_eq!((found.cpu_percent, found.memory_percent()), (None, None));
    }
}
