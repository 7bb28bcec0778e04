//! The names of the functions and what they take.

use super::item::{Item, Type};
use super::meter::{EvaluateError, Meter};

type Result<T> = std::result::Result<T, EvaluateError>;

/// What an argument must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Any,
    /// An expression reference, such as `&id`.
    Expression,
    Number,
    String,
    Array,
    Object,
    Numbers,
    Strings,
    NumbersOrStrings,
    StringOrArray,
    StringArrayOrObject,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Any => "any value",
            Self::Expression => "an expression",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
            Self::Numbers => "an array of numbers",
            Self::Strings => "an array of strings",
            Self::NumbersOrStrings => "an array of numbers or of strings",
            Self::StringOrArray => "a string or an array",
            Self::StringArrayOrObject => "a string, an array or an object",
        }
    }

    pub(super) fn fits(self, item: &Item<'_>, meter: &mut Meter) -> Result<bool> {
        let all = |wanted: Type, meter: &mut Meter| {
            let Some(elements) = item.elements() else { return Ok(false) };
            meter.steps(elements.len())?;
            Ok(elements.iter().all(|e| e.kind() == wanted))
        };
        let kind = item.kind();
        match self {
            Self::Any => Ok(true),
            Self::Expression => Ok(false),
            Self::Number => Ok(kind == Type::Number),
            Self::String => Ok(kind == Type::String),
            Self::Array => Ok(kind == Type::Array),
            Self::Object => Ok(kind == Type::Object),
            Self::Numbers => all(Type::Number, meter),
            Self::Strings => all(Type::String, meter),
            Self::NumbersOrStrings => Ok(all(Type::Number, meter)? || all(Type::String, meter)?),
            Self::StringOrArray => Ok(matches!(kind, Type::String | Type::Array)),
            Self::StringArrayOrObject => Ok(matches!(kind, Type::String | Type::Array | Type::Object)),
        }
    }
}

#[derive(Debug)]
pub(super) struct Signature {
    pub(super) name: &'static str,
    pub(super) takes: &'static [Kind],
    /// What further arguments must be, if there may be any.
    more: Option<Kind>,
}

impl Signature {
    const fn new(name: &'static str, takes: &'static [Kind]) -> Self {
        Self { name, takes, more: None }
    }

    const fn open(name: &'static str, takes: &'static [Kind], more: Kind) -> Self {
        Self { name, takes, more: Some(more) }
    }

    /// The right number of arguments, unless it is this one.
    pub(super) fn wrong_count(&self, count: usize) -> Option<String> {
        let wanted = self.takes.len();
        let plural = if wanted == 1 { "argument" } else { "arguments" };
        match self.more {
            Some(_) => (count < wanted).then(|| format!("at least {wanted} {plural}")),
            None => (count != wanted).then(|| format!("{wanted} {plural}")),
        }
    }

    pub(super) fn takes_expression(&self, place: usize) -> bool {
        self.takes.get(place) == Some(&Kind::Expression)
    }

    /// The kinds of the arguments that are values.
    pub(super) fn kinds(&self) -> impl Iterator<Item = Kind> + '_ {
        let values = self.takes.iter().copied().filter(|k| *k != Kind::Expression);
        values.chain(self.more.into_iter().cycle())
    }
}

const FUNCTIONS: &[Signature] = &[
    Signature::new("abs", &[Kind::Number]),
    Signature::new("avg", &[Kind::Numbers]),
    Signature::new("ceil", &[Kind::Number]),
    Signature::new("contains", &[Kind::StringOrArray, Kind::Any]),
    Signature::new("ends_with", &[Kind::String, Kind::String]),
    Signature::new("floor", &[Kind::Number]),
    Signature::new("join", &[Kind::String, Kind::Strings]),
    Signature::new("keys", &[Kind::Object]),
    Signature::new("length", &[Kind::StringArrayOrObject]),
    Signature::new("map", &[Kind::Expression, Kind::Array]),
    Signature::new("max", &[Kind::NumbersOrStrings]),
    Signature::new("max_by", &[Kind::Array, Kind::Expression]),
    Signature::open("merge", &[Kind::Object], Kind::Object),
    Signature::new("min", &[Kind::NumbersOrStrings]),
    Signature::new("min_by", &[Kind::Array, Kind::Expression]),
    Signature::open("not_null", &[Kind::Any], Kind::Any),
    Signature::new("reverse", &[Kind::StringOrArray]),
    Signature::new("sort", &[Kind::NumbersOrStrings]),
    Signature::new("sort_by", &[Kind::Array, Kind::Expression]),
    Signature::new("starts_with", &[Kind::String, Kind::String]),
    Signature::new("sum", &[Kind::Numbers]),
    Signature::new("to_array", &[Kind::Any]),
    Signature::new("to_number", &[Kind::Any]),
    Signature::new("to_string", &[Kind::Any]),
    Signature::new("type", &[Kind::Any]),
    Signature::new("values", &[Kind::Object]),
];

pub(super) fn find(name: &str) -> Option<&'static Signature> {
    FUNCTIONS.iter().find(|f| f.name == name)
}

#[cfg(test)]
pub(super) fn names() -> Vec<&'static str> {
    FUNCTIONS.iter().map(|f| f.name).collect()
}
