//! A change under the hand: shown at once, one step when it ends, nothing when it is aborted.

use super::annotations::Annotations;
use super::command::{Change, Command, CurveDeed, PointDeed};
use super::curve::slid;
use super::document::Study;
use super::free::{FreeId, FreeMeasurement};
use super::mask::{Brush, MaskDeed, MaskEdit, Over, Paint, Run, repainted, sweep};
use super::provenance::PointState;
use super::refusal::Refused;
use crate::measure::{Landmark, LandmarkId, Point};

/// What is under the hand, and what it was before.
#[derive(Debug, Clone)]
pub(super) enum Gesture {
    Point { id: LandmarkId, before: PointState },
    Slide { id: LandmarkId, index: usize, reach: f64, before: Vec<Point> },
    Radius { id: LandmarkId, before: f64 },
    Free { id: FreeId, index: usize, before: FreeMeasurement },
    Stroke(Stroke),
}

/// A brush that is down.
#[derive(Debug, Clone)]
pub(super) struct Stroke {
    brush: Brush,
    last: Option<Point>,
    /// What it painted so far. Each pixel at most once: what has the brush's label is not painted again.
    runs: Vec<Run>,
    /// Whether there was no mask before.
    began: bool,
}

impl Stroke {
    fn deed(&self) -> MaskDeed {
        if self.brush.paint.label == 0 { MaskDeed::Erase } else { MaskDeed::Brush }
    }

    /// The label that it is about; `None` for an eraser of everything.
    fn label(&self) -> Option<u8> {
        match self.brush.paint {
            Paint { label: 0, over: Over::Anything } => None,
            Paint { label: 0, over: Over::Label(label) } | Paint { label, .. } => Some(label),
        }
    }
}

impl Study {
    /// Begins to move `id`; a gesture still open is aborted.
    ///
    /// # Errors
    /// The study may not be changed.
    pub fn begin_move(&mut self, id: &LandmarkId) -> Result<(), Refused> {
        self.abort();
        self.may_change()?;
        self.gesture = Some(Gesture::Point { id: id.clone(), before: self.annotations().point(id) });
        Ok(())
    }

    /// Begins to slide vertex `index` of a curve, neighbours within `reach` pixels along with it.
    ///
    /// # Errors
    /// There is no such vertex, or the study may not be changed.
    pub fn begin_slide(&mut self, id: &LandmarkId, index: usize, reach: f64) -> Result<(), Refused> {
        self.abort();
        self.may_change()?;
        let line = self.curve(id).filter(|line| index < line.len());
        let before = line.ok_or_else(|| Refused::Nothing(format!("vertex {} of {id}", index + 1)))?.clone();
        self.gesture = Some(Gesture::Slide { id: id.clone(), index, reach, before });
        Ok(())
    }

    /// Begins to drag the rim of the circle about `id`: a preview says through where it runs.
    ///
    /// # Errors
    /// There is no such circle, or the study may not be changed.
    pub fn begin_radius(&mut self, id: &LandmarkId) -> Result<(), Refused> {
        self.abort();
        self.may_change()?;
        let landmarks = &self.annotations().landmarks;
        let placed = landmarks.get(id).is_some_and(|center| center.position().is_some());
        let radius = landmarks.radii_px.get(id).copied().filter(|_| placed);
        let before = radius.ok_or_else(|| Refused::Nothing(format!("circle about {id}")))?;
        self.gesture = Some(Gesture::Radius { id: id.clone(), before });
        Ok(())
    }

    /// Begins to move point `index` of a free measurement, as [`super::FreeShape::points`] counts.
    ///
    /// # Errors
    /// There is no such point, or the study may not be changed.
    pub fn begin_free(&mut self, id: FreeId, index: usize) -> Result<(), Refused> {
        self.abort();
        self.may_change()?;
        let free = self.annotations().free.get(&id).filter(|free| index < free.shape.points().len());
        let before = free.ok_or_else(|| Refused::Nothing("such point of a measurement".to_owned()))?.clone();
        self.gesture = Some(Gesture::Free { id, index, before });
        Ok(())
    }

    /// Puts the brush down at `at` (pixels).
    ///
    /// # Errors
    /// The study may not be changed.
    pub fn begin_stroke(&mut self, brush: Brush, at: Point) -> Result<(), Refused> {
        self.abort();
        self.may_change()?;
        if !(at.is_finite() && brush.radius.is_finite()) {
            return Err(Refused::NotFinite("the brush"));
        }
        self.known_label(brush.paint.label)?;
        let began = self.begin_mask();
        self.gesture = Some(Gesture::Stroke(Stroke { brush, last: None, runs: Vec::new(), began }));
        self.preview(at);
        Ok(())
    }

    /// Shows what is under the hand at `to` (pixels; points are kept within the film). Nothing without a gesture, and
    /// nothing for a place that is none.
    pub fn preview(&mut self, to: Point) {
        if !to.is_finite() {
            return;
        }
        match self.gesture.take() {
            None => {}
            Some(Gesture::Point { id, before }) => {
                let placed = self.placed_by_person(&id, to);
                self.annotations_mut().set(&id, placed);
                self.gesture = Some(Gesture::Point { id, before });
                self.assess();
            }
            Some(Gesture::Slide { id, index, reach, before }) => {
                let line = self.on_film(slid(&before, index, self.inside(to), reach));
                self.annotations_mut().set_curve(&id, Some(line));
                self.gesture = Some(Gesture::Slide { id, index, reach, before });
                self.assess();
            }
            Some(Gesture::Radius { id, before }) => {
                let center = self.annotations().landmarks.get(&id).and_then(Landmark::position);
                let spacing = self.spacing();
                let radius = center
                    .map(|center| spacing.to_metric(center).distance(spacing.to_metric(to)) / spacing.column);
                // No circle is smaller than a pixel.
                self.annotations_mut().set_radius(&id, Some(radius.unwrap_or(before).max(1.0)));
                self.gesture = Some(Gesture::Radius { id, before });
                self.assess();
            }
            Some(Gesture::Free { id, index, before }) => {
                let shape = before.shape.clone().with_point(index, self.inside(to));
                let moved = FreeMeasurement { shape, ..before.clone() };
                self.annotations_mut().set_free(id, Some(moved));
                self.gesture = Some(Gesture::Free { id, index, before });
            }
            Some(Gesture::Stroke(mut stroke)) => {
                let from = stroke.last.replace(to).unwrap_or(to);
                let mask = self.annotations().mask.as_ref();
                let runs = mask.map(|mask| sweep(mask, from, to, stroke.brush)).unwrap_or_default();
                self.paint(&runs);
                stroke.runs.extend(runs);
                self.gesture = Some(Gesture::Stroke(stroke));
            }
        }
    }

    /// Ends the gesture as one step.
    ///
    /// # Errors
    /// The study may no longer be changed; the gesture is aborted then. `Ok(false)` if it changed nothing.
    pub fn commit(&mut self) -> Result<bool, Refused> {
        let Some(shown) = self.lift() else { return Ok(false) };
        self.perform(|annotations| shown.command(annotations))
    }

    /// Ends the gesture and puts back what was there; `false` if there was none.
    pub fn abort(&mut self) -> bool {
        let measured = !matches!(self.gesture, None | Some(Gesture::Stroke(_) | Gesture::Free { .. }));
        let some = self.lift().is_some();
        if measured {
            self.assess();
        }
        some
    }

    /// The point that is being moved.
    pub fn moving(&self) -> Option<&LandmarkId> {
        match &self.gesture {
            Some(Gesture::Point { id, .. }) => Some(id),
            _ => None,
        }
    }

    /// Whether anything is under the hand.
    pub fn is_busy(&self) -> bool {
        self.gesture.is_some()
    }

    /// The point as the last step left it.
    pub(super) fn settled_point(&self, id: &LandmarkId) -> PointState {
        match &self.gesture {
            Some(Gesture::Point { id: moving, before }) if moving == id => before.clone(),
            _ => self.annotations().point(id),
        }
    }

    /// The curve as the last step left it.
    pub(super) fn settled_curve(&self, id: &LandmarkId) -> Option<Vec<Point>> {
        match &self.gesture {
            Some(Gesture::Slide { id: sliding, before, .. }) if sliding == id => Some(before.clone()),
            _ => self.curve(id).cloned(),
        }
    }

    /// Takes the gesture off: the annotations are those of the last step, and what was shown is returned.
    pub(super) fn lift(&mut self) -> Option<Shown> {
        let gesture = self.gesture.take()?;
        let annotations = self.annotations_mut();
        Some(match gesture {
            Gesture::Point { id, before } => {
                let shown = annotations.point(&id);
                annotations.set(&id, before);
                Shown::Point(id, shown)
            }
            Gesture::Slide { id, index, reach, before } => {
                let shown = annotations.landmarks.polylines.get(&id).cloned();
                annotations.set_curve(&id, Some(before));
                Shown::Slide { id, index, reach, shown: shown.unwrap_or_default() }
            }
            Gesture::Radius { id, before } => {
                let shown = annotations.landmarks.radii_px.get(&id).copied();
                annotations.set_radius(&id, Some(before));
                Shown::Radius(id, shown)
            }
            Gesture::Free { id, index, before } => {
                let shown = annotations.free.get(&id).cloned();
                annotations.set_free(id, Some(before));
                Shown::Free { id, index, shown }
            }
            Gesture::Stroke(stroke) => {
                let taken_back: Vec<Run> = stroke.runs.iter().copied().map(Run::inverse).collect();
                self.paint(&taken_back);
                if stroke.began {
                    self.annotations_mut().mask = None;
                }
                let edit = self.edit_of(stroke.deed(), stroke.label(), stroke.runs.clone());
                Shown::Stroke(stroke, edit)
            }
        })
    }

    /// Puts a lifted gesture back onto annotations that a step has changed meanwhile.
    pub(super) fn lay(&mut self, shown: Shown) {
        match shown {
            Shown::Point(id, shown) => {
                let before = self.annotations().point(&id);
                self.annotations_mut().set(&id, shown);
                self.gesture = Some(Gesture::Point { id, before });
            }
            Shown::Slide { id, index, reach, shown } => {
                // The step may have replaced the curve; a vertex of the old one cannot be slid on the new.
                let same = self.curve(&id).filter(|line| line.len() == shown.len()).cloned();
                if let Some(before) = same {
                    self.annotations_mut().set_curve(&id, Some(shown));
                    self.gesture = Some(Gesture::Slide { id, index, reach, before });
                }
            }
            Shown::Radius(id, shown) => {
                // The step may have taken the circle away.
                if let Some(before) = self.annotations().landmarks.radii_px.get(&id).copied() {
                    self.annotations_mut().set_radius(&id, shown);
                    self.gesture = Some(Gesture::Radius { id, before });
                }
            }
            Shown::Free { id, index, shown } => {
                if let Some((before, shown)) = self.annotations().free.get(&id).cloned().zip(shown) {
                    self.annotations_mut().set_free(id, Some(shown));
                    self.gesture = Some(Gesture::Free { id, index, before });
                }
            }
            Shown::Stroke(stroke, _) => {
                let began = self.begin_mask();
                let mask = self.annotations().mask.as_ref();
                let again = mask.map(|mask| repainted(mask, &stroke.runs, stroke.brush.paint));
                let runs = again.unwrap_or_default();
                self.paint(&runs);
                self.gesture = Some(Gesture::Stroke(Stroke { runs, began, ..stroke }));
            }
        }
    }
}

/// A gesture that was taken off.
pub(super) enum Shown {
    Point(LandmarkId, PointState),
    Slide { id: LandmarkId, index: usize, reach: f64, shown: Vec<Point> },
    Radius(LandmarkId, Option<f64>),
    Free { id: FreeId, index: usize, shown: Option<FreeMeasurement> },
    Stroke(Stroke, MaskEdit),
}

impl Shown {
    fn command(self, annotations: &Annotations) -> Command {
        match self {
            Shown::Point(id, shown) => {
                let change = Change::new(annotations.point(&id), shown);
                Command::Point { id, deed: PointDeed::Move, change }
            }
            Shown::Slide { id, shown, .. } => {
                let change = Change::new(annotations.landmarks.polylines.get(&id).cloned(), Some(shown));
                Command::Curve { id, deed: CurveDeed::Slide, change }
            }
            Shown::Radius(id, shown) => {
                let change = Change::new(annotations.landmarks.radii_px.get(&id).copied(), shown);
                Command::Radius { id, change }
            }
            Shown::Free { id, shown, .. } => {
                Command::Free { id, change: Change::new(annotations.free.get(&id).cloned(), shown) }
            }
            Shown::Stroke(_, edit) => Command::Mask(edit),
        }
    }
}
