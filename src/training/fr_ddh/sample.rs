//! A film as FR-DDH learns from it: the network's image and a box around each landmark.

use super::config::FrDdhConfig;
use crate::models::fr_ddh::{BBox, FrDdhImage};
use crate::training::augment::Film;
use crate::training::learner::Points;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// An image with the boxes of its landmarks.
#[derive(Debug, Clone, PartialEq)]
pub struct FrDdhSample {
    pub image: FrDdhImage,
    /// Class (1 for the first landmark; 0 is the background) and box in pixels of the image. Landmarks that are missing
    /// have none, and neither have those whose place nobody knows.
    pub boxes: Vec<(usize, BBox)>,
    /// For the choice of the boxes that count.
    pub seed: u64,
}

/// `film` at the network's resolution, perhaps mirrored.
pub fn sample(film: &Film, points: &Points, config: &FrDdhConfig, random: &mut ChaCha8Rng) -> FrDdhSample {
    let mut image = FrDdhImage::new(&film.grey, film.rows, film.columns, &config.plan);
    let side = config.patch.side(&film.spacing, 0.5 * (image.scale[0] + image.scale[1]));
    let mut boxes: Vec<(usize, BBox)> = points
        .ids
        .iter()
        .enumerate()
        .filter_map(|(class, id)| {
            let [x, y] = image.to_network(film.landmarks.get(id)?.position()?);
            Some((class, BBox::square(x as f32, y as f32, side as f32)))
        })
        .collect();
    if random.random_bool(config.mirror) {
        image.mirror();
        for (class, bbox) in &mut boxes {
            *class = points.mirror[*class];
            *bbox = bbox.mirrored(image.columns);
        }
    }
    boxes.iter_mut().for_each(|(class, _)| *class += 1);
    FrDdhSample { image, boxes, seed: random.random() }
}
