//! Constrained local models by random-forest regression voting: C. Lindner, P. Bromiley, M. Ionita, T. Cootes, "Robust
//! and Accurate Shape Model Matching using Random Forest Regression-Voting", TPAMI 2015;37(9):1862, and C. Lindner et
//! al., "Fully Automatic Segmentation of the Proximal Femur Using Random Forest Regression Voting", TMI 2013;32:1462.
//!
//! A global searcher votes for the place of the whole shape at several scales and angles. From the best places each
//! stage, coarse to fine, lets a forest per point vote around where the point is believed to be, and fits a linear
//! model of shape to the response images. A film whose bone is dark is read with its greys turned round. It learns from tens of films in minutes, without a network.
//!
//! Ours, where the papers leave a choice: one vote a tree weighted by |Σ|^(−½) of its leaf; features normalised by
//! their patch; the fit weighs a point by its response and holds b to its prior; scales and angles of the global search
//! are those of the training films.

pub mod detector;
pub mod file;
pub mod forest;
mod global;
pub mod haar;
mod respond;
mod search;
pub mod shape;

pub use detector::ClmDetector;

use forest::Forests;
use serde::{Deserialize, Serialize};
use shape::ShapeModel;

/// What inference must know beside the weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClmPlan {
    /// The shape is that of the patient's left hip; a right one is the left one of the mirrored film.
    pub mirrored: bool,
    /// Points that are given up when fewer than this share of their votes agree.
    pub least_agreement: f64,
    /// A hip is given up whole when its weakest points agree less (see [`believe`](super::landmark_detector::believe)).
    #[serde(default)]
    pub shape_floor: f64,
    pub global: GlobalPlan,
    /// Coarse to fine.
    pub stages: Vec<StagePlan>,
}

/// The global searcher. Its reference frame is that of a stage, but coarser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GlobalPlan {
    /// Longer side of the mean shape's bounding box in pixels of the reference frame.
    pub size: f64,
    /// Side of the patch in the same pixels.
    pub patch: usize,
    /// Voters are this many pixels apart.
    pub step: usize,
    /// SD in pixels of the Gaussian that smooths the votes.
    pub smoothing: f64,
    /// Sizes of the shape that are tried, as shares of the film's longer side.
    pub sizes: Vec<f64>,
    /// Angles that are tried, in degrees, clockwise on screen.
    pub angles: Vec<f64>,
    /// Places that the first stage takes a quick look from.
    pub candidates: usize,
    /// The best of them, which are searched from to the end.
    #[serde(default = "two")]
    pub finalists: usize,
}

/// What plans have that do not tell.
fn two() -> usize {
    2
}

/// One resolution of the local search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StagePlan {
    /// Longer side of the mean shape's bounding box in pixels of the reference frame.
    pub size: f64,
    /// Side of the patch in the same pixels.
    pub patch: usize,
    /// Voters lie within this many pixels of where the point is believed to be, along either axis.
    pub range: usize,
    /// Voters are this many pixels apart.
    pub step: usize,
    /// SD in pixels of the Gaussian that smooths the response images.
    pub smoothing: f64,
    /// How often responses are made anew around the fitted shape.
    pub rounds: usize,
}

/// Most values along a side of a patch: features are stored in bytes.
const LARGEST_PATCH: usize = 128;
/// The search radius shrinks by this from fit to fit, from the stage's range to a pixel.
const SHRINKING: f64 = 0.7;
/// In the last round of the last stage a point may leave the model by this many pixels for its own response.
const OWN_WAY: f64 = 2.0;

impl ClmPlan {
    /// `Err` with the reason when nothing can be searched with it.
    pub fn check(&self) -> Result<(), String> {
        let positive = |value: f64| value > 0.0 && value.is_finite();
        let patch = |side: usize| (2..=LARGEST_PATCH).contains(&side);
        let GlobalPlan { size, patch: side, step, smoothing, sizes, angles, candidates, finalists } =
            &self.global;
        let sizes = !sizes.is_empty() && sizes.iter().all(|size| positive(*size) && *size <= 4.0);
        let angles = !angles.is_empty() && angles.iter().all(|angle| angle.is_finite());
        let counted = patch(*side) && *step > 0 && *candidates > 0 && *finalists > 0;
        if !positive(*size) || !positive(*smoothing) || !sizes || !angles || !counted {
            return Err(
                "the global search needs a size, a patch of 2–128 pixels, a step, sizes and angles".into()
            );
        }
        if self.stages.is_empty() {
            return Err("there is no stage".into());
        }
        if !(0.0..=1.0).contains(&self.shape_floor) {
            return Err("shape_floor is between 0 and 1".into());
        }
        for stage in &self.stages {
            let sound = positive(stage.size)
                && stage.size <= 2000.0
                && patch(stage.patch)
                && (1..=200).contains(&stage.range)
                && stage.step > 0
                && positive(stage.smoothing)
                && stage.rounds > 0;
            if !sound {
                return Err(
                    "a stage needs a size, a patch of 2–128 pixels, a range, a step and rounds".into()
                );
            }
        }
        Ok(())
    }
}

/// A trained model.
#[derive(Debug, Clone, PartialEq)]
pub struct Clm {
    pub shape: ShapeModel,
    /// One forest, for the middle of the shape.
    pub global: Forests,
    /// Of each stage a forest for each point.
    pub stages: Vec<Forests>,
}

impl Clm {
    /// `Err` with the reason unless every part fits the others and `plan`.
    pub fn check(&self, plan: &ClmPlan) -> Result<(), String> {
        plan.check()?;
        self.shape.check()?;
        self.global.check(plan.global.patch)?;
        if self.global.roots.len() != 1 || self.stages.len() != plan.stages.len() {
            return Err("the forests are not those of the plan".into());
        }
        for (forests, stage) in self.stages.iter().zip(&plan.stages) {
            forests.check(stage.patch)?;
            if forests.roots.len() != self.shape.mean.len() {
                return Err("a stage has not one forest a point".into());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A plan from before there were finalists and a floor.
    #[test]
    fn an_older_plan_is_read_as_it_was() {
        let text = "mirrored = false\nleast_agreement = 0.0\n\
            [global]\nsize = 24.0\npatch = 26\nstep = 2\nsmoothing = 1.5\n\
            sizes = [0.2]\nangles = [0.0]\ncandidates = 12\n\
            [[stages]]\nsize = 40.0\npatch = 20\nrange = 12\nstep = 2\nsmoothing = 1.5\nrounds = 2\n";
        let plan: ClmPlan = toml::from_str(text).unwrap();
        assert_eq!((plan.global.finalists, plan.shape_floor), (2, 0.0));
        assert_eq!(plan.check(), Ok(()));
        let none = ClmPlan { global: GlobalPlan { finalists: 0, ..plan.global.clone() }, ..plan.clone() };
        assert!(none.check().is_err());
        let impossible = ClmPlan { shape_floor: f64::NAN, ..plan };
        assert!(impossible.check().is_err());
    }
}
