//! What a report says beyond the film and its points: the hospital, the reader, and the films before.

use crate::measure::Assessment;
use crate::study::{Annotations, Review, ReviewStatus, Stamp, Study};
use std::path::Path;

/// Whose report it is: for its head.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Site {
    pub name: String,
    /// A PNG file.
    pub logo: Option<Vec<u8>>,
}

impl Site {
    /// The site with its logo read; a logo that cannot be read, or is no PNG, is left out and named in the second part.
    pub fn with_logo(name: &str, logo: Option<&Path>) -> (Site, Option<String>) {
        let mut site = Site { name: name.trim().to_owned(), logo: None };
        let Some(path) = logo else { return (site, None) };
        let read = std::fs::read(path).map_err(|error| error.to_string()).and_then(|bytes| {
            image::load_from_memory_with_format(&bytes, image::ImageFormat::Png)
                .map(|_| bytes)
                .map_err(|error| error.to_string())
        });
        match read {
            Ok(bytes) => {
                site.logo = Some(bytes);
                (site, None)
            }
            Err(why) => (site, Some(format!("{}: the logo is left out: {why}", path.display()))),
        }
    }
}

/// An earlier film of the same patient, measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Prior {
    /// As DICOM writes dates; empty where it is not known.
    pub date: String,
    pub age_months: Option<f64>,
    pub assessment: Assessment,
}

impl Prior {
    /// `then` as a prior of `now`; `None` unless both name one patient and `then` is of an earlier day.
    pub fn of(then: &Study, now: &Study) -> Option<Prior> {
        let (earlier, later) = (&then.source().identity, &now.source().identity);
        let patient = later.patient_id.trim();
        let same = !patient.is_empty() && earlier.patient_id.trim() == patient;
        let date = earlier.study_date.trim();
        let before = !date.is_empty() && date < later.study_date.trim();
        (same && before).then(|| Prior {
            date: date.to_owned(),
            age_months: then.subject().age_months,
            assessment: then.assessment().clone(),
        })
    }
}

/// Empty where nothing is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Circumstances {
    pub site: Site,
    /// Where the film stands between network and signature; `None` where nobody keeps count of that.
    pub status: Option<ReviewStatus>,
    /// Who signed the numbers, and when.
    pub signed: Option<Stamp>,
    /// How a person calibrated lengths: "by a sphere of 25.0 mm".
    pub calibration: Option<String>,
    /// Of the whole case.
    pub comment: String,
    /// Of the patient on this film.
    pub age_months: Option<f64>,
    /// Earlier films, in any order.
    pub priors: Vec<Prior>,
}

impl Circumstances {
    /// What the study itself knows: its reader, calibration and comment.
    pub fn of_study(study: &Study) -> Circumstances {
        Circumstances::of(study.annotations(), study.review(), study.subject().age_months)
    }

    /// What a person left in `annotations`, and where the reading stands.
    pub fn of(annotations: &Annotations, review: &Review, age_months: Option<f64>) -> Circumstances {
        Circumstances {
            site: Site::default(),
            status: Some(review.status(annotations)),
            signed: review.signed.clone(),
            calibration: annotations.settings.calibration().map(|calibration| calibration.words()),
            comment: annotations.comment.clone(),
            age_months,
            priors: Vec::new(),
        }
    }
}
