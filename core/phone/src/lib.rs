//! What a phone links: store, synchronisation and the one exported object.
//!
//! From the ground up: `store` keeps, `work` acts, `sync` exchanges, `desk` reads for screens, `facade` is the door.
//! The rules that comments cite as "exchange rule R8" stand in [`model::exchange`].

pub mod account;
pub mod courier;
pub mod delivery;
pub mod device;
pub mod directory;
pub mod guest;
pub mod replies;
pub mod store;
pub mod sync;
pub mod work;

mod cases;
mod desk;
mod draft;
mod enrol;
pub mod facade;
pub mod failure;
pub mod listener;
mod minutes;
mod telling;
pub mod views;
mod words;

uniffi::setup_scaffolding!();
