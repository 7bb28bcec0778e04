//! A route: who may call it, its input, its answers and its handler. The router, the access check and
//! `/openapi.json` are generated from it, so none of them can miss a route.

use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::Api;
use crate::engine::agents::Scope;

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Public,
    /// Any authenticated agent.
    Authenticated,
    Requires(Scope),
}

/// Generates a schema.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// The schema of a type, as a reference to a component.
pub(crate) fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// Content of a successful answer.
#[derive(Clone, Copy)]
pub(crate) enum Content {
    Json(SchemaOf),
    /// Text of a media type.
    Text(&'static str),
}

/// One method of one path.
pub(crate) struct Route {
    /// In lower case.
    pub(crate) method: &'static str,
    /// With parameters in braces.
    pub(crate) path: &'static str,
    pub(crate) access: Access,
    pub(crate) summary: &'static str,
    /// An object schema with one property per parameter.
    pub(crate) query: Option<SchemaOf>,
    pub(crate) body: Option<SchemaOf>,
    pub(crate) is_body_optional: bool,
    /// Accepts an `Idempotency-Key`.
    pub(crate) is_idempotent: bool,
    /// Status and content of a successful answer.
    pub(crate) success: (u16, Content),
    /// Error statuses beyond those of every route.
    pub(crate) extra_statuses: &'static [u16],
    pub(crate) handler: MethodRouter<Api>,
}

impl Route {
    /// A route that answers 200 with JSON.
    pub(crate) fn new<T: JsonSchema, H: Handler<A, Api>, A: 'static>(
        method: MethodFilter,
        path: &'static str,
        access: Access,
        summary: &'static str,
        handler: H,
    ) -> Self {
        Self {
            method: name(&method),
            path,
            access,
            summary,
            query: None,
            body: None,
            is_body_optional: false,
            is_idempotent: false,
            success: (200, Content::Json(schema_of::<T>)),
            extra_statuses: &[],
            handler: on(method, handler),
        }
    }

    pub(crate) fn query<T: JsonSchema>(self) -> Self {
        Self { query: Some(T::json_schema), ..self }
    }

    pub(crate) fn body<T: JsonSchema>(self) -> Self {
        Self { body: Some(schema_of::<T>), ..self }
    }

    pub(crate) fn optional_body<T: JsonSchema>(self) -> Self {
        Self { body: Some(schema_of::<T>), is_body_optional: true, ..self }
    }

    pub(crate) fn idempotent(self) -> Self {
        Self { is_idempotent: true, ..self }
    }

    pub(crate) fn status(self, status: u16) -> Self {
        Self { success: (status, self.success.1), ..self }
    }

    /// Answers text instead of JSON.
    pub(crate) fn text(self, media: &'static str) -> Self {
        Self { success: (self.success.0, Content::Text(media)), ..self }
    }

    pub(crate) fn or(self, extra_statuses: &'static [u16]) -> Self {
        Self { extra_statuses, ..self }
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
