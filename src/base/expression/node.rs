//! The syntax tree that the interpreter runs: checked functions and exact literals.

use std::str::FromStr;

use jmespath::Variable;
use jmespath::ast::{Ast, Comparator};
use serde_json::Value;

use super::ExpressionError;
use super::signature::{self, Signature};

#[derive(Debug)]
pub(super) enum Node {
    Current,
    Field(String),
    Index(i64),
    Slice {
        start: Option<i64>,
        stop: Option<i64>,
        step: i64,
    },
    Literal(Value),
    /// Evaluates the second on the value of the first.
    Pipe(Box<Node>, Box<Node>),
    /// Evaluates the second on each element of the first and drops nulls.
    Project(Box<Node>, Box<Node>),
    Flatten(Box<Node>),
    /// The values of an object.
    Values(Box<Node>),
    Or(Box<Node>, Box<Node>),
    And(Box<Node>, Box<Node>),
    Not(Box<Node>),
    /// The second if the first is true, else null.
    If(Box<Node>, Box<Node>),
    Compare(Comparator, Box<Node>, Box<Node>),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
    Call(Call),
}

#[derive(Debug)]
pub(super) struct Call {
    pub(super) signature: &'static Signature,
    /// The arguments, without the expression reference.
    pub(super) args: Vec<Node>,
    /// The expression reference (`&expression`), evaluated on each element.
    pub(super) each: Option<Box<Node>>,
    /// In characters.
    pub(super) offset: usize,
}

/// Translates the parser's tree.
pub(super) struct Translator<'t> {
    pub(super) text: &'t str,
}

impl Translator<'_> {
    pub(super) fn node(&self, ast: &Ast) -> Result<Node, ExpressionError> {
        Ok(match ast {
            Ast::Identity { .. } => Node::Current,
            Ast::Field { name, .. } => Node::Field(name.clone()),
            Ast::Index { idx, .. } => Node::Index(i64::from(*idx)),
            Ast::Slice { step: 0, offset, .. } => {
                return Err(self.error(*offset, "a slice's step must not be 0"));
            }
            Ast::Slice { start, stop, step, .. } => {
                Node::Slice { start: start.map(i64::from), stop: stop.map(i64::from), step: i64::from(*step) }
            }
            Ast::Literal { offset, value } => Node::Literal(self.literal(*offset, value)?),
            Ast::Subexpr { lhs, rhs, .. } => Node::Pipe(self.boxed(lhs)?, self.boxed(rhs)?),
            Ast::Projection { lhs, rhs, .. } => Node::Project(self.boxed(lhs)?, self.boxed(rhs)?),
            Ast::Flatten { node, .. } => Node::Flatten(self.boxed(node)?),
            Ast::ObjectValues { node, .. } => Node::Values(self.boxed(node)?),
            Ast::Or { lhs, rhs, .. } => Node::Or(self.boxed(lhs)?, self.boxed(rhs)?),
            Ast::And { lhs, rhs, .. } => Node::And(self.boxed(lhs)?, self.boxed(rhs)?),
            Ast::Not { node, .. } => Node::Not(self.boxed(node)?),
            Ast::Condition { predicate, then, .. } => Node::If(self.boxed(predicate)?, self.boxed(then)?),
            Ast::Comparison { comparator, lhs, rhs, .. } => {
                Node::Compare(comparator.clone(), self.boxed(lhs)?, self.boxed(rhs)?)
            }
            Ast::MultiList { elements, .. } => Node::List(self.nodes(elements)?),
            Ast::MultiHash { elements, .. } => {
                let entries = elements.iter().map(|e| Ok((e.key.clone(), self.node(&e.value)?)));
                Node::Map(entries.collect::<Result<_, _>>()?)
            }
            Ast::Function { name, args, offset } => Node::Call(self.call(name, args, *offset)?),
            Ast::Expref { offset, .. } => {
                return Err(self.error(
                    *offset,
                    "'&' is only allowed before an argument of a function that takes an expression",
                ));
            }
        })
    }

    fn boxed(&self, ast: &Ast) -> Result<Box<Node>, ExpressionError> {
        self.node(ast).map(Box::new)
    }

    fn nodes(&self, all: &[Ast]) -> Result<Vec<Node>, ExpressionError> {
        all.iter().map(|ast| self.node(ast)).collect()
    }

    fn call(&self, name: &str, args: &[Ast], offset: usize) -> Result<Call, ExpressionError> {
        let Some(signature) = signature::find(name) else {
            return Err(self.error(offset, format!("no function '{name}'")));
        };
        if let Some(wanted) = signature.wrong_count(args.len()) {
            return Err(self.error(offset, format!("{name} takes {wanted}, not {}", args.len())));
        }
        let (mut plain, mut each) = (Vec::with_capacity(args.len()), None);
        for (place, arg) in args.iter().enumerate() {
            match (arg, signature.takes_expression(place)) {
                (Ast::Expref { ast, .. }, true) => each = Some(self.boxed(ast)?),
                (_, true) => {
                    let message =
                        format!("argument {} of {name} must be an expression, such as &id", place + 1);
                    return Err(self.error(offset, message));
                }
                (arg, false) => plain.push(self.node(arg)?),
            }
        }
        Ok(Call { signature, args: plain, each, offset: self.characters(offset) })
    }

    /// A literal as it is written: the parser's own value has lost digits of large numbers.
    fn literal(&self, offset: usize, parsed: &Variable) -> Result<Value, ExpressionError> {
        if let Variable::String(text) = parsed {
            return Ok(Value::String(text.clone()));
        }
        let rest = self.text.get(offset + 1..).unwrap_or_default();
        let mut escaped = false;
        let end = rest.find(|c| {
            let ends = c == '`' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let json = rest[..end.unwrap_or(rest.len())].replace("\\`", "`");
        Value::from_str(&json).map_err(|e| self.error(offset, e.to_string()))
    }

    /// `offset` is in bytes.
    fn error(&self, offset: usize, message: impl Into<String>) -> ExpressionError {
        ExpressionError {
            text: self.text.to_owned(),
            offset: self.characters(offset),
            message: message.into(),
        }
    }

    fn characters(&self, bytes: usize) -> usize {
        self.text.char_indices().take_while(|(at, _)| *at < bytes).count()
    }
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Below {
    All,
    /// Only nodes whose names are resolved in the context itself.
    Root,
}

/// Calls `see` for a node and, when it returns true, for the nodes below.
pub(super) fn visit(node: &Node, below: Below, see: &mut dyn FnMut(&Node) -> bool) {
    if !see(node) {
        return;
    }
    match node {
        Node::Project(lhs, rhs) | Node::Pipe(lhs, rhs) => {
            visit(lhs, below, see);
            if below == Below::All {
                visit(rhs, below, see);
            }
        }
        Node::Compare(_, lhs, rhs) | Node::And(lhs, rhs) | Node::Or(lhs, rhs) | Node::If(lhs, rhs) => {
            visit(lhs, below, see);
            visit(rhs, below, see);
        }
        Node::Flatten(node) | Node::Not(node) | Node::Values(node) => visit(node, below, see),
        Node::Call(call) => {
            call.args.iter().for_each(|a| visit(a, below, see));
            // An expression reference is evaluated on each element, not on the context.
            if let Some(each) = call.each.as_ref().filter(|_| below == Below::All) {
                visit(each, below, see);
            }
        }
        Node::List(elements) => elements.iter().for_each(|e| visit(e, below, see)),
        Node::Map(entries) => entries.iter().for_each(|(_, e)| visit(e, below, see)),
        Node::Current | Node::Field(_) | Node::Index(_) | Node::Literal(_) | Node::Slice { .. } => {}
    }
}
