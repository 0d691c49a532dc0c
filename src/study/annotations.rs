//! What is drawn on a film: the points as they stand now, the prediction they came from, and what was set by hand.

use super::settings::Settings;
use crate::measure::{Landmark, LandmarkId, LandmarkSet, ModelIdentity, Origin, Point};

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
    pub settings: Settings,
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

    /// These annotations with `prediction` in them; points and outlines that a person drew stay as they are.
    pub(super) fn with_prediction(&self, prediction: Prediction) -> Annotations {
        let mut landmarks = prediction.landmarks.clone();
        for (id, landmark) in self.landmarks.iter().filter(|(_, landmark)| landmark.origin == Origin::Person)
        {
            landmarks.insert(id.clone(), landmark.clone());
            if let Some(radius) = self.landmarks.radii_px.get(id) {
                landmarks.radii_px.insert(id.clone(), *radius);
            }
        }
        // A curve has no origin of its own: what the network of before did not draw, a person or a file did.
        let drawn = |id: &LandmarkId, line: &Vec<Point>| {
            let before = self.prediction.as_ref().and_then(|before| before.landmarks.polylines.get(id));
            before != Some(line)
        };
        let own = self.landmarks.polylines.iter().filter(|(id, line)| drawn(id, line));
        landmarks.polylines.extend(own.map(|(id, line)| (id.clone(), line.clone())));
        Annotations { landmarks, prediction: Some(prediction), settings: self.settings.clone() }
    }

    /// These annotations with every predicted point back where the network put it.
    pub(super) fn all_reset(&self) -> Annotations {
        let mut landmarks = self.landmarks.clone();
        if let Some(prediction) = &self.prediction {
            for (id, landmark) in prediction.landmarks.iter() {
                landmarks.insert(id.clone(), landmark.clone());
            }
            landmarks.radii_px.extend(prediction.landmarks.radii_px.clone());
            landmarks.polylines.extend(prediction.landmarks.polylines.clone());
        }
        Annotations { landmarks, ..self.clone() }
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
