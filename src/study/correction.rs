//! How a person's points differ from the network's.

use super::annotations::Annotations;
use super::provenance::Stamp;
use crate::measure::{LandmarkId, Origin, Point, Spacing};

/// One point that a person placed or marked absent.
#[derive(Debug, Clone, PartialEq)]
pub struct Correction {
    pub id: LandmarkId,
    /// Where the network had put it, pixels; `None` if it had not.
    pub predicted: Option<Point>,
    /// Where it is now, pixels; `None` if it was marked absent.
    pub corrected: Option<Point>,
    /// How far it was moved, pixels of the image; `None` unless both are known.
    pub distance_px: Option<f64>,
    /// The same in millimetres, where the spacing has them.
    pub distance_mm: Option<f64>,
    /// Whether the structure was flagged as hidden.
    pub occluded: bool,
    /// Who moved or marked it last, and when.
    pub touched: Option<Stamp>,
}

/// The points a person touched, in the order of the set.
pub(super) fn corrections(annotations: &Annotations, spacing: &Spacing) -> Vec<Correction> {
    annotations
        .landmarks
        .iter()
        .filter(|(_, landmark)| landmark.origin == Origin::Person)
        .map(|(id, landmark)| {
            let predicted = annotations.predicted(id).and_then(|landmark| landmark.position());
            let corrected = landmark.position();
            let both = predicted.zip(corrected);
            Correction {
                id: id.clone(),
                predicted,
                corrected,
                occluded: annotations.is_occluded(id),
                touched: annotations.notes.get(id).and_then(|note| note.touched.clone()),
                distance_px: both.map(|(a, b)| a.distance(b)),
                distance_mm: both
                    .filter(|_| spacing.has_millimetres())
                    .map(|(a, b)| spacing.to_metric(a).distance(spacing.to_metric(b))),
            }
        })
        .collect()
}
