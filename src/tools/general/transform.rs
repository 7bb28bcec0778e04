//! `transform`: the value of a JMESPath expression on some data.
//!
//! The values of `with` are rendered before: `data` is what its templates gave, and `expr` a plain
//! text that sees nothing but `data`.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::super::{Output, Tool, ToolContext, ToolError};
use crate::base::expression::Expression;
use crate::model::{Finding, Status};

/// How much of the value the summary shows.
const SHOWN: usize = 120;

pub(crate) struct Transform;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// A JMESPath expression.
    pub(crate) expr: Expr,
    /// What it is evaluated on.
    #[serde(default)]
    pub(crate) data: Value,
}

/// An expression that could be read.
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

impl Tool for Transform {
    type Params = Params;
    type Result = Value;

    const NAME: &'static str = "transform";
    const HELP: &'static str = "the value of a JMESPath expression on some data";
    const SOURCE: &'static str = "ordctl";

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Value>, ToolError> {
        let value = params.expr.0.evaluate(&params.data);
        let value = value.map_err(|e| ToolError::Params(format!("transform: {e}")))?;
        // Before it is cut: a secret at the cut would not be recognised later.
        let text = ctx.secrets.mask(&value.to_string());
        let mut shown: String = text.chars().take(SHOWN).collect();
        if shown.len() < text.len() {
            shown.push('…');
        }
        let finding = Finding::new("", Self::SOURCE, Status::Ok, format!("{}: {shown}", ctx.step));
        Ok(Output::new(vec![finding], value))
    }
}
