//! Values during an evaluation. They borrow from the context and share parts, so that copying one is cheap.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Map, Number, Value};

use super::meter::{EvaluateError, Meter};

/// Memory of an element of a list, and of an entry of a map.
const SLOT: usize = 32;
const ENTRY: usize = 64;

static NULL: Value = Value::Null;
static TRUE: Value = Value::Bool(true);
static FALSE: Value = Value::Bool(false);

#[derive(Clone, Debug)]
pub(crate) enum Item<'a> {
    Value(&'a Value),
    Number(Number),
    Text(Rc<str>),
    List(Rc<Vec<Item<'a>>>),
    Map(Rc<BTreeMap<&'a str, Item<'a>>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl Type {
    /// Its name in JMESPath.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

/// The elements of a list.
pub(super) enum Elements<'a> {
    Values(&'a [Value]),
    Items(Rc<Vec<Item<'a>>>),
}

impl<'a> Elements<'a> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Values(values) => values.len(),
            Self::Items(items) => items.len(),
        }
    }

    pub(super) fn get(&self, place: usize) -> Option<Item<'a>> {
        match self {
            Self::Values(values) => values.get(place).map(Item::Value),
            Self::Items(items) => items.get(place).cloned(),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Item<'a>> + '_ {
        (0..self.len()).filter_map(|place| self.get(place))
    }
}

impl<'a> Item<'a> {
    pub(super) const fn null() -> Self {
        Self::Value(&NULL)
    }

    pub(super) fn boolean(value: bool) -> Self {
        Self::Value(if value { &TRUE } else { &FALSE })
    }

    pub(super) fn new_text(text: String, meter: &mut Meter) -> Result<Self, EvaluateError> {
        meter.hold(text.len())?;
        Ok(Self::Text(text.into()))
    }

    pub(super) fn new_list(items: Vec<Self>, meter: &mut Meter) -> Result<Self, EvaluateError> {
        meter.hold(items.len().saturating_mul(SLOT))?;
        Ok(Self::List(Rc::new(items)))
    }

    pub(super) fn new_map(map: BTreeMap<&'a str, Self>, meter: &mut Meter) -> Result<Self, EvaluateError> {
        meter.hold(map.len().saturating_mul(ENTRY))?;
        Ok(Self::Map(Rc::new(map)))
    }

    pub(super) fn kind(&self) -> Type {
        match self {
            Self::Value(Value::Null) => Type::Null,
            Self::Value(Value::Bool(_)) => Type::Boolean,
            Self::Value(Value::Number(_)) | Self::Number(_) => Type::Number,
            Self::Value(Value::String(_)) | Self::Text(_) => Type::String,
            Self::Value(Value::Array(_)) | Self::List(_) => Type::Array,
            Self::Value(Value::Object(_)) | Self::Map(_) => Type::Object,
        }
    }

    pub(super) fn is_null(&self) -> bool {
        self.kind() == Type::Null
    }

    pub(super) fn number(&self) -> Option<&Number> {
        match self {
            Self::Value(Value::Number(n)) | Self::Number(n) => Some(n),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Value(Value::String(text)) => Some(text),
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn elements(&self) -> Option<Elements<'a>> {
        match self {
            Self::Value(Value::Array(values)) => Some(Elements::Values(values)),
            Self::List(items) => Some(Elements::Items(items.clone())),
            _ => None,
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<Item<'a>> {
        match self {
            Self::Value(Value::Object(map)) => map.get(key).map(Item::Value),
            Self::Map(map) => map.get(key).cloned(),
            _ => None,
        }
    }

    /// The entries of an object, sorted by key.
    pub(super) fn entries(&self) -> Option<BTreeMap<&'a str, Item<'a>>> {
        match self {
            Self::Value(Value::Object(map)) => {
                Some(map.iter().map(|(k, v)| (k.as_str(), Item::Value(v))).collect())
            }
            Self::Map(map) => Some((**map).clone()),
            _ => None,
        }
    }

    /// The number of elements or entries.
    pub(super) fn count(&self) -> usize {
        match self {
            Self::Value(Value::Array(values)) => values.len(),
            Self::Value(Value::Object(map)) => map.len(),
            Self::List(items) => items.len(),
            Self::Map(map) => map.len(),
            _ => 0,
        }
    }

    /// Truth in JMESPath: null, false, "", [] and {} are false.
    pub(super) fn is_truthy(&self) -> bool {
        match self.kind() {
            Type::Null => false,
            Type::Boolean => matches!(self, Self::Value(Value::Bool(true))),
            Type::Number => true,
            Type::String => self.text().is_some_and(|t| !t.is_empty()),
            Type::Array | Type::Object => self.count() > 0,
        }
    }

    /// A copy that owns everything. Shared parts are copied as often as they occur, so this counts them.
    pub(crate) fn to_value(&self, meter: &mut Meter) -> Result<Value, EvaluateError> {
        self.copy(1, meter)
    }

    fn copy(&self, depth: usize, meter: &mut Meter) -> Result<Value, EvaluateError> {
        if let Self::Value(value) = self {
            return copy(value, depth, meter);
        }
        meter.element(depth)?;
        Ok(match self {
            Self::Value(_) => Value::Null,
            Self::Number(number) => {
                meter.text(number.as_str().len())?;
                Value::Number(number.clone())
            }
            Self::Text(text) => {
                meter.text(text.len())?;
                Value::String(text.to_string())
            }
            Self::List(items) => {
                Value::Array(items.iter().map(|i| i.copy(depth + 1, meter)).collect::<Result<_, _>>()?)
            }
            Self::Map(map) => {
                let mut copied = Map::new();
                for (key, item) in map.iter() {
                    meter.element(depth)?;
                    meter.text(key.len())?;
                    copied.insert((*key).to_owned(), item.copy(depth + 1, meter)?);
                }
                Value::Object(copied)
            }
        })
    }
}

/// A copy of a value within the meter's bounds.
fn copy(value: &Value, depth: usize, meter: &mut Meter) -> Result<Value, EvaluateError> {
    meter.element(depth)?;
    Ok(match value {
        Value::Null | Value::Bool(_) => value.clone(),
        Value::Number(number) => {
            meter.text(number.as_str().len())?;
            value.clone()
        }
        Value::String(text) => {
            meter.text(text.len())?;
            Value::String(text.clone())
        }
        Value::Array(items) => {
            Value::Array(items.iter().map(|v| copy(v, depth + 1, meter)).collect::<Result<_, _>>()?)
        }
        Value::Object(map) => {
            let mut copied = Map::new();
            for (key, value) in map {
                meter.element(depth)?;
                meter.text(key.len())?;
                copied.insert(key.clone(), copy(value, depth + 1, meter)?);
            }
            Value::Object(copied)
        }
    })
}
