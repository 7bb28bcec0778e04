//! JMESPath expressions: compilation, evaluation, truth and dependencies.

mod compare;
#[cfg(test)]
mod conformance_table;
#[cfg(test)]
mod conformance_tests;
mod functions;
mod interpreter;
mod item;
mod meter;
mod node;
mod number;
mod signature;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use interpreter::Interpreter;
use node::{Below, Node, Translator, visit};

pub(crate) use item::Item;
pub(crate) use meter::{EvaluateError, LimitError, Meter, size};

/// An expression that cannot be read or evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}, at character {} of '{text}'", .offset + 1)]
pub(crate) struct ExpressionError {
    pub(crate) text: String,
    /// In characters from 0.
    pub(crate) offset: usize,
    pub(crate) message: String,
}

impl ExpressionError {
    fn new(text: &str, error: &jmespath::JmespathError) -> Self {
        let message = match &error.reason {
            jmespath::ErrorReason::Parse(message) => message.clone(),
            jmespath::ErrorReason::Runtime(reason) => reason.to_string(),
        };
        let message = message.lines().next().unwrap_or_default().trim_end_matches('.');
        let message = plain(message);
        // The parser counts bytes.
        let offset = text.char_indices().take_while(|(at, _)| *at < error.offset).count();
        Self { text: text.to_owned(), offset, message }
    }
}

/// A message of the parser without its own terms: a token is printed as a Rust value.
fn plain(message: &str) -> String {
    let (problem, token) = message.split_once(" -- found ").unwrap_or((message, ""));
    match problem {
        _ if token == "Eof" => "unexpected end".to_owned(),
        "Unexpected nud token" | "Unexpected led token" => "unexpected token".to_owned(),
        "Did not parse the complete expression" => "expected the end".to_owned(),
        problem => problem.to_owned(),
    }
}

/// A compiled expression. The parser is a library's; the interpreter is our own, because that of the library
/// bounds neither time nor memory and rounds integers.
#[derive(Clone)]
pub(crate) struct Expression {
    text: Arc<str>,
    node: Arc<Node>,
}

impl Expression {
    pub(crate) fn compile(text: &str) -> Result<Self, ExpressionError> {
        check_bounds(text)?;
        let ast = jmespath::parse(text).map_err(|e| ExpressionError::new(text, &e))?;
        let node = Translator { text }.node(&ast)?;
        Ok(Self { text: text.into(), node: Arc::new(node) })
    }

    /// Its value, within the bounds of the meter.
    pub(crate) fn evaluate<'a>(
        &'a self,
        context: &Item<'a>,
        meter: &mut Meter,
    ) -> Result<Value, EvaluateError> {
        let item = Interpreter { text: &self.text, meter }.evaluate(&self.node, context)?;
        item.to_value(meter)
    }

    /// Names of the saved results that it reads as `steps.<name>`; `*` means all.
    pub(crate) fn steps(&self) -> BTreeSet<String> {
        self.reads("steps")
    }

    /// Names that it reads as `<root>.<name>`; `*` means all.
    pub(crate) fn reads(&self, root: &str) -> BTreeSet<String> {
        let is_root = |node: &Node| matches!(node, Node::Field(name) if name == root);
        let mut names = BTreeSet::new();
        visit(&self.node, Below::Root, &mut |node| match node {
            Node::Pipe(lhs, rhs) if is_root(lhs) => {
                names.insert(first_field(rhs).unwrap_or("*").to_owned());
                false
            }
            node if is_root(node) => {
                names.insert("*".to_owned());
                false
            }
            _ => true,
        });
        names
    }
}

/// Maximum length of an expression in bytes.
const MAX_BYTES: usize = 4096;
/// Maximum number of operators and brackets. The parser recurses once for each, and the stack is finite.
const MAX_OPERATORS: usize = 250;

fn check_bounds(text: &str) -> Result<(), ExpressionError> {
    let operators = text.bytes().filter(|b| b".[({!&|*".contains(b)).count();
    let is_comparator = |b: u8| b"<=>".contains(&b);
    let comparators =
        text.as_bytes().windows(2).filter(|w| is_comparator(w[0]) && !is_comparator(w[1])).count();
    let deep = operators + comparators;
    let message = if text.len() > MAX_BYTES {
        format!("an expression has at most {MAX_BYTES} bytes")
    } else if deep > MAX_OPERATORS {
        format!("an expression has at most {MAX_OPERATORS} operators and brackets")
    } else {
        return Ok(());
    };
    let text = text.chars().take(40).chain("…".chars()).collect();
    Err(ExpressionError { text, offset: 0, message })
}

/// As in Python: null, false, 0, "", [] and {} are false.
pub(crate) fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(b) => *b,
        Value::Number(n) => !number::is_zero(n),
        Value::String(s) => !s.is_empty(),
        Value::Array(a) => !a.is_empty(),
        Value::Object(o) => !o.is_empty(),
    }
}

fn first_field(node: &Node) -> Option<&str> {
    match node {
        Node::Field(name) => Some(name),
        Node::Pipe(lhs, _) => first_field(lhs),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::settings::Limits;

    #[test]
    fn truth_is_pythons() {
        for value in [json!(null), json!(false), json!(0), json!(0.0), json!(""), json!([]), json!({})] {
            assert!(!is_true(&value), "{value}");
        }
        for value in [json!(true), json!(1), json!(-1), json!("0"), json!([0]), json!({"a": null})] {
            assert!(is_true(&value), "{value}");
        }
    }

    #[test]
    fn what_an_expression_rests_on_is_known() {
        let steps = |text| Expression::compile(text).unwrap().steps().into_iter().collect::<Vec<_>>();
        assert_eq!(steps("steps.queue.due > `1000` && steps.workers.busy > `0.8`"), ["queue", "workers"]);
        assert_eq!(steps("length(steps.queue.rows[?age > `3`])"), ["queue"]);
        assert_eq!(steps("keys(steps)"), ["*"]);
        assert_eq!(steps("params.steps"), Vec::<String>::new());
        assert_eq!(steps("params.deep"), Vec::<String>::new());
        let params =
            Expression::compile("params.a.b || length(params.c) > steps.params.d || map(&params.e, x)")
                .unwrap();
        assert_eq!(params.reads("params").into_iter().collect::<Vec<_>>(), ["a", "c"]);
    }

    fn evaluate(text: &str, data: &Value, limits: &Limits) -> Result<Value, String> {
        let expression = Expression::compile(text).map_err(|e| e.to_string())?;
        let mut meter = Meter::new(limits, Arc::default());
        expression.evaluate(&Item::Value(data), &mut meter).map_err(|e| e.to_string())
    }

    #[test]
    fn integers_are_compared_exactly_and_keep_every_digit() {
        let data: Value = serde_json::from_str(
            r#"{"a": 1970670598291982290, "b": 1970670598291982291, "f": 1970670598291982290.0, "half": 0.5,
                "big": 123456789012345678901234567890, "more": 123456789012345678901234567891, "neg": -99999999999999999999}"#,
        )
        .unwrap();
        let of = |text: &str| evaluate(text, &data, &Limits::default()).unwrap().to_string();
        for (text, value) in [
            ("a == b", "false"),
            ("a == `1970670598291982290`", "true"),
            ("a == `1970670598291982291`", "false"),
            ("a == f", "true"),
            ("b == f", "false"),
            ("a < b", "true"),
            ("big", "123456789012345678901234567890"),
            ("big == more", "false"),
            ("big < more", "true"),
            ("neg < half", "true"),
            ("`123456789012345678901234567890`", "123456789012345678901234567890"),
            ("max([a, b])", "1970670598291982291"),
            ("sort([b, a])", "[1970670598291982290,1970670598291982291]"),
            ("contains([a], b)", "false"),
            ("sum([a, `1`])", "1970670598291982291"),
            ("sum([big, `1`])", "123456789012345678901234567891"),
            ("abs(neg)", "99999999999999999999"),
            ("floor(big)", "123456789012345678901234567890"),
            ("to_number('123456789012345678901234567890')", "123456789012345678901234567890"),
            ("to_string(big)", "\"123456789012345678901234567890\""),
            ("{k: [big]}", r#"{"k":[123456789012345678901234567890]}"#),
            ("sum([`0.1`, `0.2`]) == `0.3`", "true"),
        ] {
            assert_eq!(of(text), value, "{text}");
        }
    }

    /// Each would need gigabytes or hours without its bound.
    #[test]
    fn an_evaluation_ends_at_its_bounds() {
        let doubled = |times: usize, then: &str| format!("[@,@]{}|{then}", "|[@,@][]".repeat(times));
        let squared = format!("@{}", "|[@,@,@,@]".repeat(14));
        assert!(squared.len() < 160);
        let text = json!("x".repeat(1 << 20));
        for (expression, data, bound) in [
            (squared, &text, "larger than 8.0 MiB (limits.value)"),
            (doubled(30, "length(@)"), &text, "holds more than 32.0 MiB (4 times limits.value"),
            (doubled(12, "join('', @)"), &text, "holds more than 32.0 MiB (4 times limits.value"),
            (doubled(16, "sort(@)"), &text, "needs more than 10,000,000 steps (limits.evaluation_steps)"),
            (doubled(16, "[?contains(@, 'y')]"), &text, "needs more than 10,000,000 steps"),
            (doubled(12, "[?@ == 'y'] | length(@)"), &json!(1), ""),
            (doubled(14, "[@, @] | [?@ == [0]]"), &json!([1]), ""),
            (format!("@{}", "|{a: @}".repeat(120)), &json!(nested(60)), "nests deeper than 128 levels"),
        ] {
            let result = evaluate(&expression, data, &Limits::default());
            match bound {
                "" => assert!(result.is_ok(), "{expression}: {result:?}"),
                bound => {
                    let error = result.expect_err(&expression);
                    assert!(error.contains(bound), "{expression}: {error}");
                }
            }
        }
    }

    fn nested(depth: usize) -> Value {
        (0..depth).fold(json!(1), |inner, _| json!([inner]))
    }

    #[test]
    fn faults_are_found_when_an_expression_is_read() {
        assert_eq!(Expression::compile("a.[").err().unwrap().offset, 3);
        assert!(Expression::compile("lenght(a)").err().unwrap().message.contains("'lenght'"));
    }
}
