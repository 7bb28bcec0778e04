//! The services of the system: how many containers of each, and how that number follows the load.

use serde::{Deserialize, Serialize};

use crate::base::units::Span;

/// A service of the system, found by its compose label or by its container's name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Service {
    /// The container's name, when it is not that of the service.
    pub(crate) container: Option<String>,
    /// How many containers must run at least; default 1, and 0 makes the service optional.
    pub(crate) min: Option<u32>,
    /// How many containers may run at most; default: as many as you like, but 8 in an emergency and where
    /// their number follows the load.
    pub(crate) max: Option<u32>,
    /// How their number follows the load (`ordctl scale auto`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) auto: Option<Auto>,
}

impl Service {
    /// How many containers must run at least.
    pub(crate) fn min(&self) -> u32 {
        self.min.unwrap_or(1)
    }

    /// How many containers may run where nobody names a number.
    pub(crate) fn most(&self) -> u32 {
        self.max.unwrap_or(8).max(self.min())
    }
}

/// When there are to be more, when fewer, and how fast. The thresholds for fewer lie below those for
/// more, so that one step is no reason for the opposite one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Auto {
    /// More due items than this for each worker ask for more workers.
    pub(crate) up_queue: f64,
    /// So does an item that has been due for so long.
    pub(crate) up_wait: Span,
    /// So do workers that are busy for this share of their time (%).
    pub(crate) up_busy: f64,
    /// So do containers that use this much of one processor on average (%), as `docker stats` counts.
    pub(crate) up_cpu: f64,
    /// Fewer due items than this for each worker allow fewer workers.
    pub(crate) down_queue: f64,
    /// If they are busy for less than this share, too (%).
    pub(crate) down_busy: f64,
    /// And use less than this of one processor (%).
    pub(crate) down_cpu: f64,
    /// No step leads to more than this share of memory (%): of the machine's going up, of the
    /// containers' own limits going down.
    pub(crate) memory_max: f64,
    /// No more workers while so many processes wait for each of the machine's processors.
    pub(crate) load_max: f64,
    /// So many more at once, at most.
    pub(crate) step_up: u32,
    /// So many fewer at once, at most.
    pub(crate) step_down: u32,
    /// How far "busy" looks back where it is about more.
    pub(crate) up_after: Span,
    /// All that allows fewer must have held for so long.
    pub(crate) down_after: Span,
    /// No step up so soon after any change of the number, whoever made it.
    pub(crate) cool_down_up: Span,
    /// No step down so soon after any.
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
    /// What cannot be right about it: the key, and why.
    pub(crate) fn doubt(&self) -> Option<(&'static str, String)> {
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
            .or(no_time.map(|(key, span)| (key, format!("{span} is too short: 1s at least"))))
            .or(no_step.map(|(key, _)| (key, "0 is no step".to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_that_cross_are_named() {
        let sound = Auto::default();
        assert_eq!(sound.doubt(), None);
        for (wrong, key) in [
            (Auto { down_queue: 20.0, ..sound.clone() }, "down_queue"),
            (Auto { up_busy: 30.0, ..sound.clone() }, "down_busy"),
            (Auto { up_cpu: f64::NAN, ..sound.clone() }, "down_cpu"),
            (Auto { down_after: Span::seconds(0), ..sound.clone() }, "down_after"),
            (Auto { step_down: 0, ..sound.clone() }, "step_down"),
        ] {
            assert_eq!(wrong.doubt().map(|(key, _)| key), Some(key));
        }
    }
}
