//! Request documents: validated against the JSON Schema that `/openapi.json` publishes, then deserialized. All
//! issues of a document are reported at once, in the format of the API's 422 answers.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::paths::{Location, LocationSegment};
use jsonschema::{ValidationError, Validator};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::base::lock::lock;
use crate::base::suggest;
use crate::model::NO_NUL;
use crate::pipeline::check::LocPart;

/// More issues of one document are not reported.
const MAX_ISSUES: usize = 50;

/// Longer enums are not listed in a message.
const MAX_LISTED: usize = 20;

/// One problem of a document.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct InputIssue {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    /// Begins with `body`, `query` or `path`.
    pub(crate) loc: Vec<LocPart>,
    pub(crate) msg: String,
    pub(crate) input: Value,
}

impl InputIssue {
    /// A value of the body that fits the schema and still cannot be used.
    pub(crate) fn unusable(key: &str, msg: impl Into<String>, input: &Value) -> Self {
        Self {
            kind: "value_error",
            loc: vec!["body".into(), key.into()],
            msg: msg.into(),
            input: input.clone(),
        }
    }

    /// A problem of the body that has no place in it.
    pub(crate) fn body(kind: &'static str, msg: impl Into<String>) -> Vec<Self> {
        vec![Self { kind, loc: vec!["body".into()], msg: msg.into(), input: Value::Null }]
    }

    /// The same issue of a document inside the body.
    #[must_use]
    pub(crate) fn inside(mut self, path: &[LocPart]) -> Self {
        self.loc.splice(1..1, path.iter().cloned());
        self
    }

    /// Whether the issue is about a key of the body or a value below it.
    pub(crate) fn is_under(&self, key: &str) -> bool {
        self.loc.get(1) == Some(&key.into())
    }
}

/// Schemas as they are published: the validators and `/openapi.json` share these settings.
pub(crate) fn schema_settings() -> SchemaSettings {
    SchemaSettings::draft2020_12().with(|s| s.definitions_path = "/components/schemas".into())
}

/// Reads the body of a request.
pub(crate) fn read<T: JsonSchema + DeserializeOwned + 'static>(
    document: &Value,
) -> Result<T, Vec<InputIssue>> {
    let issues = validate::<T>("body", document);
    if issues.is_empty() { deserialize(document) } else { Err(issues) }
}

/// Reads a body that contains secrets: its values are not repeated in the answer.
pub(crate) fn read_secret<T: JsonSchema + DeserializeOwned + 'static>(
    document: &Value,
) -> Result<T, Vec<InputIssue>> {
    let hide = |issue: InputIssue| InputIssue { input: Value::Null, ..issue };
    read(document).map_err(|issues| issues.into_iter().map(hide).collect())
}

/// Deserializes a valid document.
pub(crate) fn deserialize<T: DeserializeOwned>(document: &Value) -> Result<T, Vec<InputIssue>> {
    let mut document = document.clone();
    // JSON Schema counts 5.0 as an integer; serde does not.
    for value in document.as_object_mut().into_iter().flat_map(|map| map.values_mut()) {
        if let Some(number) = value.as_f64().filter(|n| n.fract() == 0.0 && n.abs() < 9e15) {
            *value = json!(number as i64);
        }
    }
    serde_json::from_value(document).map_err(|e| InputIssue::body("value_error", e.to_string()))
}

/// All issues of a document; `place` is `body` or `query`.
pub(crate) fn validate<T: JsonSchema + 'static>(place: &str, document: &Value) -> Vec<InputIssue> {
    let validator = match validator::<T>() {
        Ok(validator) => validator,
        Err(error) => {
            tracing::error!(%error, schema = %T::schema_name(), "invalid JSON Schema");
            return InputIssue::body("value_error", "The schema of this document is invalid");
        }
    };
    let mut issues: Vec<InputIssue> = Vec::new();
    for error in validator.iter_errors(document) {
        explain(&error, &mut issues);
        if issues.len() >= MAX_ISSUES {
            break;
        }
    }
    // A value of the wrong format is not compared with a pattern.
    let unparsable: Vec<_> =
        issues.iter().filter(|i| i.kind.ends_with("_parsing")).map(|i| i.loc.clone()).collect();
    issues.retain(|i| i.kind != "string_pattern_mismatch" || !unparsable.contains(&i.loc));
    issues.truncate(MAX_ISSUES);
    issues.iter_mut().for_each(|issue| issue.loc.insert(0, place.into()));
    issues
}

/// The schema with its definitions.
pub(crate) fn schema_for<T: JsonSchema>() -> Value {
    schema_settings().into_generator().into_root_schema_for::<T>().to_value()
}

/// Compiled once per type.
fn validator<T: JsonSchema + 'static>() -> Result<Arc<Validator>, String> {
    static COMPILED: LazyLock<Mutex<HashMap<TypeId, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let mut compiled = lock(&COMPILED);
    if let Some(validator) = compiled.get(&TypeId::of::<T>()) {
        return Ok(validator.clone());
    }
    let validator = jsonschema::options().should_validate_formats(true).build(&schema_for::<T>());
    let validator = Arc::new(validator.map_err(|e| e.to_string())?);
    compiled.insert(TypeId::of::<T>(), validator.clone());
    Ok(validator)
}

/// Translates an error into issues with the types and messages of pydantic, as upstream's API answers.
fn explain(error: &ValidationError<'_>, issues: &mut Vec<InputIssue>) {
    if explain_branch(error, issues) {
        return;
    }
    let at = path(error.instance_path());
    let mut add = |kind, key: Option<&str>, msg: String, input: Value| {
        let loc = at.iter().cloned().chain(key.map(LocPart::from)).collect();
        issues.push(InputIssue { kind, loc, msg, input });
    };
    let value = error.instance().as_ref();
    let (kind, msg) = match error.kind() {
        ValidationErrorKind::Required { property } => {
            return add("missing", property.as_str(), "Field required".into(), value.clone());
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            for key in unexpected.iter().take(MAX_ISSUES) {
                let msg = "Extra inputs are not permitted".into();
                add("extra_forbidden", Some(key), msg, value[key].clone());
            }
            return;
        }
        ValidationErrorKind::PropertyNames { error } => pydantic(error),
        _ => pydantic(error),
    };
    add(kind, None, msg, value.clone());
}

/// Explains the branch of an `anyOf` that describes the value best. Returns false if that adds no issue.
fn explain_branch(error: &ValidationError<'_>, issues: &mut Vec<InputIssue>) -> bool {
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) =
        error.kind()
    else {
        return false;
    };
    // The other branch of an optional value is null, and says nothing.
    let branch = context.iter().find(|branch| !branch.iter().any(is_not_null));
    let before = issues.len();
    branch.into_iter().flatten().for_each(|e| explain(e, issues));
    issues.len() > before
}

/// The type and message of an error about one value.
fn pydantic(error: &ValidationError<'_>) -> (&'static str, String) {
    let characters = |n: &u64| format!("{n} character{}", if *n == 1 { "" } else { "s" });
    match error.kind() {
        ValidationErrorKind::Type { kind } => wrong_type(kind),
        ValidationErrorKind::Enum { options } => ("enum", wrong_word(error.instance(), options)),
        ValidationErrorKind::MinLength { limit } => {
            ("string_too_short", format!("String should have at least {}", characters(limit)))
        }
        ValidationErrorKind::MaxLength { limit } => {
            ("string_too_long", format!("String should have at most {}", characters(limit)))
        }
        ValidationErrorKind::Minimum { limit } => {
            ("greater_than_equal", format!("Input should be greater than or equal to {limit}"))
        }
        ValidationErrorKind::Maximum { limit } => {
            ("less_than_equal", format!("Input should be less than or equal to {limit}"))
        }
        ValidationErrorKind::MaxItems { limit } => {
            ("too_long", format!("List should have at most {limit} items"))
        }
        ValidationErrorKind::Format { format } => match format.as_str() {
            "uuid" => ("uuid_parsing", "Input should be a valid UUID".into()),
            "uri" => ("url_parsing", "Input should be a valid URL".into()),
            _ => ("datetime_parsing", "Input should be a valid datetime".into()),
        },
        ValidationErrorKind::Pattern { pattern } if pattern == NO_NUL => {
            ("value_error", "String should not contain NUL characters".into())
        }
        ValidationErrorKind::Pattern { pattern } => {
            ("string_pattern_mismatch", format!("String should match pattern '{pattern}'"))
        }
        _ => ("value_error", error.to_string()),
    }
}

fn wrong_word(value: &Value, options: &Value) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    if options.len() > MAX_LISTED {
        let words: Vec<&str> = options.iter().filter_map(Value::as_str).collect();
        return format!(
            "Input should be a known value; {}",
            suggest::hint(value.as_str().unwrap_or(""), &words)
        );
    }
    let words: Vec<String> = options.iter().map(|o| o.to_string().replace('"', "'")).collect();
    format!("Input should be {}", words.join(", "))
}

fn is_not_null(error: &ValidationError<'_>) -> bool {
    matches!(error.kind(), ValidationErrorKind::Type { kind } if type_names(kind) == ["null"])
}

fn type_names(kind: &TypeKind) -> Vec<String> {
    match kind {
        TypeKind::Single(one) => vec![one.to_string()],
        TypeKind::Multiple(all) => all.iter().map(|one| one.to_string()).collect(),
    }
}

fn wrong_type(kind: &TypeKind) -> (&'static str, String) {
    let names = type_names(kind);
    let name = names.iter().find(|n| *n != "null").map_or("null", String::as_str);
    let (kind, noun) = match name {
        "string" => ("string_type", "string"),
        "integer" => ("int_parsing", "integer"),
        "number" => ("float_parsing", "number"),
        "boolean" => ("bool_parsing", "boolean"),
        "array" => ("list_type", "list"),
        "object" => ("dict_type", "dictionary"),
        _ => ("none_required", "null"),
    };
    (kind, format!("Input should be a valid {noun}"))
}

fn path(location: &Location) -> Vec<LocPart> {
    location
        .iter()
        .map(|segment| match segment {
            LocationSegment::Property(key) => LocPart::from(key.as_ref()),
            LocationSegment::Index(index) => LocPart::from(index),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_fits_no_branch_has_an_issue() {
        let never = json!({ "not": {} });
        let cases = [
            json!({ "anyOf": [{ "type": "null" }] }),
            json!({ "anyOf": [{ "type": "null" }, { "anyOf": [{ "type": "null" }] }] }),
            json!({ "anyOf": [never, { "type": "null" }] }),
            json!({ "anyOf": [false, { "type": "null" }] }),
            json!({ "anyOf": [{ "required": ["a"] }, { "required": ["b"] }] }),
            json!({ "oneOf": [{ "type": "null" }, { "type": "string" }] }),
            json!({ "oneOf": [{ "type": "object" }, { "minProperties": 1 }] }),
            json!({ "oneOf": [{ "unevaluatedProperties": false }, { "propertyNames": false }] }),
            json!({ "anyOf": [] , "not": {} }),
        ];
        for schema in cases {
            let Ok(validator) = jsonschema::validator_for(&schema) else { continue };
            let value = json!({ "x": 1 });
            let mut issues = Vec::new();
            validator.iter_errors(&value).for_each(|error| explain(&error, &mut issues));
            assert!(!issues.is_empty(), "{schema}");
        }
    }
}
