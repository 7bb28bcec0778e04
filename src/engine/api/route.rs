//! A route: who may ask, what for, what comes back, and the function that answers. The router, the check
//! of rights and `/openapi.json` are all made from it, so none of them can forget one.

use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use super::Api;
use crate::engine::agents::Scope;

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    /// Everybody.
    Public,
    /// Whoever proves who he is.
    Known,
    /// Whoever has this scope.
    Needs(Scope),
}

/// Makes the schema of a type.
pub(crate) type Make = fn(&mut SchemaGenerator) -> Schema;

/// The schema of a type.
pub(crate) fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// What a successful answer holds.
#[derive(Clone, Copy)]
pub(crate) enum Content {
    /// JSON of a type.
    Json(Make),
    /// Text of a media type.
    Text(&'static str),
}

/// A parameter of the query.
#[derive(Clone, Copy)]
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) schema: fn() -> Value,
}

/// One method of one path.
pub(crate) struct Route {
    /// In small letters.
    pub(crate) method: &'static str,
    /// With its parameters in braces.
    pub(crate) path: &'static str,
    /// Who may ask.
    pub(crate) right: Right,
    /// What it does, in a line.
    pub(crate) says: &'static str,
    /// What its query may hold.
    pub(crate) query: &'static [Param],
    /// What its body holds.
    pub(crate) body: Option<Make>,
    /// Whether the body may be left out.
    pub(crate) body_optional: bool,
    /// Whether it minds an `Idempotency-Key`.
    pub(crate) once: bool,
    /// The status when all went well, and what comes with it.
    pub(crate) good: (u16, Content),
    /// Statuses besides those that every route may give.
    pub(crate) also: &'static [u16],
    /// The function that answers.
    pub(crate) handler: MethodRouter<Api>,
}

impl Route {
    /// A route that answers with 200 and JSON of a type.
    pub(crate) fn new<T: JsonSchema, H: Handler<A, Api>, A: 'static>(
        method: MethodFilter,
        path: &'static str,
        right: Right,
        says: &'static str,
        handler: H,
    ) -> Self {
        Self {
            method: name(&method),
            path,
            right,
            says,
            query: &[],
            body: None,
            body_optional: false,
            once: false,
            good: (200, Content::Json(of::<T>)),
            also: &[],
            handler: on(method, handler),
        }
    }

    /// Its query.
    pub(crate) fn query(self, query: &'static [Param]) -> Self {
        Self { query, ..self }
    }

    /// Its body.
    pub(crate) fn body<T: JsonSchema>(self) -> Self {
        Self { body: Some(of::<T>), ..self }
    }

    /// Its body, which may be left out.
    pub(crate) fn body_or_none<T: JsonSchema>(self) -> Self {
        Self { body: Some(of::<T>), body_optional: true, ..self }
    }

    /// It minds an `Idempotency-Key`.
    pub(crate) fn once(self) -> Self {
        Self { once: true, ..self }
    }

    /// The status when all went well.
    pub(crate) fn gives(self, status: u16) -> Self {
        Self { good: (status, self.good.1), ..self }
    }

    /// Text instead of JSON.
    pub(crate) fn text(self, media: &'static str) -> Self {
        Self { good: (self.good.0, Content::Text(media)), ..self }
    }

    /// Statuses of its own.
    pub(crate) fn also(self, also: &'static [u16]) -> Self {
        Self { also, ..self }
    }
}

fn name(method: &MethodFilter) -> &'static str {
    match *method {
        MethodFilter::POST => "post",
        MethodFilter::PUT => "put",
        MethodFilter::DELETE => "delete",
        _ => "get",
    }
}

/// A page's parameters and others.
macro_rules! params {
    ($($name:literal : $schema:tt),* $(,)?) => {
        &[$($crate::engine::api::route::Param { name: $name, schema: || serde_json::json!($schema) }),*]
    };
}
pub(super) use params;
