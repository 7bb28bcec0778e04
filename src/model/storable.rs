//! Schemas of JSON that PostgreSQL can store: without NUL characters at any depth.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::NO_NUL;

/// Any JSON value without NUL characters. The keywords apply to the types that they are for.
pub(crate) struct Storable;

impl JsonSchema for Storable {
    fn schema_name() -> Cow<'static, str> {
        "Storable".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<Self>();
        json_schema!({
            "description": "Any JSON without NUL characters.",
            "pattern": NO_NUL,
            "items": value,
            "propertyNames": { "pattern": NO_NUL },
            "additionalProperties": value,
        })
    }
}

pub(crate) fn optional_storable_object(generator: &mut SchemaGenerator) -> Schema {
    let value = generator.subschema_for::<Storable>();
    json_schema!({
        "type": ["object", "null"],
        "propertyNames": { "pattern": NO_NUL },
        "additionalProperties": value,
    })
}
