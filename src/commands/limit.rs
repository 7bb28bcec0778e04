//! The limit of a list: a list asks for one row more than it shows, and so knows whether there are more.

/// Keeps the first `limit` rows. True: there were more.
pub(super) fn keep_first<T>(rows: &mut Vec<T>, limit: i64) -> bool {
    let limit = usize::try_from(limit).unwrap_or_default();
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    has_more
}
