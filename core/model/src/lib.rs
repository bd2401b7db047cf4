//! The trade of Lắng Nghe, pure.
//!
//! This crate never reads the clock, makes a random number, opens a file or a socket; time, randomness and bytes are
//! arguments. What the phone, the server and the tests must agree on is here once.

pub mod identity;

uniffi::setup_scaffolding!();
