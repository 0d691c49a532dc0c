//! Labels that start large and shrink (paper: see [`crate::models::heatmap`]): points are dilated to regions, which are
//! eroded every so many epochs, and every pixel of a label weighs the more the fewer there are.
//!
//! One iteration adds the four neighbours of every pixel of a label (the cross that `scipy.ndimage.binary_dilation` has
//! for its default; the authors' released program uses it), so that n iterations make the diamond of the pixels within n
//! steps along rows and columns. Eroding a diamond by ten is the diamond of ten iterations fewer.

use serde::{Deserialize, Serialize};

/// How the labels shrink.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Curriculum {
    /// Iterations of dilation at first; with 0 labels are single pixels, which is the paper's baseline.
    pub dilations: usize,
    /// Iterations of erosion at a time.
    pub erosions: usize,
    /// Epochs between them.
    pub every_epochs: usize,
    /// Iterations of dilation that always stay.
    pub least: usize,
    /// Updates in an epoch: films of the training set over the batch.
    pub steps_per_epoch: usize,
    /// Weight of a label's pixel before re-weighting: w.
    pub weight: f64,
    /// Whether w̃ takes its place.
    pub reweight: bool,
}

impl Default for Curriculum {
    /// The paper's: 65 iterations, eroded by 10 every 50 epochs; its pelvis radiographs (263 of 329) in batches of 8. The
    /// released program stops eroding at 1.
    fn default() -> Self {
        Self {
            dilations: 65,
            erosions: 10,
            every_epochs: 50,
            least: 1,
            steps_per_epoch: 33,
            weight: 1.0,
            reweight: true,
        }
    }
}

impl Curriculum {
    /// The paper's baseline: points as they are.
    pub fn none() -> Self {
        Self { dilations: 0, least: 0, reweight: false, ..Self::default() }
    }

    /// # Errors
    /// Numbers without a meaning.
    pub fn check(&self) -> Result<(), String> {
        if self.every_epochs == 0 || self.steps_per_epoch == 0 || self.least > self.dilations {
            return Err("curriculum: epochs have steps, and least is at most dilations".to_owned());
        }
        if !(self.weight > 0.0 && self.weight.is_finite()) {
            return Err("curriculum: weight is positive".to_owned());
        }
        Ok(())
    }

    /// Iterations of dilation at update `step`, counted from 0.
    pub fn iterations(&self, step: usize) -> usize {
        let erosions = self.erosions * (step / (self.steps_per_epoch * self.every_epochs));
        self.dilations.saturating_sub(erosions).max(self.least)
    }

    /// w̃ = w · (pixels − label) / label at `step`, where `pixels` are those of the picture and `label` those of the dilated
    /// label together with its point; w without re-weighting.
    pub fn weight(&self, step: usize, pixels: usize) -> f64 {
        if !self.reweight {
            return self.weight;
        }
        let n = self.iterations(step);
        let label = (1 + 2 * n * (n + 1)) as f64;
        self.weight * (pixels as f64 - label).max(0.0) / label
    }
}

/// Sets to 1 the pixels of `plane` (`side` squared, row-major) within `iterations` steps of `column`, `row`.
pub fn diamond(plane: &mut [f32], side: usize, [column, row]: [usize; 2], iterations: usize) {
    for y in row.saturating_sub(iterations)..=(row + iterations).min(side - 1) {
        let half = iterations - y.abs_diff(row);
        let (left, right) = (column.saturating_sub(half), (column + half).min(side - 1));
        plane[y * side + left..=y * side + right].fill(1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Dilation as it is defined: every pixel beside one of the label joins it.
    fn dilated(mut plane: Vec<f32>, side: usize, iterations: usize) -> Vec<f32> {
        for _ in 0..iterations {
            let before = plane.clone();
            for (i, _) in before.iter().enumerate().filter(|(_, v)| **v == 1.0) {
                let (x, y) = (i % side, i / side);
                for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
                    let (x, y) = (x as isize + dx, y as isize + dy);
                    if (0..side as isize).contains(&x) && (0..side as isize).contains(&y) {
                        plane[y as usize * side + x as usize] = 1.0;
                    }
                }
            }
        }
        plane
    }

    #[test]
    fn a_diamond_is_what_iterations_make() {
        let side = 24;
        for (at, iterations) in [([12, 11], 0), ([12, 11], 1), ([12, 11], 7), ([2, 21], 9), ([0, 0], 30)] {
            let mut seed = vec![0.0; side * side];
            seed[at[1] * side + at[0]] = 1.0;
            let mut plane = vec![0.0; side * side];
            diamond(&mut plane, side, at, iterations);
            assert_eq!(plane, dilated(seed, side, iterations), "{at:?} {iterations}");
        }
    }

    #[test]
    fn the_papers_schedule_and_weights() {
        let paper = Curriculum::default();
        let at_epoch = |epoch: usize| paper.iterations(epoch * 33);
        assert_eq!([0, 49, 50, 100, 299, 300, 349].map(at_epoch), [65, 65, 55, 45, 15, 5, 5]);
        assert_eq!(at_epoch(1000), 1);
        // 8581 pixels of 512²: the authors' ratio (S · 100 / n) / (S · 100 / (S − n)).
        assert!((paper.weight(0, 512 * 512) - (262_144.0 - 8581.0) / 8581.0).abs() < 1e-9);
        let ratio = paper.weight(300 * 33, 512 * 512);
        assert!((ratio - (262_144.0 - 61.0) / 61.0).abs() < 1e-9);
        let none = Curriculum::none();
        assert_eq!((none.iterations(0), none.weight(0, 512 * 512)), (0, 1.0));
        assert!(paper.check().is_ok() && none.check().is_ok());
        assert!(Curriculum { least: 70, ..paper }.check().is_err());
    }
}
