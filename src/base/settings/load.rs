//! Merges the layers of configuration and records the origin of each value.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::origin::{Origin, Resolved};
use super::tree::{flatten, nest, overlay};
use super::{Libpq, Settings, credentials, files};
use crate::base::cli_error::CliError;
use crate::base::discovery::{self, DatabaseAddress, Discovery, Given};
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

pub(super) struct Layer {
    pub(super) origin: Origin,
    values: Value,
}

impl Layer {
    fn new(origin: Origin, path: &str, text: &str) -> Self {
        Self { origin, values: nest(path.split('.'), Value::String(text.to_owned())) }
    }

    /// Whether it has a value for a setting.
    pub(super) fn sets(&self, path: &str) -> bool {
        self.value(path).is_some()
    }

    fn value(&self, path: &str) -> Option<&Value> {
        let value = path.split('.').try_fold(&self.values, |value, key| value.get(key));
        value.filter(|value| !value.is_null())
    }
}

impl From<&discovery::Entry> for Layer {
    fn from(entry: &discovery::Entry) -> Self {
        let values = nest(entry.keys.iter().map(String::as_str), entry.value.clone());
        Self { origin: Origin::Discovered(entry.source.clone()), values }
    }
}

/// Reads and merges all layers.
///
/// The keys of an environment chosen with `--env` override environment variables, so that a DATABASE_URL
/// left in a shell cannot turn `--env staging` into production.
pub(crate) fn load(flags: &Flags) -> Result<Resolved, CliError> {
    let (file, tree) = files::read(flags)?;
    let mut libpq = Libpq::read()?;
    let (base, environments) = split(tree);
    let (name, by_flag) = match &flags.environment {
        Some(name) => (Some(name.clone()), true),
        None => (env::read(env::ENVIRONMENT), false),
    };
    let name = name.or_else(|| base.get("environment").and_then(Value::as_str).map(str::to_owned));
    let mut variables = variable_layers();
    let given = flag_layers(flags, name.as_deref(), by_flag)?;
    let mut found = match &file {
        None if flags.discover && discovery_is_on()? => discover(&variables, &given, &libpq),
        _ => Discovery::default(),
    };
    let is_discovered = found.entries.iter().any(|entry| entry.is("database.url"));
    if is_discovered {
        credentials::withhold(&mut found, &mut variables, &mut libpq);
    }
    let own = base.get("environment").and_then(Value::as_str).or(found.name.as_deref());
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
        layers.push(Layer::new(Origin::Variables(variables), "database.url", &text));
    }
    let mut resolved = merge(layers)?;
    resolved.settings.file = file;
    resolved.settings.database.libpq = libpq;
    resolved.settings.database.is_discovered = is_discovered;
    resolved.settings.discovered = found.scope();
    (resolved.entries, resolved.warnings) = (found.entries, found.warnings);
    Ok(resolved)
}

fn variable_layers() -> Vec<Layer> {
    let layer = |variable: &env::Variable| {
        let text = env::read(variable.name)?;
        Some(Layer::new(Origin::Variable(variable.name), variable.setting, &text))
    };
    env::SETTINGS.iter().filter_map(layer).collect()
}

fn discover(variables: &[Layer], given: &[Layer], libpq: &Libpq) -> Discovery {
    let is_set = |path: &str| {
        let by_libpq = path == "database.url" && libpq.connection().is_some();
        by_libpq || variables.iter().chain(given).any(|layer| layer.sets(path))
    };
    let keyword = |key: &str| libpq.get(key).map(str::to_owned);
    let mut urls = variables.iter().chain(given).filter_map(|layer| layer.value("database.url")?.as_str());
    let text = urls.next_back().map(str::to_owned).or_else(|| libpq.connection().map(|(text, _)| text));
    let database = text.map(|text| DatabaseAddress::parse(&text, &keyword));
    discovery::discover(Path::new(""), &Given { is_set: &is_set, database, libpq: &keyword })
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
        layers.push(Layer::new(Origin::Flag(flag), path, text));
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
