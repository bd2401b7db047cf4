//! The parts of the demo: an office, phones, and the story that they play.

pub mod cases;
pub mod child;
pub mod feedback;
pub mod keepsake;
pub mod office;
pub mod pocket;
pub mod rounds;
pub mod scratch;
pub mod story;

/// What went wrong, in one sentence.
pub type Told<T> = Result<T, String>;

/// Says what could not be done and why.
pub fn failed<E: std::fmt::Display>(what: &str) -> impl Fn(E) -> String {
    move |error| format!("{what}: {error}")
}
