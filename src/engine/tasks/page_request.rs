//! The position of a page in a list: an offset, or a cursor, which costs the same at any depth.

use chrono::{DateTime, Datelike, Utc};
use uuid::Uuid;

use crate::model::Page;
use crate::store::{Binds, RowLimit};

/// Largest page in bytes of JSON; one item always fits.
pub(crate) const PAGE_BYTES: usize = 8 << 20;

#[derive(Clone, Debug)]
pub(crate) struct PageRequest {
    limit: i64,
    offset: i64,
    after: Option<(String, Uuid)>,
}

impl PageRequest {
    pub(crate) const fn offset(limit: i64, offset: i64) -> Self {
        Self { limit, offset, after: None }
    }

    /// The page after a `next_cursor`; None when the cursor is invalid.
    pub(crate) fn after(limit: i64, cursor: &str) -> Option<Self> {
        let (at, id) = cursor.split_once('~')?;
        let at = DateTime::from_timestamp_micros(at.parse().ok()?);
        let at = at.filter(|t| (1..=9999).contains(&t.year()))?;
        Some(Self { limit, offset: 0, after: Some((at.to_rfc3339(), id.parse().ok()?)) })
    }

    /// Requests one item more than the limit, which tells whether more follow.
    pub(crate) fn binds(&self) -> Binds {
        let (at, id) = self.after.clone().map(|(at, id)| (at, id.to_string())).unwrap_or_default();
        let limit = (self.limit + 1).to_string();
        let all = [("limit", limit), ("offset", self.offset.to_string()), ("after_at", at), ("after_id", id)];
        all.map(|(name, value)| (name.to_owned(), value)).into()
    }

    /// Bounds the rows and bytes that are read.
    pub(crate) fn cap(&self) -> RowLimit {
        RowLimit { rows: usize::try_from(self.limit + 1).unwrap_or_default(), bytes: PAGE_BYTES }
    }

    /// Builds the page from the rows and whether they are complete; `key` is an item's position in the order.
    pub(crate) fn page<T>(
        &self,
        (items, complete): (Vec<T>, bool),
        total: i64,
        key: impl Fn(&T) -> Option<(String, Uuid)>,
    ) -> Page<T> {
        let mut page = Page::new(items, total, self.limit, self.offset);
        page.has_more |= !complete;
        if page.has_more {
            let cursor = |(at, id): (String, Uuid)| {
                let at = at.parse::<DateTime<Utc>>().ok()?;
                Some(format!("{}~{id}", at.timestamp_micros()))
            };
            page.next_cursor = page.items.last().and_then(key).and_then(cursor);
        }
        page
    }
}
