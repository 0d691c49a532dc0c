//! From greys to points: proposals, the head on each, the best box of each class.

use candle_core::Device;
use candle_nn::VarBuilder;

use super::image::{FrDdhImage, batch};
use super::network::FrDdh;
use super::pick::{Picked, Scored, pick};
use super::plan::FrDdhPlan;
use crate::job::Job;
use crate::measure::LandmarkId;
use crate::models::ModelError;
use crate::models::landmark_detector::{
    DetectError, Detected, Detection, LandmarkDetector, NotFound, mirrored,
};

/// A film is read the other way round too when the mean score of its landmarks is below this …
const DOUBTFUL: f64 = 0.5;
/// … and is believed that way where the mean is this many times the first.
const POLARITY_MARGIN: f64 = 1.15;

/// FR-DDH with its plan, on a device.
#[derive(Debug, Clone)]
pub struct FrDdhDetector {
    network: FrDdh,
    ids: Vec<LandmarkId>,
    /// Class of the same landmark on the other side, without the background.
    mirror: Vec<usize>,
    device: Device,
}

impl FrDdhDetector {
    /// A detector of the landmarks `ids`, class by class, with the weights of `vb`.
    ///
    /// # Errors
    /// A landmark without its other side, weights that are missing or of another shape.
    pub fn new(plan: &FrDdhPlan, ids: Vec<LandmarkId>, vb: VarBuilder) -> Result<Self, ModelError> {
        let device = vb.device().clone();
        let network = FrDdh::new(plan, ids.len(), vb)?.folded()?;
        let mirror = mirrored(&ids).map_err(|reason| ModelError::Damaged { id: String::new(), reason })?;
        Ok(Self { network, ids, mirror, device })
    }

    /// One place for each landmark, from the image and, where the plan says so, its mirror image.
    fn look(&self, image: &FrDdhImage) -> Result<Vec<Option<Picked>>, DetectError> {
        let plan = self.network.plan();
        let mut boxes = self.boxes(image)?;
        if plan.voted {
            let mut mirrored = image.clone();
            mirrored.mirror();
            for (class, other) in self.boxes(&mirrored)?.into_iter().enumerate() {
                let back = |scored: Scored| Scored { bbox: scored.bbox.mirrored(image.columns), ..scored };
                boxes[self.mirror[class]].extend(other.into_iter().map(back));
            }
        }
        Ok(boxes.iter().map(|boxes| pick(boxes, plan.voted, plan.stride())).collect())
    }

    /// Of every landmark, all proposals as its box.
    fn boxes(&self, image: &FrDdhImage) -> Result<Vec<Vec<Scored>>, DetectError> {
        let batch = batch(&[image], self.network.plan().stride(), &self.device)?;
        Ok(self.network.boxes(&batch, [image.rows, image.columns])?)
    }
}

impl LandmarkDetector for FrDdhDetector {
    fn ids(&self) -> &[LandmarkId] {
        &self.ids
    }

    /// Confidence and presence are both the score of the landmark's best box.
    fn detect(&self, grey: &[f32], rows: usize, columns: usize, job: &Job) -> Result<Detection, DetectError> {
        let mut image = FrDdhImage::new(grey, rows, columns, self.network.plan());
        job.check()?;
        job.report("network", 0.1);
        let mut picked = self.look(&image)?;
        let mut inverted = false;
        if conviction(&picked) < DOUBTFUL {
            job.check()?;
            job.report("network, greys turned round", 0.5);
            image.values.iter_mut().for_each(|value| *value = -*value);
            let turned = self.look(&image)?;
            inverted = conviction(&turned) > POLARITY_MARGIN * conviction(&picked);
            if inverted {
                picked = turned;
            }
        }
        job.report("network", 1.0);
        let scale = 0.5 * (image.scale[0] + image.scale[1]);
        let detected = |picked: Picked| Detected {
            position: image.to_film(picked.centre),
            spread: picked.spread / scale,
            confidence: picked.score,
            presence: picked.score,
        };
        let points = picked.into_iter().map(|picked| picked.map(detected).ok_or(NotFound::Unseen)).collect();
        Ok(Detection { points, inverted, contrast: image.contrast })
    }
}

/// Mean score of the landmarks, 0–1.
fn conviction(picked: &[Option<Picked>]) -> f64 {
    picked.iter().flatten().map(|picked| picked.score).sum::<f64>() / picked.len().max(1) as f64
}
