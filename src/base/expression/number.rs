//! Exact numbers: comparison by their decimal digits, sums of integers without rounding.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// A number's sign, significant digits and power of ten.
struct Decimal {
    is_negative: bool,
    /// Without zeros at either end; empty for zero.
    digits: String,
    exponent: i64,
}

impl Decimal {
    fn of(number: &Number) -> Self {
        let text = number.as_str();
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let saturated = if power.starts_with('-') { i64::MIN / 4 } else { i64::MAX / 4 };
        let power = power.parse::<i64>().unwrap_or(saturated).clamp(i64::MIN / 4, i64::MAX / 4);
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        let significant = all.trim_end_matches('0');
        let dropped = i64::try_from(all.len() - significant.len()).unwrap_or_default();
        let fraction = i64::try_from(fraction.len()).unwrap_or_default();
        let digits = significant.trim_start_matches('0').to_owned();
        if digits.is_empty() {
            return Self { is_negative: false, digits, exponent: 0 };
        }
        Self { is_negative, digits, exponent: power - fraction + dropped }
    }

    fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    /// Compares without signs.
    fn compare_magnitude(&self, other: &Self) -> Ordering {
        // The power of ten of the first digit.
        let magnitude =
            |d: &Self| i64::try_from(d.digits.len()).unwrap_or(i64::MAX / 4).saturating_add(d.exponent);
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            // Without zeros at the end, a prefix is the smaller one.
            (false, false) => {
                magnitude(self).cmp(&magnitude(other)).then_with(|| self.digits.cmp(&other.digits))
            }
        }
    }
}

pub(super) fn integer(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

/// Compares two numbers exactly.
pub(super) fn compare(a: &Number, b: &Number) -> Ordering {
    if let (Some(a), Some(b)) = (integer(a), integer(b)) {
        return a.cmp(&b);
    }
    let (a, b) = (Decimal::of(a), Decimal::of(b));
    match (a.is_negative, b.is_negative) {
        (false, true) => Ordering::Greater,
        (true, false) => Ordering::Less,
        (false, false) => a.compare_magnitude(&b),
        (true, true) => b.compare_magnitude(&a),
    }
}

/// Whether two numbers are equal: integers exactly, others within the rounding of arithmetic.
pub(super) fn equal(a: &Number, b: &Number) -> bool {
    if compare(a, b) == Ordering::Equal {
        return true;
    }
    if Decimal::of(a).is_integer() && Decimal::of(b).is_integer() {
        return false;
    }
    let (Some(a), Some(b)) = (a.as_f64(), b.as_f64()) else { return false };
    let difference = (a - b).abs();
    if a.is_normal() && b.is_normal() {
        difference / (a.abs() + b.abs()) < f64::EPSILON
    } else {
        difference < f64::EPSILON * f64::MIN_POSITIVE
    }
}

pub(crate) fn is_zero(number: &Number) -> bool {
    Decimal::of(number).digits.is_empty()
}

pub(super) fn absolute(number: &Number) -> Option<Number> {
    read(number.as_str().trim_start_matches('-'))
}

/// Rounds with `by`; integers stay as they are.
pub(super) fn round(number: &Number, by: fn(f64) -> f64) -> Option<Number> {
    if Decimal::of(number).is_integer() {
        return Some(number.clone());
    }
    from_float(by(number.as_f64()?))
}

/// The sum; exact if all are integers.
pub(super) fn sum<'n>(numbers: impl Iterator<Item = &'n Number> + Clone) -> Option<Number> {
    let exact = numbers.clone().try_fold(0i128, |sum, n| {
        let n = integer(n).or_else(|| n.as_str().parse().ok())?;
        sum.checked_add(n)
    });
    match exact {
        Some(sum) => read(&sum.to_string()),
        None => from_float(numbers.filter_map(Number::as_f64).sum()),
    }
}

/// None when it is not finite.
pub(super) fn from_float(value: f64) -> Option<Number> {
    // Every integer below this is exact.
    let is_integer = value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0;
    if is_integer { Some(Number::from(value as i64)) } else { Number::from_f64(value) }
}

/// A number as JSON writes it.
pub(super) fn read(text: &str) -> Option<Number> {
    match serde_json::from_str(text) {
        Ok(Value::Number(number)) => Some(number),
        _ => None,
    }
}
