//! Who takes in what is said about services and the street.

use minicbor::{Decode, Encode};

use crate::hash::{PublicKey, SealingKey};
use crate::text::check_line;

/// People of an intake.
pub const OFFICERS_MAX: usize = 5;

/// Characters of a name.
pub const NAME_CHARS_MAX: u32 = 100;

/// The intake of a round, in its definition: phones seal to its key, the server takes its packets.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Intake {
    /// Their names, as they are printed.
    #[n(0)]
    pub officers: Vec<String>,
    /// What phones seal to. Its private half never comes to a server (A29).
    #[n(1)]
    pub key: SealingKey,
    /// What its packets are signed with.
    #[n(2)]
    pub signing: PublicKey,
}

impl Intake {
    /// Whether it may stand in a definition.
    pub fn is_sound(&self) -> bool {
        let is_name = |name: &String| check_line(name, NAME_CHARS_MAX).is_ok();
        (1..=OFFICERS_MAX).contains(&self.officers.len()) && self.officers.iter().all(is_name)
    }
}
