//! The built program as a user runs it: exit status, files, standard output and error.

mod bad_input;
mod bench;
mod dataset;
mod engine;
mod export;
mod films;
mod given_points;
mod harness;
mod imaging;
mod middle_coronal;
mod models;
mod segment;
mod simulate;
mod train;
mod usage;
