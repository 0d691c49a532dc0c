//! One snapshot of everything that is handed over; every writer of this module reads it and nothing else, so a PDF and
//! a JSON made of the same report cannot disagree.

use super::circumstances::Circumstances;
use crate::imaging::{Identity, Radiograph};
use crate::measure::construction::{Primitive, drawn};
use crate::measure::{Assessment, LandmarkId, LandmarkSet, ModelIdentity, Origin, Point, Side, Spacing};
use crate::study::{Annotations, Stamp, Study};
use chrono::{DateTime, Local};
use std::path::{Path, PathBuf};

/// Room around points without an image, as a share of their extent.
pub(super) const POINTS_MARGIN: f64 = 0.4;

/// The film as a person sees it: 8-bit grey at the default window, row-major, native resolution.
#[derive(Debug, Clone)]
pub struct Film {
    pub rows: usize,
    pub columns: usize,
    pub grey: Vec<u8>,
}

/// Which image was measured. Without an image the path is that of the landmark file and the rest is `None`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Source {
    pub path: PathBuf,
    pub sop_instance_uid: Option<String>,
    pub study_instance_uid: Option<String>,
    pub rows: Option<usize>,
    pub columns: Option<usize>,
    /// From 1.
    pub frame: Option<u32>,
}

/// What a person did to a point that the network had placed or had not found.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// How far from the prediction; millimetres where the spacing has them.
    Moved {
        pixels: f64,
        millimetres: Option<f64>,
    },
    Added,
    MarkedAbsent,
}

/// One point that a person changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Correction {
    pub landmark: LandmarkId,
    pub change: Change,
    /// Who did it last, and when; `None` where nobody kept it.
    pub touched: Option<Stamp>,
}

impl Correction {
    /// Every point of a person in `current` that differs from what the network said.
    pub fn between(predicted: &LandmarkSet, current: &LandmarkSet, spacing: &Spacing) -> Vec<Correction> {
        let before_of = |id: &LandmarkId| predicted.get(id).and_then(|l| l.position());
        current
            .iter()
            .filter(|(_, landmark)| landmark.origin == Origin::Person)
            .filter_map(|(id, landmark)| {
                let change = match (before_of(id), landmark.position()) {
                    (Some(before), Some(now)) if before != now => Change::Moved {
                        pixels: before.distance(now),
                        millimetres: spacing
                            .has_millimetres()
                            .then(|| spacing.to_metric(before).distance(spacing.to_metric(now))),
                    },
                    (None, Some(_)) => Change::Added,
                    (Some(_), None) => Change::MarkedAbsent,
                    _ => return None,
                };
                Some(Correction { landmark: id.clone(), change, touched: None })
            })
            .collect()
    }

    /// What persons did to the prediction that `annotations` keep; none without a prediction.
    pub fn of(annotations: &Annotations, spacing: &Spacing) -> Vec<Correction> {
        let Some(prediction) = &annotations.prediction else { return Vec::new() };
        let mut corrections = Correction::between(&prediction.landmarks, &annotations.landmarks, spacing);
        for correction in &mut corrections {
            let note = annotations.notes.get(&correction.landmark);
            correction.touched = note.and_then(|note| note.touched.clone());
        }
        corrections
    }
}

/// Everything that is known of one measured film at one moment.
#[derive(Debug, Clone)]
pub struct Report {
    pub source: Source,
    pub identity: Identity,
    pub film: Option<Film>,
    pub spacing: Spacing,
    /// Whether the patient's right is on the left of the image, by the points or else by the file.
    pub right_on_left: bool,
    /// Whether the file says so; points of a film that does not were put on sides by an assumption.
    pub sides_stated: bool,
    pub landmarks: LandmarkSet,
    pub assessment: Assessment,
    /// The lines over the film, in pixel coordinates.
    pub construction: Vec<Primitive>,
    /// The network that placed the points; `None` where a person or a file did.
    pub model: Option<ModelIdentity>,
    pub corrections: Vec<Correction>,
    pub circumstances: Circumstances,
    /// What a reader should know of the file, the prediction and the measurement; without repetition.
    pub warnings: Vec<String>,
    /// Name and version of this program.
    pub software: String,
    pub created: DateTime<Local>,
}

impl Report {
    /// The snapshot of a film. `spacing` is the one the assessment was made with (the film's own, or a calibration made
    /// since); `warnings` come on top of those of the film and of the assessment.
    #[allow(
        clippy::too_many_arguments,
        reason = "a snapshot is the sum of its inputs, and each has its own type"
    )]
    pub fn of_film(
        radiograph: &Radiograph,
        path: &Path,
        landmarks: &LandmarkSet,
        spacing: &Spacing,
        assessment: &Assessment,
        model: Option<ModelIdentity>,
        corrections: Vec<Correction>,
        warnings: &[String],
    ) -> Report {
        let film = Film {
            rows: radiograph.rows,
            columns: radiograph.columns,
            grey: radiograph.render(radiograph.default_window(), false),
        };
        let source = Source {
            path: path.to_owned(),
            sop_instance_uid: radiograph.identity.sop_instance_uid.clone(),
            study_instance_uid: radiograph.identity.study_instance_uid.clone(),
            rows: Some(film.rows),
            columns: Some(film.columns),
            frame: Some(radiograph.frame),
        };
        Report {
            source,
            identity: radiograph.identity.clone(),
            right_on_left: right_on_left(landmarks).or(radiograph.patient_right_on_left).unwrap_or(true),
            sides_stated: radiograph.patient_right_on_left.is_some(),
            construction: drawn(landmarks, spacing, film.rows, film.columns, assessment),
            film: Some(film),
            model,
            corrections,
            warnings: merged([&radiograph.warnings, &assessment.warnings, warnings]),
            ..Report::of_points(path, landmarks, spacing, assessment)
        }
    }

    /// The snapshot of a study as it stands; `radiograph` is its film.
    pub fn of_study(study: &Study, radiograph: &Radiograph) -> Report {
        let annotations = study.annotations();
        let predicted = annotations.prediction.as_ref();
        let spacing = &study.spacing();
        let mut warnings = predicted.map_or_else(Vec::new, |prediction| prediction.warnings.clone());
        warnings.extend(study.calibration_conflicts());
        warnings.extend(study.by_hand());
        let report = Report::of_film(
            radiograph,
            &study.source().path,
            &annotations.landmarks,
            spacing,
            study.assessment(),
            predicted.map(|prediction| prediction.model.clone()),
            Correction::of(annotations, spacing),
            &warnings,
        );
        Report { circumstances: Circumstances::of_study(study), ..report }
    }

    /// The snapshot of points that came without an image, from the landmark file at `path`.
    pub fn of_points(
        path: &Path,
        landmarks: &LandmarkSet,
        spacing: &Spacing,
        assessment: &Assessment,
    ) -> Report {
        let (rows, columns) = extent(landmarks);
        Report {
            source: Source { path: path.to_owned(), ..Source::default() },
            identity: Identity::default(),
            film: None,
            spacing: *spacing,
            right_on_left: right_on_left(landmarks).unwrap_or(true),
            // Whoever gave points with sides knew them.
            sides_stated: true,
            construction: drawn(landmarks, spacing, rows, columns, assessment),
            landmarks: landmarks.clone(),
            assessment: assessment.clone(),
            model: None,
            corrections: Vec::new(),
            circumstances: Circumstances::default(),
            warnings: merged([&assessment.warnings, &[], &[]]),
            software: format!("Coxa {}", env!("CARGO_PKG_VERSION")),
            created: Local::now(),
        }
    }

    /// Mean distance of the moved points from their predictions: pixels, and millimetres where the spacing has them.
    pub fn mean_correction(&self) -> Option<(f64, Option<f64>)> {
        let moved: Vec<(f64, Option<f64>)> = self
            .corrections
            .iter()
            .filter_map(|c| match c.change {
                Change::Moved { pixels, millimetres } => Some((pixels, millimetres)),
                Change::Added | Change::MarkedAbsent => None,
            })
            .collect();
        let count = moved.len() as f64;
        let millimetres: Option<f64> = moved.iter().map(|(_, mm)| *mm).sum();
        (!moved.is_empty())
            .then(|| (moved.iter().map(|(px, _)| px).sum::<f64>() / count, millimetres.map(|mm| mm / count)))
    }
}

fn merged(lists: [&[String]; 3]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for warning in lists.into_iter().flatten() {
        if !all.contains(warning) {
            all.push(warning.clone());
        }
    }
    all
}

/// Rows and columns that hold every point with room for lines and labels, for points without an image.
fn extent(landmarks: &LandmarkSet) -> (usize, usize) {
    let positions: Vec<Point> = landmarks.iter().filter_map(|(_, landmark)| landmark.position()).collect();
    let range = |of: fn(&Point) -> f64| {
        let low = positions.iter().map(of).fold(f64::INFINITY, f64::min);
        let high = positions.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
        (low, high)
    };
    let ((left, right), (top, bottom)) = (range(|p| p.x), range(|p| p.y));
    let room = POINTS_MARGIN * (right - left).max(bottom - top);
    (((bottom + room).ceil() + 1.0) as usize, ((right + room).ceil() + 1.0) as usize)
}

/// By the points themselves; `None` when one side has none.
fn right_on_left(landmarks: &LandmarkSet) -> Option<bool> {
    let mean = |side: Side| {
        let xs: Vec<f64> = landmarks
            .iter()
            .filter(|(id, _)| id.side == Some(side))
            .filter_map(|(_, landmark)| Some(landmark.position()?.x))
            .collect();
        (!xs.is_empty()).then(|| xs.iter().sum::<f64>() / xs.len() as f64)
    };
    Some(mean(Side::Right)? < mean(Side::Left)?)
}
