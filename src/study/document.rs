//! One film being read: where it came from, its points, what they measure, and how it got there.

use super::annotations::{Annotations, Prediction};
use super::command::Command;
use super::correction::{Correction, corrections};
use super::history::History;
use crate::imaging::{Identity, Radiograph};
use crate::measure::construction::{Primitive, construct};
use crate::measure::{
    Assessment, Context, Landmark, LandmarkId, Measurement, Origin, Point, Protocol, Side, Spacing,
    alternatives, assess_with,
};
use std::path::{Path, PathBuf};

/// The film a study is about, without its pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    pub path: PathBuf,
    pub identity: Identity,
    pub rows: usize,
    pub columns: usize,
    pub frame: u32,
    pub spacing: Spacing,
    /// As [`Radiograph::patient_right_on_left`].
    pub patient_right_on_left: Option<bool>,
}

/// A move that is not yet a step: what the point was before it began.
#[derive(Debug, Clone)]
struct Gesture {
    id: LandmarkId,
    before: Option<Landmark>,
}

/// The document. All changes go through its methods; the assessment always fits the points.
#[derive(Debug, Clone)]
pub struct Study {
    source: Source,
    annotations: Annotations,
    history: History,
    gesture: Option<Gesture>,
    generation: u64,
    assessment: Assessment,
    construction: Vec<Primitive>,
}

impl Study {
    pub fn new(path: &Path, radiograph: &Radiograph) -> Study {
        let source = Source {
            path: path.to_path_buf(),
            identity: radiograph.identity.clone(),
            rows: radiograph.rows,
            columns: radiograph.columns,
            frame: radiograph.frame,
            spacing: radiograph.spacing,
            patient_right_on_left: radiograph.patient_right_on_left,
        };
        let mut study = Study {
            source,
            annotations: Annotations::default(),
            history: History::default(),
            gesture: None,
            generation: 0,
            assessment: Assessment::default(),
            construction: Vec::new(),
        };
        study.assess();
        study
    }

    pub fn source(&self) -> &Source {
        &self.source
    }

    pub fn annotations(&self) -> &Annotations {
        &self.annotations
    }

    pub fn history(&self) -> &History {
        &self.history
    }

    /// What the points, as they stand (previews included), measure.
    pub fn assessment(&self) -> &Assessment {
        &self.assessment
    }

    /// The lines, arcs and labels of the points as they stand.
    pub fn construction(&self) -> &[Primitive] {
        &self.construction
    }

    /// The points a person placed or marked absent, with their distance from the prediction.
    pub fn corrections(&self) -> Vec<Correction> {
        corrections(&self.annotations, &self.source.spacing)
    }

    /// Starts the count of a new analysis: results of earlier ones are stale from now on.
    pub fn begin_analysis(&mut self) -> u64 {
        self.generation += 1;
        self.generation
    }

    /// Makes the running analysis stale.
    pub fn cancel_analysis(&mut self) {
        self.generation += 1;
    }

    /// Takes in the result of the analysis that [`Self::begin_analysis`] numbered; `false` if it is stale.
    pub fn apply_prediction(&mut self, prediction: Prediction, generation: u64) -> bool {
        if generation != self.generation {
            return false;
        }
        self.perform(|annotations| Command::ApplyPrediction {
            from: Box::new(annotations.clone()),
            to: Box::new(annotations.with_prediction(prediction)),
        });
        true
    }

    /// Puts `id` at `to` (pixels, kept within the film) as one step.
    pub fn move_landmark(&mut self, id: &LandmarkId, to: Point) {
        let placed = Some(self.placed_by_person(to));
        self.perform(|annotations| Command::MoveLandmark {
            id: id.clone(),
            from: annotations.landmarks.get(id).cloned(),
            to: placed,
        });
    }

    /// Marks `id` as not on the film.
    pub fn set_missing(&mut self, id: &LandmarkId) {
        self.perform(|annotations| Command::SetMissing {
            id: id.clone(),
            from: annotations.landmarks.get(id).cloned(),
            to: Some(Landmark::missing("marked absent by the reader", Origin::Person)),
        });
    }

    /// Takes `id` back to what the network said of it (nothing, where it said nothing).
    pub fn reset_to_prediction(&mut self, id: &LandmarkId) {
        self.perform(|annotations| Command::ResetToPrediction {
            id: id.clone(),
            from: annotations.landmarks.get(id).cloned(),
            to: annotations.predicted(id).cloned(),
        });
    }

    /// Takes every point back to what the network said of it.
    pub fn reset_all(&mut self) {
        self.perform(|annotations| Command::ResetAll {
            from: Box::new(annotations.clone()),
            to: Box::new(annotations.all_reset()),
        });
    }

    /// Takes back the last step; during a gesture, the gesture.
    pub fn undo(&mut self) -> bool {
        if self.abort() {
            return true;
        }
        let done = self.history.undo(&mut self.annotations);
        self.assess();
        done
    }

    pub fn redo(&mut self) -> bool {
        self.abort();
        let done = self.history.redo(&mut self.annotations);
        self.assess();
        done
    }

    /// Begins to move `id`; a gesture still open is aborted.
    pub fn begin_move(&mut self, id: &LandmarkId) {
        self.abort();
        let before = self.annotations.landmarks.get(id).cloned();
        self.gesture = Some(Gesture { id: id.clone(), before });
    }

    /// Shows the moving point at `to` (pixels, kept within the film); nothing without a gesture.
    pub fn preview(&mut self, to: Point) {
        let Some(gesture) = &self.gesture else { return };
        let placed = self.placed_by_person(to);
        self.annotations.set(&gesture.id, Some(placed));
        self.assess();
    }

    /// Ends the gesture as one step; `false` if it moved nothing.
    pub fn commit(&mut self) -> bool {
        let Some(Gesture { id, before }) = self.gesture.take() else { return false };
        let to = self.annotations.landmarks.get(&id).cloned();
        let command = Command::MoveLandmark { id, from: before, to };
        self.history.perform(&mut self.annotations, command)
    }

    /// Ends the gesture and puts the point back; `false` if there was none.
    pub fn abort(&mut self) -> bool {
        let Some(gesture) = self.gesture.take() else { return false };
        self.annotations.set(&gesture.id, gesture.before);
        self.assess();
        true
    }

    /// The point that is being moved.
    pub fn moving(&self) -> Option<&LandmarkId> {
        self.gesture.as_ref().map(|gesture| &gesture.id)
    }

    /// Makes and does a command on the points without the preview, then lets the gesture go on.
    fn perform(&mut self, command: impl FnOnce(&Annotations) -> Command) {
        let moving = self.gesture.take().map(|Gesture { id, before }| {
            let shown = self.annotations.landmarks.get(&id).cloned();
            self.annotations.set(&id, before);
            (id, shown)
        });
        let command = command(&self.annotations);
        self.history.perform(&mut self.annotations, command);
        if let Some((id, shown)) = moving {
            let before = self.annotations.landmarks.get(&id).cloned();
            self.annotations.set(&id, shown);
            self.gesture = Some(Gesture { id, before });
        }
        self.assess();
    }

    /// A person's point has no deviation of its own: it is taken as it stands.
    fn placed_by_person(&self, at: Point) -> Landmark {
        let edge = |size: usize| size.saturating_sub(1) as f64;
        let inside =
            Point::new(at.x.clamp(0.0, edge(self.source.columns)), at.y.clamp(0.0, edge(self.source.rows)));
        Landmark::defined(inside, None, Origin::Person)
    }

    /// The same measurement against every reference line of the film.
    pub fn alternatives(&self, code: &str, side: Side) -> Vec<Measurement> {
        let protocol = Protocol { context: self.context(), ..Protocol::default() };
        alternatives(&self.annotations.landmarks, &self.source.spacing, &protocol, code, Some(side))
    }

    fn context(&self) -> Context {
        Context { patient_right_on_left: self.source.patient_right_on_left }
    }

    fn assess(&mut self) {
        let Source { spacing, rows, columns, .. } = &self.source;
        self.assessment = assess_with(&self.annotations.landmarks, spacing, self.context());
        self.construction = construct(&self.annotations.landmarks, spacing, *rows, *columns);
    }
}
