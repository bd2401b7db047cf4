//! The page on which a resident opens an answer with a code that never leaves the browser.
//!
//! The page and its script are the same for everybody; the script fetches every public file and looks inside with the
//! code that was typed. Source: anonymity A50.

use askama::Template;

/// Made of words alone; what it opens comes with `GET /v1/replies`.
#[derive(Template)]
#[template(path = "replies.html")]
pub struct RepliesPage;
