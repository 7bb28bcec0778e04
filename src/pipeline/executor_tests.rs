//! The executor with scripted tools and a fixed clock.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::watch;
use tokio::time::Instant;

use super::*;
use crate::base::clock::Clock;
use crate::base::settings::{SecretSource, Settings};
use crate::clients::{ClientError, Clients};
use crate::model::{Consented, Effect, Event, Finding, Observer, Status, Step};
use crate::store::Library;
use crate::tools::Output;

/// Takes the given time, fails the given number of times, and records when it ran.
#[derive(Default)]
struct Fake {
    failures: Mutex<BTreeMap<String, u32>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct With {
    #[serde(default)]
    name: String,
    #[serde(default)]
    takes: f64,
    #[serde(default)]
    fails: u32,
    #[serde(default)]
    forever: bool,
    #[serde(default)]
    changes: bool,
    #[serde(default)]
    value: Value,
    /// The length of a text to return instead of the value.
    #[serde(default)]
    length: usize,
}

impl Tool for Fake {
    type Params = With;
    type Result = Value;

    const NAME: &'static str = "fake";
    const HELP: &'static str = "Run as scripted";
    const SOURCE: &'static str = "test";
    const SECRET_PARAMS: &'static [&'static str] = &["name", "value", "takes"];

    fn effect(&self, with: &With) -> Effect {
        if with.changes { Effect::Change } else { Effect::Look }
    }

    async fn run(&self, with: With, ctx: &ToolContext) -> Result<Output<Value>, ToolError> {
        ctx.progress(0, None, format!("{} begins", with.name));
        tokio::time::sleep(Duration::from_secs_f64(with.takes)).await;
        let failed = {
            let mut all = self.failures.lock().unwrap();
            let failed = all.entry(with.name.clone()).or_default();
            *failed += 1;
            *failed
        };
        if failed <= with.fails {
            let error = ClientError::unreachable("test", format!("failure {failed} of {}", with.name));
            return Err(if with.forever { ToolError::Params("never".into()) } else { error.into() });
        }
        let value = if with.length > 0 { "x".repeat(with.length).into() } else { with.value };
        Ok(Output::new(vec![Finding::new("", "test", Status::Ok, "fine")], value))
    }
}

#[derive(Default)]
pub(super) struct Log(Mutex<Vec<Event>>);

impl Observer for Log {
    fn notice(&self, event: Event) {
        self.0.lock().unwrap().push(event);
    }
}

pub(super) fn executor(log: Arc<Log>) -> Executor {
    let secrets = SecretSource { env_prefix: "CARGO_PKG_".into(), ..Default::default() };
    let data_dir = Some("/nonexistent".into());
    let settings = Arc::new(Settings { data_dir, secrets, ..Settings::default() });
    let clients = Arc::new(Clients::new(&settings));
    let ctx = ToolContext::new(settings, clients, Arc::new(Library::default()), log, DEFAULT_TIMEOUT);
    let ctx = ToolContext { clock: Clock::Fixed("2026-01-01T00:00:00Z".parse().unwrap()), ..ctx };
    Executor { registry: Registry::default().with(Fake::default()), ctx }
}

pub(super) fn step(value: Value) -> Step {
    let mut step = value;
    step["uses"] = json!("fake");
    if step["with"].is_object() && step["with"]["name"].is_null() {
        step["with"]["name"] = step["id"].clone();
    }
    serde_json::from_value(step).unwrap()
}

pub(super) fn scope() -> TemplateContext {
    TemplateContext::new("2026-01-01T00:00:00Z".parse().unwrap(), Map::new())
}

async fn look(steps: &[Step]) -> (Vec<StepOutcome>, Vec<Event>) {
    let log = Arc::new(Log::default());
    let all: Vec<&Step> = steps.iter().collect();
    let outcomes = run_concurrent(&executor(log.clone()), &all, &mut scope()).await;
    let events = log.0.lock().unwrap().clone();
    (outcomes, events)
}

#[tokio::test(start_paused = true)]
async fn steps_run_at_once_and_keep_their_order() {
    let steps: Vec<Step> =
        (1..=5).map(|i| step(json!({ "id": format!("s{i}"), "with": { "takes": 6 - i } }))).collect();
    let begin = Instant::now();
    let (outcomes, _) = look(&steps).await;
    assert!(begin.elapsed() < Duration::from_secs(6), "not one after the other: {:?}", begin.elapsed());
    let ids: Vec<&str> = outcomes.iter().map(|o| o.id.as_str()).collect();
    assert_eq!(ids, ["s1", "s2", "s3", "s4", "s5"]);
}

#[tokio::test(start_paused = true)]
async fn a_step_waits_for_the_result_that_it_reads() {
    let steps = [
        step(json!({ "id": "a", "save_as": "a", "with": { "takes": 3, "value": { "n": 2 } } })),
        step(
            json!({ "id": "b", "if": "steps.a.n > `1`", "save_as": "b", "with": { "value": "${steps.a.n}" } }),
        ),
        step(json!({ "id": "c", "if": "steps.a.n > `2`", "with": {} })),
    ];
    let (outcomes, _) = look(&steps).await;
    assert_eq!(outcomes[1].result.as_deref(), Some(&json!(2)));
    assert_eq!(outcomes[2].state, State::Skipped);
    assert_eq!(outcomes[2].status(), Status::Skipped);
}

#[tokio::test(start_paused = true)]
async fn a_time_out_is_unknown_for_that_step_alone() {
    let steps = [
        step(json!({ "id": "slow", "timeout_seconds": 2, "with": { "takes": 60 } })),
        step(json!({ "id": "quick", "with": {} })),
    ];
    let begin = Instant::now();
    let (outcomes, events) = look(&steps).await;
    assert!(begin.elapsed() < Duration::from_secs(3));
    assert_eq!(outcomes[0].status(), Status::Unknown);
    assert_eq!(outcomes[0].findings[0].summary, "slow: no answer within 2 s");
    assert_eq!(outcomes[1].status(), Status::Ok);
    let ended = |name: &str| events.iter().any(|e| matches!(e, Event::Finished { id, .. } if id == name));
    assert!(ended("slow") && ended("quick"));
}

#[tokio::test(start_paused = true)]
async fn retries_run_in_place_within_the_time_out() {
    let steps = [
        step(json!({ "id": "twice", "max_retries": 2, "with": { "fails": 2 } })),
        step(json!({ "id": "thrice", "max_retries": 2, "with": { "fails": 3 } })),
        step(json!({ "id": "once", "with": { "fails": 1 } })),
        step(json!({ "id": "never", "max_retries": 5, "with": { "fails": 1, "forever": true } })),
        step(json!({ "id": "late", "max_retries": 1000, "timeout_seconds": 20, "with": { "fails": 1000 } })),
    ];
    let begin = Instant::now();
    let (outcomes, events) = look(&steps).await;
    let retries =
        |of: &str| events.iter().filter(|e| matches!(e, Event::Retry { id, .. } if id == of)).count();
    let seen: Vec<(usize, Status)> = outcomes.iter().map(|o| (1 + retries(&o.id), o.status())).collect();
    assert_eq!(
        seen[..4],
        [(3, Status::Ok), (3, Status::Unknown), (1, Status::Unknown), (1, Status::Unknown)]
    );
    assert!((begin.elapsed().as_secs_f64() - 20.0).abs() < 0.1, "the time-out holds for all attempts");
}

#[tokio::test(start_paused = true)]
async fn in_order_the_first_failure_ends_it_and_a_stop_ends_the_step_at_hand() {
    let steps = [
        step(json!({ "id": "a", "with": { "changes": true } })),
        step(json!({ "id": "b", "with": { "changes": true, "fails": 1 } })),
        step(json!({ "id": "c", "with": { "changes": true } })),
    ];
    let all: Vec<&Step> = steps.iter().collect();
    let (tell, stop) = watch::channel(false);
    let executor = executor(Arc::default()).with_consent(Consented::from_configuration("a test"));
    let outcomes = run_sequential(&executor, &all, &mut scope(), &mut NoGate, stop.clone()).await;
    let states: Vec<&State> = outcomes.iter().map(|o| &o.state).collect();
    assert_eq!(states, [&State::Done, &State::Failed, &State::NotReached]);
    assert_eq!(outcomes[1].status(), Status::Crit, "an action that fails is critical, not unknown");

    let slow = step(json!({ "id": "slow", "timeout_seconds": 600, "with": { "takes": 500 } }));
    let begin = Instant::now();
    let (outcomes, ()) = tokio::join!(
        async { run_sequential(&executor, &[&slow], &mut scope(), &mut NoGate, stop).await },
        async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            tell.send_replace(true);
        }
    );
    assert_eq!(outcomes[0].state, State::Interrupted);
    assert!(begin.elapsed() < Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn a_step_that_changes_something_is_refused_without_consent() {
    let acting = step(json!({ "id": "a", "with": { "changes": true } }));
    let (_sender, stop) = watch::channel(false);
    let executor = executor(Arc::default());
    let outcomes = run_sequential(&executor, &[&acting], &mut scope(), &mut NoGate, stop).await;
    assert_eq!(outcomes[0].state, State::Refused);
    assert_eq!(look(&[acting]).await.0[0].state, State::Refused);
}

/// Whoever may create tasks may not change the system with them.
#[tokio::test(start_paused = true)]
async fn a_task_changes_something_only_through_a_runbook() {
    let acting = step(json!({ "id": "a", "with": { "changes": true } }));
    for (runbook, state) in [(None, State::Refused), (Some("maintain/weekly".to_owned()), State::Done)] {
        let (_sender, stop) = watch::channel(false);
        let mut executor = executor(Arc::default()).with_consent(Consented::from_configuration("test"));
        executor.ctx.occurrence = Some("occurrence".to_owned());
        executor.ctx.runbook = runbook;
        let outcomes = run_sequential(&executor, &[&acting], &mut scope(), &mut NoGate, stop).await;
        assert_eq!(outcomes[0].state, state, "{:?}", outcomes[0].findings);
    }
}

#[tokio::test(start_paused = true)]
async fn findings_name_what_is_wrong_with_a_step() {
    let mut unknown = step(json!({ "id": "a", "with": {} }));
    unknown.uses = "fakee".into();
    let steps = [
        unknown,
        step(json!({ "id": "b", "with": { "nmae": "x" } })),
        step(json!({ "id": "c", "if": "length(`3`)", "with": {} })),
        step(json!({ "id": "d", "with": {} })),
    ];
    let (outcomes, _) = look(&steps).await;
    for (outcome, words) in
        outcomes.iter().zip(["did you mean 'fake'?", "did you mean 'name'?", "if: ", "fine"])
    {
        assert!(outcome.findings[0].summary.contains(words), "{:?}", outcome.findings);
    }
    assert_eq!(outcomes[3].status(), Status::Ok);
}

/// The name of this package stands for a secret.
#[tokio::test(start_paused = true)]
async fn a_secret_is_in_no_event_no_error_and_no_result() {
    let steps = [
        step(json!({ "id": "a", "max_retries": 1, "with": { "name": "<${secret:name}>", "fails": 2 } })),
        step(json!({ "id": "b", "save_as": "b", "with": { "value": { "k": ["${secret:name}!"] } } })),
        step(json!({ "id": "c", "with": { "takes": "${secret:name}" } })),
        step(json!({ "id": "d", "with": { "value": "${steps.b.k}" } })),
        step(json!({ "id": "e", "with": { "value": "${secret:no-such}" } })),
    ];
    let (outcomes, events) = look(&steps).await;
    assert!(outcomes[0].error.as_deref().unwrap().contains("<********>"), "{outcomes:?}");
    assert_eq!(outcomes[3].result.as_deref(), Some(&json!(["********!"])));
    assert!(outcomes[4].error.as_deref().unwrap().contains("secret 'no-such' is missing"));
    let progress = |e: &&Event| matches!(e, Event::Progress { note, .. } if note == "<********> begins");
    assert_eq!(events.iter().filter(progress).count(), 2);
    assert!(events.iter().any(|e| matches!(e, Event::Retry { error, .. } if error.contains("********"))));
    let all = format!("{outcomes:?} {events:?}");
    assert!(!all.contains("ordctl!") && !all.contains("<ordctl") && !all.contains("\"ordctl\\\""), "{all}");
}
