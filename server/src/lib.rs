//! The sync server and the office's pages. The rules that comments cite as "exchange rule R8" stand in
//! [`model::exchange`].

// The core: synchronous, clock and randomness as arguments.
mod admitting;
pub mod ballots;
mod budget;
pub mod case_register;
pub mod cases;
pub mod database;
pub mod failure;
pub mod feedback;
pub mod feedback_orders;
pub mod file_fault;
mod group;
pub mod heads;
pub mod log;
pub mod looking;
pub mod memory;
pub mod office;
mod past;
mod readers;
pub mod recovery;
pub mod report;
pub mod results;
pub mod round_orders;
pub mod round_pages;
pub mod rounds;
pub mod rules;
pub mod safety;
pub mod serve;
pub mod shared;
pub mod sidecar;

// Work of the office around it.
pub mod backup;
pub mod desk;
pub mod doctor;
pub mod enrolment;
pub mod inspection;
pub mod keeping;
pub mod people;
pub mod prepared;
mod published;
pub mod roll;

// The door: threads, files, sockets, the clock.
pub mod account;
pub mod advice;
pub mod approving;
pub mod code_picture;
pub mod command;
pub mod consent;
pub mod copier;
pub mod counter;
pub mod disk;
pub mod door;
pub mod enrolling;
pub mod exchanging;
pub mod filing;
pub mod folder;
pub mod limits;
pub mod listener;
pub mod live;
pub mod machine;
pub mod moves;
pub mod order;
mod peers;
pub mod revoking;
pub mod roll_table;
pub mod routes;
pub mod running;
pub mod second_copy;
pub mod session;
pub mod settings;
pub mod tally;
pub mod tls;
pub mod turns;
pub mod words;
pub mod writer;
