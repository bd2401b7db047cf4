//! The key under which a round's box and its safe copy are written; the purge destroys it, and every copy with it.
//!
//! It lies beside the box and beside the safe copy, and in no backup of the named road. Source: anonymity A52.

use std::path::Path;

use data_encoding::HEXLOWER;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::failure::ServerFailed;
use crate::folder::{read_private_text, write_whole};

const KEY_BYTES: usize = 32;

/// The key of one box.
#[derive(Clone)]
pub struct BoxKey(Zeroizing<[u8; KEY_BYTES]>);

impl BoxKey {
    /// A fresh one.
    pub fn draw(random: &mut impl CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        random.fill_bytes(bytes.as_mut_slice());
        Self(bytes)
    }

    /// Reads a key that was written; none where there is none.
    pub fn read(path: &Path) -> Result<Option<Self>, ServerFailed> {
        let Some(text) = read_private_text(path)?.map(Zeroizing::new) else { return Ok(None) };
        let bytes = HEXLOWER.decode(text.trim().as_bytes()).ok().map(Zeroizing::new).ok_or(ServerFailed::Damaged)?;
        let bytes: [u8; KEY_BYTES] = bytes.as_slice().try_into().map_err(|_| ServerFailed::Damaged)?;
        Ok(Some(Self(Zeroizing::new(bytes))))
    }

    /// Writes it for its owner alone, whole or not at all.
    pub fn write(&self, folder: &Path, name: &str) -> Result<(), ServerFailed> {
        write_whole(folder, name, self.hex().as_bytes())
    }

    /// What the engine is told.
    pub(super) fn pragma(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("pragma key = \"x'{}'\"", self.hex().as_str()))
    }

    fn hex(&self) -> Zeroizing<String> {
        Zeroizing::new(HEXLOWER.encode(self.0.as_slice()))
    }
}
