//! The test series made of one film: hips over the whole range of index and grade, and copies under every stress.

use super::hips::{Hip, reshape};
use super::known_film::KnownFilm;
use super::stress::Stress;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// Acetabular indices of the series, degrees.
const INDICES: [f64; 2] = [10.0, 45.0];
/// Draws of a pair of hips before a film is left out.
const ATTEMPTS: usize = 8;

/// Random numbers of one film of a series; other films, seeds and purposes share none.
fn random(film: &KnownFilm, purpose: &str, seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::from_seed(Sha256::digest(format!("{purpose} {seed} {}", film.name)).into())
}

/// `count` films made of `film`. Each side goes evenly through the range of the index and through the grades I–IV, in an
/// order of its own. A pair of hips that the film cannot be given is drawn again; fewer films come back where that fails.
pub fn warped(film: &KnownFilm, count: usize, seed: u64) -> Vec<KnownFilm> {
    let random = &mut random(film, "warp", seed);
    let orders: [[Vec<usize>; 2]; 2] = std::array::from_fn(|_| {
        std::array::from_fn(|_| {
            let mut order: Vec<usize> = (0..count).collect();
            order.shuffle(random);
            order
        })
    });
    (0..count)
        .filter_map(|number| {
            (0..ATTEMPTS).find_map(|_| {
                let wanted = [0, 1].map(|side| {
                    let [places, grades] = &orders[side];
                    let share = (places[number] as f64 + random.random::<f64>()) / count as f64;
                    Hip {
                        acetabular_index: INDICES[0] + (INDICES[1] - INDICES[0]) * share,
                        ihdi: 1 + (grades[number] % 4) as u8,
                    }
                });
                reshape(film, format!("{}-warp-{number:02}", film.name), wanted, random)
            })
        })
        .collect()
}

/// `count` poor copies of `film`.
pub fn stressed(film: &KnownFilm, count: usize, seed: u64) -> Vec<KnownFilm> {
    let random = &mut random(film, "stress", seed);
    (0..count)
        .filter_map(|number| {
            let stress = Stress::draw(random);
            // A film that was read has pixels, so none fails.
            stress.apply(film, format!("{}-stress-{number:02}", film.name), random).ok()
        })
        .collect()
}
