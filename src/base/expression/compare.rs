//! Equality, order and sorting, which count their work and can be interrupted.

use std::cmp::Ordering;

use super::item::{Item, Type};
use super::meter::{EvaluateError, Meter};
use super::number;

/// Compares this many bytes of two texts in a step.
const BYTES: usize = 256;

pub(super) fn equal(a: &Item<'_>, b: &Item<'_>, meter: &mut Meter) -> Result<bool, EvaluateError> {
    meter.step()?;
    let kind = a.kind();
    if kind != b.kind() {
        return Ok(false);
    }
    match kind {
        Type::Null => Ok(true),
        Type::Boolean => Ok(a.is_truthy() == b.is_truthy()),
        Type::Number | Type::String => {
            count(a, b, meter)?;
            Ok(match (a.number(), b.number()) {
                (Some(a), Some(b)) => number::equal(a, b),
                _ => a.text() == b.text(),
            })
        }
        Type::Array => {
            let (Some(a), Some(b)) = (a.elements(), b.elements()) else { return Ok(false) };
            if a.len() != b.len() {
                return Ok(false);
            }
            for (a, b) in a.iter().zip(b.iter()) {
                if !equal(&a, &b, meter)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Type::Object => {
            if a.count() != b.count() {
                return Ok(false);
            }
            meter.steps(a.count())?;
            for (key, value) in a.entries().unwrap_or_default() {
                match b.get(key) {
                    Some(other) if equal(&value, &other, meter)? => {}
                    _ => return Ok(false),
                }
            }
            Ok(true)
        }
    }
}

/// The order of two numbers or two strings; other values are equal.
pub(super) fn order(a: &Item<'_>, b: &Item<'_>, meter: &mut Meter) -> Result<Ordering, EvaluateError> {
    count(a, b, meter)?;
    Ok(match (a.number(), b.number(), a.text(), b.text()) {
        (Some(a), Some(b), ..) => number::compare(a, b),
        (_, _, Some(a), Some(b)) => a.cmp(b),
        _ => Ordering::Equal,
    })
}

fn count(a: &Item<'_>, b: &Item<'_>, meter: &mut Meter) -> Result<(), EvaluateError> {
    let length = |item: &Item<'_>| {
        let number = item.number().map(|n| n.as_str().len());
        number.or_else(|| item.text().map(str::len)).unwrap_or_default()
    };
    meter.steps(1 + length(a).min(length(b)) / BYTES)
}

/// A stable merge sort. The library's sort cannot stop when a comparison fails.
pub(super) fn sort<T>(
    mut items: Vec<T>,
    order: &mut dyn FnMut(&T, &T) -> Result<Ordering, EvaluateError>,
) -> Result<Vec<T>, EvaluateError> {
    if items.len() < 2 {
        return Ok(items);
    }
    let right = items.split_off(items.len() / 2);
    let (left, right) = (sort(items, order)?, sort(right, order)?);
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let next = if order(a, b)? == Ordering::Greater { right.next() } else { left.next() };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
    Ok(merged)
}
