//! The whole system in one process.

pub mod attacks;
pub mod ballots;
pub mod bench;
pub mod case_office;
pub mod case_pages;
pub mod cases;
pub mod commune;
pub mod counted;
pub mod demo;
pub mod feedback;
pub mod house;
pub mod kill;
pub mod lossy;
pub mod opinion;
pub mod pretender;
pub mod process;
pub mod wire;
pub mod world;
