//! `transform`: evaluates a JMESPath expression.
//!
//! Templates in `with` are rendered first. `expr` sees only `data`.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::super::{Output, Tool, ToolContext, ToolError, compute, evaluation_error};
use crate::base::expression::{Expression, Item};
use crate::model::{Finding, Status};

/// Characters of the value in the summary.
const SUMMARY_MAX: usize = 120;
/// Bytes of the value that are searched for secrets before.
const PREVIEW_MAX: usize = 64 << 10;

pub(crate) struct Transform;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// A JMESPath expression.
    pub(crate) expr: Expr,
    /// The input of the expression.
    #[serde(default)]
    pub(crate) data: Value,
}

pub(crate) struct Expr(Expression);

impl<'de> Deserialize<'de> for Expr {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Expression::compile(&text).map(Self).map_err(|e| D::Error::custom(format!("expr: {e}")))
    }
}

impl JsonSchema for Expr {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Expr".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "jmespath" })
    }
}

/// The beginning of a value's JSON, much longer than the summary.
fn beginning(value: &Value) -> String {
    let mut text = vec![0; PREVIEW_MAX];
    let mut rest = text.as_mut_slice();
    // An error means that the buffer is full.
    drop(serde_json::to_writer(&mut rest, value));
    let left = rest.len();
    text.truncate(PREVIEW_MAX - left);
    String::from_utf8_lossy(&text).into_owned()
}

impl Tool for Transform {
    type Params = Params;
    type Result = Value;

    const NAME: &'static str = "transform";
    const HELP: &'static str = "Evaluate a JMESPath expression";
    const SOURCE: &'static str = "ordctl";

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Value>, ToolError> {
        let value = compute(&ctx.settings.limits, move |meter| {
            let value = params.expr.0.evaluate(&Item::Value(&params.data), meter);
            value.map_err(|e| evaluation_error(Self::NAME, e))
        });
        let value = value.await?;
        // Masked before truncation, which could split a secret.
        let text = ctx.secrets.mask(&beginning(&value));
        let mut shown: String = text.chars().take(SUMMARY_MAX).collect();
        if shown.len() < text.len() {
            shown.push('…');
        }
        let finding = Finding::new("", Self::SOURCE, Status::Ok, format!("{}: {shown}", ctx.step));
        Ok(Output::new(vec![finding], value))
    }
}
