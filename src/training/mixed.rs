//! Phantoms with real films among them, most of these with their hips warped: what fine-tuning learns from.

use super::augment::Film;
use super::dataset::{HELD, Source};
use super::films::film_of;
use crate::simulate::real::{Hip, KnownFilm, reshape};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// Acetabular indices that warped hips are given, degrees.
const INDICES: std::ops::Range<f64> = 8.0..47.0;
/// IHDI grades that warped hips are given: as often as they stand here.
const GRADES: [u8; 8] = [1, 1, 1, 1, 2, 2, 3, 4];

/// Films of `phantoms`, a share of them replaced by real ones. Held films are phantoms, all of them: a network that has
/// seen a real film, however warped, is not judged on it.
pub struct Mixed {
    pub seed: u64,
    pub phantoms: Arc<dyn Source>,
    pub films: Vec<KnownFilm>,
    /// Of the training films, this share is real …
    pub real: f64,
    /// … and of those this share is warped.
    pub warped: f64,
}

impl Source for Mixed {
    fn film(&self, number: u64) -> Film {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ number);
        if number >= HELD || self.films.is_empty() || !random.random_bool(self.real) {
            return self.phantoms.film(number);
        }
        let film = &self.films[random.random_range(0..self.films.len())];
        if !random.random_bool(self.warped) {
            return film_of(film);
        }
        let wanted = [(); 2].map(|()| Hip {
            acetabular_index: random.random_range(INDICES),
            ihdi: GRADES[random.random_range(0..GRADES.len())],
        });
        // Hips that this film cannot be given leave it as it is.
        reshape(film, film.name.clone(), wanted, &mut random)
            .map_or_else(|| film_of(film), |made| film_of(&made))
    }
}
