//! `logs --fold`: similar lines as one, with count, first and last time.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::Context;
use super::logs::{cli_error, warn, warn_missing};
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::clients::platform;
use crate::model::Listing;
use crate::render::{self, Format, stdio};
use crate::tools::ToolContext;
use crate::tools::logs::tail;
use crate::tools::logs::tail::{FoldedLogs, Request};

pub(super) async fn print_folded(
    context: &Context,
    ctx: &ToolContext,
    request: &Request,
) -> Result<u8, CliError> {
    let folded = ctx.while_answering(platform::SYSTEM, tail::fold(ctx, request)).await.map_err(cli_error)?;
    stdio::data(&render::listing(&listing(context, &folded), context.flags.output)?)?;
    let mut complete = warn_missing(&folded.missing);
    for log in &folded.unreadable {
        complete &= warn(log);
    }
    Ok(if complete { exit::OK } else { exit::UNKNOWN })
}

fn listing(context: &Context, folded: &FoldedLogs) -> Listing {
    let zone = context.settings().time_zone;
    let text = context.flags.output == Format::Text;
    let time = |at: Option<DateTime<Utc>>| match at {
        Some(at) if text => json!(at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string()),
        at => json!(at),
    };
    let row = |group: &tail::PatternGroup| -> Vec<Value> {
        let pattern = &group.pattern;
        let (first, last) = (time(pattern.first_seen), time(pattern.last_seen));
        vec![
            json!(pattern.count),
            first,
            last,
            json!(group.service),
            json!(group.level),
            json!(pattern.pattern),
        ]
    };
    let mut rows: Vec<Vec<Value>> = folded.groups.iter().map(row).collect();
    if folded.other > 0 {
        let none = || Value::Null;
        rows.push(vec![json!(folded.other), none(), none(), none(), none(), json!("(other)")]);
    }
    let columns = vec!["count", "first", "last", "service", "level", "pattern"];
    Listing { name: "patterns", columns, rows }
}
