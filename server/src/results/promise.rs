//! The page that says what is protected and what nobody can promise; the app says the same words.

use askama::Template;
use model::promise::{FEEDBACK, NOT_PROMISED, PROTECTED};

/// Made of words alone, so it is the same for everybody at any time.
#[derive(Template)]
#[template(path = "promise.html")]
pub struct PromisePage {
    protected: &'static [&'static str],
    feedback: &'static [&'static str],
    not_promised: &'static [&'static str],
}

impl Default for PromisePage {
    fn default() -> Self {
        Self { protected: &PROTECTED, feedback: &FEEDBACK, not_promised: &NOT_PROMISED }
    }
}
