//! What a newer version wrote and this one does not understand: kept, never read, written back unchanged.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::json::{canonical, has_only_whole_numbers};

/// Fields of a newer version, by name. On screens and in bindings it is one JSON object as text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LaterFields(BTreeMap<String, Value>);

/// A question kind or a requirement of a newer version, as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LaterValue(Value);

/// A text that is not JSON with whole numbers only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("fields of a newer version are a JSON object of whole numbers, texts, lists and objects")]
pub struct NotLaterFields;

impl LaterFields {
    /// Whether there are none, as in every template of this version.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl LaterValue {
    pub(super) fn json(&self) -> &Value {
        &self.0
    }

    /// Its name: the text itself, or the first name of an object; empty when there is none.
    pub fn name(&self) -> &str {
        match &self.0 {
            Value::String(name) => name,
            Value::Object(fields) => fields.keys().next().map_or("", String::as_str),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => "",
        }
    }
}

impl<'de> Deserialize<'de> for LaterFields {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let fields = BTreeMap::<String, Value>::deserialize(input)?;
        let is_readable = fields.values().all(has_only_whole_numbers);
        if is_readable { Ok(Self(fields)) } else { Err(serde::de::Error::custom(NotLaterFields)) }
    }
}

impl<'de> Deserialize<'de> for LaterValue {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(input)?;
        if has_only_whole_numbers(&value) { Ok(Self(value)) } else { Err(serde::de::Error::custom(NotLaterFields)) }
    }
}

uniffi::custom_type!(LaterFields, String, {
    lower: |fields| canonical(&fields),
    try_lift: |text| Ok(serde_json::from_str(&text).map_err(|_| NotLaterFields)?),
});

uniffi::custom_type!(LaterValue, String, {
    lower: |kind| canonical(&kind),
    try_lift: |text| Ok(serde_json::from_str(&text).map_err(|_| NotLaterFields)?),
});
