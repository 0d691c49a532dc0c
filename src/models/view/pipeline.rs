//! Any picture in, the landmarks of the model that reads such pictures out; a refusal in words where none does.

use super::classifier::{Classifier, Opinion};
use super::kinds::{Content, View};
use crate::imaging::Radiograph;
use crate::job::Job;
use crate::models::predictor::{LEAST_CONTRAST, large_enough};
use crate::models::{DeviceChoice, ModelError, PredictError, Prediction, Predictor, catalogue, installed};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A film of whom the header says that they are older is no infant's, and of whom it says that they are younger no
/// adult's; months. Far apart, so that only what cannot be is refused.
const OLDEST_INFANT: f64 = 12.0 * 12.0;
const YOUNGEST_ADULT: f64 = 6.0 * 12.0;
/// A view with less of the shares is not tried where the likeliest one's points were not found.
const SECOND: f64 = 0.1;
/// Parts of the body, as headers name them, that show no hip.
const OTHER_PARTS: [&str; 30] = [
    "CHEST",
    "THORAX",
    "LUNG",
    "HEART",
    "BREAST",
    "HEAD",
    "SKULL",
    "BRAIN",
    "NECK",
    "CSPINE",
    "TSPINE",
    "SHOULDER",
    "CLAVICLE",
    "ARM",
    "HUMERUS",
    "ELBOW",
    "FOREARM",
    "WRIST",
    "HAND",
    "FINGER",
    "THUMB",
    "KNEE",
    "PATELLA",
    "TIBIA",
    "FIBULA",
    "ANKLE",
    "FOOT",
    "TOE",
    "CALCANEUS",
    "JAW",
];

/// The classifier and, by view, the models that it chose so far. Clones share them.
#[derive(Debug, Clone)]
pub struct Pipeline {
    classifier: Arc<Classifier>,
    /// What a person chose; then the classifier only warns.
    named: Option<Predictor>,
    readers: Arc<Mutex<BTreeMap<View, Predictor>>>,
    choice: DeviceChoice,
}

impl Pipeline {
    /// With `model` every picture is read by that model (see [`Predictor::load`]); without it the classifier chooses
    /// among the shipped and the installed ones.
    ///
    /// # Errors
    /// An unknown name, damaged weights, or a demanded device that is not there.
    pub fn load(model: Option<&str>, choice: DeviceChoice) -> Result<Self, ModelError> {
        let named = model.map(|name| Predictor::load(Some(name), choice)).transpose()?;
        let classifier = Arc::new(Classifier::load(choice)?);
        Ok(Self { classifier, named, readers: Arc::default(), choice })
    }

    /// Where it runs, in words.
    pub fn device(&self) -> &str {
        &self.classifier.device
    }

    /// Finds the landmarks of a picture.
    ///
    /// # Errors
    /// [`PredictError::Unlike`] where the picture shows nothing that is measured, or nothing that an installed model
    /// reads; beside that what [`Predictor::predict`] refuses.
    pub fn predict(&self, picture: &Radiograph, job: &Job) -> Result<Prediction, PredictError> {
        if let Some(predictor) = &self.named {
            let mut prediction = predictor.predict(picture, job)?;
            let opinion = self.opinion(picture)?;
            let verdict = opinion.verdict(self.classifier.card().least_share);
            if verdict != Content::Readable(predictor.view()) {
                let (wanted, share) = (predictor.view(), percent(&opinion, verdict));
                prediction.warnings.push(format!(
                    "the picture was taken for {wanted} on demand; it looks like {verdict} ({share})"
                ));
            }
            return Ok(prediction);
        }
        let view = self.view(picture, job)?;
        let refused = match self.read_as(view, picture, job) {
            Err(refused @ PredictError::Unlike(_)) => refused,
            other => return other,
        };
        // Its points are not where that view has them: the next likely view is tried, and its model may refuse as well.
        let others = self.opinion(picture)?.views(SECOND).into_iter().filter(|other| *other != view);
        for other in others.filter(|other| age_agrees(*other, picture).is_ok()) {
            if let Ok(mut prediction) = self.read_as(other, picture, job) {
                prediction.warnings.push(format!(
                    "at first sight it looked like {view}, but only the points of {other} were found: check that it is one"
                ));
                return Ok(prediction);
            }
        }
        Err(refused)
    }

    fn read_as(&self, view: View, picture: &Radiograph, job: &Job) -> Result<Prediction, PredictError> {
        let prediction = self.reader(view)?.predict(picture, job)?;
        if prediction.landmarks.iter().all(|(_, landmark)| landmark.position().is_none()) {
            let found = prediction.warnings.last().map_or("", String::as_str);
            return Err(PredictError::Unlike(format!("this does not look like {view} ({found})")));
        }
        Ok(prediction)
    }

    /// What a picture shows, of what is read.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn view(&self, picture: &Radiograph, job: &Job) -> Result<View, PredictError> {
        // What it says of itself, first: a CT slice is none even where it looks like a film.
        let is_slice = picture.identity.modality.trim() == "MR";
        if !is_slice {
            picture.is_projection().map_err(PredictError::Unfit)?;
        }
        if let Some(part) = other_part(&picture.identity.body_part) {
            return Err(not_a_pelvis(&format!("the file says that it shows {part}")));
        }
        large_enough(picture)?;
        job.check()?;
        job.report("looking what it is", 0.0);
        let opinion = self.opinion(picture)?;
        if opinion.contrast < LEAST_CONTRAST {
            return Err(PredictError::Blank);
        }
        let verdict = opinion.verdict(self.classifier.card().least_share);
        let share = percent(&opinion, verdict);
        match verdict {
            Content::Readable(View::CoronalMr) if !is_slice && is_radiograph(picture) => {
                Err(not_a_pelvis("it looks like an MR slice, but the file says that it is a radiograph"))
            }
            Content::Readable(View::CoronalMr) => Ok(View::CoronalMr),
            _ if is_slice => Err(PredictError::Unlike(format!(
                "this MR slice does not look like a coronal one of the hips ({share} for {verdict})"
            ))),
            Content::Readable(view) => age_agrees(view, picture).map(|()| view),
            Content::Implant => Err(PredictError::Unlike(format!(
                "this looks like a hip with an implant ({share}), on which no landmark can be trusted"
            ))),
            Content::Other => {
                let turned = self.classifier.turned(&picture.grey(), picture.rows, picture.columns)?;
                Err(match turned {
                    Some((view, lies)) => {
                        not_a_pelvis(&format!("it looks like {view} that lies turned by {lies}° clockwise"))
                    }
                    None => not_a_pelvis(&format!("it looks like {verdict}: {share}")),
                })
            }
        }
    }

    fn opinion(&self, picture: &Radiograph) -> Result<Opinion, ModelError> {
        self.classifier.classify(&picture.grey(), picture.rows, picture.columns)
    }

    /// The first model that reads such pictures: of the program, of the user, then of those beside the program.
    fn reader(&self, view: View) -> Result<Predictor, PredictError> {
        let known = self.readers.lock().unwrap_or_else(PoisonError::into_inner).get(&view).cloned();
        if let Some(predictor) = known {
            return Ok(predictor);
        }
        let predictor = match catalogue().iter().find(|card| card.plan.view == view) {
            Some(card) => Predictor::from_bytes(card.plan.clone(), &card.bytes, self.choice)?,
            None => match (installed::reader_of(view)?, view.wider()) {
                (Some(card), _) => Predictor::from_bytes(card.plan, &card.bytes, self.choice)?,
                (None, Some(wider)) => self.reader(wider)?,
                (None, None) => {
                    return Err(PredictError::Unlike(format!(
                        "this looks like {view}, and no model for that is installed (a model that is named reads it all the same)"
                    )));
                }
            },
        };
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).insert(view, predictor.clone());
        Ok(predictor)
    }
}

fn not_a_pelvis(reason: &str) -> PredictError {
    PredictError::Unlike(format!("this does not look like an AP pelvis ({reason})"))
}

fn percent(opinion: &Opinion, content: Content) -> String {
    format!("{:.0} %", 100.0 * opinion.share(content))
}

/// A part of the body that is none of the hip, from the header.
fn other_part(part: &str) -> Option<&'static str> {
    let part = part.trim().to_ascii_uppercase();
    OTHER_PARTS.into_iter().find(|other| *other == part)
}

/// Whether the file says of itself that it was taken with X-rays; a raster or a secondary capture does not.
fn is_radiograph(picture: &Radiograph) -> bool {
    matches!(picture.identity.modality.trim(), "CR" | "DX" | "RG" | "RF" | "XA" | "PX" | "MG" | "IO")
}

/// A film of the wrong age was taken for another one, or belongs to somebody else.
fn age_agrees(view: View, picture: &Radiograph) -> Result<(), PredictError> {
    let Some(months) = picture.identity.subject().age_months else { return Ok(()) };
    let wrong = match view {
        View::InfantPelvis => months > OLDEST_INFANT,
        View::AdultPelvis | View::AdultHip => months < YOUNGEST_ADULT,
        View::CoronalMr => false,
    };
    if !wrong {
        return Ok(());
    }
    let age =
        if months < 24.0 { format!("{months:.0} months") } else { format!("{:.0} years", months / 12.0) };
    Err(PredictError::Unlike(format!(
        "this looks like {view}, but the file says that the patient is {age} old"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_vetoes_and_never_vouches() {
        assert_eq!(other_part(" chest"), Some("CHEST"));
        assert!(["", "PELVIS", "HIP", "ABDOMEN", "LSPINE"].iter().all(|part| other_part(part).is_none()));
    }
}
