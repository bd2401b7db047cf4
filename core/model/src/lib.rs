//! The trade of Lắng Nghe, pure.
//!
//! This crate never reads the clock, makes a random number, opens a file or a socket; time, randomness and bytes are
//! arguments. What the phone, the server and the tests must agree on is here once. The rules that comments cite as
//! "exchange rule R8" stand in [`exchange`].
//!
#![doc = include_str!("../GLOSSARY.md")]

// Names, time, numbers, words.
pub mod hash;
pub mod identity;
pub mod ratio;
pub mod text;
pub mod time;

// Forms and answers.
pub mod answer;
pub mod completion;
pub mod expression;
pub mod form;

// The trade.
pub mod appointment;
pub mod cadre;
pub mod case;
pub mod cycle;
pub mod period;
pub mod quota;
pub mod rating;
pub mod report;
pub mod rule_set;
pub mod score;
pub mod task;
pub mod unit;

// The named road.
pub mod change;
pub mod decision;
pub mod directory;
pub mod document;
pub mod door;
pub mod enrolment;
pub mod entry;
pub mod exchange;
pub mod four_words;
pub mod gate;
pub mod handshake;
pub mod membership;
pub mod paper;
pub mod permission;
pub mod receipt;
pub mod refusal;
pub mod self_assessment;
pub mod signatures;
pub mod signed_value;
pub mod space;

// The anonymous road.
pub mod admission;
pub mod ballot;
pub mod box_seal;
pub mod chance;
pub mod envelope;
pub mod feedback;
pub mod minutes;
pub mod opening;
pub mod outcome;
pub mod promise;
pub mod publication;
pub mod received;
pub mod round;
pub mod sealing;
pub mod slip;
pub mod slots;
pub mod symbols;
pub mod tally;

uniffi::setup_scaffolding!();
