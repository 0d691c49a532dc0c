//! What is drawn on a film: points, curves, masks and measurements as they stand now, the predictions they came from,
//! and what was set by hand.

use super::free::{FreeId, FreeMeasurement};
use super::mask::Mask;
use super::provenance::{Note, PointState};
use super::settings::Settings;
use crate::measure::{Landmark, LandmarkId, LandmarkSet, ModelIdentity, Origin, Point, pairs};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a network said of the film. Kept beside the corrected points, so that each can go back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    pub landmarks: LandmarkSet,
    pub model: ModelIdentity,
    /// What a reader should know of it ("left hip near the edge of the film").
    pub warnings: Vec<String>,
}

/// What a network said of every pixel. Kept beside the painted mask, so that each label can go back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MaskPrediction {
    pub mask: Mask,
    pub model: ModelIdentity,
    pub warnings: Vec<String>,
}

/// All that commands change. Equal annotations are the same document.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Annotations {
    pub landmarks: LandmarkSet,
    /// Of the points with something to note; none is a default.
    #[serde(with = "pairs")]
    pub notes: BTreeMap<LandmarkId, Note>,
    pub prediction: Option<Prediction>,
    /// `None` until something is painted or predicted.
    pub mask: Option<Mask>,
    pub mask_prediction: Option<MaskPrediction>,
    pub free: BTreeMap<FreeId, FreeMeasurement>,
    /// Of the whole case.
    pub comment: String,
    pub settings: Settings,
}

/// The part of the annotations that an analysis replaces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drawn {
    pub landmarks: LandmarkSet,
    #[serde(with = "pairs")]
    pub notes: BTreeMap<LandmarkId, Note>,
    pub prediction: Option<Prediction>,
}

impl Annotations {
    /// What the network said of `id`.
    pub fn predicted(&self, id: &LandmarkId) -> Option<&Landmark> {
        self.prediction.as_ref()?.landmarks.get(id)
    }

    /// The curve that the network drew for `id`.
    pub fn predicted_curve(&self, id: &LandmarkId) -> Option<&Vec<Point>> {
        self.prediction.as_ref()?.landmarks.polylines.get(id)
    }

    /// Whether a person placed `id`, or marked it absent.
    pub fn is_corrected(&self, id: &LandmarkId) -> bool {
        self.landmarks.get(id).is_some_and(|landmark| landmark.origin == Origin::Person)
    }

    /// Whether the structure of `id` was flagged as hidden.
    pub fn is_occluded(&self, id: &LandmarkId) -> bool {
        self.notes.get(id).is_some_and(|note| note.occluded)
    }

    /// Whether a person did anything that a reader would call work on the film; settings are none.
    pub fn is_worked_on(&self) -> bool {
        let predicted = |id: &LandmarkId, line: &Vec<Point>| self.predicted_curve(id) == Some(line);
        let of_network = self.mask_prediction.as_ref().map(|prediction| &prediction.mask);
        self.landmarks.points.keys().any(|id| self.is_corrected(id))
            || !self.notes.is_empty()
            || self.landmarks.polylines.iter().any(|(id, line)| !predicted(id, line))
            || self.mask.as_ref() != of_network
            || !self.free.is_empty()
    }

    pub(super) fn point(&self, id: &LandmarkId) -> PointState {
        PointState { landmark: self.landmarks.get(id).cloned(), note: self.notes.get(id).cloned() }
    }

    pub(super) fn drawn(&self) -> Drawn {
        Drawn {
            landmarks: self.landmarks.clone(),
            notes: self.notes.clone(),
            prediction: self.prediction.clone(),
        }
    }

    /// What is drawn with `prediction` in it; points and outlines that a person drew stay as they are.
    pub(super) fn with_prediction(&self, prediction: Prediction) -> Drawn {
        let mut landmarks = prediction.landmarks.clone();
        let mut notes = BTreeMap::new();
        for (id, landmark) in self.landmarks.iter().filter(|(_, landmark)| landmark.origin == Origin::Person)
        {
            landmarks.insert(id.clone(), landmark.clone());
            if let Some(radius) = self.landmarks.radii_px.get(id) {
                landmarks.radii_px.insert(id.clone(), *radius);
            }
            notes.extend(self.notes.get(id).map(|note| (id.clone(), note.clone())));
        }
        // A curve has no origin of its own: what the network of before did not draw, a person or a file did.
        let drawn = |id: &LandmarkId, line: &Vec<Point>| self.predicted_curve(id) != Some(line);
        let own = self.landmarks.polylines.iter().filter(|(id, line)| drawn(id, line));
        landmarks.polylines.extend(own.map(|(id, line)| (id.clone(), line.clone())));
        Drawn { landmarks, notes, prediction: Some(prediction) }
    }

    /// What is drawn with every predicted point back where the network put it.
    pub(super) fn all_reset(&self) -> Drawn {
        let mut drawn = self.drawn();
        if let Some(prediction) = &self.prediction {
            for (id, landmark) in prediction.landmarks.iter() {
                drawn.landmarks.insert(id.clone(), landmark.clone());
                drawn.notes.remove(id);
            }
            drawn.landmarks.radii_px.extend(prediction.landmarks.radii_px.clone());
            drawn.landmarks.polylines.extend(prediction.landmarks.polylines.clone());
        }
        drawn
    }

    pub(super) fn set_drawn(&mut self, drawn: Drawn) {
        self.landmarks = drawn.landmarks;
        self.notes = drawn.notes;
        self.prediction = drawn.prediction;
    }

    pub(super) fn set(&mut self, id: &LandmarkId, state: PointState) {
        put(&mut self.landmarks.points, id, state.landmark);
        put(&mut self.notes, id, state.note);
    }

    pub(super) fn set_curve(&mut self, id: &LandmarkId, line: Option<Vec<Point>>) {
        put(&mut self.landmarks.polylines, id, line);
    }

    pub(super) fn set_radius(&mut self, id: &LandmarkId, radius: Option<f64>) {
        put(&mut self.landmarks.radii_px, id, radius);
    }

    pub(super) fn set_free(&mut self, id: FreeId, free: Option<FreeMeasurement>) {
        put(&mut self.free, &id, free);
    }
}

fn put<K: Ord + Clone, V>(map: &mut BTreeMap<K, V>, key: &K, value: Option<V>) {
    match value {
        Some(value) => {
            map.insert(key.clone(), value);
        }
        None => {
            map.remove(key);
        }
    }
}
