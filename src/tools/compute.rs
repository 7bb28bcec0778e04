//! Evaluates expressions without holding up other work.
//!
//! A short evaluation runs where it is called. A longer one runs on a thread of its own; at most as many run at
//! once as there are processors. When the caller stops waiting (timeout, cancellation), the evaluation stops.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use tokio::sync::Semaphore;

use super::ToolError;
use crate::base::expression::{EvaluateError, Meter};
use crate::base::settings::Limits;

/// Steps of a short evaluation: below a millisecond.
const SHORT: u64 = 20_000;

static PROCESSORS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Arc::new(Semaphore::new(processors.max(2)))
});

/// Tells the evaluation to stop.
struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The result of a job that uses the meter. The job starts again when it is not short.
pub(crate) async fn compute<T: Send + 'static>(
    limits: &Limits,
    job: impl Fn(&mut Meter) -> Result<T, ToolError> + Send + 'static,
) -> Result<T, ToolError> {
    let canceled = CancelOnDrop(Arc::default());
    let mut trial = Meter::new(limits, canceled.0.clone()).for_trial(SHORT);
    let result = job(&mut trial);
    if !trial.was_too_long() {
        return result;
    }
    let stopped = |_| ToolError::failed("the evaluation was canceled");
    let permit = PROCESSORS.clone().acquire_owned().await.map_err(|e| stopped(e.to_string()))?;
    let mut meter = Meter::new(limits, canceled.0.clone());
    let thread = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        job(&mut meter)
    });
    match thread.await {
        Ok(result) => result,
        Err(e) => match e.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(e) => Err(stopped(e.to_string())),
        },
    }
}

/// An evaluation's error as that of a step.
pub(crate) fn evaluation_error(what: &str, error: EvaluateError) -> ToolError {
    match error {
        EvaluateError::Limit(limit) => {
            ToolError::Rejected { message: format!("{what}: {limit}"), hint: limit.hint() }
        }
        error => ToolError::Params(format!("{what}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::*;
    use crate::base::expression::{Expression, Item};

    async fn evaluate(text: &str, data: Value, limits: &Limits) -> Result<Value, ToolError> {
        let expression = Expression::compile(text).unwrap();
        let job = move |meter: &mut Meter| {
            expression.evaluate(&Item::Value(&data), meter).map_err(|e| evaluation_error("expr", e))
        };
        compute(limits, job).await
    }

    #[tokio::test]
    async fn a_long_evaluation_leaves_its_thread_to_others_and_stops_when_it_is_dropped() {
        // 25 doublings: millions of steps, which no limit ends.
        let text = format!("[@,@]{}|length(@)", "|[@,@][]".repeat(25));
        let limits =
            Limits { evaluation_steps: u64::MAX, value: "1GiB".parse().unwrap(), ..Limits::default() };
        let turns = std::cell::Cell::new(0);
        let others = async {
            loop {
                turns.set(turns.get() + 1);
                tokio::task::yield_now().await;
            }
        };
        let slow = tokio::time::timeout(Duration::from_millis(200), evaluate(&text, json!(1), &limits));
        tokio::select! {
            biased;
            result = slow => assert!(result.is_err(), "it ended: {result:?}"),
            () = others => {}
        }
        assert!(turns.get() > 100, "others had {} turns", turns.get());
        let all = PROCESSORS.available_permits();
        let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
        while PROCESSORS.available_permits() < all.max(2) && tokio::time::Instant::now() < deadline {
            tokio::task::yield_now().await;
        }
        assert!(PROCESSORS.available_permits() >= 2, "the evaluation goes on");
    }
}
