//! A report opened again, to be edited further: from the state that goes with it, where its content bears that out, else
//! from the content alone, which rounds positions to what a 32-bit coordinate holds.

use super::super::code::Code;
use super::super::content::{Graphic, Item, Relation, Value, points};
use super::super::dataset::text;
use super::super::image::ReferencedImage;
use super::vocabulary as word;
use super::{BLOCK, BLOCK_NAME, KIND, STATE};
use crate::export::record::{Film, Record};
use crate::export::{Report, Source};
use crate::imaging::{DicomObject, Identity, OpenError};
use crate::measure::{
    Landmark, LandmarkId, LandmarkSet, LandmarkState, ModelIdentity, Origin, Panel, Protocol, Spacing,
    Subject,
};
use crate::study::{Annotations, Prediction, Review};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use std::path::Path;

/// Pixels by which a coordinate of the content may differ from the state: 32-bit rounding of the largest film.
const ROUNDING: f64 = 4e-3;

/// A report as it was before it was written.
#[derive(Debug, Clone)]
pub struct Reopened {
    pub annotations: Annotations,
    pub review: Review,
    pub panel: Panel,
    /// The film it is about.
    pub image: ReferencedImage,
    /// The film's patient and study, as the report has them.
    pub identity: Identity,
    /// Who read the film.
    pub reader: Option<String>,
    /// As of the film; `None` where the report came without its state.
    pub patient_right_on_left: Option<bool>,
    /// What the user should know: that the report was changed elsewhere, or lost its state.
    pub notes: Vec<String>,
    pub(in super::super) tree: Item,
    film: Option<Film>,
    warnings: Vec<String>,
}

/// Whether the file is a structured report that may be opened again.
pub fn is_report(object: &DicomObject) -> bool {
    let class = text(&object.dataset, tags::SOP_CLASS_UID);
    class == KIND.class || class == uids::COMPREHENSIVE3_DSR_STORAGE || class == uids::ENHANCED_SR_STORAGE
}

/// Opens the report in the file at `path`.
///
/// # Errors
/// [`OpenError`], also for a report that holds no landmarks of ours.
pub fn reopen(path: &Path) -> Result<Reopened, OpenError> {
    let refused = |reason: String| OpenError::Undecodable { path: path.to_owned(), reason };
    let object = DicomObject::read(path)?;
    if !is_report(&object) {
        return Err(refused("no report of measurements".to_owned()));
    }
    of_dataset(&object.dataset).map_err(refused)
}

/// Opens the report in the bytes of a file.
///
/// # Errors
/// In words.
pub fn reopen_bytes(bytes: &[u8]) -> Result<Reopened, String> {
    of_dataset(&DicomObject::from_bytes(bytes)?.dataset)
}

pub(in super::super) fn of_dataset(object: &InMemDicomObject) -> Result<Reopened, String> {
    let tree = Item::read(object)?;
    let said = Said::of(&tree);
    let frame = tree.all().into_iter().find_map(|item| match item.value {
        Value::Image { frame, .. } => frame,
        _ => None,
    });
    let image = ReferencedImage::of_report(object, frame)?;
    let mut notes = Vec::new();
    let kept = match state(object) {
        None => {
            notes.push("the report lost its state on the way: points are those of its content".to_owned());
            None
        }
        Some(Err(reason)) => {
            notes.push(format!(
                "the state of the report cannot be read ({reason}): points are those of its content"
            ));
            None
        }
        Some(Ok(record)) => match said.contradicts(&record.annotations.landmarks) {
            None => Some(record),
            Some(what) => {
                notes.push(format!(
                    "the report was changed by another program ({what}): points are those of its content"
                ));
                None
            }
        },
    };
    if kept.is_none() && said.landmarks.points.is_empty() && said.landmarks.polylines.is_empty() {
        return Err("the report holds no landmarks".to_owned());
    }
    let reader = tree.child(&word::PERSON_NAME).and_then(|item| match &item.value {
        Value::Person(name) => Some(name.clone()),
        _ => None,
    });
    let identity = identity(object, &image);
    let (annotations, review, film, warnings) = match kept {
        Some(Record { annotations, review, film, warnings, .. }) => {
            (annotations, review, Some(film), warnings)
        }
        None => (said.annotations(comment(&tree)), Review::default(), None, Vec::new()),
    };
    Ok(Reopened {
        annotations,
        review,
        panel: film.map(|film| film.panel).unwrap_or_default(),
        image,
        identity,
        reader,
        patient_right_on_left: film.and_then(|film| film.patient_right_on_left),
        notes,
        tree,
        film,
        warnings,
    })
}

fn state(object: &InMemDicomObject) -> Option<Result<Record, String>> {
    if text(object, BLOCK) != BLOCK_NAME {
        return None;
    }
    let written = text(object, STATE);
    (!written.is_empty()).then(|| Record::from_json(&written))
}

fn identity(object: &InMemDicomObject, image: &ReferencedImage) -> Identity {
    Identity {
        patient_name: text(object, tags::PATIENT_NAME),
        patient_id: text(object, tags::PATIENT_ID),
        patient_birth_date: text(object, tags::PATIENT_BIRTH_DATE),
        patient_sex: text(object, tags::PATIENT_SEX),
        patient_age: text(object, tags::PATIENT_AGE),
        study_date: text(object, tags::STUDY_DATE),
        study_description: text(object, tags::STUDY_DESCRIPTION),
        study_instance_uid: Some(image.study.clone()),
        series_instance_uid: Some(image.series.clone()),
        sop_instance_uid: Some(image.instance.clone()),
        sop_class_uid: Some(image.class.clone()),
        ..Identity::default()
    }
}

impl Reopened {
    /// The report made again without its film, under `protocol`'s norms and curves; `None` where its state was lost.
    pub fn report(&self, path: &Path, protocol: &Protocol) -> Option<Report> {
        let report = self.film?.report(path, &self.annotations, &self.warnings, &self.protocol(protocol));
        Some(Report {
            source: Source {
                sop_instance_uid: Some(self.image.instance.clone()),
                study_instance_uid: Some(self.image.study.clone()),
                ..report.source
            },
            identity: self.identity.clone(),
            ..report
        })
    }

    /// What a pixel was worth, calibrations included; `None` where the state was lost.
    pub fn spacing(&self) -> Option<Spacing> {
        self.film.map(|film| film.spacing)
    }

    /// The warnings of the report.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// `protocol` with the patient, the line, the thresholds and the panel of this report.
    pub fn protocol(&self, protocol: &Protocol) -> Protocol {
        match &self.film {
            Some(film) => film.protocol(&self.annotations, protocol),
            None => {
                let header = self.identity.subject();
                let given = protocol.subject;
                let subject = Subject {
                    age_months: given.age_months.or(header.age_months),
                    sex: given.sex.or(header.sex),
                    view: given.view.or(header.view),
                };
                Protocol { subject, ..protocol.clone() }
            }
        }
    }
}

/// What the content tree says of landmarks.
struct Said {
    landmarks: LandmarkSet,
    model: Option<ModelIdentity>,
}

impl Said {
    fn of(tree: &Item) -> Said {
        let mut said = Said { landmarks: LandmarkSet::default(), model: None };
        let groups = tree.child(&word::MEASUREMENTS).map(|item| item.children.as_slice()).unwrap_or_default();
        for group in groups.iter().filter(|item| item.is(&word::GROUP)) {
            said.take(group);
        }
        said
    }

    /// A group of ours; others are passed over.
    fn take(&mut self, group: &Item) -> Option<()> {
        let words = |name: &Code| match &group.child(name)?.value {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        };
        let name = words(&word::TRACKING)?;
        let region = group.child(&word::REGION).and_then(|item| match &item.value {
            Value::Coordinates { graphic, data } => Some((*graphic, points(data))),
            _ => None,
        });
        if let Some(name) = name.strip_suffix(" curve") {
            self.landmarks.polylines.insert(name.parse().ok()?, region?.1);
            return Some(());
        }
        let Value::Code(placed) = &group.child(&word::PLACED_BY)?.value else { return None };
        let origin = word::read_origin(placed)?;
        let id: LandmarkId = name.parse().ok()?;
        let number = |name: &Code| match group.child(name)?.value {
            Value::Number { value: Some((value, _)), .. } => Some(value),
            _ => None,
        };
        let landmark = match region {
            Some((Graphic::Point, at)) => Landmark::defined(*at.first()?, number(&word::DEVIATION), origin),
            Some(_) => return None,
            None => {
                let reason = group.child(&word::STATUS)?.child(&word::REASON)?;
                let Value::Text(reason) = &reason.value else { return None };
                Landmark::missing(reason.as_str(), origin)
            }
        };
        if let Some(radius) = number(&word::RADIUS) {
            self.landmarks.radii_px.insert(id.clone(), radius);
        }
        self.landmarks.insert(id, landmark);
        if origin == Origin::Model && self.model.is_none() {
            let sha256 = words(&word::ALGORITHM_PARAMETER).unwrap_or_default();
            self.model = Some(ModelIdentity {
                id: words(&word::ALGORITHM)?.to_owned(),
                version: words(&word::ALGORITHM_VERSION)?.to_owned(),
                sha256: sha256.trim_start_matches("weights_sha256=").to_owned(),
            });
        }
        Some(())
    }

    /// The first thing in which the content and `state` differ by more than rounding.
    fn contradicts(&self, state: &LandmarkSet) -> Option<String> {
        let near = |a: f64, b: f64| (a - b).abs() <= ROUNDING;
        for (id, kept) in state.iter() {
            let same = self.landmarks.get(id).is_some_and(|said| {
                let place = match (&said.state, &kept.state) {
                    (
                        LandmarkState::Defined { position: a, .. },
                        LandmarkState::Defined { position: b, .. },
                    ) => near(a.x, b.x) && near(a.y, b.y),
                    (LandmarkState::Missing { .. }, LandmarkState::Missing { .. }) => true,
                    _ => false,
                };
                place && said.origin == kept.origin
            });
            if !same {
                return Some(id.to_string());
            }
        }
        let more = self.landmarks.points.keys().find(|id| state.get(id).is_none());
        let curve = state.polylines.iter().find(|(id, line)| {
            let said = self.landmarks.polylines.get(id);
            !said.is_some_and(|said| {
                said.len() == line.len()
                    && said.iter().zip(*line).all(|(a, b)| near(a.x, b.x) && near(a.y, b.y))
            })
        });
        let lost = self.landmarks.polylines.keys().find(|id| !state.polylines.contains_key(*id));
        // The circle of a landmark that is missing is not in the content.
        let circle = self.landmarks.radii_px.iter().find(|(id, r)| state.radii_px.get(*id) != Some(*r));
        more.or(curve.map(|(id, _)| id)).or(lost).or(circle.map(|(id, _)| id)).map(LandmarkId::to_string)
    }

    fn annotations(self, comment: String) -> Annotations {
        let Said { landmarks, model } = self;
        let of_model = landmarks.iter().filter(|(_, landmark)| landmark.origin == Origin::Model);
        let predicted = LandmarkSet {
            points: of_model.map(|(id, l)| (id.clone(), l.clone())).collect(),
            ..LandmarkSet::default()
        };
        let prediction = model.map(|model| Prediction { landmarks: predicted, model, warnings: Vec::new() });
        Annotations { landmarks, prediction, comment, ..Annotations::default() }
    }
}

/// The comment as the content has it.
fn comment(tree: &Item) -> String {
    let of = |item: &Item| match &item.value {
        Value::Text(text) if item.is(&word::COMMENT) && item.relation == Some(Relation::Contains) => {
            Some(text.clone())
        }
        _ => None,
    };
    tree.children.iter().filter_map(of).collect::<Vec<_>>().join("\n")
}
