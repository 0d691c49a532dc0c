//! One film being read: where it came from, its points, what they measure, and how it got there.

use super::annotations::Annotations;
use super::command::Command;
use super::correction::{Correction, corrections};
use super::gesture::Gesture;
use super::history::History;
use super::mask::{Agreement, Run, paint};
use super::provenance::Stamp;
use super::refusal::Refused;
use super::review::{Review, ReviewStatus};
use super::settings::Settings;
use super::step::{Act, Step};
use crate::imaging::{Identity, Presentation, Radiograph, StatedSpacing};
use crate::measure::construction::{Primitive, drawn, figure};
use crate::measure::norms::NormTable;
use crate::measure::{
    Assessment, Context, Measurement, Point, Protocol, Side, Spacing, alternatives, assess_by,
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

/// The document. All changes go through its methods; the assessment always fits the points.
#[derive(Debug, Clone)]
pub struct Study {
    source: Source,
    annotations: Annotations,
    review: Review,
    history: History,
    pub(super) gesture: Option<Gesture>,
    generation: u64,
    /// Steps that nobody has taken to disk yet.
    log: Vec<Step>,
    user: String,
    read_only: Option<String>,
    /// How the film is assessed, as the settings and the header have it.
    protocol: Protocol,
    assessment: Assessment,
    construction: Vec<Primitive>,
    /// Of the mask with its prediction, where there are both.
    agreement: Option<Agreement>,
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
            review: Review::default(),
            history: History::default(),
            gesture: None,
            generation: 0,
            log: Vec::new(),
            user: String::new(),
            read_only: None,
            assessment: Assessment::default(),
            construction: Vec::new(),
            agreement: None,
        };
        study.assess();
        study
    }

    pub fn source(&self) -> &Source {
        &self.source
    }

    /// As they stand, previews included.
    pub fn annotations(&self) -> &Annotations {
        &self.annotations
    }

    pub fn settings(&self) -> &Settings {
        &self.annotations.settings
    }

    pub fn review(&self) -> &Review {
        &self.review
    }

    /// Where the film stands between network and signature.
    pub fn status(&self) -> ReviewStatus {
        self.review.status(&self.annotations)
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

    /// Who works on it from now on; every step and every touched point bears the name.
    pub fn set_user(&mut self, name: &str) {
        name.trim().clone_into(&mut self.user);
    }

    pub fn user(&self) -> &str {
        &self.user
    }

    /// Refuses every change from now on and says `reason` ("open in another window of …"); `None` allows them again.
    pub fn set_read_only(&mut self, reason: Option<String>) {
        self.abort();
        self.read_only = reason;
    }

    /// Whether the document may be changed now.
    ///
    /// # Errors
    /// Why it may not: signed, or read only.
    pub fn may_change(&self) -> Result<(), Refused> {
        self.may_review()?;
        self.review.signed.as_ref().map_or(Ok(()), |signed| Err(Refused::Signed { by: signed.by.clone() }))
    }

    pub(super) fn may_review(&self) -> Result<(), Refused> {
        self.read_only.as_ref().map_or(Ok(()), |reason| Err(Refused::ReadOnly(reason.clone())))
    }

    /// The steps since the last call, oldest first, for whoever keeps them on disk.
    pub fn take_steps(&mut self) -> Vec<Step> {
        std::mem::take(&mut self.log)
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

    pub(super) fn is_current(&self, generation: u64) -> bool {
        generation == self.generation
    }

    /// Takes back the last step; during a gesture, the gesture. `Ok(false)` where there is none.
    ///
    /// # Errors
    /// The study may not be changed.
    pub fn undo(&mut self) -> Result<bool, Refused> {
        if self.abort() {
            return Ok(true);
        }
        self.may_change()?;
        let applied = self.history.undo(&mut self.annotations);
        Ok(self.applied(applied, Act::Undo))
    }

    /// Does the last undone step again; a gesture is aborted first. `Ok(false)` where there is none.
    ///
    /// # Errors
    /// The study may not be changed.
    pub fn redo(&mut self) -> Result<bool, Refused> {
        self.abort();
        self.may_change()?;
        let applied = self.history.redo(&mut self.annotations);
        Ok(self.applied(applied, Act::Redo))
    }

    fn applied(&mut self, applied: Option<Command>, act: fn(Command) -> Act) -> bool {
        let Some(command) = applied else { return false };
        self.follow(&command);
        self.record(act(command));
        true
    }

    /// Makes and does a command on the annotations without what is under the hand, then lets the gesture go on.
    pub(super) fn perform(&mut self, command: impl FnOnce(&Annotations) -> Command) -> Result<bool, Refused> {
        self.may_change()?;
        let shown = self.lift();
        let command = command(&self.annotations);
        let outcome = match command.finite() {
            Ok(()) => Ok(self.history.perform(&mut self.annotations, command.clone())),
            Err(refused) => Err(refused),
        };
        if outcome == Ok(true) {
            self.follow(&command);
            self.record(Act::Do(command));
        }
        if let Some(shown) = shown {
            self.lay(shown);
            self.assess();
        }
        outcome
    }

    /// Brings what is derived from the annotations up to date with `command`.
    fn follow(&mut self, command: &Command) {
        if command.is_measured() {
            self.assess();
        }
        match command {
            Command::Mask(edit) if self.annotations.mask.is_some() && self.agreement.is_some() => {
                self.agree(&edit.runs);
            }
            Command::Mask(_) | Command::ApplyMask { .. } | Command::Reopen(_) | Command::Restore { .. } => {
                self.count_agreement()
            }
            _ => {}
        }
    }

    fn record(&mut self, act: Act) {
        self.log.push(Step { stamp: Stamp::now(&self.user), act });
    }

    pub(super) fn record_review(&mut self, act: super::review::ReviewAct) {
        let stamp = Stamp::now(&self.user);
        self.review.act(&act, &stamp);
        self.log.push(Step { stamp, act: Act::Review(act) });
    }

    /// Does a step that was done before, as a journal kept it; it is not logged again, and can be undone.
    pub fn replay(&mut self, step: Step) {
        self.abort();
        match step.act {
            Act::Do(command) => {
                self.history.perform(&mut self.annotations, command);
            }
            Act::Undo(command) => self.history.replay_undo(&mut self.annotations, command),
            Act::Redo(command) => self.history.replay_redo(&mut self.annotations, command),
            Act::Review(act) => self.review.act(&act, &step.stamp),
        }
    }

    /// The annotations and the review as they were saved, in the place of what is here; steps before are forgotten.
    pub(super) fn set_saved(&mut self, annotations: Annotations, review: Review) {
        self.gesture = None;
        self.history = History::default();
        self.log.clear();
        self.annotations = annotations;
        self.review = review;
        self.refresh();
    }

    /// Measures and counts everything anew: after [`Self::replay`], once for all steps.
    pub fn refresh(&mut self) {
        self.assess();
        self.count_agreement();
    }

    pub(super) fn annotations_mut(&mut self) -> &mut Annotations {
        &mut self.annotations
    }

    /// `at`, kept within the film.
    pub(super) fn inside(&self, at: Point) -> Point {
        let edge = |size: usize| size.saturating_sub(1) as f64;
        Point::new(at.x.clamp(0.0, edge(self.source.columns)), at.y.clamp(0.0, edge(self.source.rows)))
    }

    /// Paints a preview.
    pub(super) fn paint(&mut self, runs: &[Run]) {
        if let Some(mask) = &mut self.annotations.mask {
            paint(mask.make_mut(), runs);
            self.agree(runs);
        }
    }

    fn agree(&mut self, runs: &[Run]) {
        if let Some((agreement, prediction)) =
            self.agreement.as_mut().zip(self.annotations.mask_prediction.as_ref())
        {
            agreement.update(runs, &prediction.mask);
        }
    }

    pub(super) fn count_agreement(&mut self) {
        let both = self.annotations.mask.as_ref().zip(self.annotations.mask_prediction.as_ref());
        self.agreement = both.and_then(|(mask, prediction)| Agreement::of(mask, &prediction.mask));
    }

    pub(super) fn agreement(&self) -> Option<&Agreement> {
        self.agreement.as_ref()
    }

    /// The same measurement against every reference line of the film.
    pub fn alternatives(&self, code: &str, side: Option<Side>) -> Vec<Measurement> {
        alternatives(&self.annotations.landmarks, &self.spacing(), &self.protocol, code, side)
    }

    pub(super) fn assess(&mut self) {
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
