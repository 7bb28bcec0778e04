//! A step: the unit of everything that ordctl does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One step of a pipeline: a tool and what it is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    /// Name within its pipeline; default: that of `save_as`, else the tool's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    /// What a person reads; default: the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    /// The tool.
    pub(crate) uses: String,
    /// The tool's parameters; `${…}` in a text is a JMESPath template.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) with: Map<String, Value>,
    /// A JMESPath condition: without truth in it the step is skipped.
    #[serde(default, rename = "if", skip_serializing_if = "Option::is_none")]
    pub(crate) condition: Option<String>,
    /// Where the result is kept for later steps: `steps.<save_as>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) save_as: Option<String>,
    /// How long the step may take, with its retries; default 30.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) timeout_seconds: Option<f64>,
    /// How often it is tried again after a failure that may pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_retries: Option<u32>,
    /// Whether the others do without it: it is skipped where its system is no part of the environment,
    /// and where it fails the steps after it run all the same. The run has failed then, and can be
    /// resumed. Of runbooks only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) optional: bool,
}

impl Step {
    /// Its name: `id`, else `save_as`, else the tool's last word.
    pub(crate) fn name(&self) -> &str {
        let tool = self.uses.rsplit('.').next().unwrap_or(&self.uses);
        self.id.as_deref().or(self.save_as.as_deref()).unwrap_or(tool)
    }

    /// What a person reads.
    pub(crate) fn title(&self) -> &str {
        self.title.as_deref().unwrap_or_else(|| self.name())
    }
}

/// What a tool does to the world, given its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Effect {
    /// Only looks.
    Look,
    /// Changes something; needs consent.
    Change,
    /// Changes something that is hard to undo; needs the target's name.
    Grave,
}
