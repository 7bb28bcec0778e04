//! Templates: `${jmespath}` inside texts.
//!
//! A string that is only one `${…}` keeps the value's JSON type. Inside other text, objects and lists
//! render as JSON, and null as `null`. `${now+24h}` and `${now-30m}` (s, m, h, d, w) give
//! a time. `$${` stands for a literal `${`. A result is never expanded again.
//!
//! `${secret:NAME}` inserts a secret of the worker. It is not an expression: the value goes only into a
//! tool's parameters, so neither `if` nor another template can read it.

use std::collections::BTreeSet;

use chrono::{SecondsFormat, TimeDelta};
use serde_json::{Map, Value};

use super::TemplateContext;
use super::expression::{EvaluateError, Expression, ExpressionError, Meter};
use crate::base::secrets::{SecretError, Secrets};

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TemplateError {
    #[error("'${{' at character {} of '{text}' has no closing '}}'", .offset + 1)]
    Open {
        text: String,
        /// Where, in characters from 0.
        offset: usize,
    },
    #[error("${{…}}: {0}")]
    Expression(#[from] ExpressionError),
    #[error("${{…}}: {0}")]
    Evaluate(#[from] EvaluateError),
    /// `now` is not a time, or the result is out of range.
    #[error("'{0}' is not a valid time")]
    Time(String),
    #[error(transparent)]
    Secret(#[from] SecretError),
}

enum Part {
    Text(String),
    Value(Expression),
    Time(String, TimeDelta),
    Secret(String),
}

pub(crate) struct Template {
    parts: Vec<Part>,
}

impl Template {
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            if rest[..at].ends_with('$') {
                plain.push_str(&rest[..at]);
                plain.push('{');
                rest = &rest[at + 2..];
                continue;
            }
            plain.push_str(&rest[..at]);
            let inner = &rest[at + 2..];
            let Some(end) = closing(inner) else {
                let offset = text[..text.len() - rest.len() + at].chars().count();
                return Err(TemplateError::Open { text: text.to_owned(), offset });
            };
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(parse_placeholder(inner[..end].trim())?);
            rest = &inner[end + 1..];
        }
        plain.push_str(rest);
        if !plain.is_empty() || parts.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self { parts })
    }

    /// The value in a context that holds `now`.
    fn render(
        &self,
        context: &TemplateContext,
        secrets: &Secrets,
        meter: &mut Meter,
    ) -> Result<Value, TemplateError> {
        if let [part] = self.parts.as_slice() {
            return part.value(context, secrets, meter);
        }
        let mut out = String::new();
        for part in &self.parts {
            match part.value(context, secrets, meter)? {
                Value::String(s) => out.push_str(&s),
                other => out.push_str(&other.to_string()),
            }
        }
        Ok(Value::String(out))
    }

    /// The secrets that it names.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let of = |part: &Part| if let Part::Secret(name) = part { Some(name.clone()) } else { None };
        self.parts.iter().filter_map(of).collect()
    }

    /// Names of saved results that it reads; see [`Expression::steps`].
    pub(crate) fn steps(&self) -> BTreeSet<String> {
        self.reads("steps")
    }

    /// Names that it reads below one of the context's own; see [`Expression::reads`].
    pub(crate) fn reads(&self, root: &str) -> BTreeSet<String> {
        let of = |part: &Part| match part {
            Part::Value(e) => e.reads(root),
            _ => BTreeSet::new(),
        };
        self.parts.iter().flat_map(of).collect()
    }
}

impl Part {
    fn value(
        &self,
        context: &TemplateContext,
        secrets: &Secrets,
        meter: &mut Meter,
    ) -> Result<Value, TemplateError> {
        match self {
            Self::Text(text) => {
                meter.text(text.len())?;
                Ok(Value::String(text.clone()))
            }
            Self::Secret(name) => Ok(Value::String(secrets.get(name)?.expose().to_owned())),
            Self::Value(expression) => Ok(expression.evaluate(&context.item(), meter)?),
            Self::Time(text, delta) => context
                .now()
                .checked_add_signed(*delta)
                .map(|t| Value::String(t.to_rfc3339_opts(SecondsFormat::Millis, true)))
                .ok_or_else(|| TemplateError::Time(text.clone())),
        }
    }
}

/// Renders every text inside a value; keys stay as they are. The meter bounds the whole value.
pub(crate) fn render(
    value: &Value,
    context: &TemplateContext,
    secrets: &Secrets,
    meter: &mut Meter,
) -> Result<Value, TemplateError> {
    Ok(match value {
        Value::String(text) => Template::parse(text)?.render(context, secrets, meter)?,
        Value::Array(items) => {
            let items = items.iter().map(|v| render(v, context, secrets, meter));
            Value::Array(items.collect::<Result<_, _>>()?)
        }
        Value::Object(map) => {
            let entries = map.iter().map(|(k, v)| Ok((k.clone(), render(v, context, secrets, meter)?)));
            Value::Object(entries.collect::<Result<Map<_, _>, TemplateError>>()?)
        }
        other => other.clone(),
    })
}

/// Parses every text inside a value and hands the templates to `see`.
pub(crate) fn each(value: &Value, see: &mut dyn FnMut(&Template)) -> Result<(), (String, TemplateError)> {
    match value {
        Value::String(text) => {
            see(&Template::parse(text).map_err(|e| (text.clone(), e))?);
            Ok(())
        }
        Value::Array(items) => items.iter().try_for_each(|v| each(v, see)),
        Value::Object(map) => map.values().try_for_each(|v| each(v, see)),
        _ => Ok(()),
    }
}

/// Whether a value has a template anywhere in it.
pub(crate) fn has_template(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("${"),
        Value::Array(items) => items.iter().any(has_template),
        Value::Object(map) => map.values().any(has_template),
        _ => false,
    }
}

fn parse_placeholder(text: &str) -> Result<Part, TemplateError> {
    if let Some(name) = text.strip_prefix("secret:") {
        Secrets::check_name(name)?;
        return Ok(Part::Secret(name.to_owned()));
    }
    if let Some(delta) = time_shift(text) {
        return delta
            .map(|d| Part::Time(text.to_owned(), d))
            .ok_or_else(|| TemplateError::Time(text.to_owned()));
    }
    Ok(Part::Value(Expression::compile(text)?))
}

/// `now+24h`: outer None when the text is not of this form, inner None when it overflows.
fn time_shift(text: &str) -> Option<Option<TimeDelta>> {
    let rest = text.strip_prefix("now")?.trim_start();
    let (sign, rest) = match rest.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => (-1, rest.strip_prefix('-')?),
    };
    let rest = rest.trim_start();
    let digits = rest.find(|c: char| !c.is_ascii_digit()).filter(|n| *n > 0)?;
    let unit = match rest[digits..].trim() {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    let seconds = rest[..digits].parse::<i64>().ok().and_then(|n| n.checked_mul(sign * unit));
    Some(seconds.and_then(TimeDelta::try_seconds))
}

/// The place of the `}` that closes a placeholder: braces nest, and those inside quotes do not count.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    let mut quote = None;
    let mut escaped = false;
    for (i, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(q), c) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') if depth == 0 => return Some(i),
            (None, '}') => depth -= 1,
            (None, _) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::base::settings::Limits;

    fn context() -> TemplateContext {
        let params = json!({ "n": 3, "text": "a", "list": [1, 2], "none": null, "again": "${params.n}" });
        let params = params.as_object().unwrap().clone();
        TemplateContext::new("2026-03-01T12:00:00Z".parse().unwrap(), params)
    }

    fn meter() -> Meter {
        Meter::new(&Limits::default(), Arc::default())
    }

    #[test]
    fn a_single_placeholder_keeps_its_type_and_text_around_it_gives_a_string() {
        for (template, value) in [
            ("${params.n}", json!(3)),
            ("${ params.list }", json!([1, 2])),
            ("n=${params.n}", json!("n=3")),
            ("${params.text}${params.n}", json!("a3")),
            ("${params.list} ${params.none}", json!("[1,2] null")),
            ("${params.missing}", json!(null)),
            ("${params.again}", json!("${params.n}")),
            ("$${params.n} and $5", json!("${params.n} and $5")),
            ("${{a: params.n, b: '}'}}", json!({ "a": 3, "b": "}" })),
            ("${now+24h}", json!("2026-03-02T12:00:00.000Z")),
            ("${now - 30m}", json!("2026-03-01T11:30:00.000Z")),
            ("plain", json!("plain")),
            ("", json!("")),
        ] {
            let got = Template::parse(template)
                .unwrap()
                .render(&context(), &Secrets::default(), &mut meter())
                .unwrap();
            assert_eq!(got, value, "{template}");
        }
    }

    #[test]
    fn errors_name_the_position() {
        let fault = Template::parse("abc ${params.n").err().unwrap();
        assert_eq!(fault.to_string(), "'${' at character 5 of 'abc ${params.n' has no closing '}'");
        assert!(matches!(Template::parse("${params.}"), Err(TemplateError::Expression(_))));
        assert!(matches!(Template::parse("${now+99999999999999999w}"), Err(TemplateError::Time(_))));
    }

    #[test]
    fn a_secret_is_resolved_only_in_parameters() {
        let source =
            crate::base::settings::SecretSource { env_prefix: "CARGO_PKG_".into(), ..Default::default() };
        let secrets = Secrets::new(&source);
        let value = json!({ "a": "${secret:name}", "b": "<${ secret:name }>", "c": "$${secret:name}" });
        let got = render(&value, &context(), &secrets, &mut meter()).unwrap();
        assert_eq!(got, json!({ "a": "ordctl", "b": "<ordctl>", "c": "${secret:name}" }));
        let missing = Template::parse("${secret:no.such-one}").unwrap();
        let error = missing.render(&context(), &secrets, &mut meter()).unwrap_err().to_string();
        assert!(error.starts_with("secret 'no.such-one' is missing"), "{error}");
        assert!(matches!(Template::parse("${secret:a/b}"), Err(TemplateError::Secret(_))));
        assert!(Expression::compile("secret:name").is_err(), "no condition can see one");
        assert_eq!(missing.reads("secret").len(), 0);
    }

    #[test]
    fn keys_are_never_templates() {
        let value = json!({ "${params.n}": ["${params.n}"] });
        let got = render(&value, &context(), &Secrets::default(), &mut meter()).unwrap();
        assert_eq!(got, json!({ "${params.n}": [3] }));
    }
}
