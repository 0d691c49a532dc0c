//! A radiograph in, landmarks with their uncertainty out; what cannot be said is refused or missing, never guessed.

use super::ModelError;
use super::catalogue::{ModelCard, catalogue};
use super::device::{DeviceChoice, device};
use super::heatmap::Modality;
use super::installed;
use super::landmark_detector::{DetectError, Detected, LandmarkDetector, NotFound};
use super::plan::Plan;
use super::system::read_detector;
use super::view::View;
use crate::eval::reliability::tempered;
use crate::imaging::Radiograph;
use crate::job::{Cancelled, Job};
use crate::measure::{Landmark, LandmarkCode, LandmarkId, LandmarkSet, ModelIdentity, Origin, Side};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Films smaller than this along either side show no acetabulum.
const SMALLEST_SIDE: usize = 64;
/// With a smaller share of the points that every such film shows, it is not believed to be one.
const LEAST_FOUND: f64 = 0.6;
/// Greys that use less of their range than this show nothing.
pub(super) const LEAST_CONTRAST: f32 = 1e-3;

/// Why a film was not read.
#[derive(Debug, thiserror::Error)]
pub enum PredictError {
    #[error("the image is {columns} × {rows} pixels; at least {SMALLEST_SIDE} × {SMALLEST_SIDE} are needed")]
    TooSmall { rows: usize, columns: usize },
    #[error("the image is blank")]
    Blank,
    /// No projection radiograph, or only a part of one.
    #[error("{0}")]
    Unfit(String),
    /// A picture of something that is not measured, or that no model reads.
    #[error("not measured, because {0}")]
    Unlike(String),
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    #[error(transparent)]
    Model(#[from] ModelError),
}

impl From<DetectError> for PredictError {
    fn from(error: DetectError) -> Self {
        match error {
            DetectError::Cancelled(e) => Self::Cancelled(e),
            DetectError::Model(e) => Self::Model(e),
        }
    }
}

/// What the network says of a film.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// In pixel coordinates of the full-resolution image; every landmark of the model, some missing.
    pub landmarks: LandmarkSet,
    pub model: ModelIdentity,
    pub warnings: Vec<String>,
}

/// A network ready to read films. Loading takes a fraction of a second; share one among threads.
#[derive(Debug, Clone)]
pub struct Predictor {
    detector: Arc<dyn LandmarkDetector>,
    plan: Plan,
    /// Device in words, with the reason why it is that one.
    pub device: String,
}

impl Predictor {
    /// The model `name`: the id of a shipped or an installed one, or the path of a plan; the default one with `None`.
    ///
    /// # Errors
    /// An unknown name, damaged weights, or a demanded device that is not there.
    pub fn load(name: Option<&str>, choice: DeviceChoice) -> Result<Self, ModelError> {
        let card = find(name)?;
        Self::from_bytes(card.plan.clone(), &card.bytes, choice)
    }

    /// A model from a plan and the safetensors it names.
    ///
    /// # Errors
    /// Weights that are not the plan's, or a demanded device that is not there.
    pub fn from_bytes(plan: Plan, weights: &[u8], choice: DeviceChoice) -> Result<Self, ModelError> {
        let damaged = |reason: &str| ModelError::Damaged { id: plan.id.clone(), reason: reason.to_owned() };
        if hex(&Sha256::digest(weights)) != plan.sha256 {
            return Err(damaged("the weights' SHA-256 is not the one of the plan"));
        }
        let (device, why) = device(choice)?;
        let detector = read_detector(&plan, weights, &device)?;
        Ok(Self { detector, plan, device: why })
    }

    /// Which weights these are.
    pub fn identity(&self) -> ModelIdentity {
        let plan = &self.plan;
        ModelIdentity { id: plan.id.clone(), version: plan.version.clone(), sha256: plan.sha256.clone() }
    }

    /// What it reads.
    pub fn view(&self) -> View {
        self.plan.view
    }

    /// The landmarks it looks for.
    pub fn ids(&self) -> &[LandmarkId] {
        self.detector.ids()
    }

    /// Finds the landmarks of a film.
    ///
    /// A film whose orientation the file does not say is taken to have the patient's right on its left.
    ///
    /// # Errors
    /// A film that is too small, blank, incomplete or no projection; cancellation; failures of the device.
    pub fn predict(&self, radiograph: &Radiograph, job: &Job) -> Result<Prediction, PredictError> {
        let (rows, columns) = (radiograph.rows, radiograph.columns);
        self.fits(radiograph).map_err(PredictError::Unfit)?;
        large_enough(radiograph)?;
        job.check()?;
        job.report("reading greys", 0.0);
        let detection = self.detector.detect(&radiograph.grey(), rows, columns, job)?;
        if detection.contrast < LEAST_CONTRAST {
            return Err(PredictError::Blank);
        }
        let mut warnings = Vec::new();
        if detection.inverted {
            warnings.push("bone is dark on this image: it was read with its greys inverted".to_owned());
        }
        let swapped = radiograph.patient_right_on_left == Some(false);
        let baseline = self.baseline(&detection.points);
        let mut landmarks = LandmarkSet::default();
        // Of the landmarks that every film shows; a shape that was given up whole says nothing of the film's other side.
        let mut counts: BTreeMap<Option<Side>, Counts> = BTreeMap::new();
        for (plane, (id, point)) in self.detector.ids().iter().zip(&detection.points).enumerate() {
            let side = if swapped { id.side.map(Side::opposite) } else { id.side };
            let id = LandmarkId { code: id.code.clone(), side };
            let landmark = self.landmark(plane, &id.code, point, baseline);
            if !self.plan.is_optional(plane) {
                let counts = counts.entry(id.side).or_default();
                match (landmark.position(), point) {
                    (Some(_), _) => counts.found += 1,
                    (None, Err(NotFound::Shape { .. })) => counts.given_up += 1,
                    (None, _) => counts.lost += 1,
                }
            }
            landmarks.insert(id, landmark);
        }
        let view = self.plan.view;
        if view.is_read_by_hip()
            && Side::BOTH.iter().any(|side| counts.get(&Some(*side)).is_some_and(Counts::believed))
        {
            // The other hip may be off the film, or hidden: what looks like it there is worse than nothing.
            for side in Side::BOTH {
                let Some(hip) = counts.get_mut(&Some(side)).filter(|hip| !hip.believed()) else { continue };
                let unlike = format!("this side of the image does not look like the hip of {view}");
                let its = landmarks.points.iter_mut().filter(|(id, _)| id.side == Some(side));
                its.for_each(|(_, point)| *point = Landmark::missing(unlike.clone(), Origin::Model));
                *hip = Counts { found: 0, lost: 0, given_up: hip.found + hip.lost + hip.given_up };
            }
        }
        let Counts { found, lost, given_up } = Counts::sum(counts.values());
        if !(Counts { found, lost, given_up }).believed() {
            // A few points that look right on a chest or a hand are worse than none.
            let unlike = format!("the image does not look like {view}");
            let landmark = || Landmark::missing(unlike.clone(), Origin::Model);
            landmarks.points.values_mut().for_each(|point| *point = landmark());
            warnings.push(format!("{unlike}: {found} of {} landmarks were found", found + lost));
        } else if lost + given_up > 0 {
            let lost = lost + given_up;
            warnings.push(format!("{lost} of the landmarks that {view} always shows were not found"));
        }
        Ok(Prediction { landmarks, model: self.identity(), warnings })
    }

    /// `Err` with the reason where the model reads no such pictures.
    fn fits(&self, radiograph: &Radiograph) -> Result<(), String> {
        match (self.plan.system.modality(), radiograph.identity.modality.trim()) {
            (Modality::Radiograph, _) => radiograph.is_projection().and_then(|()| radiograph.is_whole()),
            // A picture that does not say what it is (PNG, secondary capture) passes.
            (Modality::CoronalMr, "MR" | "OT" | "") => Ok(()),
            (Modality::CoronalMr, other) => {
                Err(format!("this is a picture of modality {other}, not an MR slice"))
            }
        }
    }

    /// TRC–TRC distance in image pixels, the unit of the SD floor.
    fn baseline(&self, points: &[Result<Detected, NotFound>]) -> Option<f64> {
        let of = |side| {
            let id = LandmarkId::new(LandmarkCode::TRC, side);
            let plane = self.detector.ids().iter().position(|other| *other == id)?;
            points.get(plane)?.as_ref().ok().map(|p| p.position)
        };
        Some(of(Side::Right)?.distance(of(Side::Left)?))
    }

    fn landmark(
        &self,
        plane: usize,
        code: &LandmarkCode,
        point: &Result<Detected, NotFound>,
        baseline: Option<f64>,
    ) -> Landmark {
        let plan = &self.plan;
        let calibration = &plan.calibration;
        let point = match point {
            Ok(point) => point,
            Err(reason) => return Landmark::missing(reason.to_string(), Origin::Model),
        };
        if plan.is_optional(plane) && point.presence < calibration.presence_threshold {
            return Landmark::missing("no ossific nucleus seen", Origin::Model);
        }
        let confidence = tempered(point.confidence, calibration.confidence_temperature);
        if confidence < calibration.confidence_floor {
            let reason = format!(
                "not found with enough confidence ({confidence:.2}, needed {:.2})",
                calibration.confidence_floor
            );
            return Landmark::missing(reason, Origin::Model);
        }
        let of = |by_code: &std::collections::BTreeMap<String, f64>, default: f64| {
            by_code.get(code.as_str()).copied().unwrap_or(default)
        };
        let floor = of(&calibration.sd_floor, 0.0) * baseline.unwrap_or(0.0);
        let sd = (of(&calibration.sd_gain, 1.0) * point.spread).max(floor);
        Landmark::defined(point.position, Some(sd), Origin::Model)
    }
}

/// How many of the landmarks that every film shows were found, were not, or lie on a shape that was given up whole.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    found: u32,
    lost: u32,
    given_up: u32,
}

impl Counts {
    fn sum<'a>(all: impl Iterator<Item = &'a Counts>) -> Counts {
        all.fold(Counts::default(), |sum, one| Counts {
            found: sum.found + one.found,
            lost: sum.lost + one.lost,
            given_up: sum.given_up + one.given_up,
        })
    }

    fn believed(&self) -> bool {
        f64::from(self.found) >= LEAST_FOUND * f64::from(self.found + self.lost)
    }
}

/// # Errors
/// A picture on which nothing can be found.
pub(super) fn large_enough(radiograph: &Radiograph) -> Result<(), PredictError> {
    let (rows, columns) = (radiograph.rows, radiograph.columns);
    if rows < SMALLEST_SIDE || columns < SMALLEST_SIDE {
        return Err(PredictError::TooSmall { rows, columns });
    }
    Ok(())
}

/// The model `name`, as [`Predictor::load`] understands it.
///
/// # Errors
/// An unknown name, or a model that cannot be read.
pub fn find(name: Option<&str>) -> Result<Cow<'static, ModelCard>, ModelError> {
    let shipped = match name {
        None => catalogue().first(),
        Some(name) => catalogue().iter().find(|card| card.id() == name),
    };
    if let Some(card) = shipped {
        return Ok(Cow::Borrowed(card));
    }
    let name = name.unwrap_or("default");
    if Path::new(name).extension().is_some_and(|e| e == "toml") || Path::new(name).is_dir() {
        return installed::read(Path::new(name)).map(Cow::Owned);
    }
    let mut plans = installed::folders().into_iter().map(|folder| folder.join(format!("{name}.toml")));
    if let Some(plan) = plans.find(|plan| plan.is_file()) {
        return installed::read(&plan).map(Cow::Owned);
    }
    let own: Vec<ModelCard> = installed::all().into_iter().filter_map(Result::ok).collect();
    let known: Vec<&str> = catalogue().iter().chain(&own).map(ModelCard::id).collect();
    Err(ModelError::Unknown { id: name.to_owned(), known: known.join(", ") })
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{LandmarkState, Point};
    use crate::models::landmark_detector::Detection;

    /// Gives up the left hip as a shape, and does not see the first so many points of the right.
    #[derive(Debug)]
    struct OneHip {
        ids: Vec<LandmarkId>,
        unseen: usize,
    }

    impl LandmarkDetector for OneHip {
        fn ids(&self) -> &[LandmarkId] {
            &self.ids
        }

        fn detect(&self, _: &[f32], _: usize, _: usize, _: &Job) -> Result<Detection, DetectError> {
            let point =
                Detected { position: Point::new(9.0, 9.0), spread: 1.0, confidence: 0.99, presence: 1.0 };
            let mut unseen = self.unseen;
            let points = self.ids.iter().map(|id| match id.side {
                Some(Side::Left) => Err(NotFound::Shape { weakest: 0.05, needed: 0.12 }),
                _ if unseen > 0 => {
                    unseen -= 1;
                    Err(NotFound::Unseen)
                }
                _ => Ok(point),
            });
            Ok(Detection { points: points.collect(), inverted: false, contrast: 1.0 })
        }
    }

    fn predict(unseen: usize) -> Prediction {
        let plan = catalogue()[0].plan.clone();
        let detector = Arc::new(OneHip { ids: plan.ids().unwrap(), unseen });
        let predictor = Predictor { detector, plan, device: String::new() };
        let grey: Vec<f32> = (0..64 * 64).map(|i| (i % 64) as f32 / 64.0).collect();
        let film = Radiograph::from_grey(64, 64, &grey, 8).unwrap();
        predictor.predict(&film, &Job::silent()).unwrap()
    }

    #[test]
    fn a_hip_that_is_given_up_does_not_take_the_other_with_it() {
        let found = predict(0);
        for (id, landmark) in &found.landmarks.points {
            match &landmark.state {
                LandmarkState::Defined { .. } => assert_eq!(id.side, Some(Side::Right), "{id}"),
                LandmarkState::Missing { reason } => {
                    assert_eq!(id.side, Some(Side::Left), "{id}: {reason}");
                    assert!(reason.contains("sure to 0.05, 0.12 is needed"), "{reason}");
                }
            }
        }
        assert!(found.warnings[0].contains("were not found"), "{:?}", found.warnings);
        // Of the other hip hardly anything is seen: no such film.
        let none = predict(3);
        assert!(none.landmarks.points.values().all(|landmark| landmark.position().is_none()));
        assert!(none.warnings[0].contains("does not look like"), "{:?}", none.warnings);
    }
}
