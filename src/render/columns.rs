//! Tables whose rows take one line each.
//!
//! The short form fits the width of the output: long texts are cut, and then optional columns are left out. Without a
//! width, in a file or a pipe, nothing is cut. The wide form shows every column completely.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Format, charset, json as structured, markdown, stdio, unsupported};
use crate::base::clean::clean;
use crate::base::cli_error::CliError;
use crate::base::{short_time, units};
use crate::model::report::SCHEMA_VERSION;
use crate::model::table::{Column, Kind, Row, SHORT_ID, Table, View, short_id};

const GAP: usize = 2;
/// A column of texts becomes no narrower than this.
const MIN_TEXT: usize = 16;
/// Unless the other columns leave no other choice.
const LEAST_TEXT: usize = 6;

/// How times are shown, and which columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TableStyle {
    pub(crate) wide: bool,
    pub(crate) zone: Tz,
    pub(crate) now: DateTime<Utc>,
}

/// A table in a format. As text it is empty when it has no rows.
pub(crate) fn table(table: &Table, format: Format, style: TableStyle) -> Result<String, CliError> {
    let fail = |e: anyhow::Error| CliError::failed("cannot render the list").because(e);
    let value = || {
        let rows: Vec<_> = table.rows.iter().map(|row| &row.object).collect();
        json!({ "schema_version": SCHEMA_VERSION, table.name: rows })
    };
    match format {
        Format::Text | Format::Wide => Ok(text(table, style, if style.wide { None } else { stdio::width() })),
        Format::Json => structured::json(&value()).map_err(fail),
        Format::Yaml => structured::yaml(&value()).map_err(fail),
        Format::Markdown => Ok(markdown_table(table, TableStyle { wide: true, ..style })),
        other => Err(unsupported(other)),
    }
}

/// The beginning of a text that fits a width, with an ellipsis if more follows.
pub(crate) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mark = charset::ellipsis();
    let mut left = width.saturating_sub(mark.width());
    let fits = |c: &char| {
        let own = c.width().unwrap_or_default();
        let is_inside = own <= left;
        left = if is_inside { left - own } else { 0 };
        is_inside
    };
    let start: String = text.chars().take_while(fits).collect();
    format!("{}{mark}", start.trim_end())
}

fn text(table: &Table, style: TableStyle, width: Option<usize>) -> String {
    if table.rows.is_empty() {
        return String::new();
    }
    let mut grid = Grid::new(table, style);
    if !style.wide {
        grid.leave_out_empty();
    }
    if let Some(width) = width {
        grid.fit(width);
    }
    grid.lines()
}

fn markdown_table(table: &Table, style: TableStyle) -> String {
    let grid = Grid::new(table, style);
    let headings: Vec<String> = grid.columns.iter().map(|c| c.heading.to_lowercase()).collect();
    let mut out = markdown::row(&headings);
    out.push_str(&markdown::row(&vec!["---".to_owned(); headings.len()]));
    grid.rows.iter().for_each(|row| out.push_str(&markdown::row(row)));
    out
}

/// The cells of the columns that are shown.
struct Grid {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

impl Grid {
    fn new(table: &Table, style: TableStyle) -> Self {
        let hidden = if style.wide { View::Short } else { View::Wide };
        let columns: Vec<Column> = table.columns.iter().filter(|c| c.view != hidden).copied().collect();
        let lengths: Vec<usize> = columns.iter().map(|column| id_length(table, column, style)).collect();
        let one = |row: &Row, column: &Column, length: usize| match &row.short {
            Some((key, text)) if *key == column.key && !style.wide => {
                cell(Some(&json!(text)), column.kind, length, style)
            }
            _ => cell(row.object.get(column.key), column.kind, length, style),
        };
        let cells = |row| columns.iter().zip(&lengths).map(|(c, length)| one(row, c, *length)).collect();
        let rows = table.rows.iter().map(cells).collect();
        Self { columns, rows }
    }

    fn leave_out_empty(&mut self) {
        for at in (0..self.columns.len()).rev() {
            let is_empty = self.rows.iter().all(|row| row[at].is_empty() || row[at] == NONE);
            if self.columns[at].is_optional && is_empty {
                self.remove(at);
            }
        }
    }

    fn remove(&mut self, at: usize) {
        self.columns.remove(at);
        for row in &mut self.rows {
            row.remove(at);
        }
    }

    fn widths(&self) -> Vec<usize> {
        let of = |(at, column): (usize, &Column)| {
            let cells = self.rows.iter().map(|row| row[at].width());
            cells.max().unwrap_or_default().max(column.heading.width())
        };
        self.columns.iter().enumerate().map(of).collect()
    }

    /// Leaves out optional columns and cuts texts until a row fits.
    fn fit(&mut self, width: usize) {
        let is_text = |column: &Column| column.kind == Kind::Text;
        let least = |grid: &Self| {
            let each = grid.columns.iter().zip(grid.widths());
            let least = each.map(|(c, w)| if is_text(c) { w.min(MIN_TEXT) } else { w });
            least.sum::<usize>() + GAP * grid.columns.len().saturating_sub(1)
        };
        while least(self) > width {
            let Some(at) = self.columns.iter().rposition(|c| c.is_optional && !is_text(c)) else { break };
            self.remove(at);
        }
        let mut widths = self.widths();
        let gaps = GAP * widths.len().saturating_sub(1);
        let mut excess = (widths.iter().sum::<usize>() + gaps).saturating_sub(width);
        // Long ids leave little room for texts.
        for least in [MIN_TEXT, LEAST_TEXT] {
            while excess > 0 {
                let texts = (0..widths.len()).filter(|at| is_text(&self.columns[*at]) && widths[*at] > least);
                let Some(widest) = texts.max_by_key(|at| widths[*at]) else { break };
                widths[widest] -= 1;
                excess -= 1;
            }
        }
        for row in &mut self.rows {
            for (at, cell) in row.iter_mut().enumerate() {
                if cell.width() > widths[at] {
                    *cell = cut(cell, widths[at]);
                }
            }
        }
    }

    fn lines(&self) -> String {
        let widths = self.widths();
        let headings: Vec<String> = self.columns.iter().map(|c| c.heading.to_owned()).collect();
        let mut out = String::new();
        for row in std::iter::once(&headings).chain(&self.rows) {
            let mut line = String::new();
            for (at, cell) in row.iter().enumerate() {
                let space = " ".repeat(widths[at] - cell.width());
                let gap = if at == 0 { "" } else { "  " };
                let is_last = at + 1 == row.len();
                match self.columns[at].kind {
                    Kind::Count => line.extend([gap, &space, cell]),
                    _ if is_last && cell == NONE => line.push_str(gap),
                    _ => line.extend([gap, cell, &space]),
                }
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }
}

/// Shown for no value.
const NONE: &str = "-";

/// The length that makes the ids of a column unique, in the table and in the database.
fn id_length(table: &Table, column: &Column, style: TableStyle) -> usize {
    if column.kind != Kind::Id || style.wide {
        return usize::MAX;
    }
    let mut ids: Vec<&str> =
        table.rows.iter().filter_map(|row| row.object.get(column.key)?.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let common = |a: &str, b: &str| a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count() + 1;
    let in_table = ids.windows(2).map(|pair| common(pair[0], pair[1])).max().unwrap_or_default();
    let in_database = table.rows.iter().map(|row| row.prefix).max().unwrap_or_default();
    in_table.max(in_database).max(SHORT_ID)
}

fn cell(value: Option<&Value>, kind: Kind, id_length: usize, style: TableStyle) -> String {
    let time = || value?.as_str()?.parse::<DateTime<Utc>>().ok();
    let special = match kind {
        Kind::Id => value.and_then(Value::as_str).map(|id| short_id(id, id_length).to_owned()),
        Kind::Time if style.wide => time().map(|at| short_time::local_time(at, style.zone)),
        Kind::Time => time().map(|at| short_time::short_time(at, style.now, style.zone)),
        Kind::Age => time().map(|at| short_time::age(at, style.now)),
        Kind::Duration => value.and_then(Value::as_f64).map(units::duration),
        Kind::Count => value.and_then(Value::as_f64).map(units::count),
        Kind::Plain | Kind::Text => None,
    };
    let text = special.unwrap_or_else(|| plain(value));
    charset::fit(&clean(&text).replace('\t', " ")).into_owned()
}

fn plain(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => NONE.to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(all)) if all.is_empty() => NONE.to_owned(),
        Some(Value::Array(all)) => all.iter().map(|item| plain(Some(item))).collect::<Vec<_>>().join(" "),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
#[path = "columns_tests.rs"]
mod tests;
