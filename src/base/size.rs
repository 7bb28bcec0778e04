//! Sizes in bytes, as users write them.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::units;

const UNITS: &[(&str, u64)] = &[("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("B", 1)];

/// A number of bytes: `4096`, `"64KiB"`, `"1 MiB"`, `"1.5GiB"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Size(u64);

impl Size {
    pub(crate) const fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    pub(crate) fn times(self, factor: usize) -> Self {
        Self(self.0.saturating_mul(factor as u64))
    }

    /// Saturates at what this machine can address.
    pub(crate) fn bytes(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl std::str::FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("'{text}' is not a size; use for example 4096, 64KiB or 1MiB");
        let text = text.trim();
        let unit = UNITS.iter().find_map(|(u, n)| text.strip_suffix(u).map(|rest| (rest.trim(), *n)));
        let (number, unit) = unit.unwrap_or((text, 1));
        if let Ok(whole) = number.parse::<u64>() {
            return whole.checked_mul(unit).map(Self).ok_or_else(bad);
        }
        let number: f64 = number.parse().map_err(|_| bad())?;
        // Exact far beyond any size that is written with a fraction.
        let bytes = number * unit as f64;
        if bytes.is_finite() && (0.0..9e15).contains(&bytes) { Ok(Self(bytes as u64)) } else { Err(bad()) }
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&units::bytes(self.0 as f64))
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(serde_json::Number),
            Text(String),
        }
        match Form::deserialize(d)? {
            Form::Number(n) => n.to_string().parse().map_err(serde::de::Error::custom),
            Form::Text(t) => t.parse().map_err(serde::de::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_parsed() {
        for (text, bytes) in
            [("4096", 4096), ("64KiB", 65536), ("1 MiB", 1 << 20), ("1.5GiB", 3 << 29), ("7B", 7)]
        {
            assert_eq!(text.parse::<Size>().unwrap().bytes(), bytes, "{text}");
        }
        for text in ["", "-1", "1MB", "x", "1e99GiB", "NaN"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }
}
