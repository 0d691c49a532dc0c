//! What is drawn on a film: the points as they stand now, and the prediction they came from.

use crate::measure::{Landmark, LandmarkId, LandmarkSet, ModelIdentity, Origin};

/// What a network said of the film. Kept beside the corrected points, so that each can go back.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    pub landmarks: LandmarkSet,
    pub model: ModelIdentity,
    /// What a reader should know of it ("left hip near the edge of the film").
    pub warnings: Vec<String>,
}

/// All that commands change.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Annotations {
    pub landmarks: LandmarkSet,
    pub prediction: Option<Prediction>,
}

impl Annotations {
    /// What the network said of `id`.
    pub fn predicted(&self, id: &LandmarkId) -> Option<&Landmark> {
        self.prediction.as_ref()?.landmarks.get(id)
    }

    /// Whether a person placed `id`, or marked it absent.
    pub fn is_corrected(&self, id: &LandmarkId) -> bool {
        self.landmarks.get(id).is_some_and(|landmark| landmark.origin == Origin::Person)
    }

    /// These annotations with `prediction` in them; points that a person placed stay as they are.
    pub(super) fn with_prediction(&self, prediction: Prediction) -> Annotations {
        let mut landmarks = prediction.landmarks.clone();
        for (id, landmark) in self.landmarks.iter().filter(|(_, landmark)| landmark.origin == Origin::Person)
        {
            landmarks.insert(id.clone(), landmark.clone());
            if let Some(radius) = self.landmarks.radii_px.get(id) {
                landmarks.radii_px.insert(id.clone(), *radius);
            }
        }
        Annotations { landmarks, prediction: Some(prediction) }
    }

    /// These annotations with every predicted point back where the network put it.
    pub(super) fn all_reset(&self) -> Annotations {
        let mut landmarks = self.landmarks.clone();
        if let Some(prediction) = &self.prediction {
            for (id, landmark) in prediction.landmarks.iter() {
                landmarks.insert(id.clone(), landmark.clone());
            }
            landmarks.radii_px.extend(prediction.landmarks.radii_px.clone());
        }
        Annotations { landmarks, prediction: self.prediction.clone() }
    }

    pub(super) fn set(&mut self, id: &LandmarkId, landmark: Option<Landmark>) {
        match landmark {
            Some(landmark) => self.landmarks.insert(id.clone(), landmark),
            None => {
                self.landmarks.points.remove(id);
            }
        }
    }
}
