//! Instances of services.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

/// The verdict of an instance's own health check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Health {
    Starting,
    Healthy,
    Unhealthy,
}

/// An instance in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct InstanceRef {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) service: Option<String>,
    pub(crate) project: Option<String>,
    /// Whether the platform replaces it by itself (a swarm does).
    pub(crate) managed: bool,
    /// Creation time in Unix seconds.
    pub(crate) created: i64,
    /// Whether it was made for one command and belongs to no service.
    pub(crate) one_off: bool,
    pub(crate) running: bool,
    /// Services that it only shares a name with: their own instances carry labels, and it does not.
    pub(crate) excluded_from: Vec<String>,
}

/// One copy of a service, running or not, on any node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Instance {
    pub(crate) name: String,
    pub(crate) service: Option<String>,
    pub(crate) project: Option<String>,
    /// Its number among the instances of its service, from 1.
    pub(crate) number: Option<u32>,
    /// `running`, `exited`, `restarting`, `paused`, `created` or `dead`.
    pub(crate) state: String,
    /// The exit code of its last run.
    pub(crate) exit_code: i64,
    /// By the platform's clock, as [`Instance::started_at`].
    pub(crate) created_at: Option<DateTime<Utc>>,
    pub(crate) started_at: Option<DateTime<Utc>>,
    /// None without a health check.
    pub(crate) health: Option<Health>,
    /// Its own hostname; empty where it shares that of its node.
    #[serde(skip)]
    pub(crate) hostname: String,
    #[serde(skip)]
    pub(crate) worker_id: Option<String>,
}

impl Instance {
    /// Whether it works: a paused or restarting instance does not.
    pub(crate) fn is_running(&self) -> bool {
        self.state == "running"
    }

    /// Its name with its state, such as `shop-api-1 (exited with code 3)`.
    pub(crate) fn describe(&self) -> String {
        match self.state.as_str() {
            "exited" | "dead" => format!("{} (exited with code {})", self.name, self.exit_code),
            "running" => match self.health {
                Some(Health::Unhealthy) => format!("{} (unhealthy)", self.name),
                Some(Health::Starting) => format!("{} (starting)", self.name),
                _ => format!("{} (running)", self.name),
            },
            state => format!("{} ({state})", self.name),
        }
    }
}

/// Everything known about an instance of [`super::Platform::list`].
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct InstanceDetails {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) image: String,
    /// `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`.
    pub(crate) state: String,
    pub(crate) exit_code: i64,
    /// Whether the kernel killed it for lack of memory.
    pub(crate) oom_killed: bool,
    /// How often the platform has restarted it.
    pub(crate) restarts: i64,
    pub(crate) created_at: Option<DateTime<Utc>>,
    pub(crate) started_at: Option<DateTime<Utc>>,
    pub(crate) finished_at: Option<DateTime<Utc>>,
    /// None without a health check.
    pub(crate) health: Option<Health>,
    /// The output of the last health check.
    pub(crate) health_output: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) project: Option<String>,
    /// Its number among the instances of its service, from 1.
    pub(crate) number: Option<u32>,
    /// Its own hostname; empty where it shares that of its node.
    #[serde(skip)]
    pub(crate) hostname: String,
    #[serde(skip)]
    pub(crate) worker_id: Option<String>,
    #[serde(skip)]
    pub(crate) log: LogSource,
    /// Whether the platform starts it again after it has finished.
    #[serde(skip)]
    pub(crate) is_restarted: bool,
}

impl From<InstanceDetails> for Instance {
    fn from(details: InstanceDetails) -> Self {
        Self {
            name: details.name,
            service: details.service,
            project: details.project,
            number: details.number,
            state: details.state,
            exit_code: details.exit_code,
            created_at: details.created_at,
            started_at: details.started_at,
            health: details.health,
            hostname: details.hostname,
            worker_id: details.worker_id,
        }
    }
}

/// Where an instance's log is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LogSource {
    pub(crate) driver: String,
    /// A path on the machine of the instance; empty where the driver writes no file.
    pub(crate) path: String,
    /// Options of the driver, such as `max-size`.
    pub(crate) options: HashMap<String, String>,
}

/// The size of a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LogSize {
    /// Bytes with rotated files; none where the files cannot be read here.
    pub(crate) bytes: Option<u64>,
    /// Whether rotation limits it; none where only the driver knows.
    pub(crate) bounded: Option<bool>,
}
