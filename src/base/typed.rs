//! Durations and points in time on the command line, where a bare number lacks its unit.

use super::moment::Moment;
use super::units::Span;

/// A configuration file may say `90` for seconds. Who types `--since 1` may mean an hour or a day.
fn with_unit(text: &str) -> Result<(), String> {
    match text.trim().parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => {
            Err(format!("{number} of what? use {number}s, {number}m, {number}h or {number}d"))
        }
        _ => Ok(()),
    }
}

pub(crate) fn moment(text: &str) -> Result<Moment, String> {
    with_unit(text)?;
    text.parse()
}

pub(crate) fn span(text: &str) -> Result<Span, String> {
    with_unit(text)?;
    text.parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_number_is_refused() {
        for text in ["1", "1.5", " 10 ", "0"] {
            let number = text.trim();
            let errors = [moment(text).unwrap_err(), span(text).unwrap_err()];
            assert!(errors.iter().all(|e| e.contains(&format!("use {number}s, {number}m"))), "{errors:?}");
        }
        assert!(moment("yesterday").is_ok() && span("90s").is_ok() && span("nan").is_err());
    }
}
