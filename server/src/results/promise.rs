//! The page that says what is protected and what nobody can promise; the app says the same words.

use askama::Template;
use model::promise::{NOT_PROMISED, PROTECTED};

/// Made of words alone, so it is the same for everybody at any time.
#[derive(Template)]
#[template(path = "promise.html")]
pub struct PromisePage {
    protected: &'static [&'static str],
    not_promised: &'static [&'static str],
}

impl Default for PromisePage {
    fn default() -> Self {
        Self { protected: &PROTECTED, not_promised: &NOT_PROMISED }
    }
}
