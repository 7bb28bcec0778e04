//! `log`: writes a log line with the run and step.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::{Output, Tool, ToolContext, ToolError};
use crate::base::shorten::shorten;
use crate::model::{Finding, Status};

pub(crate) struct Log;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The message; values other than strings are logged as JSON.
    pub(crate) message: Value,
    #[serde(default)]
    pub(crate) level: Level,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Debug,
    #[default]
    Info,
    Warn,
    Error,
}

#[derive(Debug, Serialize)]
pub(crate) struct LogLine {
    pub(crate) message: String,
    pub(crate) level: Level,
}

impl Tool for Log {
    type Params = Params;
    type Result = LogLine;

    const NAME: &'static str = "log";
    const HELP: &'static str = "Write a log line with the run and step";
    const SOURCE: &'static str = "ordctl";

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<LogLine>, ToolError> {
        let message = match params.message {
            Value::String(text) => text,
            other => other.to_string(),
        };
        // The executor masks results, not log lines.
        let message = shorten(ctx.secrets.mask(&message));
        let (run, step) = (ctx.run.as_deref().unwrap_or_default(), ctx.step.as_str());
        match params.level {
            Level::Debug => tracing::debug!(run, step, "{message}"),
            Level::Info => tracing::info!(run, step, "{message}"),
            Level::Warn => tracing::warn!(run, step, "{message}"),
            Level::Error => tracing::error!(run, step, "{message}"),
        }
        // An error message does not fail the step.
        let finding = Finding::new("", Self::SOURCE, Status::Ok, format!("{step}: {message}"));
        Ok(Output::new(vec![finding], LogLine { message, level: params.level }))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;
    use crate::base::settings::{SecretSource, Settings};
    use crate::clients::Clients;
    use crate::model::Silent;
    use crate::store::Library;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<String>>>);

    impl Visit for &Lines {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            self.0.lock().unwrap().push(format!("{field}={value:?}"));
        }
    }

    impl Subscriber for Lines {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, event: &Event<'_>) {
            event.record(&mut &*self);
        }
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    #[tokio::test]
    async fn a_line_contains_its_run_and_no_secret() {
        let secrets = SecretSource { env_prefix: "CARGO_PKG_".into(), ..Default::default() };
        let settings = Arc::new(Settings { secrets, ..Settings::default() });
        let clients = Arc::new(Clients::new(&settings));
        let (library, limit) = (Arc::new(Library::default()), std::time::Duration::from_secs(1));
        let ctx = ToolContext::new(settings, clients, library, Arc::new(Silent), limit);
        let ctx = ToolContext { run: Some("run-7".into()), ..ctx };
        let secret = ctx.secrets.get("name").unwrap();
        let lines = Lines::default();
        let guard = tracing::subscriber::set_default(lines.clone());
        let params = Params { message: serde_json::json!([secret.expose()]), level: Level::Warn };
        let output = Tool::run(&Log, params, &ctx).await.unwrap();
        drop(guard);
        assert_eq!(output.result.message, "[\"********\"]");
        let lines = lines.0.lock().unwrap().join(" ");
        assert!(lines.contains("run=\"run-7\"") && lines.contains("message=[\"********\"]"), "{lines}");
    }
}
