//! Log lines: as text with time, container and message, or as one JSON object per line.

use chrono::Timelike;
use chrono_tz::Tz;
use owo_colors::{AnsiColors, OwoColorize};

use super::{Format, Style, json_line, unsupported};
use crate::base::clean::clean;
use crate::base::cli_error::CliError;
use crate::model::{LogLine, Severity};

/// Colors that tell containers apart; red and yellow mark levels.
const COLORS: [AnsiColors; 6] = [
    AnsiColors::Cyan,
    AnsiColors::Green,
    AnsiColors::Magenta,
    AnsiColors::Blue,
    AnsiColors::BrightCyan,
    AnsiColors::BrightGreen,
];

/// Fields that say where in a program a line was written. `-o json` has them.
const ORIGIN: [&str; 4] = ["target", "span", "spans", "caller"];

pub(crate) struct Lines {
    json: bool,
    style: Style,
    zone: Tz,
    /// The compose project: every name starts with it, so it is left out.
    project: Option<String>,
    /// The last second and its text: thousands of lines share one.
    second: (i64, String),
}

impl Lines {
    /// Lines in a format, with times in `zone`.
    pub(crate) fn new(
        format: Format,
        style: Style,
        zone: Tz,
        project: Option<String>,
    ) -> Result<Self, CliError> {
        let json = match format {
            Format::Text => false,
            Format::Json => true,
            other => {
                return Err(
                    unsupported(other).hint("use -o text or -o json; with --fold also yaml and markdown")
                );
            }
        };
        Ok(Self { json, style, zone, project, second: (i64::MIN, String::new()) })
    }

    /// Appends a line; `width` is that of the name column.
    pub(crate) fn line(&mut self, line: &LogLine<'_>, width: usize, out: &mut String) {
        if self.json {
            // Texts and numbers always serialize.
            out.push_str(&json_line(line).unwrap_or_default());
        } else {
            self.text(line, width, out);
            out.push('\n');
        }
    }

    fn text(&mut self, line: &LogLine<'_>, width: usize, out: &mut String) {
        if line.time.timestamp() != self.second.0 {
            let local = line.time.with_timezone(&self.zone);
            self.second = (line.time.timestamp(), local.format("%Y-%m-%d %H:%M:%S").to_string());
        }
        let millis = line.time.nanosecond() / 1_000_000 % 1000;
        let project = self.project.as_deref().unwrap_or_default();
        let own = line.container.strip_prefix(project).and_then(|n| n.strip_prefix(['-', '_']));
        let name = clean(own.unwrap_or(line.container));
        let width = width.saturating_sub(line.container.len() - name.len());
        if self.style.color {
            let color = COLORS[name.bytes().map(usize::from).sum::<usize>() % COLORS.len()];
            let stamp = format!("{}.{millis:03}", self.second.1);
            out.push_str(&format!("{}  {:<width$}  ", stamp.dimmed(), name.color(color)));
        } else {
            out.push_str(&format!("{}.{millis:03}  {name:<width$}  ", self.second.1));
        }
        if line.fields.is_some() {
            out.push_str(&format!("{:<8} ", line.level.map_or("-", Severity::word)));
        }
        let from = out.len();
        out.push_str(&clean(&line.message));
        if let Some(fields) = &line.fields {
            for (key, value) in fields.iter().filter(|(key, _)| !ORIGIN.contains(&key.as_str())) {
                out.push(' ');
                out.push_str(&clean(key));
                out.push('=');
                match value.as_str() {
                    Some(text) if !text.contains([' ', '"']) => out.push_str(&clean(text)),
                    _ => out.push_str(&clean(&value.to_string())),
                }
            }
        }
        self.tint(line.level, from, out);
    }

    /// Colors the text since `from` by severity.
    fn tint(&self, level: Option<Severity>, from: usize, out: &mut String) {
        let color = match level {
            Some(Severity::Error | Severity::Critical) => AnsiColors::Red,
            Some(Severity::Warn) => AnsiColors::Yellow,
            _ => return,
        };
        if self.style.color {
            let text = out.split_off(from);
            out.push_str(&format!("{}", text.color(color)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(style: Style, level: Option<Severity>, message: &str) -> String {
        let line = LogLine {
            time: "2026-01-02T03:04:05.6789Z".parse().unwrap(),
            service: "api",
            container: "shop-api-1",
            stream: "stdout",
            level,
            message: message.into(),
            logged_at: None,
            fields: None,
        };
        let zone = chrono_tz::Europe::Chisinau;
        let mut lines = Lines::new(Format::Text, style, zone, Some("shop".to_owned())).unwrap();
        let mut out = String::new();
        lines.line(&line, 13, &mut out);
        out
    }

    #[test]
    fn control_sequences_are_removed() {
        let out = render(Style::default(), Some(Severity::Error), "\u{1b}[31mred\u{1b}[0m\u{7}\tend\u{1b}]");
        assert_eq!(out, "2026-01-02 05:04:05.678  api-1     red \tend\n");
    }

    #[test]
    fn color_is_off_by_default() {
        let colored = Style { color: true, ..Style::default() };
        assert!(render(colored, Some(Severity::Error), "x").contains("\u{1b}[31mx"));
        assert!(render(colored, None, "x").contains("\u{1b}[2m2026"));
        assert!(!render(Style::default(), Some(Severity::Error), "x").contains('\u{1b}'));
    }
}
