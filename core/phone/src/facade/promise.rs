//! What people are told before they answer, through the door.

use model::promise::{FEEDBACK, NOT_PROMISED, PROTECTED};

/// What is protected, and what nobody can promise.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Promises {
    /// In the order of a reader's questions.
    pub protected: Vec<String>,
    /// What holds for feedback besides.
    pub feedback: Vec<String>,
    /// The ten things.
    pub not_promised: Vec<String>,
}

/// The same words as on the public page.
#[uniffi::export]
pub fn promises() -> Promises {
    let owned = |sentences: &[&str]| sentences.iter().map(|sentence| (*sentence).to_owned()).collect();
    Promises { protected: owned(&PROTECTED), feedback: owned(&FEEDBACK), not_promised: owned(&NOT_PROMISED) }
}
