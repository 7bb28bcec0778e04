//! Folds similar lines into patterns with count, first and last time.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use crate::clients::platform::{Line, LineFilter, LineSink};
use crate::model::Severity;
use crate::tools::logs::tail::filter::LineMatcher;
use crate::tools::logs::tail::merge::UnreadableLog;
use crate::tools::logs::tail::pattern::{Pattern, Patterns};
use crate::tools::logs::tail::severity::SeverityDetector;
use crate::tools::logs::tail::{Request, Selection};
use crate::tools::{ToolContext, ToolError};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PatternGroup {
    pub(crate) service: String,
    pub(crate) level: Option<Severity>,
    pub(crate) pattern: Pattern,
}

#[derive(Debug, Default)]
pub(crate) struct FoldedLogs {
    pub(crate) groups: Vec<PatternGroup>,
    /// Lines whose pattern was dropped to bound memory.
    pub(crate) other: u64,
    pub(crate) unreadable: Vec<UnreadableLog>,
    pub(crate) missing: Vec<String>,
}

struct LogFolder {
    filter: LineMatcher,
    detector: SeverityDetector,
    patterns: BTreeMap<Option<Severity>, Patterns>,
}

impl LineSink for LogFolder {
    fn line(&mut self, line: &Line<'_>) {
        if self.filter.accepts(line) {
            let (level, text) = self.detector.detect(line.text);
            self.patterns.entry(level).or_default().add(&text, line);
        }
    }
}

pub(crate) async fn fold(ctx: &ToolContext, request: &Request) -> Result<FoldedLogs, ToolError> {
    let platform = ctx.clients.platform()?;
    let selection = Selection::new(&request.services, ctx);
    let containers = selection.containers(platform).await?;
    let mut folded = FoldedLogs { missing: selection.missing(&containers), ..FoldedLogs::default() };
    let calls = containers.iter().map(|selected| {
        let (filter, detector) = (request.filter.clone(), SeverityDetector::default());
        platform.read_log(
            &selected.container,
            request.since,
            LogFolder { filter, detector, patterns: BTreeMap::new() },
        )
    });
    let mut all: BTreeMap<(&str, Option<Severity>), Patterns> = BTreeMap::new();
    for (selected, read) in containers.iter().zip(join_all(calls).await) {
        match read {
            Ok(folder) => {
                for (level, patterns) in folder.patterns {
                    all.entry((&selected.service, level)).or_default().merge(patterns);
                }
            }
            Err(error) => {
                folded
                    .unreadable
                    .push(UnreadableLog { container: Some(selected.container.name.clone()), error });
            }
        }
    }
    for ((service, level), patterns) in all {
        folded.other += patterns.dropped();
        let group = |pattern| PatternGroup { service: service.to_owned(), level, pattern };
        folded.groups.extend(patterns.top(usize::MAX).into_iter().map(group));
    }
    folded.groups.sort_by_key(|g| std::cmp::Reverse(g.pattern.count));
    Ok(folded)
}
