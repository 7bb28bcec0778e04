//! Resolves the parameters of a run: `-p` > configuration > the runbook's default.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::base::cli_error::CliError;
use crate::base::settings::Settings;
use crate::base::suggest;
use crate::model::Runbook;

/// A `resumed` run keeps its own parameters, so none is required.
pub(crate) fn resolve(
    runbook: &Runbook,
    settings: &Settings,
    given: &IndexMap<String, Value>,
    resumed: bool,
) -> Result<Map<String, Value>, CliError> {
    let empty = IndexMap::new();
    let configured = settings.params.get(&runbook.name).unwrap_or(&empty);
    let known: Vec<&str> = runbook.params.keys().map(String::as_str).collect();
    for (names, place) in [(given, "-p".to_owned()), (configured, format!("params.{}", runbook.name))] {
        if let Some(name) = names.keys().find(|n| !known.contains(&n.as_str())) {
            return Err(CliError::usage(format!(
                "{place}: the runbook {} has no parameter '{name}'",
                runbook.name
            ))
            .hint(suggest::hint(name, &known)));
        }
    }
    let mut params = Map::new();
    for (name, param) in &runbook.params {
        let value = given.get(name).or_else(|| configured.get(name)).or(param.default.as_ref());
        if value.is_none() && resumed {
            continue;
        }
        let value = value.ok_or_else(|| {
            CliError::usage(format!("the runbook {} needs the parameter '{name}'", runbook.name))
                .hint(format!("-p {name}=…: {}", param.help))
        })?;
        params.insert(name.clone(), value.clone());
    }
    Ok(params)
}
