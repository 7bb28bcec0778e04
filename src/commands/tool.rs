//! `tool`: lists and shows the tools that runbook steps use.

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::Context;
use crate::base::cli_error::CliError;
use crate::base::{exit, suggest};
use crate::model::table::{Kind, Row};
use crate::model::{Column, Effect, Listing, Table};
use crate::render::{self, Format, stdio};
use crate::tools::AnyTool;

#[derive(Debug, Subcommand)]
pub(crate) enum ToolCommand {
    /// List all tools with their effect
    #[command(after_help = "Examples:\n  ordctl tool list\n  ordctl tool list -o json")]
    List,
    /// Show a tool and its parameters
    #[command(
        after_help = "Examples:\n  ordctl tool show check.query\n  ordctl tool show service.restart -o json"
    )]
    Show(Show),
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The name of a tool, as in `uses`
    name: String,
}

impl ToolCommand {
    pub(crate) fn execute(&self, context: &Context) -> Result<u8, CliError> {
        match self {
            Self::List => list(context)?,
            Self::Show(show) => stdio::data(&show.render(context)?)?,
        }
        Ok(exit::OK)
    }
}

fn list(context: &Context) -> Result<(), CliError> {
    let row = |tool: &dyn AnyTool| {
        Row::new(json!({ "name": tool.name(), "effect": effect(tool), "help": tool.help() }))
    };
    let rows = context.registry.all().map(|tool| row(tool.as_ref())).collect();
    let columns = vec![
        Column::new("NAME", "name", Kind::Plain),
        Column::new("EFFECT", "effect", Kind::Plain),
        Column::new("HELP", "help", Kind::Text),
    ];
    context.print(&Table { name: "tools", columns, rows, none: "no tools".into() })
}

impl Show {
    fn render(&self, context: &Context) -> Result<String, CliError> {
        let tool = context.registry.get(&self.name).ok_or_else(|| {
            let hint = suggest::nearest(&self.name, context.registry.names())
                .map_or_else(|| "ordctl tool list".to_owned(), |near| format!("ordctl tool show {near}"));
            CliError::usage(format!("no tool '{}'", self.name)).hint(hint)
        })?;
        let tool = tool.as_ref();
        let parameters = parameters(tool);
        if context.flags.output != Format::Text {
            let value = json!({
                "schema_version": crate::model::report::SCHEMA_VERSION,
                "name": tool.name(),
                "help": tool.help(),
                "effect": effect(tool),
                "source": tool.source(),
                "parameters": parameters,
            });
            return render::value(&value, context.flags.output);
        }
        let head = format!("{}\n  {}\n  effect: {}\n\n", tool.name(), tool.help(), effect(tool));
        if parameters.is_empty() {
            return Ok(head + "no parameters\n");
        }
        let cells = |p: &Value| ["name", "type", "default", "help"].map(|key| p[key].clone()).to_vec();
        let rows = parameters.iter().map(cells).collect();
        let columns = vec!["parameter", "type", "default", "help"];
        Ok(head + &render::listing(&Listing { name: "parameters", columns, rows }, Format::Text)?)
    }
}

/// The effect with sample parameters. `varies` when it depends on their values.
fn effect(tool: &dyn AnyTool) -> &'static str {
    let schema = Value::from(tool.schema());
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let sample: Map<String, Value> =
        required.map(|name| (name.to_owned(), sample(&schema["properties"][name]))).collect();
    match tool.effect(&Value::Object(sample)) {
        Ok(Effect::Look) => "look",
        Ok(Effect::Change) => "change",
        Ok(Effect::Grave) => "grave",
        Err(_) => "varies",
    }
}

/// A value of the type that a schema describes.
fn sample(schema: &Value) -> Value {
    if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
        return first.clone();
    }
    match type_name(schema).split([' ', '[']).next() {
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        Some("array") => json!([]),
        Some("object") => json!({}),
        _ => json!("x"),
    }
}

/// The parameters of a tool with their types, defaults and help texts.
fn parameters(tool: &dyn AnyTool) -> Vec<Value> {
    let schema = Value::from(tool.schema());
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = schema["properties"].as_object().cloned().unwrap_or_default();
    let parameter = |(name, property): (&String, &Value)| {
        let property = resolve(property, &schema);
        let help = property["description"].as_str().unwrap_or_default();
        let default = match property.get("default") {
            Some(Value::Null) | None if required.contains(&name.as_str()) => json!("required"),
            Some(value) => value.clone(),
            None => Value::Null,
        };
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        json!({ "name": name, "type": type_name(&property), "default": default, "help": help })
    };
    properties.iter().map(parameter).collect()
}

/// Follows `$ref` and takes the variant of an optional parameter that is not null.
fn resolve(property: &Value, root: &Value) -> Value {
    let mut found = property.clone();
    let variants = property["anyOf"].as_array().or(property["allOf"].as_array());
    let variant = variants.and_then(|all| all.iter().find(|v| v["type"] != "null"));
    let target = variant.unwrap_or(property);
    let target = match target["$ref"].as_str().and_then(|path| root.pointer(path.trim_start_matches('#'))) {
        Some(definition) => definition,
        None => target,
    };
    if let (Value::Object(found), Value::Object(target)) = (&mut found, target) {
        for (key, value) in target {
            found.entry(key).or_insert_with(|| value.clone());
        }
    }
    found
}

/// The type in words, such as `string or number`, `look|act`, `array of string`.
fn type_name(schema: &Value) -> String {
    let constants = |all: &Vec<Value>| {
        let names = all.iter().map(|v| v["const"].as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
        names.map(|names| names.join("|"))
    };
    if let Some(names) = schema["oneOf"].as_array().and_then(constants) {
        return names;
    }
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("|");
    }
    let names: Vec<&str> = match &schema["type"] {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).filter(|n| *n != "null").collect(),
        _ => vec!["any"],
    };
    match (names.as_slice(), schema["items"]["type"].as_str()) {
        (["array"], Some(item)) => format!("array of {item}"),
        _ => names.join(" or "),
    }
}
