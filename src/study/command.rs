//! Every change of a document is one of these values; each knows the state before and after, hence its inverse.

use super::annotations::{Annotations, Drawn, MaskPrediction};
use super::free::{FreeId, FreeMeasurement};
use super::mask::MaskEdit;
use super::provenance::PointState;
use super::refusal::Refused;
use super::settings::Settings;
use crate::measure::{Landmark, LandmarkId, Point};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change<T> {
    pub from: T,
    pub to: T,
}

impl<T: PartialEq> Change<T> {
    pub fn new(from: T, to: T) -> Self {
        Self { from, to }
    }

    pub fn inverse(self) -> Self {
        Self { from: self.to, to: self.from }
    }

    pub fn is_void(&self) -> bool {
        self.from == self.to
    }
}

/// What was done to a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PointDeed {
    Move,
    /// Marked as visible, occluded or absent.
    Flag,
    /// Back to where the network put it.
    Reset,
    /// Put where the other side's point says.
    Mirror,
}

/// What was done to a curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CurveDeed {
    /// A whole curve was drawn, or removed.
    Draw,
    Insert,
    Slide,
    Smooth,
    Delete,
    /// Back to what the network drew.
    Reset,
    /// Put where the other side's curve says.
    Mirror,
}

/// One undoable step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    Point {
        id: LandmarkId,
        deed: PointDeed,
        change: Change<PointState>,
    },
    /// Vertices in pixels; `None` where there is no curve.
    Curve {
        id: LandmarkId,
        deed: CurveDeed,
        change: Change<Option<Vec<Point>>>,
    },
    /// Radius of the circle about a point, in columns.
    Radius {
        id: LandmarkId,
        change: Change<Option<f64>>,
    },
    /// A free measurement was added, changed or removed.
    Free {
        id: FreeId,
        change: Change<Option<FreeMeasurement>>,
    },
    /// All free measurements were taken off the film at once.
    ClearFree(Change<BTreeMap<FreeId, FreeMeasurement>>),
    Mask(MaskEdit),
    Comment(Change<String>),
    /// A person set something: a calibration, the age, the reference line.
    Configure(Box<Change<Settings>>),
    /// Every point and curve back to what the network said.
    ResetAll(Box<Change<Drawn>>),
    /// An analysis came in.
    ApplyPrediction(Box<Change<Drawn>>),
    /// What a file says of the film was taken in.
    Reopen(Box<Change<Annotations>>),
    /// A saved version was put in the place of what was there.
    Restore {
        version: u32,
        change: Box<Change<Annotations>>,
    },
    /// A segmentation came in; `edit` is what it does to the mask.
    ApplyMask {
        change: Box<Change<Option<MaskPrediction>>>,
        edit: MaskEdit,
    },
}

impl Command {
    /// The command that takes this one back.
    pub fn inverse(self) -> Command {
        let boxed = |change: Box<Change<Drawn>>| Box::new(change.inverse());
        match self {
            Command::Point { id, deed, change } => Command::Point { id, deed, change: change.inverse() },
            Command::Curve { id, deed, change } => Command::Curve { id, deed, change: change.inverse() },
            Command::Radius { id, change } => Command::Radius { id, change: change.inverse() },
            Command::Free { id, change } => Command::Free { id, change: change.inverse() },
            Command::ClearFree(change) => Command::ClearFree(change.inverse()),
            Command::Mask(edit) => Command::Mask(edit.inverse()),
            Command::Comment(change) => Command::Comment(change.inverse()),
            Command::Configure(change) => Command::Configure(Box::new(change.inverse())),
            Command::ResetAll(change) => Command::ResetAll(boxed(change)),
            Command::ApplyPrediction(change) => Command::ApplyPrediction(boxed(change)),
            Command::Reopen(change) => Command::Reopen(Box::new(change.inverse())),
            Command::Restore { version, change } => {
                Command::Restore { version, change: Box::new(change.inverse()) }
            }
            Command::ApplyMask { change, edit } => {
                Command::ApplyMask { change: Box::new(change.inverse()), edit: edit.inverse() }
            }
        }
    }

    /// Whether it changes nothing; such a command is no undo step.
    pub fn is_void(&self) -> bool {
        match self {
            // When it was touched does not count where nothing else changed.
            Command::Point { change, .. } => {
                let occluded = |state: &PointState| state.note.as_ref().is_some_and(|note| note.occluded);
                change.from.landmark == change.to.landmark && occluded(&change.from) == occluded(&change.to)
            }
            Command::Curve { change, .. } => change.is_void(),
            Command::Radius { change, .. } => change.is_void(),
            Command::Free { change, .. } => change.is_void(),
            Command::ClearFree(change) => change.is_void(),
            Command::Mask(edit) => edit.is_void(),
            Command::Comment(change) => change.is_void(),
            Command::Configure(change) => change.is_void(),
            Command::ResetAll(change) | Command::ApplyPrediction(change) => change.is_void(),
            Command::Reopen(change) | Command::Restore { change, .. } => change.is_void(),
            Command::ApplyMask { change, edit } => change.is_void() && edit.is_void(),
        }
    }

    /// What it did, for "Undo …" and for the audit trail.
    pub fn describe(&self) -> String {
        match self {
            Command::Point { id, deed, change } => match deed {
                PointDeed::Move => format!("move of {id}"),
                PointDeed::Flag => match &change.to.landmark {
                    Some(landmark) if landmark.position().is_none() => format!("{id} absent"),
                    _ => format!("visibility of {id}"),
                },
                PointDeed::Reset => format!("reset of {id}"),
                PointDeed::Mirror => format!("{id} mirrored from the other side"),
            },
            Command::Curve { id, deed, .. } => match deed {
                CurveDeed::Draw => format!("curve {id}"),
                CurveDeed::Insert => format!("vertex of {id} inserted"),
                CurveDeed::Slide => format!("slide of {id}"),
                CurveDeed::Smooth => format!("smoothing of {id}"),
                CurveDeed::Delete => format!("vertex of {id} deleted"),
                CurveDeed::Reset => format!("reset of {id}"),
                CurveDeed::Mirror => format!("{id} mirrored from the other side"),
            },
            Command::Radius { id, .. } => format!("circle of {id}"),
            Command::Free { change, .. } => {
                let what = change.to.as_ref().or(change.from.as_ref());
                what.map_or("measurement", |what| what.shape.name()).to_owned()
            }
            Command::ClearFree(_) => "removal of the free measurements".to_owned(),
            Command::Mask(edit) => edit.describe(),
            Command::Comment(_) => "comment".to_owned(),
            Command::Configure(change) => change.from.difference(&change.to).to_owned(),
            Command::ResetAll(_) => "reset of all points".to_owned(),
            Command::ApplyPrediction(_) => "analysis".to_owned(),
            Command::Reopen(_) => "taking in a file".to_owned(),
            Command::Restore { version, .. } => format!("restoring version {version}"),
            Command::ApplyMask { .. } => "segmentation".to_owned(),
        }
    }

    /// # Errors
    /// A number of it is none: files could not hold it, and measurements would be withheld without a cause that shows.
    pub(super) fn finite(&self) -> Result<(), Refused> {
        let of_drawn = |drawn: &Drawn| {
            let set = &drawn.landmarks;
            all(set.points.values().filter_map(Landmark::position))
                && all(set.polylines.values().flatten().copied())
                && set.radii_px.values().all(|radius| radius.is_finite())
        };
        let (finite, what) = match self {
            Command::Point { change, .. } => {
                let place = change.to.landmark.as_ref().and_then(Landmark::position);
                (place.is_none_or(Point::is_finite), "the place of the point")
            }
            Command::Curve { change, .. } => {
                (all(change.to.iter().flatten().copied()), "a vertex of the curve")
            }
            Command::Radius { change, .. } => (change.to.is_none_or(f64::is_finite), "the radius"),
            Command::Free { change, .. } => {
                let points = change.to.as_ref().map(|free| free.shape.points()).unwrap_or_default();
                (all(points.into_iter()), "a point of the measurement")
            }
            Command::ClearFree(change) => {
                let points = change.to.values().flat_map(|free| free.shape.points());
                (all(points), "a point of a measurement")
            }
            Command::Configure(change) => {
                (change.to.subject.age_months.is_none_or(f64::is_finite), "the age")
            }
            Command::ResetAll(change) | Command::ApplyPrediction(change) => {
                (of_drawn(&change.to), "a point of the prediction")
            }
            Command::Reopen(change) | Command::Restore { change, .. } => {
                let free = change.to.free.values().flat_map(|free| free.shape.points());
                let whole = of_drawn(&change.to.drawn()) && all(free);
                (
                    whole && change.to.settings.subject.age_months.is_none_or(f64::is_finite),
                    "a number of the file",
                )
            }
            Command::Mask(_) | Command::Comment(_) | Command::ApplyMask { .. } => (true, ""),
        };
        if finite { Ok(()) } else { Err(Refused::NotFinite(what)) }
    }

    /// Whether measurements may come out otherwise after it.
    pub(super) fn is_measured(&self) -> bool {
        !matches!(
            self,
            Command::Free { .. }
                | Command::ClearFree(_)
                | Command::Mask(_)
                | Command::Comment(_)
                | Command::ApplyMask { .. }
        )
    }

    pub(super) fn apply(&self, annotations: &mut Annotations) {
        match self {
            Command::Point { id, change, .. } => annotations.set(id, change.to.clone()),
            Command::Curve { id, change, .. } => annotations.set_curve(id, change.to.clone()),
            Command::Radius { id, change } => annotations.set_radius(id, change.to),
            Command::Free { id, change } => annotations.set_free(*id, change.to.clone()),
            Command::ClearFree(change) => annotations.free.clone_from(&change.to),
            Command::Mask(edit) => edit.apply(&mut annotations.mask),
            Command::Comment(change) => annotations.comment.clone_from(&change.to),
            Command::Configure(change) => annotations.settings.clone_from(&change.to),
            Command::ResetAll(change) | Command::ApplyPrediction(change) => {
                annotations.set_drawn(change.to.clone());
            }
            Command::Reopen(change) | Command::Restore { change, .. } => annotations.clone_from(&change.to),
            Command::ApplyMask { change, edit } => {
                annotations.mask_prediction.clone_from(&change.to);
                edit.apply(&mut annotations.mask);
            }
        }
    }
}

fn all(mut points: impl Iterator<Item = Point>) -> bool {
    points.all(Point::is_finite)
}
