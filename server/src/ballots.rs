//! The anonymous road on the server: boxes of sealed envelopes, apart from everything that has a name.

pub mod box_file;
pub mod boxes;
pub mod drop;
mod due;
pub mod key;

#[cfg(test)]
mod tests;
