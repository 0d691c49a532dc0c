//! What a person and a network do to points and settings, and the review: each a step, each refused with its reason.

use super::annotations::Prediction;
use super::calibration::{Calibration, CalibrationRefusal};
use super::command::{Change, Command, PointDeed};
use super::document::Study;
use super::mirror::{Midline, mirrored};
use super::provenance::{Note, PointState, Stamp, Visibility};
use super::refusal::Refused;
use super::review::ReviewAct;
use super::settings::Settings;
use crate::measure::protocol::CamSet;
use crate::measure::{Landmark, LandmarkId, Origin, Point, ReferenceLine, Subject};

/// `Ok(true)` where a step was made, `Ok(false)` where nothing would change, else why not.
pub type Outcome = Result<bool, Refused>;

const ABSENT: &str = "marked absent by the reader";
const HIDDEN: &str = "hidden on this film, as the reader says";

impl Study {
    /// Takes in the result of the analysis that [`Self::begin_analysis`] numbered; `Ok(false)` if it is stale.
    ///
    /// # Errors
    /// A point that is no number, or the study may not be changed.
    pub fn apply_prediction(&mut self, prediction: Prediction, generation: u64) -> Outcome {
        if !self.is_current(generation) {
            return Ok(false);
        }
        self.perform(|annotations| {
            let to = annotations.with_prediction(prediction);
            Command::ApplyPrediction(Box::new(Change::new(annotations.drawn(), to)))
        })?;
        Ok(true)
    }

    /// Puts `id` at `to` (pixels, kept within the film) as one step.
    ///
    /// # Errors
    /// A place that is none, or the study may not be changed.
    pub fn move_landmark(&mut self, id: &LandmarkId, to: Point) -> Outcome {
        let placed = self.placed_by_person(id, to);
        self.change_point(id, PointDeed::Move, placed)
    }

    /// Says how the structure of `id` is seen. An absent one loses its place; one that is hidden keeps it, flagged.
    ///
    /// # Errors
    /// The study may not be changed.
    pub fn set_visibility(&mut self, id: &LandmarkId, visibility: Visibility) -> Outcome {
        let now = self.settled_point(id);
        let there = now.landmark.clone().filter(|landmark| landmark.position().is_some());
        let missing = |reason: &str| Some(Landmark::missing(reason, Origin::Person));
        let (landmark, occluded) = match visibility {
            Visibility::Absent => (missing(ABSENT), false),
            Visibility::Occluded => (there.or_else(|| missing(HIDDEN)), true),
            // One that was marked missing by hand goes back to what the network said; there is no other place for it.
            Visibility::Visible => (there.or_else(|| self.annotations().predicted(id).cloned()), false),
        };
        let as_predicted = landmark.as_ref() == self.annotations().predicted(id) && !occluded;
        let note = (!as_predicted).then(|| Note { occluded, touched: Some(Stamp::now(self.user())) });
        self.change_point(
            id,
            PointDeed::Flag,
            PointState { note: note.filter(|_| landmark.is_some()), landmark },
        )
    }

    /// Marks `id` as not on the film.
    ///
    /// # Errors
    /// The study may not be changed.
    pub fn set_missing(&mut self, id: &LandmarkId) -> Outcome {
        self.set_visibility(id, Visibility::Absent)
    }

    /// How the structure of `id` is seen; `None` where it is not placed.
    pub fn visibility(&self, id: &LandmarkId) -> Option<Visibility> {
        let landmark = self.annotations().landmarks.get(id)?;
        Some(match landmark.position() {
            _ if self.annotations().is_occluded(id) => Visibility::Occluded,
            Some(_) => Visibility::Visible,
            None => Visibility::Absent,
        })
    }

    /// Takes `id` back to what the network said of it (nothing, where it said nothing).
    ///
    /// # Errors
    /// The study may not be changed.
    pub fn reset_to_prediction(&mut self, id: &LandmarkId) -> Outcome {
        let landmark = self.annotations().predicted(id).cloned();
        self.change_point(id, PointDeed::Reset, PointState { landmark, note: None })
    }

    /// Takes every point and curve back to what the network said of it.
    ///
    /// # Errors
    /// The study may not be changed.
    pub fn reset_all(&mut self) -> Outcome {
        self.perform(|annotations| {
            Command::ResetAll(Box::new(Change::new(annotations.drawn(), annotations.all_reset())))
        })
    }

    /// Puts `id` at the mirror image of the other side's point, about the midline of the pelvis ([`Midline`]).
    ///
    /// # Errors
    /// The other side has no such point, no midline is known, or the study may not be changed.
    pub fn mirror(&mut self, id: &LandmarkId) -> Outcome {
        self.may_change()?;
        let (landmarks, spacing) = (&self.annotations().landmarks, self.spacing());
        let Some(side) = id.side else { return Err(Refused::Nothing(format!("other side of {id}"))) };
        let other = LandmarkId::new(id.code.clone(), side.opposite());
        if landmarks.get(&other).and_then(Landmark::position).is_none() {
            return Err(Refused::Nothing(format!("{other} to mirror")));
        }
        if Midline::of(landmarks, &spacing, &id.code).is_none() {
            return Err(Refused::NoMidline);
        }
        let to = mirrored(landmarks, &spacing, id).ok_or(Refused::NoMidline)?;
        let placed = self.placed_by_person(id, to);
        self.change_point(id, PointDeed::Mirror, placed)
    }

    /// What the case needs said in words.
    ///
    /// # Errors
    /// The study may not be changed.
    pub fn set_comment(&mut self, comment: &str) -> Outcome {
        self.perform(|annotations| {
            Command::Comment(Change::new(annotations.comment.clone(), comment.to_owned()))
        })
    }

    /// Puts a calibration in force.
    ///
    /// # Errors
    /// The calibration gives no size of a pixel, or the study may not be changed; nothing is changed then.
    pub fn calibrate(&mut self, calibration: Calibration) -> Result<(), CalibrationRefusal> {
        calibration.spacing(self.source())?;
        self.configure(|settings| *settings = settings.calibrated(calibration))?;
        Ok(())
    }

    /// Back to what the file says of the size of a pixel.
    ///
    /// # Errors
    /// The study may not be changed.
    pub fn uncalibrate(&mut self) -> Outcome {
        self.configure(|settings| settings.calibrations.clear())
    }

    /// Age, sex and view by hand; what is `None` is taken from the header.
    ///
    /// # Errors
    /// An age that is no number, or the study may not be changed.
    pub fn set_subject(&mut self, subject: Subject) -> Outcome {
        self.configure(|settings| settings.subject = subject)
    }

    /// The line that measurements are taken against, where their definitions leave it open; `None` the usual ones.
    ///
    /// # Errors
    /// The study may not be changed.
    pub fn set_reference(&mut self, reference: Option<ReferenceLine>) -> Outcome {
        self.configure(|settings| settings.reference = reference)
    }

    /// The published threshold of the alpha angle.
    ///
    /// # Errors
    /// The study may not be changed.
    pub fn set_cam_set(&mut self, cam_set: CamSet) -> Outcome {
        self.configure(|settings| settings.cam_set = cam_set)
    }

    fn configure(&mut self, change: impl FnOnce(&mut Settings)) -> Outcome {
        self.perform(|annotations| {
            let mut to = annotations.settings.clone();
            change(&mut to);
            Command::Configure(Box::new(Change::new(annotations.settings.clone(), to)))
        })
    }

    /// A step of the review. Acts are logged and audited, but are no undo steps.
    ///
    /// # Errors
    /// A signature without a name, an unlocking without a reason or without a signature, or any other act on a signed or
    /// read-only study.
    pub fn review_act(&mut self, act: ReviewAct) -> Result<(), Refused> {
        self.may_review()?;
        match &act {
            ReviewAct::Unlock { reason } => {
                if self.review().signed.is_none() {
                    return Err(Refused::Nothing("signature to take back".to_owned()));
                }
                if reason.trim().is_empty() {
                    return Err(Refused::NoReason);
                }
            }
            ReviewAct::SignOff => {
                self.may_change()?;
                if self.user().is_empty() {
                    return Err(Refused::Unnamed);
                }
            }
            ReviewAct::Begin | ReviewAct::Finish | ReviewAct::Resume => self.may_change()?,
        }
        if matches!(act, ReviewAct::Unlock { .. }) && self.user().is_empty() {
            return Err(Refused::Unnamed);
        }
        self.abort();
        self.record_review(act);
        Ok(())
    }

    fn change_point(&mut self, id: &LandmarkId, deed: PointDeed, to: PointState) -> Outcome {
        self.perform(|annotations| {
            let change = Change::new(annotations.point(id), to);
            Command::Point { id: id.clone(), deed, change }
        })
    }

    /// A person states no deviation: the table of readers says it ([`crate::measure::reader`]). A point that was flagged
    /// as hidden stays so.
    pub(super) fn placed_by_person(&self, id: &LandmarkId, at: Point) -> PointState {
        let landmark = Landmark::defined(self.inside(at), None, Origin::Person);
        let note =
            Note { occluded: self.annotations().is_occluded(id), touched: Some(Stamp::now(self.user())) };
        PointState { landmark: Some(landmark), note: Some(note) }
    }
}
