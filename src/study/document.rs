//! One film being read: where it came from, its points, what they measure, and how it got there.

use super::annotations::{Annotations, Prediction};
use super::calibration::{Calibration, CalibrationRefusal};
use super::command::Command;
use super::correction::{Correction, corrections};
use super::history::History;
use super::settings::Settings;
use crate::imaging::{Identity, Presentation, Radiograph, StatedSpacing};
use crate::measure::construction::{Primitive, drawn, figure};
use crate::measure::norms::NormTable;
use crate::measure::protocol::CamSet;
use crate::measure::{
    Assessment, Context, Landmark, LandmarkId, Measurement, Origin, Point, Protocol, ReferenceLine, Side,
    Spacing, Subject, alternatives, assess_by,
};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// The film a study is about, without its pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    pub path: PathBuf,
    pub identity: Identity,
    pub rows: usize,
    pub columns: usize,
    pub frame: u32,
    /// As the file says; a calibration by hand goes before it.
    pub spacing: Spacing,
    /// What the file says of the size of a pixel, each way by itself.
    pub stated: StatedSpacing,
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
    /// How the film is assessed, as the settings and the header have it.
    protocol: Protocol,
    assessment: Assessment,
    construction: Vec<Primitive>,
}

impl Study {
    /// A film just opened, without points; `norms` are the tables of the site.
    pub fn new(
        path: &Path,
        radiograph: &Radiograph,
        presentation: &Presentation,
        norms: Cow<'static, [NormTable]>,
    ) -> Study {
        let source = Source {
            path: path.to_path_buf(),
            identity: radiograph.identity.clone(),
            rows: radiograph.rows,
            columns: radiograph.columns,
            frame: radiograph.frame,
            spacing: radiograph.spacing,
            stated: presentation.spacing,
            patient_right_on_left: radiograph.patient_right_on_left,
        };
        let mut study = Study {
            protocol: Protocol {
                context: Context { patient_right_on_left: source.patient_right_on_left },
                norms,
                ..Protocol::default()
            },
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

    pub fn settings(&self) -> &Settings {
        &self.annotations.settings
    }

    /// How the film is assessed: patient, line, thresholds and norms.
    pub fn protocol(&self) -> &Protocol {
        &self.protocol
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

    /// The geometry of one measurement or grade as the film stands, whether or not it stands over the film already.
    pub fn figure(&self, code: &str, side: Option<Side>) -> Vec<Primitive> {
        let line = self.assessment.measurement(code, side).and_then(|measurement| measurement.reference_line);
        let size = (self.source.rows, self.source.columns);
        figure(&self.annotations.landmarks, &self.spacing(), size, line, (code, side))
    }

    /// The points a person placed or marked absent, with their distance from the prediction.
    pub fn corrections(&self) -> Vec<Correction> {
        corrections(&self.annotations, &self.spacing())
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

    /// Puts a calibration in force.
    ///
    /// # Errors
    /// The calibration gives no size of a pixel; nothing is changed then.
    pub fn calibrate(&mut self, calibration: Calibration) -> Result<(), CalibrationRefusal> {
        calibration.spacing(&self.source)?;
        self.configure(|settings| *settings = settings.calibrated(calibration));
        Ok(())
    }

    /// Back to what the file says of the size of a pixel.
    pub fn uncalibrate(&mut self) {
        self.configure(|settings| settings.calibrations.clear());
    }

    /// Age, sex and view by hand; what is `None` is taken from the header.
    pub fn set_subject(&mut self, subject: Subject) {
        self.configure(|settings| settings.subject = subject);
    }

    /// The line that measurements are taken against, where their definitions leave it open; `None` the usual ones.
    pub fn set_reference(&mut self, reference: Option<ReferenceLine>) {
        self.configure(|settings| settings.reference = reference);
    }

    /// The published threshold of the alpha angle.
    pub fn set_cam_set(&mut self, cam_set: CamSet) {
        self.configure(|settings| settings.cam_set = cam_set);
    }

    fn configure(&mut self, change: impl FnOnce(&mut Settings)) {
        self.perform(|annotations| {
            let mut to = annotations.settings.clone();
            change(&mut to);
            Command::Configure { from: Box::new(annotations.settings.clone()), to: Box::new(to) }
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

    /// A person states no deviation: the table of readers says it ([`crate::measure::reader`]).
    fn placed_by_person(&self, at: Point) -> Landmark {
        let edge = |size: usize| size.saturating_sub(1) as f64;
        let inside =
            Point::new(at.x.clamp(0.0, edge(self.source.columns)), at.y.clamp(0.0, edge(self.source.rows)));
        Landmark::defined(inside, None, Origin::Person)
    }

    /// The same measurement against every reference line of the film.
    pub fn alternatives(&self, code: &str, side: Option<Side>) -> Vec<Measurement> {
        alternatives(&self.annotations.landmarks, &self.spacing(), &self.protocol, code, side)
    }

    fn assess(&mut self) {
        let spacing = self.spacing();
        self.protocol.subject = self.subject();
        self.protocol.reference = self.settings().reference;
        self.protocol.cam_set = self.settings().cam_set;
        let landmarks = &self.annotations.landmarks;
        self.assessment = assess_by(landmarks, &spacing, &self.protocol);
        let Source { rows, columns, .. } = self.source;
        self.construction = drawn(landmarks, &spacing, rows, columns, &self.assessment);
    }
}
