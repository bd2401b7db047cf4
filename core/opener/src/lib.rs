//! The offline program of the three holders of a round's key.
//!
//! It makes the key and the slips (`ceremony`), opens and counts the frozen box (`count`), writes the minutes, and opens
//! the texts for their screeners. It never uses a network: its pages are for the browser of the same machine. The rules
//! of the trade are in `model`; here is what they need around them: people, passphrases, files, paper.

pub mod machine;

// What people keep.
pub mod files;
pub mod passphrase;
pub mod sharing;
pub mod unfinished;

pub mod share;

// The ceremony.
pub mod plan;

pub mod ceremony;
pub mod square;

pub mod sheets;

// The opening.
pub mod frozen;
pub mod packet;

pub mod count;

// What residents say on their own.
pub mod intake;

// What people read and where it is kept.
pub mod failure;
pub mod folder;
pub mod words;

pub mod desk;
pub mod minutes;

pub mod page;

#[cfg(test)]
mod opening_tests;
#[cfg(test)]
mod rehearsal_tests;
