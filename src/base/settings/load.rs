//! Merges the layers of configuration and records the origin of each value.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::Settings;
use crate::base::cli_error::CliError;
use crate::base::secret::SecretUrl;
use crate::base::{env, suggest, yaml};

/// Configuration flags of the command line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flags {
    /// `--config`
    pub(crate) config: Option<PathBuf>,
    /// `--env`
    pub(crate) environment: Option<String>,
    /// Settings set by flags: dotted path and value.
    pub(crate) values: Vec<(&'static str, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Default,
    /// A file, and the environment in it when one was chosen.
    File(PathBuf, Option<String>),
    Variable(&'static str),
    Flag(String),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path, None) => write!(f, "{}", path.display()),
            Self::File(path, Some(name)) => write!(f, "{} (environments.{name})", path.display()),
            Self::Variable(name) => write!(f, "${name}"),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// A row of `config show`. Secrets are masked.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) path: String,
    pub(crate) value: Value,
    pub(crate) origin: Origin,
}

/// The settings with the origin of each value.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    pub(crate) settings: Settings,
    origins: BTreeMap<String, Origin>,
}

impl Resolved {
    /// Every setting, in the order of the type.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        let tree = serde_json::to_value(&self.settings).unwrap_or(Value::Null);
        flatten("", &tree, &mut |path, value| {
            let origin = self.origins.get(path).cloned().unwrap_or(Origin::Default);
            rows.push(Row { path: path.to_owned(), value: value.clone(), origin });
        });
        rows
    }
}

impl From<Settings> for Resolved {
    /// Settings that come from no file, variable or flag.
    fn from(settings: Settings) -> Self {
        Self { settings, origins: BTreeMap::new() }
    }
}

struct Layer {
    origin: Origin,
    values: Value,
}

/// Reads and merges all layers.
///
/// The keys of an environment chosen with `--env` override environment variables, so that a DATABASE_URL
/// left in a shell cannot turn `--env staging` into production.
pub(crate) fn load(flags: &Flags) -> Result<Resolved, CliError> {
    let (file, tree) = read_file(flags)?;
    let (base, environments) = split(tree);
    let (name, by_flag) = match &flags.environment {
        Some(name) => (Some(name.clone()), true),
        None => (env::read(env::ENVIRONMENT), false),
    };
    let name = name.or_else(|| base.get("environment").and_then(Value::as_str).map(str::to_owned));
    let chosen = chosen_environment(name.as_deref(), &base, &environments, flags)?;

    let mut layers = Vec::new();
    if let Some(path) = &file {
        layers.push(Layer { origin: Origin::File(path.clone(), None), values: Value::Object(base) });
    }
    let overlay = chosen
        .map(|values| Layer { origin: Origin::File(file.clone().unwrap_or_default(), name.clone()), values });
    let variables = env::SETTINGS.iter().filter_map(|v| {
        let text = env::read(v.name)?;
        Some(Layer { origin: Origin::Variable(v.name), values: nest(v.setting, &text) })
    });
    if by_flag {
        layers.extend(variables);
        layers.extend(overlay);
    } else {
        layers.extend(overlay);
        layers.extend(variables);
    }
    layers.extend(flag_layers(flags, name.as_deref(), by_flag)?);
    merge(layers, file)
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

/// Reads the file as a tree. Parsing it as [`Settings`] first gives errors a position.
fn read_file(flags: &Flags) -> Result<(Option<PathBuf>, Map<String, Value>), CliError> {
    let Some(path) = find_file(flags)? else { return Ok((None, Map::new())) };
    let origin = path.display().to_string();
    let text = std::fs::read_to_string(&path)
        .map_err(|e| CliError::usage(format!("cannot read {origin}")).because(e))?;
    yaml::parse::<Settings>(&text, &origin)?;
    let tree = yaml::parse::<Map<String, Value>>(&text, &origin)?;
    Ok((Some(path), tree))
}

fn find_file(flags: &Flags) -> Result<Option<PathBuf>, CliError> {
    let given = flags.config.clone().or_else(|| env::read(env::CONFIG).map(PathBuf::from));
    if let Some(path) = given {
        if !path.exists() {
            return Err(CliError::usage(format!("configuration file {} does not exist", path.display()))
                .hint(format!("set --config or ${} to an existing file", env::CONFIG)));
        }
        return Ok(Some(path));
    }
    let user = env::read(env::XDG_CONFIG_HOME)
        .map(PathBuf::from)
        .or_else(|| env::read(env::HOME).map(|h| Path::new(&h).join(".config")))
        .map(|dir| dir.join("ordctl/ordctl.yaml"));
    let candidates = [Some("ordctl.yaml".into()), user, Some("/etc/ordctl/ordctl.yaml".into())];
    Ok(candidates.into_iter().flatten().find(|p| p.exists()))
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
    base: &Map<String, Value>,
    environments: &Map<String, Value>,
    flags: &Flags,
) -> Result<Option<Value>, CliError> {
    let Some(name) = name else { return Ok(None) };
    let own = base.get("environment").and_then(Value::as_str);
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

fn merge(layers: Vec<Layer>, file: Option<PathBuf>) -> Result<Resolved, CliError> {
    let mut tree = Value::Object(Map::new());
    let mut origins = BTreeMap::new();
    for layer in layers {
        flatten("", &layer.values, &mut |path, _| {
            origins.insert(path.to_owned(), layer.origin.clone());
        });
        overlay(&mut tree, layer.values);
    }
    let mut settings: Settings = serde_json::from_value(tree)
        .map_err(|e| CliError::usage(format!("configuration: {e}")).hint("ordctl config show --origin"))?;
    settings.file.clone_from(&file);
    Ok(Resolved { settings, origins })
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
fn flatten(prefix: &str, value: &Value, leaf: &mut dyn FnMut(&str, &Value)) {
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
