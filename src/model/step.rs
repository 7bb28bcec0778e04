//! A step: a tool with its parameters, the basis of everything ordctl does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    /// Name within its pipeline; default: `save_as`, else the last part of the tool's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    /// Title; default: the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    /// Name of the tool.
    pub(crate) uses: String,
    /// Parameters of the tool; `${…}` in a text is a JMESPath template.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) with: Map<String, Value>,
    /// A JMESPath condition; when it is false, the step is skipped.
    #[serde(default, rename = "if", skip_serializing_if = "Option::is_none")]
    pub(crate) condition: Option<String>,
    /// Saves the result as `steps.<save_as>` for later steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) save_as: Option<String>,
    /// Timeout in seconds, including retries; default 30.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 86_400.0), extend("exclusiveMinimum" = 0))]
    pub(crate) timeout_seconds: Option<f64>,
    /// Maximum number of retries after a transient failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 10))]
    pub(crate) max_retries: Option<u32>,
    /// An optional step is skipped when its system is not configured. When it fails, later steps still run;
    /// the run fails and can be resumed. Only in runbooks.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) optional: bool,
}

impl Step {
    /// `id`, else `save_as`, else the last part of the tool's name.
    pub(crate) fn name(&self) -> &str {
        let tool = self.uses.rsplit('.').next().unwrap_or(&self.uses);
        self.id.as_deref().or(self.save_as.as_deref()).unwrap_or(tool)
    }

    pub(crate) fn title(&self) -> &str {
        self.title.as_deref().unwrap_or_else(|| self.name())
    }

    /// What its findings begin with: the title of a query, else its own.
    pub(crate) fn subject(&self) -> &str {
        self.with.get("title").and_then(Value::as_str).unwrap_or_else(|| self.title())
    }
}

/// The effect of a tool with given parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Effect {
    /// Reads only.
    Look,
    /// Changes the system; needs consent.
    Change,
    /// Hard to undo; needs the name of the target.
    Grave,
}
