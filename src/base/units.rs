//! Durations, sizes and counts as text.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const UNITS: &[(&str, f64)] =
    &[("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3_600.0), ("d", 86_400.0), ("w", 604_800.0)];

/// A duration: `90`, `"90s"`, `"5m"`, `"1h30m"`, `"24h"`, `"7d"`, `"250ms"`. A bare number is in seconds.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Span(Duration);

impl Span {
    pub(crate) const fn new(duration: Duration) -> Self {
        Self(duration)
    }

    pub(crate) const fn seconds(s: u64) -> Self {
        Self(Duration::from_secs(s))
    }

    pub(crate) const fn duration(self) -> Duration {
        self.0
    }

    pub(crate) fn as_secs_f64(self) -> f64 {
        self.0.as_secs_f64()
    }
}

impl std::str::FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("'{text}' is not a duration; use for example 30s, 5m, 1h30m, 24h or 7d");
        let mut rest = text.trim();
        if let Ok(seconds) = rest.parse::<f64>() {
            return Duration::try_from_secs_f64(seconds).map(Self).map_err(|_| bad());
        }
        let mut total = 0.0;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(bad)?;
            let number: f64 = rest[..digits].parse().map_err(|_| bad())?;
            rest = &rest[digits..];
            let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
            let unit = UNITS.iter().find(|(u, _)| *u == &rest[..letters]).ok_or_else(bad)?;
            total += number * unit.1;
            rest = rest[letters..].trim_start();
        }
        if text.trim().is_empty() {
            return Err(bad());
        }
        Duration::try_from_secs_f64(total).map(Self).map_err(|_| bad())
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&duration(self.as_secs_f64()))
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        text_or_number(d)
    }
}

/// Deserializes a text or a number with `FromStr`.
pub(crate) fn text_or_number<'de, T, D>(d: D) -> Result<T, D::Error>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
    D: Deserializer<'de>,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        Number(serde_json::Number),
        Text(String),
    }
    match Form::deserialize(d)? {
        Form::Number(n) => n.as_f64().map_or_else(|| n.to_string(), |n| n.to_string()).parse(),
        Form::Text(t) => t.parse(),
    }
    .map_err(serde::de::Error::custom)
}

impl JsonSchema for Span {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["string", "number"],
            "description": "a duration: 30s, 5m, 1h30m, 24h, 7d; a bare number is in seconds"
        })
    }
}

/// Seconds as text: `850 µs`, `12 ms`, `3.4 s`, `5m 20s`, `3h 5m`, `12d 4h`.
pub(crate) fn duration(seconds: f64) -> String {
    let s = seconds.abs();
    let sign = if seconds < 0.0 { "-" } else { "" };
    let text = if s == 0.0 {
        "0 s".to_owned()
    } else if s < 0.000_999_5 {
        format!("{:.0} µs", s * 1e6)
    } else if s < 0.999_5 {
        format!("{:.0} ms", s * 1e3)
    } else if s < 59.95 {
        let text = format!("{s:.1}");
        format!("{} s", text.strip_suffix(".0").unwrap_or(&text))
    } else {
        pair(s.round())
    };
    format!("{sign}{text}")
}

/// The two largest units of a number of seconds.
fn pair(s: f64) -> String {
    let parts = [("d", 86_400.0), ("h", 3_600.0), ("m", 60.0), ("s", 1.0)];
    for (i, (unit, size)) in parts.iter().enumerate() {
        if s >= *size {
            let whole = (s / size).floor();
            let rest = parts.get(i + 1).map(|(u, z)| (u, ((s - whole * size) / z).floor()));
            return match rest {
                Some((u, n)) if n > 0.0 => format!("{whole}{unit} {n}{u}"),
                _ => format!("{whole}{unit}"),
            };
        }
    }
    "0s".to_owned()
}

/// Bytes as text, in powers of 1024: `0 B`, `17.3 MiB`.
pub(crate) fn bytes(n: f64) -> String {
    let mut value = n;
    let mut unit = "B";
    for next in ["KiB", "MiB", "GiB", "TiB", "PiB"] {
        if value.abs() < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    if unit == "B" { format!("{value:.0} B") } else { format!("{value:.1} {unit}") }
}

/// A count with thousands separators: `1,234,567`.
pub(crate) fn count(n: f64) -> String {
    // Rounded before it is split: 1.996 is 2, not 1 and a fraction of 1.00.
    let text = format!("{:.2}", n.abs());
    let (digits, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = fraction.trim_end_matches('0');
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    if n < 0.0 && out != "0" { format!("-{out}") } else { out }
}

/// A count with its noun: `1 sample`, `1,200 samples`, `2 copies`, `2 indexes`.
pub(crate) fn counted(n: f64, one: &str) -> String {
    let number = count(n);
    if number == "1" {
        return format!("1 {one}");
    }
    match one.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{number} {stem}ies"),
        _ if one.ends_with('x') => format!("{number} {one}es"),
        _ => format!("{number} {one}s"),
    }
}

/// An age or a period in whole units: `30 days`, `1 day`, `36 hours`, else as [`duration`].
pub(crate) fn period(span: Span) -> String {
    let seconds = span.as_secs_f64();
    for (unit, size) in [("day", 86_400.0), ("hour", 3_600.0)] {
        if seconds >= size && seconds % size == 0.0 {
            return counted(seconds / size, unit);
        }
    }
    duration(seconds)
}

/// The widest list of names, so that its line fits a terminal of 80 columns.
const NAMES_WIDTH: usize = 58;

/// The first names that fit, and how many more there are: `a, b and 3 more`.
pub(crate) fn names<T: AsRef<str>>(all: &[T]) -> String {
    let mut out = String::new();
    for (n, name) in all.iter().map(AsRef::as_ref).enumerate() {
        let rest = all.len() - n;
        let width = out.chars().count() + name.chars().count() + 2;
        let reserve = if rest > 1 { " and 999 more".len() } else { 0 };
        if n > 0 && width + reserve > NAMES_WIDTH {
            return format!("{out} and {rest} more");
        }
        let separator = if n > 0 { ", " } else { "" };
        out.push_str(separator);
        out.push_str(name);
    }
    out
}

/// A value with its unit: `s` and `bytes` are scaled, `%` is rounded, other units follow the number.
pub(crate) fn quantity(value: f64, unit: Option<&str>) -> String {
    match unit {
        Some("s") => duration(value),
        Some("bytes") => bytes(value),
        Some("%") => format!("{value:.1} %"),
        Some(unit) => format!("{} {unit}", count(value)),
        None => count(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_parsed() {
        for (text, seconds) in
            [("90", 90.0), ("90s", 90.0), ("1h30m", 5400.0), ("7d", 604_800.0), ("250ms", 0.25)]
        {
            assert_eq!(text.parse::<Span>().unwrap().as_secs_f64(), seconds, "{text}");
        }
        for text in ["", "h", "5 minutes", "5x", "-5s", "1h30"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn quantities_are_short() {
        assert_eq!(duration(0.0123), "12 ms");
        assert_eq!(duration(320.0), "5m 20s");
        assert_eq!(duration(59.97), "1m");
        assert_eq!(duration(2.0), "2 s");
        assert_eq!(bytes(1536.0), "1.5 KiB");
        assert_eq!(count(1_234_567.0), "1,234,567");
        assert_eq!(count(0.25), "0.25");
        for (n, text) in [
            (1.996, "2"),
            (1.001, "1"),
            (11.999, "12"),
            (999.999, "1,000"),
            (1.1, "1.1"),
            (1.05, "1.05"),
            (-0.001, "0"),
            (-1234.5, "-1,234.5"),
        ] {
            assert_eq!(count(n), text, "{n}");
        }
        assert_eq!(counted(1.0, "sample"), "1 sample");
        assert_eq!(counted(0.0, "copy"), "0 copies");
        assert_eq!(counted(1200.0, "key"), "1,200 keys");
        assert_eq!(counted(2.0, "index"), "2 indexes");
        assert_eq!(quantity(12.34, Some("%")), "12.3 %");
        let periods = ["30d", "1d", "36h", "90s"].map(|text| period(text.parse().unwrap()));
        assert_eq!(periods, ["30 days", "1 day", "36 hours", "1m 30s"]);
    }

    #[test]
    fn a_list_of_names_is_cut_where_its_line_would_not_fit() {
        assert_eq!(names(&["a", "b"]), "a, b");
        assert_eq!(names::<&str>(&[]), "");
        let many: Vec<String> = (1..=12).map(|n| format!("shop-worker-{n}")).collect();
        let text = names(&many);
        assert_eq!(text, "shop-worker-1, shop-worker-2, shop-worker-3 and 9 more");
        assert_eq!(
            names(&["a name that is longer than the whole line of a terminal of 80 columns", "b"])
                .split(" and ")
                .last(),
            Some("1 more")
        );
    }
}
