//! JMESPath expressions: compilation, evaluation, truth and dependencies.

use std::collections::BTreeSet;

use jmespath::ast::Ast;
use serde_json::Value;

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
        Self { text: text.to_owned(), offset: error.offset, message }
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

#[derive(Clone)]
pub(crate) struct Expression {
    inner: jmespath::Expression<'static>,
}

impl Expression {
    pub(crate) fn compile(text: &str) -> Result<Self, ExpressionError> {
        check_bounds(text)?;
        let inner = jmespath::compile(text).map_err(|e| ExpressionError::new(text, &e))?;
        reject_unknown_function(inner.as_ast(), text)?;
        Ok(Self { inner })
    }

    pub(crate) fn evaluate(&self, context: &Value) -> Result<Value, ExpressionError> {
        let fail = |e| ExpressionError::new(self.inner.as_str(), &e);
        let value = self.inner.search(context).map_err(fail)?;
        serde_json::to_value(&*value).map_err(|e| ExpressionError {
            text: self.inner.as_str().to_owned(),
            offset: 0,
            message: e.to_string(),
        })
    }

    /// Names of the saved results that it reads as `steps.<name>`; `*` means all.
    pub(crate) fn steps(&self) -> BTreeSet<String> {
        self.reads("steps")
    }

    /// Names that it reads as `<root>.<name>`; `*` means all.
    pub(crate) fn reads(&self, root: &str) -> BTreeSet<String> {
        let is_root = |node: &Ast| matches!(node, Ast::Field { name, .. } if name == root);
        let mut names = BTreeSet::new();
        visit(self.inner.as_ast(), Below::Root, &mut |node| match node {
            Ast::Subexpr { lhs, rhs, .. } if is_root(lhs) => {
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
    let deep = text.bytes().filter(|b| b".[({!&|*".contains(b)).count();
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
        Value::Number(n) => n.as_f64() != Some(0.0),
        Value::String(s) => !s.is_empty(),
        Value::Array(a) => !a.is_empty(),
        Value::Object(o) => !o.is_empty(),
    }
}

fn first_field(node: &Ast) -> Option<&str> {
    match node {
        Ast::Field { name, .. } => Some(name),
        Ast::Subexpr { lhs, .. } => first_field(lhs),
        _ => None,
    }
}

/// Rejects unknown functions at compile time; the library finds them only when it calls them.
fn reject_unknown_function(ast: &Ast, text: &str) -> Result<(), ExpressionError> {
    let mut error = None;
    visit(ast, Below::All, &mut |node| {
        if let Ast::Function { name, offset, .. } = node
            && error.is_none()
            && jmespath::DEFAULT_RUNTIME.get_function(name).is_none()
        {
            let message = format!("no function '{name}'");
            error = Some(ExpressionError { text: text.to_owned(), offset: *offset, message });
        }
        true
    });
    error.map_or(Ok(()), Err)
}

#[derive(Clone, Copy, PartialEq)]
enum Below {
    All,
    /// Only nodes whose names are resolved in the context itself.
    Root,
}

/// Calls `see` for a node and, when it returns true, for the nodes below.
fn visit(node: &Ast, below: Below, see: &mut dyn FnMut(&Ast) -> bool) {
    if !see(node) {
        return;
    }
    match node {
        Ast::Projection { lhs, rhs, .. } | Ast::Subexpr { lhs, rhs, .. } => {
            visit(lhs, below, see);
            if below == Below::All {
                visit(rhs, below, see);
            }
        }
        Ast::Comparison { lhs, rhs, .. } | Ast::And { lhs, rhs, .. } | Ast::Or { lhs, rhs, .. } => {
            visit(lhs, below, see);
            visit(rhs, below, see);
        }
        Ast::Condition { predicate, then, .. } => {
            visit(predicate, below, see);
            visit(then, below, see);
        }
        // An expression reference is evaluated on each element, not on the context.
        Ast::Expref { ast: node, .. } => {
            if below == Below::All {
                visit(node, below, see);
            }
        }
        Ast::Flatten { node, .. } | Ast::Not { node, .. } | Ast::ObjectValues { node, .. } => {
            visit(node, below, see)
        }
        Ast::Function { args, .. } => args.iter().for_each(|a| visit(a, below, see)),
        Ast::MultiList { elements, .. } => elements.iter().for_each(|e| visit(e, below, see)),
        Ast::MultiHash { elements, .. } => elements.iter().for_each(|e| visit(&e.value, below, see)),
        Ast::Identity { .. }
        | Ast::Field { .. }
        | Ast::Index { .. }
        | Ast::Literal { .. }
        | Ast::Slice { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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

    #[test]
    fn faults_are_found_when_an_expression_is_read() {
        assert_eq!(Expression::compile("a.[").err().unwrap().offset, 3);
        assert!(Expression::compile("lenght(a)").err().unwrap().message.contains("'lenght'"));
    }
}
