//! What is signed of a document: its fields as bytes, written in one way.
//!
//! Two replicas with the same fields write the same bytes, so a signature over them holds everywhere.

use crate::document::{FIELDS_READ_MAX, Field, Fields, Scalar};

/// The canonical bytes of fields without dispute: one CBOR map in the order of the names. `None` while a field is
/// disputed: what nobody settled cannot be signed.
pub fn canonical(fields: &Fields) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut out = minicbor::Encoder::new(&mut bytes);
    out.map(fields.len() as u64).ok()?;
    for (name, field) in fields {
        let Field::Settled(value) = field else { return None };
        out.str(name).ok()?;
        match value {
            Scalar::Text(text) => out.str(text),
            Scalar::Integer(number) => out.i64(*number),
            Scalar::Flag(flag) => out.bool(*flag),
            Scalar::Unknown => out.undefined(),
        }
        .ok()?;
    }
    Some(bytes)
}

/// Reads canonical bytes back. `None` if they are not a map of names to single values.
pub fn read_canonical(bytes: &[u8]) -> Option<Fields> {
    let mut input = minicbor::Decoder::new(bytes);
    let count = input.map().ok()??;
    let mut fields = Fields::new();
    for _ in 0..count.min(FIELDS_READ_MAX as u64) {
        let name = input.str().ok()?.to_owned();
        let value = match input.datatype().ok()? {
            minicbor::data::Type::String => Scalar::Text(input.str().ok()?.to_owned()),
            minicbor::data::Type::Bool => Scalar::Flag(input.bool().ok()?),
            minicbor::data::Type::Undefined => {
                input.undefined().ok()?;
                Scalar::Unknown
            }
            _ => Scalar::Integer(input.i64().ok()?),
        };
        fields.insert(name, Field::Settled(value));
    }
    (input.position() == bytes.len()).then_some(fields)
}
