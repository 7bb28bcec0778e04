//! Similar lines as one, with how often and from when to when.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use crate::clients::platform::{Line, LineFilter, LineSink};
use crate::model::Severity;
use crate::tools::logs::tail::merge::Trouble;
use crate::tools::logs::tail::pattern::{Pattern, Patterns};
use crate::tools::logs::tail::select::Select;
use crate::tools::logs::tail::severity::Severities;
use crate::tools::logs::tail::{Members, Request};
use crate::tools::{ToolContext, ToolError};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) service: String,
    pub(crate) level: Option<Severity>,
    /// What they have in common.
    pub(crate) pattern: Pattern,
}

#[derive(Debug, Default)]
pub(crate) struct Folded {
    pub(crate) groups: Vec<Group>,
    /// Lines of patterns that were too many to be held.
    pub(crate) other: u64,
    /// Containers whose log could not be read.
    pub(crate) troubles: Vec<Trouble>,
    pub(crate) missing: Vec<String>,
}

/// Counts the lines of one container.
struct Folder {
    select: Select,
    severities: Severities,
    groups: BTreeMap<Option<Severity>, Patterns>,
}

impl LineSink for Folder {
    fn line(&mut self, line: &Line<'_>) {
        if self.select.accepts(line) {
            let (level, text) = self.severities.of(line.text);
            self.groups.entry(level).or_default().add(&text, line);
        }
    }
}

pub(crate) async fn fold(ctx: &ToolContext, request: &Request) -> Result<Folded, ToolError> {
    let platform = ctx.clients.platform()?;
    let members = Members::new(&request.services, ctx);
    let there = members.all(platform).await?;
    let mut folded = Folded { missing: members.missing(&there), ..Folded::default() };
    let calls = there.iter().map(|member| {
        let (select, severities) = (request.select.clone(), Severities::default());
        platform.read_log(
            &member.container,
            request.since,
            Folder { select, severities, groups: BTreeMap::new() },
        )
    });
    let mut all: BTreeMap<(&str, Option<Severity>), Patterns> = BTreeMap::new();
    for (member, read) in there.iter().zip(join_all(calls).await) {
        match read {
            Ok(folder) => {
                for (level, patterns) in folder.groups {
                    all.entry((&member.service, level)).or_default().merge(patterns);
                }
            }
            Err(error) => {
                folded.troubles.push(Trouble { container: Some(member.container.name.clone()), error });
            }
        }
    }
    for ((service, level), patterns) in all {
        folded.other += patterns.forgotten();
        let group = |pattern| Group { service: service.to_owned(), level, pattern };
        folded.groups.extend(patterns.top(usize::MAX).into_iter().map(group));
    }
    folded.groups.sort_by_key(|g| std::cmp::Reverse(g.pattern.count));
    Ok(folded)
}
