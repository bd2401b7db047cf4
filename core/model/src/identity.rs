//! Who and what: 128-bit names that never repeat, made from random bytes by the caller or derived by hash.
//!
//! This module never makes randomness. Names of named work only; the anonymous road has its own.

use sha2::{Digest, Sha256};

/// A text that is not 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an identity is 32 hexadecimal digits")]
pub struct NotAnIdentity;

macro_rules! identity {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// From 16 random or derived bytes.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 16 bytes.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// Reads 32 hexadecimal digits of either case.
            pub fn parse(text: &str) -> Result<Self, NotAnIdentity> {
                parse_hex(text).map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(&data_encoding::HEXLOWER.encode(&self.0))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(out, "{}({self})", stringify!($name))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                out.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                let text = String::deserialize(input)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                out: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                out.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(input: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                let bytes = input.bytes()?;
                let bytes = bytes.try_into().map_err(|_| minicbor::decode::Error::message("an identity has 16 bytes"))?;
                Ok(Self(bytes))
            }
        }

        uniffi::custom_type!($name, String, {
            lower: |identity| identity.to_string(),
            try_lift: |text| Ok($name::parse(&text)?),
        });
    };
}

identity! {
    /// A sharing unit: one membership list and one log.
    SpaceId
}
identity! {
    /// A document; it belongs to one space for life.
    DocumentId
}
identity! {
    /// A cadre, a committee member or a member of the office's staff.
    PersonId
}
identity! {
    /// A phone or tablet: the first 16 bytes of the hash of its public key.
    DeviceId
}
identity! {
    /// A unit of the organisation tree.
    UnitId
}
identity! {
    /// An evaluation cycle: a period, a rule set and the units that take part.
    CycleId
}
identity! {
    /// A line of a task table.
    TaskId
}
identity! {
    /// A paragraph of minutes.
    ParagraphId
}
identity! {
    /// A screened text of a resident: random, nothing of its envelope.
    FeedbackId
}
identity! {
    /// A round of opinion: what the office announced, never who answered.
    RoundId
}

fn parse_hex(text: &str) -> Result<[u8; 16], NotAnIdentity> {
    let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).map_err(|_| NotAnIdentity)?;
    bytes.try_into().map_err(|_| NotAnIdentity)
}

/// The first 16 bytes of SHA-256 over the parts, each preceded by its length, so that no two lists of parts collide.
pub fn derive_bytes(domain: &str, parts: &[&[u8]]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in std::iter::once(&domain.as_bytes()).chain(parts) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_reads_what_it_prints() {
        let id = PersonId::from_bytes([0xab; 16]);
        assert_eq!(PersonId::parse(&id.to_string()), Ok(id));
        assert_eq!(PersonId::parse("ab"), Err(NotAnIdentity));
        assert_eq!(PersonId::parse(&"zz".repeat(16)), Err(NotAnIdentity));
    }

    #[test]
    fn parts_of_a_derived_name_do_not_run_together() {
        assert_ne!(derive_bytes("d", &[b"ab", b"c"]), derive_bytes("d", &[b"a", b"bc"]));
        assert_ne!(derive_bytes("d", &[b"ab"]), derive_bytes("da", &[b"b"]));
    }
}
