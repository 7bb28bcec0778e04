//! Where in a list a page lies: so many items after the first, or after an item. The second costs the
//! same on every page.

use chrono::{DateTime, Datelike, Utc};
use uuid::Uuid;

use super::binds;
use crate::model::Page;
use crate::store::{Binds, RowLimit};

/// A page holds so many bytes of JSON, and one item at least: items may be large.
pub(crate) const BYTES: usize = 8 << 20;

#[derive(Clone, Debug)]
pub(crate) struct Place {
    limit: i64,
    offset: i64,
    after: Option<(String, Uuid)>,
}

impl Place {
    pub(crate) const fn offset(limit: i64, offset: i64) -> Self {
        Self { limit, offset, after: None }
    }

    /// After the item that a page's `next_cursor` names. None: it names none.
    pub(crate) fn after(limit: i64, cursor: &str) -> Option<Self> {
        let (at, id) = cursor.split_once('~')?;
        let at = at.parse::<DateTime<Utc>>().ok().filter(|t| (1..=9999).contains(&t.year()))?;
        Some(Self { limit, offset: 0, after: Some((at.to_rfc3339(), id.parse().ok()?)) })
    }

    /// One more than the limit is asked for: it tells whether there are others.
    pub(crate) fn binds(&self) -> Binds {
        let (at, id) = self.after.clone().map(|(at, id)| (at, id.to_string())).unwrap_or_default();
        binds([
            ("limit", (self.limit + 1).to_string()),
            ("offset", self.offset.to_string()),
            ("after_at", at),
            ("after_id", id),
        ])
    }

    /// How much of an answer is taken.
    pub(crate) fn cap(&self) -> RowLimit {
        RowLimit { rows: usize::try_from(self.limit + 1).unwrap_or_default(), bytes: BYTES }
    }

    /// The page of what was found, and whether that was all; `key` gives an item's place in the order.
    pub(crate) fn page<T>(
        &self,
        (items, ended): (Vec<T>, bool),
        total: i64,
        key: impl Fn(&T) -> Option<(String, Uuid)>,
    ) -> Page<T> {
        let mut page = Page::new(items, total, self.limit, self.offset);
        page.has_more |= !ended;
        if page.has_more {
            // A `+` would have to be escaped in a query.
            let name = |(at, id): (String, Uuid)| format!("{}~{id}", at.replace("+00:00", "Z"));
            page.next_cursor = page.items.last().and_then(key).map(name);
        }
        page
    }
}
