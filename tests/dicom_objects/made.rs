//! Films with what was found on them, and the objects that are made of them.

use chrono::{DateTime, Local};
use coxa::export::dicom::sr::{Reopened, reopen_bytes};
use coxa::export::dicom::{ObjectKind, ReferencedImage, Stamp, Uids, object};
use coxa::export::pdf::Paper;
use coxa::export::{Correction, Handover, Report, SendCheck};
use coxa::imaging::{DicomObject, Radiograph, Sphere, write_dx};
use coxa::measure::norms;
use coxa::measure::protocol::CamSet;
use coxa::measure::{
    Covariance, LabelMap, Landmark, LandmarkCode, LandmarkId, LandmarkSet, ModelIdentity, Origin, Panel,
    Point, Protocol, ReferenceLine, Sex, Side, Spacing, SpacingStatus, Structure, Subject, View, assess_by,
};
use coxa::study::mask::Mask;
use coxa::study::{
    Annotations, Calibration, FreeId, FreeMeasurement, FreeShape, MaskPrediction, Note, Prediction, Review,
    SavedStudy, Settings, Study, Unlocking,
};
use dicom_object::InMemDicomObject;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

/// A film of some size and name, with what was found on it.
pub struct Case {
    pub film: Radiograph,
    pub image: ReferencedImage,
    pub annotations: Annotations,
    pub review: Review,
    pub panel: Panel,
    pub spacing: Spacing,
    pub stamp: Stamp,
}

pub fn case(name: &str, annotations: Annotations, spacing: Spacing) -> Case {
    let (rows, columns) = (90, 120);
    let mut film = Radiograph::from_grey(rows, columns, &vec![0.5; rows * columns], 12).expect("an image");
    film.spacing = spacing;
    film.patient_right_on_left = Some(true);
    film.identity.patient_name = name.to_owned();
    film.identity.patient_id = "P-1".to_owned();
    film.identity.patient_birth_date = "20240101".to_owned();
    film.identity.patient_sex = "F".to_owned();
    film.identity.study_date = "20241001".to_owned();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("film.dcm");
    write_dx(&film, &path).expect("written");
    let film = coxa::imaging::open(&path).expect("a film");
    Case {
        image: ReferencedImage::read(&path, 1).expect("it can be referred to"),
        film,
        annotations,
        review: Review::default(),
        panel: Panel::Auto,
        spacing,
        stamp: Stamp {
            created: DateTime::parse_from_rfc3339("2026-01-02T03:04:05Z")
                .expect("a time")
                .with_timezone(&Local),
            uids: Uids::Seeded("test".to_owned()),
            reader: Some("Reader^Anna".to_owned()),
        },
    }
}

impl Case {
    pub fn protocol(&self) -> Protocol {
        let Settings { subject, reference, cam_set, .. } = self.annotations.settings.clone();
        let header = self.film.identity.subject();
        Protocol {
            context: coxa::measure::Context { patient_right_on_left: Some(true) },
            subject: Subject {
                age_months: subject.age_months.or(header.age_months),
                sex: subject.sex.or(header.sex),
                view: subject.view.or(header.view),
            },
            panel: self.panel,
            reference,
            cam_set,
            ..Protocol::default()
        }
    }

    pub fn report(&self) -> Report {
        let landmarks = &self.annotations.landmarks;
        let assessment = assess_by(landmarks, &self.spacing, &self.protocol());
        let prediction = self.annotations.prediction.as_ref();
        let corrections = prediction.map(|p| Correction::between(&p.landmarks, landmarks, &self.spacing));
        Report::of_film(
            &self.film,
            Path::new("film.dcm"),
            landmarks,
            &self.spacing,
            &assessment,
            prediction.map(|p| p.model.clone()),
            corrections.unwrap_or_default(),
            &prediction.map(|p| p.warnings.clone()).unwrap_or_default(),
        )
    }

    pub fn make(&self, kind: ObjectKind) -> (Vec<u8>, SendCheck) {
        let report = self.report();
        let protocol = self.protocol();
        object(kind, &self.handover(&report, &protocol), Paper::A4).expect("it can be made")
    }

    pub fn handover<'a>(&'a self, report: &'a Report, protocol: &'a Protocol) -> Handover<'a> {
        Handover {
            report,
            annotations: &self.annotations,
            review: &self.review,
            protocol,
            image: Some(&self.image),
            film: Some(&self.film),
            stamp: &self.stamp,
        }
    }

    /// The report opened again.
    pub fn reopened(&self) -> Reopened {
        let (bytes, check) = self.make(ObjectKind::Report);
        assert!(check.is_sound(), "{check}");
        reopen_bytes(&bytes).expect("a report")
    }
}

/// Writes what was reopened once more, without its film.
pub fn again(reopened: &Reopened, stamp: &Stamp) -> Vec<u8> {
    let report = reopened.report(Path::new("report.dcm"), &Protocol::default()).expect("the state is there");
    let handover = Handover {
        report: &report,
        annotations: &reopened.annotations,
        review: &reopened.review,
        protocol: &reopened.protocol(&Protocol::default()),
        image: Some(&reopened.image),
        film: None,
        stamp,
    };
    object(ObjectKind::Report, &handover, Paper::A4).expect("it can be made").0
}

pub const CALIBRATED: Spacing = Spacing { row: 0.8, column: 0.8, status: SpacingStatus::Calibrated };

/// Everything that a film can have: both sides, a missing nucleus, circles, curves, corrections, settings.
pub fn full() -> Annotations {
    let mut set = LandmarkSet::default();
    for (code, side, x, y) in [
        ("TRC", Side::Right, 40.123456789, 50.1),
        ("TRC", Side::Left, 80.0, 50.3),
        ("SMA", Side::Right, 28.0, 42.7),
        ("SMA", Side::Left, 92.0, 41.0),
        ("HP", Side::Right, 31.0, 58.0),
        ("HP", Side::Left, 93.0, 56.5),
        ("FH", Side::Left, 92.0, 53.0),
    ] {
        let covariance = Covariance::new(1.0 / 3.0, 0.1, 0.7);
        let landmark = Landmark::with_covariance(Point::new(x, y), covariance, Origin::Model);
        set.insert(LandmarkId::new(LandmarkCode::new(code), side), landmark);
    }
    let predicted = set.clone();
    let fh = |side| LandmarkId::new(LandmarkCode::FH, side);
    set.insert(fh(Side::Right), Landmark::missing("no ossific nucleus – 骨核なし", Origin::Person));
    let moved = LandmarkId::new(LandmarkCode::HP, Side::Right);
    set.insert(moved, Landmark::defined(Point::new(31.5, 0.1 + 0.2), None, Origin::Person));
    set.insert(
        LandmarkId::midline(LandmarkCode::new("SCJ")),
        Landmark::defined(Point::new(60.0, 10.0), Some(2.5), Origin::File),
    );
    set.radii_px.insert(fh(Side::Left), 6.1);
    let curve = LandmarkId::new(LandmarkCode::new("SPA"), Side::Right);
    set.polylines.insert(curve, vec![Point::new(1.1, 2.2), Point::new(3.3, 4.4), Point::new(5.5, 6.6)]);
    let sphere = Sphere {
        center: Point::new(10.1, 20.2),
        radius: 12.3,
        edge: vec![Point::new(1.0 / 3.0, 2.0 / 3.0)],
        residual: 0.07,
    };
    Annotations {
        landmarks: set,
        prediction: Some(Prediction {
            landmarks: predicted,
            model: ModelIdentity {
                id: "infant-whdv".to_owned(),
                version: "1.0".to_owned(),
                sha256: "ab".repeat(32),
            },
            warnings: vec!["left hip near the edge of the film".to_owned()],
        }),
        settings: Settings {
            calibrations: vec![
                Calibration::Line { a: Point::new(0.1, 0.2), b: Point::new(30.3, 40.4), length_mm: 25.4 },
                Calibration::Sphere { sphere, diameter_mm: 25.0 },
                Calibration::Magnification { factor: 1.15 },
            ],
            subject: Subject { age_months: Some(8.7), sex: Some(Sex::Male), view: Some(View::Ap) },
            reference: Some(ReferenceLine::Hilgenreiner),
            cam_set: CamSet::Agricola60,
        },
        notes: BTreeMap::from([
            (fh(Side::Right), Note { occluded: false, touched: Some(by("Anna Reader", 1_767_323_045_006)) }),
            (fh(Side::Left), Note { occluded: true, touched: Some(by("", 3)) }),
        ]),
        mask: Some(Mask::new(masks(7))),
        mask_prediction: Some(MaskPrediction {
            mask: Mask::new(masks(9)),
            model: ModelIdentity { id: "masks".to_owned(), version: "2".to_owned(), sha256: String::new() },
            warnings: vec!["small \"ossific\" nucleus".to_owned()],
        }),
        free: free(),
        comment: "Συν – проверено ✓\nsee C:\\films, the \"roof\"".to_owned(),
    }
}

/// Stripes of every structure.
pub fn masks(stripe: usize) -> LabelMap {
    let (rows, columns) = (90, 120);
    let labels = (0..rows * columns).map(|i| (i / stripe % 6) as u8).collect();
    LabelMap { rows, columns, labels, structures: Structure::hip() }
}

/// One of each kind, and one that measures nothing.
fn free() -> BTreeMap<FreeId, FreeMeasurement> {
    let at = |x: f64, y: f64| Point::new(x, y);
    let shapes = [
        FreeShape::Length { a: at(1.0 / 3.0, 2.0), b: at(30.0, 40.0) },
        FreeShape::Angle { vertex: at(5.0, 5.0), a: at(9.0, 5.5), b: at(5.5, 9.0) },
        FreeShape::Cobb { first: [at(0.0, 0.0), at(9.0, 1.0)], second: [at(0.0, 9.0), at(9.0, 5.0)] },
        FreeShape::Circle { rim: vec![at(10.0, 0.0), at(20.0, 10.0), at(10.0, 20.0), at(0.1, 10.0)] },
        FreeShape::Length { a: at(3.0, 3.0), b: at(3.0, 3.0) },
        FreeShape::Circle { rim: vec![at(1.0, 1.0), at(2.0, 2.0), at(3.0, 3.0)] },
    ];
    let label = |index: u32| if index == 1 { String::new() } else { format!("Maß {index} – 測定") };
    (1..).zip(shapes).map(|(i, shape)| (FreeId(i), FreeMeasurement { shape, label: label(i) })).collect()
}

fn by(name: &str, at_ms: i64) -> coxa::study::Stamp {
    coxa::study::Stamp { by: name.to_owned(), at_ms }
}

/// Signed, taken back and signed again.
pub fn review() -> Review {
    Review {
        begun: Some(by("Anna Reader", 1_767_323_045_000)),
        finished: Some(by("Anna Reader", 1_767_323_046_000)),
        signed: Some(by("Reader^Anna", 1_767_323_047_123)),
        unlocked: vec![Unlocking {
            signed: by("B", 1),
            unlocked: by("C", 2),
            reason: "left and right – 左右".to_owned(),
        }],
    }
}

/// A study of a film in the file `name` of a folder, made where it is missing, with everything in it that a person can do.
pub fn studied(folder: &Path, name: &str) -> (Study, Radiograph) {
    let path = folder.join(name);
    if !path.exists() {
        write_dx(&case("Secret^Name", full(), CALIBRATED).film, &path).expect("written");
    }
    let (film, presentation) = coxa::imaging::open_presented(&path, 1).expect("a film");
    let mut study = Study::new(&path, &film, &presentation, Cow::Borrowed(norms::embedded()));
    let saved = SavedStudy { annotations: full(), review: review(), ..SavedStudy::of(&study) };
    study.restore(saved).expect("of this film");
    (study, film)
}

/// The data set of a file.
pub fn dataset(bytes: &[u8]) -> InMemDicomObject {
    DicomObject::from_bytes(bytes).expect("a DICOM file").dataset
}
