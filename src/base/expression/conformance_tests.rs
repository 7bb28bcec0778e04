//! The interpreter against that of the library.

use jmespath::Variable;
use proptest::prelude::*;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::conformance_table::EXPRESSIONS;
use super::*;
use crate::base::settings::Limits;

fn data() -> Value {
    json!({
        "a": 1, "b": -2.5, "text": "abc", "empty": "", "none": null, "yes": true, "no": false,
        "list": [3, 1, 2], "words": ["b", "a", "c", "a"], "nested": [[1, 2], [3], 4, [[5]]], "nothing": [],
        "rows": [
            { "id": 1, "name": "x", "tags": ["t", "u"] },
            { "id": 3, "name": "z", "tags": [] },
            { "id": 2, "name": "y", "more": { "deep": { "er": 7 } } },
            { "name": "no id" },
        ],
        "map": { "z": { "v": 1 }, "y": { "v": 2 }, "x": 3 }, "hollow": {},
    })
}

fn meter() -> Meter {
    Meter::new(&Limits::default(), Arc::default())
}

fn own(text: &str, data: &Value) -> Result<Value, String> {
    let expression = Expression::compile(text).map_err(|e| e.to_string())?;
    expression.evaluate(&Item::Value(data), &mut meter()).map_err(|e| e.to_string())
}

/// The library's own value.
fn library(text: &str, data: &Value) -> Result<Value, String> {
    let value = jmespath::compile(text).and_then(|e| e.search(Plain(data))).map_err(|e| e.to_string())?;
    value_of(&value)
}

/// Data for the library, which does not know exact numbers.
struct Plain<'a>(&'a Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Number(n) => match n.as_i64() {
                Some(n) => s.serialize_i64(n),
                None => s.serialize_f64(n.as_f64().unwrap()),
            },
            Value::Array(items) => s.collect_seq(items.iter().map(Plain)),
            Value::Object(map) => s.collect_map(map.iter().map(|(k, v)| (k, Plain(v)))),
            other => other.serialize(s),
        }
    }
}

fn value_of(variable: &Variable) -> Result<Value, String> {
    Ok(match variable {
        Variable::Null => Value::Null,
        Variable::Bool(b) => Value::Bool(*b),
        Variable::Number(n) => Value::Number(n.clone()),
        Variable::String(s) => Value::String(s.clone()),
        Variable::Array(items) => Value::Array(items.iter().map(|v| value_of(v)).collect::<Result<_, _>>()?),
        Variable::Object(map) => {
            let entries = map.iter().map(|(k, v)| Ok((k.clone(), value_of(v)?)));
            Value::Object(entries.collect::<Result<Map<_, _>, String>>()?)
        }
        Variable::Expref(_) => return Err("an expression is no value".to_owned()),
    })
}

/// Numbers by value: the library makes every result of arithmetic a float.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => number::equal(a, b),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|other| same(v, other)))
        }
        (a, b) => a == b,
    }
}

#[test]
fn the_interpreter_agrees_with_the_librarys() {
    let data = data();
    for text in EXPRESSIONS {
        match (own(text, &data), library(text, &data)) {
            (Ok(a), Ok(b)) => assert!(same(&a, &b), "{text}: {a} and not {b}"),
            (Err(_), Err(_)) => {}
            (a, b) => panic!("{text}: {a:?} and not {b:?}"),
        }
    }
    let used = |name: &&str| EXPRESSIONS.iter().any(|e| e.contains(&format!("{name}(")));
    let unused: Vec<_> = signature::names().into_iter().filter(|name| !used(name)).collect();
    assert_eq!(unused, Vec::<&str>::new(), "every function has a case");
}

/// Where the library deviates from the specification of JMESPath or loses digits.
#[test]
fn deviations_from_the_library_are_those_of_the_specification() {
    for (text, value) in [
        ("avg(nothing)", json!(null)),
        ("to_number('[1]')", json!(null)),
        ("to_number('12')", json!(12)),
        ("to_number('1.5')", json!(1.5)),
        ("sum(list)", json!(6)),
        ("abs(a)", json!(1)),
        ("ceil(b)", json!(-2)),
        ("`1970670598291982290` == `1970670598291982291`", json!(false)),
    ] {
        assert_eq!(own(text, &data()), Ok(value), "{text}");
    }
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|b| json!(b)),
        (-9..9i64).prop_map(|n| json!(n)),
        (-9..9i32).prop_map(|n| json!(f64::from(n) / 2.0)),
        "[a-c]{0,2}".prop_map(|s| json!(s)),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let object = prop::collection::btree_map("[a-c]", inner.clone(), 0..4);
        prop_oneof![
            prop::collection::vec(inner, 0..5).prop_map(Value::Array),
            object.prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

const UNARY: &[&str] = &[
    "not_null(X)",
    "!(X)",
    "(X)[0]",
    "(X)[-1]",
    "(X)[*]",
    "(X)[]",
    "(X).*",
    "(X)[1:]",
    "(X)[::-1]",
    "(X)[*].a",
    "(X)[].b",
    "(X).c",
    "type(X)",
    "to_array(X)",
    "to_string(X)",
    "length(X)",
    "sort(X)",
    "max(X)",
    "min(X)",
    "sum(X)",
    "keys(X)",
    "values(X)",
    "reverse(X)",
    "abs(X)",
    "map(&a, X)",
    "sort_by(X, &a)",
    "max_by(X, &b)",
    "(X)[?a].b",
];
const BINARY: &[&str] = &[
    "(X) == (Y)",
    "(X) != (Y)",
    "(X) < (Y)",
    "(X) >= (Y)",
    "(X) || (Y)",
    "(X) && (Y)",
    "(X) | (Y)",
    "[X, Y]",
    "{a: X, b: Y}",
    "contains(X, Y)",
    "join(X, Y)",
    "merge(X, Y)",
    "(X)[?a == (Y)]",
];

/// Expressions that parse, over the names of [`values`].
fn expressions() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("@".to_owned()),
        "[a-c]".prop_map(String::from),
        "'[a-c]{0,2}'".prop_map(String::from),
    ];
    leaf.prop_recursive(4, 24, 3, |e| {
        let (unary, binary) = (prop::sample::select(UNARY), prop::sample::select(BINARY));
        prop_oneof![
            (unary, e.clone()).prop_map(|(form, x)| form.replace('X', &x)),
            (binary, e.clone(), e)
                .prop_map(|(form, x, y)| form.replace('X', "\u{1}").replace('Y', &y).replace('\u{1}', &x)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]
    #[test]
    fn the_interpreter_agrees_on_random_expressions(text in expressions(), data in values()) {
        // These return exact integers here and floating-point numbers in the library: equal, but written as 0 and 0.0.
        let computes = ["sum(", "abs(", "ceil(", "floor("].iter().any(|function| text.contains(function));
        prop_assume!(!(computes && text.contains("to_string(")));
        match (own(&text, &data), library(&text, &data)) {
            (Ok(a), Ok(b)) => prop_assert!(same(&a, &b), "{} on {}: {} and not {}", text, data, a, b),
            (Err(_), Err(_)) => {}
            (a, b) => prop_assert!(false, "{} on {}: {:?} and not {:?}", text, data, a, b),
        }
    }
}
