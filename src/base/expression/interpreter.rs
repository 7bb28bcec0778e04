//! Evaluates an expression within the bounds of a [`Meter`].

use std::collections::BTreeMap;

use jmespath::ast::Comparator;

use super::ExpressionError;
use super::item::{Item, Type};
use super::meter::{EvaluateError, Meter};
use super::node::Node;
use super::{compare, functions, number};

type Result<'a> = std::result::Result<Item<'a>, EvaluateError>;

pub(super) struct Interpreter<'a, 'm> {
    pub(super) text: &'a str,
    pub(super) meter: &'m mut Meter,
}

impl<'a> Interpreter<'a, '_> {
    pub(super) fn evaluate(&mut self, node: &'a Node, on: &Item<'a>) -> Result<'a> {
        self.meter.step()?;
        Ok(match node {
            Node::Current => on.clone(),
            Node::Literal(value) => Item::Value(value),
            Node::Field(name) => on.get(name).unwrap_or(Item::null()),
            Node::Index(place) => index(on, *place),
            Node::Slice { start, stop, step } => return self.slice(on, *start, *stop, *step),
            Node::Pipe(first, second) => {
                let value = self.evaluate(first, on)?;
                return self.evaluate(second, &value);
            }
            Node::Project(list, each) => return self.project(list, each, on),
            Node::Flatten(list) => return self.flatten(list, on),
            Node::Values(object) => {
                let object = self.evaluate(object, on)?;
                match object.kind() {
                    Type::Object => return functions::parts(&object, false, self.meter),
                    _ => Item::null(),
                }
            }
            Node::Or(..) | Node::And(..) | Node::Not(_) | Node::If(..) => return self.decide(node, on),
            Node::Compare(comparator, first, second) => {
                let (first, second) = (self.evaluate(first, on)?, self.evaluate(second, on)?);
                return self.compare(comparator, &first, &second);
            }
            Node::List(_) | Node::Map(_) if on.is_null() => Item::null(),
            Node::List(nodes) => {
                let items =
                    nodes.iter().map(|n| self.evaluate(n, on)).collect::<std::result::Result<_, _>>()?;
                return Item::new_list(items, self.meter);
            }
            Node::Map(entries) => {
                let mut map = BTreeMap::new();
                for (key, node) in entries {
                    map.insert(key.as_str(), self.evaluate(node, on)?);
                }
                return Item::new_map(map, self.meter);
            }
            Node::Call(call) => {
                let args = call.args.iter().map(|a| self.evaluate(a, on));
                let args = args.collect::<std::result::Result<Vec<_>, _>>()?;
                return functions::call(self, call, &args);
            }
        })
    }

    /// The nodes that depend on truth.
    fn decide(&mut self, node: &'a Node, on: &Item<'a>) -> Result<'a> {
        Ok(match node {
            Node::Or(first, second) => match self.evaluate(first, on)? {
                value if value.is_truthy() => value,
                _ => return self.evaluate(second, on),
            },
            Node::And(first, second) => match self.evaluate(first, on)? {
                value if value.is_truthy() => return self.evaluate(second, on),
                value => value,
            },
            Node::Not(node) => Item::boolean(!self.evaluate(node, on)?.is_truthy()),
            Node::If(condition, then) => match self.evaluate(condition, on)?.is_truthy() {
                true => return self.evaluate(then, on),
                false => Item::null(),
            },
            _ => Item::null(),
        })
    }

    fn project(&mut self, list: &'a Node, each: &'a Node, on: &Item<'a>) -> Result<'a> {
        let Some(elements) = self.evaluate(list, on)?.elements() else { return Ok(Item::null()) };
        let mut items = Vec::new();
        for element in elements.iter() {
            let value = self.evaluate(each, &element)?;
            if !value.is_null() {
                items.push(value);
            }
        }
        Item::new_list(items, self.meter)
    }

    fn flatten(&mut self, list: &'a Node, on: &Item<'a>) -> Result<'a> {
        let Some(elements) = self.evaluate(list, on)?.elements() else { return Ok(Item::null()) };
        let mut items = Vec::new();
        for element in elements.iter() {
            match element.elements() {
                Some(inner) => {
                    // Before it grows: a list can contain the same long list many times.
                    self.meter.steps(1 + inner.len())?;
                    items.extend(inner.iter());
                }
                None => {
                    self.meter.step()?;
                    items.push(element);
                }
            }
        }
        Item::new_list(items, self.meter)
    }

    fn slice(&mut self, on: &Item<'a>, start: Option<i64>, stop: Option<i64>, step: i64) -> Result<'a> {
        let Some(elements) = on.elements() else { return Ok(Item::null()) };
        let length = i64::try_from(elements.len()).unwrap_or(i64::MAX);
        let (low, high) = if step < 0 { (-1, length - 1) } else { (0, length) };
        let place = |given: Option<i64>, default: i64| match given {
            Some(place) if place < 0 => (place + length).max(low),
            Some(place) => place.min(high),
            None => default,
        };
        let (first, last) = if step < 0 { (high, low) } else { (low, high) };
        let (mut at, end) = (place(start, first), place(stop, last));
        let mut items = Vec::new();
        while if step < 0 { at > end } else { at < end } {
            self.meter.step()?;
            items.extend(usize::try_from(at).ok().and_then(|at| elements.get(at)));
            at += step;
        }
        Item::new_list(items, self.meter)
    }

    fn compare(&mut self, comparator: &Comparator, a: &Item<'a>, b: &Item<'a>) -> Result<'a> {
        match comparator {
            Comparator::Equal => return Ok(Item::boolean(compare::equal(a, b, self.meter)?)),
            Comparator::NotEqual => return Ok(Item::boolean(!compare::equal(a, b, self.meter)?)),
            _ => {}
        }
        // Only numbers have an order.
        let (Some(x), Some(y)) = (a.number(), b.number()) else { return Ok(Item::null()) };
        self.meter.scan(x.as_str().len() + y.as_str().len())?;
        let order = number::compare(x, y);
        Ok(Item::boolean(match comparator {
            Comparator::LessThan => order.is_lt(),
            Comparator::LessThanEqual => order.is_le(),
            Comparator::GreaterThan => order.is_gt(),
            _ => order.is_ge(),
        }))
    }

    pub(super) fn error(&self, offset: usize, message: String) -> EvaluateError {
        ExpressionError { text: self.text.to_owned(), offset, message }.into()
    }
}

fn index<'a>(on: &Item<'a>, place: i64) -> Item<'a> {
    let found = on.elements().and_then(|elements| {
        let length = i64::try_from(elements.len()).unwrap_or(i64::MAX);
        let place = if place < 0 { place + length } else { place };
        usize::try_from(place).ok().and_then(|place| elements.get(place))
    });
    found.unwrap_or(Item::null())
}
