//! Facts about the server, over real HTTP, real files and real signatures.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod bare_phone;
mod copies;
mod desk;
mod door;
mod feedback;
mod feedback_orders;
mod feedback_round;
mod keeping;
mod mistaken;
mod mistakes;
mod program;
mod replies;
mod rounds;
mod storage;
