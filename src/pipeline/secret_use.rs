//! Where a secret may go: only into parameters that the tool declares for secrets, as written in the step. It never
//! meets an expression, so no template can transform it past its mask. `secrets.bind` limits a secret to tools and
//! their targets; a task's own pipeline may use bound secrets only.

use serde_json::{Map, Value};
use url::Url;

use super::check::{LocPart, texts};
use super::template::Template;
use crate::base::settings::SecretSource;
use crate::tools::{AnyTool, ToolContext, ToolError};

/// A secret in a parameter that is not for secrets.
pub(super) struct Misplaced {
    pub(super) loc: Vec<LocPart>,
    pub(super) text: String,
    pub(super) message: String,
}

/// The secrets that a text names.
fn named_in(text: &str) -> Vec<String> {
    Template::parse(text).map(|t| t.secrets()).unwrap_or_default()
}

pub(super) fn misplaced(with: &Map<String, Value>, tool: &dyn AnyTool) -> Vec<Misplaced> {
    let declared = tool.secret_params();
    let place = match declared {
        [] => format!("{} takes no secrets", tool.name()),
        keys => format!("{} takes secrets only in {}", tool.name(), keys.join(", ")),
    };
    let mut found = Vec::new();
    for (key, value) in with.iter().filter(|(key, _)| !declared.contains(&key.as_str())) {
        texts(value, &mut vec!["with".into(), key.as_str().into()], &mut |loc, text| {
            if let Some(name) = named_in(text).first() {
                let message = format!("secret '{name}' in '{key}': {place}");
                found.push(Misplaced { loc: loc.to_vec(), text: text.to_owned(), message });
            }
        });
    }
    found
}

/// Checks the step before it is rendered. A task from an earlier release was not checked when it was stored.
pub(super) fn check_places(with: &Map<String, Value>, tool: &dyn AnyTool) -> Result<(), ToolError> {
    match misplaced(with, tool).into_iter().next() {
        None => Ok(()),
        Some(first) => Err(ToolError::refused(first.message)),
    }
}

/// Checks that a secret is not part of the URL's scheme, host or port: names are looked up and printed. `placeholder`
/// renders the parameters with another value for every secret.
pub(super) fn check_url(
    with: &Value,
    rendered: &Value,
    placeholder: impl FnOnce(&Value) -> Result<Value, ToolError>,
) -> Result<(), ToolError> {
    let Some(url) = with.get("url").filter(|url| url.as_str().is_some_and(|text| !named_in(text).is_empty()))
    else {
        return Ok(());
    };
    let origin = |url: &Value| {
        let url = Url::parse(url.as_str()?).ok()?;
        Some((url.scheme().to_owned(), url.host_str()?.to_owned(), url.port_or_known_default()))
    };
    let real = rendered.get("url").and_then(origin);
    if real.is_some() && real == origin(&placeholder(url)?) {
        return Ok(());
    }
    Err(ToolError::refused(
        "url: a secret may be in the user name, password, path and query, not in the host",
    ))
}

/// Checks `secrets.bind` for the rendered step.
pub(super) fn check_binding(
    given: &Map<String, Value>,
    rendered: &Value,
    tool: &dyn AnyTool,
    ctx: &ToolContext,
) -> Result<(), ToolError> {
    let mut names = Vec::new();
    given.values().for_each(|value| {
        texts(value, &mut Vec::new(), &mut |_, text| names.extend(named_in(text)));
    });
    let is_task = ctx.occurrence.is_some() && ctx.runbook.is_none();
    let SecretSource { bind, .. } = &ctx.settings.secrets;
    for name in names {
        let uses = bind.get(&name);
        if uses.is_none() && !is_task {
            continue;
        }
        let target = tool.secret_target(rendered)?;
        if !uses.into_iter().flatten().any(|one| one.covers(tool.name(), target.as_deref())) {
            let target = target.map(|t| format!(" {t}")).unwrap_or_default();
            return Err(ToolError::Refused {
                message: format!("secret '{name}' is not bound to {}{target}", tool.name()),
                hint: Some(format!("add '{}{target}' to secrets.bind.{name}", tool.name())),
            });
        }
    }
    Ok(())
}
