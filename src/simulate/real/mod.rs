//! Real films with known points made into others: hips of any acetabular index and IHDI grade by a smooth warp of roof
//! and femur, and poor copies as badly exposed, turned or digitised films are.
//!
//! Few films with points placed by hand are at hand, and they show what their clinic saw. A warp keeps the texture of a
//! real film and moves image and points by one and the same map, so the truth stays as good as the reader's. It is no
//! new patient: joint space, growth and the answer of the bone to dislocation are those of the hip it was made of.

mod bump;
mod flow;
mod hips;
mod known_film;
mod series;
mod stress;

#[cfg(test)]
mod tests;

pub use flow::{Flow, Motion, Warp};
pub use hips::{Hip, hips_of, reshape, warp_hips};
pub use known_film::{KnownFilm, KnownFilmError, read};
pub use series::{stressed, warped};
pub use stress::Stress;
