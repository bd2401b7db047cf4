//! What phones told their people.

use std::collections::BTreeSet;

use crate::demo::Told;

/// Every entry that was called saved or shown as received, by its address in hexadecimal.
#[derive(Default)]
pub(super) struct Ledger {
    /// With the phone on which it was saved.
    pub(super) saved: BTreeSet<(usize, String)>,
    /// On whatever phone.
    pub(super) received: BTreeSet<String>,
}

impl Ledger {
    /// Takes a phone's line; any other line than the two known ones is a failure that the phone names.
    pub(super) fn note(&mut self, phone: usize, line: &str) -> Told<()> {
        match line.split_once(' ') {
            Some(("saved", hash)) => self.saved.insert((phone, hash.to_owned())),
            Some(("received", hash)) => self.received.insert(hash.to_owned()),
            Some(_) | None => return Err(format!("Phone {phone} said: {line}")),
        };
        Ok(())
    }
}
