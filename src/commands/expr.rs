//! `expr`: evaluates a JMESPath expression as runbooks do.

use std::io::IsTerminal;
use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};

use super::cli::GlobalFlags;
use crate::base::cli_error::CliError;
use crate::base::{exit, plain_file, settings};
use crate::pipeline::expression::{EvaluateError, Expression, Item, Meter};
use crate::render::{self, Format, stdio};

/// Evaluate a JMESPath expression on JSON from standard input
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Expr {
    /// The JMESPath expression
    expression: String,
}

const EXAMPLES: &str = "\
Examples:
  echo '{\"a\": [1, 2]}' | ordctl expr 'a[0]'
  ordctl health morning -o json | ordctl expr 'sections[].findings[].summary'";

impl Expr {
    pub(crate) fn execute(&self, flags: &GlobalFlags) -> Result<u8, CliError> {
        let expression = Expression::compile(&self.expression).map_err(|e| {
            CliError::usage(e.to_string()).hint("see https://jmespath.org/specification.html for the grammar")
        })?;
        let limits = settings::load(&flags.settings())?.settings.limits;
        let mut meter = Meter::new(&limits, Arc::default());
        let value = expression.evaluate(&Item::Value(&context()?), &mut meter).map_err(fault)?;
        let format = if flags.output == Format::Text { Format::Json } else { flags.output };
        stdio::data(&render::value(&value, format)?)?;
        Ok(exit::OK)
    }
}

fn fault(error: EvaluateError) -> CliError {
    let fault = CliError::usage(error.to_string());
    match &error {
        EvaluateError::Limit(limit) => limit.hint().into_iter().fold(fault, CliError::hint),
        _ => fault,
    }
}

/// The JSON on standard input. At a terminal it is `{}`: nobody types JSON there.
fn context() -> Result<Value, CliError> {
    let input = std::io::stdin();
    if input.is_terminal() {
        return Ok(json!({}));
    }
    let text = plain_file::input_text(input)
        .map_err(|e| CliError::usage("cannot read standard input").because(e))?;
    if text.trim().is_empty() {
        return Ok(json!({}));
    }
    serde_json::from_str(&text).map_err(|e| CliError::usage("standard input is not JSON").because(e))
}
