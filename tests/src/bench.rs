//! What the house costs, measured on the real server, real phones and the machine's own floor.
//!
//! Every part ends in one [`report::Report`]: figures, and bars that are kept or missed.
#![allow(clippy::float_arithmetic, reason = "a figure of a measurement decides nothing in the trade")]

pub mod anonymous;
pub mod cycle;
pub mod exchange;
pub mod floor;
pub mod forms;
pub mod gate;
pub mod killing;
pub mod measure;
pub mod parts;
pub mod pocket;
pub mod report;
pub mod stage;
pub mod writes;
