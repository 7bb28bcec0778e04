//! Settings of services: number of replicas and autoscaling.

use serde::{Deserialize, Serialize};

use crate::base::units::Span;

/// A service, identified by its compose label or by its container's name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Service {
    /// Name of the container, if it differs from the service's.
    pub(crate) container: Option<String>,
    /// Minimum number of containers. Default 1; 0 makes the service optional.
    pub(crate) min: Option<u32>,
    /// Maximum number of containers. Default: unlimited, but 8 for `scale emergency` and `scale auto`.
    pub(crate) max: Option<u32>,
    /// Autoscaling (`ordctl scale auto`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) auto: Option<Auto>,
}

impl Service {
    pub(crate) fn min(&self) -> u32 {
        self.min.unwrap_or(1)
    }

    /// The maximum where the user gives no number.
    pub(crate) fn max_replicas(&self) -> u32 {
        self.max.unwrap_or(8).max(self.min())
    }
}

/// Thresholds and pace of autoscaling. Each `down` threshold is below its `up` threshold, so that a step
/// does not trigger the opposite one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Auto {
    /// Scale up above this number of due items per worker.
    pub(crate) up_queue: f64,
    /// Scale up when an item has been due for this long.
    pub(crate) up_wait: Span,
    /// Scale up above this worker utilization (%).
    pub(crate) up_busy: f64,
    /// Scale up above this average CPU usage of a container (%, as in `docker stats`).
    pub(crate) up_cpu: f64,
    /// Scale down below this number of due items per worker,
    pub(crate) down_queue: f64,
    /// and below this worker utilization (%),
    pub(crate) down_busy: f64,
    /// and below this average CPU usage (%).
    pub(crate) down_cpu: f64,
    /// Maximum memory usage after a step (%): of the machine when scaling up, of the containers' limits when
    /// scaling down.
    pub(crate) memory_max: f64,
    /// Do not scale up above this load average per processor.
    pub(crate) load_max: f64,
    /// Maximum number of workers added by a step.
    pub(crate) step_up: u32,
    /// Maximum number of workers removed by a step.
    pub(crate) step_down: u32,
    /// Time window of the utilization for scaling up.
    pub(crate) up_after: Span,
    /// How long the conditions for scaling down must hold.
    pub(crate) down_after: Span,
    /// Minimum time between any change and a step up.
    pub(crate) cool_down_up: Span,
    /// Minimum time between any change and a step down.
    pub(crate) cool_down_down: Span,
}

impl Default for Auto {
    fn default() -> Self {
        Self {
            up_queue: 20.0,
            up_wait: Span::seconds(60),
            up_busy: 80.0,
            up_cpu: 80.0,
            down_queue: 2.0,
            down_busy: 30.0,
            down_cpu: 30.0,
            memory_max: 85.0,
            load_max: 4.0,
            step_up: 2,
            step_down: 1,
            up_after: Span::seconds(60),
            down_after: Span::seconds(600),
            cool_down_up: Span::seconds(120),
            cool_down_down: Span::seconds(600),
        }
    }
}

impl Auto {
    /// The first contradiction: its key and the reason.
    pub(crate) fn contradiction(&self) -> Option<(&'static str, String)> {
        let below = [
            ("down_queue", self.down_queue, "up_queue", self.up_queue),
            ("down_busy", self.down_busy, "up_busy", self.up_busy),
            ("down_cpu", self.down_cpu, "up_cpu", self.up_cpu),
        ];
        let crossed = below.into_iter().find(|(_, down, _, up)| down.is_nan() || up.is_nan() || down >= up);
        let no_time = [("up_after", self.up_after), ("down_after", self.down_after)];
        let no_time = no_time.into_iter().find(|(_, span)| span.as_secs_f64() < 1.0);
        let no_step = [("step_up", self.step_up), ("step_down", self.step_down)];
        let no_step = no_step.into_iter().find(|(_, step)| *step == 0);
        crossed
            .map(|(key, down, above, up)| (key, format!("{down} is not below {above}, which is {up}")))
            .or(no_time.map(|(key, span)| (key, format!("{span} is too short: the minimum is 1s"))))
            .or(no_step.map(|(key, _)| (key, "0 is not a step: the minimum is 1".to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contradictions_are_named() {
        let valid = Auto::default();
        assert_eq!(valid.contradiction(), None);
        for (wrong, key) in [
            (Auto { down_queue: 20.0, ..valid.clone() }, "down_queue"),
            (Auto { up_busy: 30.0, ..valid.clone() }, "down_busy"),
            (Auto { up_cpu: f64::NAN, ..valid.clone() }, "down_cpu"),
            (Auto { down_after: Span::seconds(0), ..valid.clone() }, "down_after"),
            (Auto { step_down: 0, ..valid.clone() }, "step_down"),
        ] {
            assert_eq!(wrong.contradiction().map(|(key, _)| key), Some(key));
        }
    }
}
