//! The functions of JMESPath.

use std::cmp::Ordering;

use serde_json::Number;

use super::interpreter::Interpreter;
use super::item::{Elements, Item, Type};
use super::meter::{EvaluateError, Meter};
use super::node::{Call, Node};
use super::{compare, number};

type Result<T> = std::result::Result<T, EvaluateError>;

/// Checks the arguments and calls the function.
pub(super) fn call<'a>(
    interpreter: &mut Interpreter<'a, '_>,
    call: &'a Call,
    args: &[Item<'a>],
) -> Result<Item<'a>> {
    let name = call.signature.name;
    for (place, (item, wanted)) in args.iter().zip(call.signature.kinds()).enumerate() {
        if !wanted.fits(item, interpreter.meter)? {
            let got = item.kind().name();
            let which =
                if call.signature.takes.len() > 1 { format!(" {}", place + 1) } else { String::new() };
            let message = format!("argument{which} of {name} must be {}, not {got}", wanted.name());
            return Err(interpreter.error(call.offset, message));
        }
    }
    match (args, &call.each) {
        ([list], Some(each)) => with_expression(interpreter, call, list, each),
        ([first, rest @ ..], None) => plain(interpreter, call, first, rest),
        _ => Ok(Item::null()),
    }
}

fn plain<'a>(
    interpreter: &mut Interpreter<'a, '_>,
    call: &Call,
    first: &Item<'a>,
    rest: &[Item<'a>],
) -> Result<Item<'a>> {
    let meter = &mut *interpreter.meter;
    let item = |number: Option<Number>| Ok(number.map_or(Item::null(), Item::Number));
    match call.signature.name {
        "abs" | "ceil" | "floor" => item(first.number().and_then(|n| match call.signature.name {
            "abs" => number::absolute(n),
            "ceil" => number::round(n, f64::ceil),
            _ => number::round(n, f64::floor),
        })),
        "sum" | "avg" => item(total(first, call.signature.name == "avg", meter)?),
        "max" | "min" => extreme(first, call.signature.name == "max", meter),
        "sort" => {
            let items = elements(first).iter().map(|e| (e.clone(), e)).collect();
            sorted(items, meter)
        }
        "contains" => contains(first, rest.first(), meter).map(Item::boolean),
        "starts_with" | "ends_with" => {
            let (text, part) = (text(first), rest.first().map(text).unwrap_or_default());
            meter.scan(part.len())?;
            let starts = call.signature.name == "starts_with";
            Ok(Item::boolean(if starts { text.starts_with(part) } else { text.ends_with(part) }))
        }
        "join" => join(text(first), &elements(rest.first().unwrap_or(first)), meter),
        "length" => match first.text() {
            Some(text) => {
                meter.scan(text.len())?;
                item(Some(text.chars().count().into()))
            }
            None => item(Some(first.count().into())),
        },
        "reverse" => reverse(first, meter),
        "keys" | "values" => parts(first, call.signature.name == "keys", meter),
        "merge" => merge(first, rest, meter),
        "not_null" => {
            let found = std::iter::once(first).chain(rest).find(|item| !item.is_null());
            Ok(found.cloned().unwrap_or(Item::null()))
        }
        _ => convert(call.signature.name, first, meter),
    }
}

/// The functions that give the type of a value or change it.
fn convert<'a>(name: &str, value: &Item<'a>, meter: &mut Meter) -> Result<Item<'a>> {
    match name {
        "to_array" if value.kind() == Type::Array => Ok(value.clone()),
        "to_array" => Item::new_list(vec![value.clone()], meter),
        "to_number" => match (value.kind(), value.text()) {
            (Type::Number, _) => Ok(value.clone()),
            (_, Some(text)) => {
                meter.scan(text.len())?;
                Ok(number::read(text).map_or(Item::null(), Item::Number))
            }
            _ => Ok(Item::null()),
        },
        "to_string" if value.kind() == Type::String => Ok(value.clone()),
        "to_string" => {
            let text = meter.within(|meter| value.to_value(meter))?.to_string();
            Item::new_text(text, meter)
        }
        "type" => Item::new_text(value.kind().name().to_owned(), meter),
        _ => Ok(Item::null()),
    }
}

fn with_expression<'a>(
    interpreter: &mut Interpreter<'a, '_>,
    call: &Call,
    list: &Item<'a>,
    each: &'a Node,
) -> Result<Item<'a>> {
    let elements = elements(list);
    let name = call.signature.name;
    let mut pairs = Vec::with_capacity(elements.len().min(1024));
    let mut first_kind = None;
    for element in elements.iter() {
        let value = interpreter.evaluate(each, &element)?;
        let kind = value.kind();
        if name != "map" {
            let wanted = *first_kind.get_or_insert(kind);
            if kind != wanted || !matches!(kind, Type::Number | Type::String) {
                let message = format!(
                    "the expression of {name} must give only numbers or only strings, not {}",
                    kind.name()
                );
                return Err(interpreter.error(call.offset, message));
            }
        }
        pairs.push((value, element));
    }
    let meter = &mut *interpreter.meter;
    meter.steps(pairs.len())?;
    match name {
        "map" => Item::new_list(pairs.into_iter().map(|(value, _)| value).collect(), meter),
        "sort_by" => sorted(pairs, meter),
        _ => {
            let wanted = if name == "max_by" { Ordering::Greater } else { Ordering::Less };
            let mut best: Option<(Item<'a>, Item<'a>)> = None;
            for pair in pairs {
                let better = match &best {
                    Some(best) => compare::order(&pair.0, &best.0, meter)? == wanted,
                    None => true,
                };
                if better {
                    best = Some(pair);
                }
            }
            Ok(best.map_or(Item::null(), |(_, element)| element))
        }
    }
}

/// An argument that was checked to be a string.
fn text<'i>(item: &'i Item<'_>) -> &'i str {
    item.text().unwrap_or_default()
}

/// An argument that was checked to be an array.
fn elements<'a>(item: &Item<'a>) -> Elements<'a> {
    item.elements().unwrap_or(Elements::Values(&[]))
}

fn total(list: &Item<'_>, average: bool, meter: &mut Meter) -> Result<Option<Number>> {
    let items: Vec<Item<'_>> = elements(list).iter().collect();
    for number in items.iter().filter_map(Item::number) {
        meter.scan(number.as_str().len())?;
    }
    let sum = number::sum(items.iter().filter_map(Item::number));
    if !average {
        return Ok(sum);
    }
    let mean = sum.and_then(|s| s.as_f64()).filter(|_| !items.is_empty()).map(|s| s / items.len() as f64);
    Ok(mean.and_then(number::from_float))
}

fn extreme<'a>(list: &Item<'a>, greatest: bool, meter: &mut Meter) -> Result<Item<'a>> {
    let wanted = if greatest { Ordering::Greater } else { Ordering::Less };
    let mut best: Option<Item<'a>> = None;
    for element in elements(list).iter() {
        let better = match &best {
            Some(best) => compare::order(&element, best, meter)? == wanted,
            None => true,
        };
        if better {
            best = Some(element);
        }
    }
    Ok(best.unwrap_or(Item::null()))
}

/// The second of each pair, in the order of the first.
fn sorted<'a>(pairs: Vec<(Item<'a>, Item<'a>)>, meter: &mut Meter) -> Result<Item<'a>> {
    let sorted = compare::sort(pairs, &mut |a, b| compare::order(&a.0, &b.0, meter))?;
    Item::new_list(sorted.into_iter().map(|(_, element)| element).collect(), meter)
}

fn contains(within: &Item<'_>, wanted: Option<&Item<'_>>, meter: &mut Meter) -> Result<bool> {
    let Some(wanted) = wanted else { return Ok(false) };
    if let Some(text) = within.text() {
        meter.scan(text.len())?;
        return Ok(wanted.text().is_some_and(|part| text.contains(part)));
    }
    for element in elements(within).iter() {
        if compare::equal(&element, wanted, meter)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn join<'a>(between: &str, list: &Elements<'a>, meter: &mut Meter) -> Result<Item<'a>> {
    let mut joined = String::new();
    for (place, element) in list.iter().enumerate() {
        let glue = if place == 0 { "" } else { between };
        let text = text(&element);
        meter.scan(glue.len() + text.len())?;
        // Counted before it is copied.
        meter.hold(glue.len() + text.len())?;
        joined.push_str(glue);
        joined.push_str(text);
    }
    Ok(Item::Text(joined.into()))
}

fn reverse<'a>(item: &Item<'a>, meter: &mut Meter) -> Result<Item<'a>> {
    if let Some(text) = item.text() {
        meter.scan(text.len())?;
        meter.hold(text.len())?;
        return Ok(Item::Text(text.chars().rev().collect::<String>().into()));
    }
    let elements = elements(item);
    meter.steps(elements.len())?;
    let mut items: Vec<_> = elements.iter().collect();
    items.reverse();
    Item::new_list(items, meter)
}

/// The keys or the values of an object, sorted by key.
pub(super) fn parts<'a>(object: &Item<'a>, keys: bool, meter: &mut Meter) -> Result<Item<'a>> {
    meter.steps(object.count())?;
    let mut parts = Vec::new();
    for (key, value) in object.entries().unwrap_or_default() {
        parts.push(if keys { Item::new_text(key.to_owned(), meter)? } else { value });
    }
    Item::new_list(parts, meter)
}

fn merge<'a>(first: &Item<'a>, rest: &[Item<'a>], meter: &mut Meter) -> Result<Item<'a>> {
    meter.steps(first.count())?;
    let mut merged = first.entries().unwrap_or_default();
    for object in rest {
        meter.steps(object.count())?;
        meter.hold(object.count())?;
        merged.extend(object.entries().unwrap_or_default());
    }
    Item::new_map(merged, meter)
}
