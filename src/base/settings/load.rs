//! Merges the layers of configuration and records the origin of each value.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::origin::{Origin, Resolved};
use super::{Libpq, Settings, files};
use crate::base::cli_error::CliError;
use crate::base::discovery::{self, Found};
use crate::base::secret::SecretUrl;
use crate::base::{env, suggest};

/// Configuration flags of the command line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flags {
    /// `--config`
    pub(crate) config: Option<PathBuf>,
    /// `--env`
    pub(crate) environment: Option<String>,
    /// Settings set by flags: dotted path and value.
    pub(crate) values: Vec<(&'static str, String)>,
    /// Whether to look for a system where no file configures one.
    pub(crate) discover: bool,
    /// Read no file, for `init`.
    pub(crate) ignore_files: bool,
}

struct Layer {
    origin: Origin,
    values: Value,
}

impl Layer {
    /// Whether it has a value for a setting.
    fn sets(&self, path: &str) -> bool {
        let value = path.split('.').try_fold(&self.values, |value, key| value.get(key));
        value.is_some_and(|value| !value.is_null())
    }
}

impl From<&discovery::Entry> for Layer {
    fn from(entry: &discovery::Entry) -> Self {
        let values = entry.keys.iter().rev().fold(entry.value.clone(), |inner, key| json!({ key: inner }));
        Self { origin: Origin::Discovered(entry.source.clone()), values }
    }
}

/// Reads and merges all layers.
///
/// The keys of an environment chosen with `--env` override environment variables, so that a DATABASE_URL
/// left in a shell cannot turn `--env staging` into production.
pub(crate) fn load(flags: &Flags) -> Result<Resolved, CliError> {
    let (file, tree) = files::read(flags)?;
    let libpq = Libpq::read()?;
    let (base, environments) = split(tree);
    let (name, by_flag) = match &flags.environment {
        Some(name) => (Some(name.clone()), true),
        None => (env::read(env::ENVIRONMENT), false),
    };
    let name = name.or_else(|| base.get("environment").and_then(Value::as_str).map(str::to_owned));
    let variables = variable_layers();
    let given = flag_layers(flags, name.as_deref(), by_flag)?;
    let found = match &file {
        None if flags.discover && discovery_is_on()? => discover(&variables, &given, &libpq),
        _ => Found::default(),
    };
    let own = base.get("environment").and_then(Value::as_str).or(found.environment());
    let chosen = chosen_environment(name.as_deref(), own, &environments, flags)?;

    let mut layers: Vec<Layer> = found.entries.iter().map(Layer::from).collect();
    if let Some(path) = &file {
        layers.push(Layer { origin: Origin::File(path.clone(), None), values: Value::Object(base) });
    }
    let overlay = chosen
        .map(|values| Layer { origin: Origin::File(file.clone().unwrap_or_default(), name.clone()), values });
    if by_flag {
        layers.extend(variables);
        layers.extend(overlay);
    } else {
        layers.extend(overlay);
        layers.extend(variables);
    }
    layers.extend(given);
    let database = layers.iter().any(|layer| layer.sets("database.url"));
    if let Some((text, variables)) = libpq.connection().filter(|_| !database) {
        layers.push(Layer { origin: Origin::Variables(variables), values: nest("database.url", &text) });
    }
    let mut resolved = merge(layers)?;
    resolved.settings.file = file;
    resolved.settings.database.libpq = libpq;
    resolved.settings.discovered = found.scope();
    (resolved.entries, resolved.warnings) = (found.entries, found.warnings);
    Ok(resolved)
}

fn variable_layers() -> Vec<Layer> {
    let layer = |variable: &env::Variable| {
        let text = env::read(variable.name)?;
        Some(Layer { origin: Origin::Variable(variable.name), values: nest(variable.setting, &text) })
    };
    env::SETTINGS.iter().filter_map(layer).collect()
}

fn discover(variables: &[Layer], given: &[Layer], libpq: &Libpq) -> Found {
    let is_set = |path: &str| {
        let by_libpq = path == "database.url" && libpq.connection().is_some();
        by_libpq || variables.iter().chain(given).any(|layer| layer.sets(path))
    };
    discovery::discover(Path::new(""), &is_set)
}

fn discovery_is_on() -> Result<bool, CliError> {
    match env::read(env::DISCOVERY).as_deref() {
        None | Some("on") => Ok(true),
        Some("off") => Ok(false),
        Some(other) => Err(CliError::usage(format!("{}: '{other}' is neither on nor off", env::DISCOVERY))
            .hint(format!("export {}=off", env::DISCOVERY))),
    }
}

fn flag_layers(flags: &Flags, name: Option<&str>, by_flag: bool) -> Result<Vec<Layer>, CliError> {
    let mut layers = Vec::new();
    if let Some(name) = name {
        let origin = if by_flag { Origin::Flag("--env".into()) } else { Origin::Variable(env::ENVIRONMENT) };
        if by_flag || env::read(env::ENVIRONMENT).is_some() {
            layers.push(Layer { origin, values: json!({ "environment": name }) });
        }
    }
    for (path, text) in &flags.values {
        let flag = format!("--{}", path.replace(['.', '_'], "-"));
        if SecretUrl::new(text).has_password() {
            return Err(CliError::usage(format!(
                "{flag} contains a password, which other users can read in the process list"
            ))
            .hint("put the password in database.password_file, ~/.pgpass or DATABASE_URL"));
        }
        layers.push(Layer { origin: Origin::Flag(flag), values: nest(path, text) });
    }
    Ok(layers)
}

fn split(mut tree: Map<String, Value>) -> (Map<String, Value>, Map<String, Value>) {
    let environments = match tree.shift_remove("environments") {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    };
    (tree, environments)
}

fn chosen_environment(
    name: Option<&str>,
    own: Option<&str>,
    environments: &Map<String, Value>,
    flags: &Flags,
) -> Result<Option<Value>, CliError> {
    let Some(name) = name else { return Ok(None) };
    match environments.get(name) {
        Some(values) => Ok(Some(values.clone())),
        // The top level of the file is this environment.
        None if own == Some(name) => Ok(None),
        None => {
            let known: Vec<&str> = own.into_iter().chain(environments.keys().map(String::as_str)).collect();
            let source = if flags.environment.is_some() { "--env" } else { env::ENVIRONMENT };
            Err(CliError::usage(format!("{source}: no environment '{name}'"))
                .hint(suggest::hint(name, &known)))
        }
    }
}

fn merge(layers: Vec<Layer>) -> Result<Resolved, CliError> {
    let mut tree = Value::Object(Map::new());
    let mut origins = BTreeMap::new();
    for layer in layers {
        flatten("", &layer.values, &mut |path, _| {
            origins.insert(path.to_owned(), layer.origin.clone());
        });
        overlay(&mut tree, layer.values);
    }
    let settings: Settings = serde_json::from_value(tree)
        .map_err(|e| CliError::usage(format!("configuration: {e}")).hint("ordctl config show --origin"))?;
    Ok(Resolved { origins, ..Resolved::from(settings) })
}

fn overlay(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                overlay(under.entry(key).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over,
    }
}

/// Turns the dotted path `a.b.c` and a text into a tree.
fn nest(path: &str, text: &str) -> Value {
    path.rsplit('.').fold(Value::String(text.to_owned()), |inner, key| json!({ key: inner }))
}

/// Calls `leaf` with the dotted path of every value that is not a mapping.
pub(super) fn flatten(prefix: &str, value: &Value, leaf: &mut dyn FnMut(&str, &Value)) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, inner) in map {
                let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                flatten(&path, inner, leaf);
            }
        }
        _ => leaf(prefix, value),
    }
}
