//! Bounds of an evaluation while it runs: steps, memory, depth, cancellation.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use super::ExpressionError;
use crate::base::settings::Limits;
use crate::base::size::Size;
use crate::base::units;

/// Size of each value and each key besides its text.
const ELEMENT: usize = 16;
/// The values that an evaluation builds on its way may be larger than its result by this factor.
const WORK_FACTOR: usize = 4;
/// Maximum nesting of a result, as of JSON that is read. Deeper values could exhaust the stack.
const MAX_DEPTH: usize = 128;
/// An evaluation looks this often, in steps, whether it has been canceled.
const CHECK_INTERVAL: u64 = 4096;

/// A bound that a step has reached.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct LimitError {
    message: String,
    /// The setting that raises the bound, if there is one.
    setting: Option<&'static str>,
}

impl LimitError {
    pub(crate) fn value(limit: Size) -> Self {
        Self::size("the value", limit, "limits.value")
    }

    pub(crate) fn context(limit: Size) -> Self {
        Self::size("what the run has saved", limit, "limits.context")
    }

    fn size(what: &str, limit: Size, setting: &'static str) -> Self {
        Self { message: format!("{what} is larger than {limit} ({setting})"), setting: Some(setting) }
    }

    pub(crate) fn hint(&self) -> Option<String> {
        self.setting.map(|setting| format!("raise {setting} in the configuration"))
    }
}

/// Why an evaluation has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EvaluateError {
    #[error(transparent)]
    Expression(#[from] ExpressionError),
    #[error(transparent)]
    Limit(#[from] LimitError),
    #[error("canceled")]
    Canceled,
}

/// Size of a value: its texts, and 16 bytes for each value and key.
pub(crate) fn size(value: &Value) -> usize {
    ELEMENT
        + match value {
            Value::Null | Value::Bool(_) => 0,
            Value::Number(number) => number.as_str().len(),
            Value::String(text) => text.len(),
            Value::Array(items) => items.iter().map(size).sum(),
            Value::Object(map) => map.iter().map(|(k, v)| ELEMENT + k.len() + size(v)).sum(),
        }
}

/// What an evaluation may still use.
pub(crate) struct Meter {
    limits: Limits,
    canceled: Arc<AtomicBool>,
    /// Steps left.
    steps: u64,
    /// Whether these are fewer than the limit allows.
    is_trial: bool,
    /// Bytes left for intermediate values.
    work: usize,
    /// Bytes left for results.
    results: usize,
}

impl Meter {
    pub(crate) fn new(limits: &Limits, canceled: Arc<AtomicBool>) -> Self {
        let results = limits.value.bytes();
        let work = results.saturating_mul(WORK_FACTOR);
        Self {
            limits: limits.clone(),
            canceled,
            steps: limits.evaluation_steps,
            is_trial: false,
            work,
            results,
        }
    }

    /// Limits the evaluation to this many steps; one that needs more [was too long](Self::was_too_long).
    #[must_use]
    pub(crate) fn for_trial(mut self, steps: u64) -> Self {
        self.is_trial = steps < self.steps;
        self.steps = self.steps.min(steps);
        self
    }

    /// Whether a trial used all its steps.
    pub(crate) fn was_too_long(&self) -> bool {
        self.is_trial && self.steps == 0
    }

    pub(super) fn step(&mut self) -> Result<(), EvaluateError> {
        self.steps(1)
    }

    /// Counts the work on this many elements.
    pub(super) fn steps(&mut self, count: usize) -> Result<(), EvaluateError> {
        let count = count as u64;
        let Some(left) = self.steps.checked_sub(count) else {
            self.steps = 0;
            let limit = self.limits.evaluation_steps;
            let message = format!(
                "the evaluation needs more than {} steps (limits.evaluation_steps)",
                units::count(limit as f64)
            );
            return Err(LimitError { message, setting: Some("limits.evaluation_steps") }.into());
        };
        if left / CHECK_INTERVAL != self.steps / CHECK_INTERVAL && self.canceled.load(Ordering::Relaxed) {
            return Err(EvaluateError::Canceled);
        }
        self.steps = left;
        Ok(())
    }

    /// Counts a pass over a text.
    pub(super) fn scan(&mut self, bytes: usize) -> Result<(), EvaluateError> {
        self.steps(1 + bytes / 64)
    }

    /// Counts memory for an intermediate value.
    pub(super) fn hold(&mut self, bytes: usize) -> Result<(), EvaluateError> {
        let Some(left) = self.work.checked_sub(bytes) else {
            let (value, all) = (self.limits.value, self.limits.value.times(WORK_FACTOR));
            let message =
                format!("the evaluation holds more than {all} (4 times limits.value, which is {value})");
            return Err(LimitError { message, setting: Some("limits.value") }.into());
        };
        self.work = left;
        Ok(())
    }

    /// Counts the result of a part as an intermediate value.
    pub(super) fn within<T>(
        &mut self,
        part: impl FnOnce(&mut Self) -> Result<T, EvaluateError>,
    ) -> Result<T, EvaluateError> {
        std::mem::swap(&mut self.results, &mut self.work);
        let value = part(self);
        std::mem::swap(&mut self.results, &mut self.work);
        value
    }

    /// Counts a text of a result.
    pub(crate) fn text(&mut self, bytes: usize) -> Result<(), EvaluateError> {
        self.scan(bytes)?;
        self.results = self.results.checked_sub(bytes).ok_or_else(|| LimitError::value(self.limits.value))?;
        Ok(())
    }

    /// Counts a value of a result at this depth.
    pub(crate) fn element(&mut self, depth: usize) -> Result<(), EvaluateError> {
        if depth > MAX_DEPTH {
            let message = format!("the value nests deeper than {MAX_DEPTH} levels");
            return Err(LimitError { message, setting: None }.into());
        }
        self.text(ELEMENT)
    }
}
