//! Content addresses and keys: thirty-two bytes that name exactly one thing.

/// Names one entry of a log for ever: for a change the hash that automerge gives it, else SHA-256 over its content.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryHash([u8; 32]);

/// The public half of an ed25519 key of a device or of a server.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

/// Names bytes that are no entry of a log: a template, a slip book, a box.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash([u8; 32]);

/// The public half of an X25519 key that envelopes are sealed to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SealingKey([u8; 32]);

/// Commits to a whole prefix of a log: hash of the row before and of this row, sixteen bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainHash([u8; 16]);

/// An ed25519 signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 64]);

macro_rules! bytes {
    ($name:ident, $length:literal) => {
        impl $name {
            /// From raw bytes.
            pub const fn from_bytes(bytes: [u8; $length]) -> Self {
                Self(bytes)
            }

            /// The raw bytes.
            pub const fn as_bytes(&self) -> &[u8; $length] {
                &self.0
            }

            /// From a slice of exactly this length.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(&data_encoding::HEXLOWER.encode(&self.0))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(out, "{}", data_encoding::HEXLOWER.encode(&self.0[..6]))
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
                Self::from_slice(input.bytes()?)
                    .ok_or_else(|| minicbor::decode::Error::message(concat!("not ", stringify!($length), " bytes")))
            }
        }
    };
}

bytes!(EntryHash, 32);
bytes!(PublicKey, 32);
bytes!(ContentHash, 32);
bytes!(SealingKey, 32);
bytes!(ChainHash, 16);
bytes!(Signature, 64);

uniffi::custom_type!(EntryHash, String, {
    lower: |hash| hash.to_string(),
    try_lift: |text| data_encoding::HEXLOWER_PERMISSIVE
        .decode(text.as_bytes())
        .ok()
        .and_then(|bytes| EntryHash::from_slice(&bytes))
        .ok_or_else(|| uniffi::deps::anyhow::anyhow!("a hash is 64 hexadecimal digits")),
});

impl ChainHash {
    /// The chain of a log without rows.
    pub const EMPTY: Self = Self([0; 16]);
}
