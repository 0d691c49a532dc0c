//! DICOM objects there and back: nothing is lost, nothing is off by half a pixel, and what was changed is noticed.

use chrono::{DateTime, Local};
use coxa::export::delivery::{Delivered, Order, UNNAMED, deliver};
use coxa::export::dicom::gsps::Drawn;
use coxa::export::dicom::sr::{self, Reopened, reopen_bytes};
use coxa::export::dicom::{ObjectKind, ReferencedImage, Stamp, Uids, gsps, object, seg};
use coxa::export::pdf::Paper;
use coxa::export::target::{Options, Target};
use coxa::export::{Correction, ExportError, Handover, Report, SendCheck, Site, bundle};
use coxa::imaging::{DeidentifyOptions, DicomObject, Radiograph, Sphere, write_dx};
use coxa::job::Job;
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
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use proptest::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A film of some size and name, with what was found on it.
struct Case {
    film: Radiograph,
    image: ReferencedImage,
    annotations: Annotations,
    review: Review,
    panel: Panel,
    spacing: Spacing,
    stamp: Stamp,
}

fn case(name: &str, annotations: Annotations, spacing: Spacing) -> Case {
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
    fn protocol(&self) -> Protocol {
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

    fn report(&self) -> Report {
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

    fn make(&self, kind: ObjectKind) -> (Vec<u8>, SendCheck) {
        let report = self.report();
        let protocol = self.protocol();
        object(kind, &self.handover(&report, &protocol), Paper::A4).expect("it can be made")
    }

    fn handover<'a>(&'a self, report: &'a Report, protocol: &'a Protocol) -> Handover<'a> {
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
    fn reopened(&self) -> Reopened {
        let (bytes, check) = self.make(ObjectKind::Report);
        assert!(check.is_sound(), "{check}");
        reopen_bytes(&bytes).expect("a report")
    }
}

/// Writes what was reopened once more, without its film.
fn again(reopened: &Reopened, stamp: &Stamp) -> Vec<u8> {
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

const CALIBRATED: Spacing = Spacing { row: 0.8, column: 0.8, status: SpacingStatus::Calibrated };

/// Everything that a film can have: both sides, a missing nucleus, circles, curves, corrections, settings.
fn full() -> Annotations {
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
fn masks(stripe: usize) -> LabelMap {
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
fn review() -> Review {
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

/// As the window hands a study over.
#[test]
fn a_study_leaves_as_every_target_and_its_report_brings_all_of_it_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let given = case("A^B", full(), CALIBRATED);
    let path = folder.path().join("film.dcm");
    write_dx(&given.film, &path).expect("written");
    let (film, presentation) = coxa::imaging::open_presented(&path, 1).expect("a film");
    let mut study = Study::new(&path, &film, &presentation, Cow::Borrowed(norms::embedded()));
    let saved = SavedStudy { annotations: full(), review: review(), ..SavedStudy::of(&study) };
    study.restore(saved).expect("of this film");
    let out = folder.path().join("out");
    std::fs::create_dir(&out).expect("made");
    let order = Order {
        targets: Target::ALL.to_vec(),
        folder: out.clone(),
        name: "film".to_owned(),
        ..Order::default()
    };
    for one in delivered(&study, &film, &order) {
        let target = one.target.expect("no copy of the film is made");
        let check = one.outcome.unwrap_or_else(|error| panic!("{}: {error}", target.name()));
        assert!(check.is_sound() && !check.receiver.is_empty(), "{}", target.name());
        assert!(one.path.exists(), "{}", target.name());
    }
    for one in delivered(&study, &film, &order) {
        assert!(matches!(one.outcome, Err(ExportError::Taken(_))), "{}: written over", one.path.display());
    }
    let report = Target::Dicom(ObjectKind::Report).path(&out, "film");
    let reopened = sr::reopen(&report).expect("a report");
    assert!(reopened.notes.is_empty(), "{:?}", reopened.notes);
    assert_eq!(&reopened.annotations, study.annotations());
    assert_eq!(&reopened.review, study.review());
    assert_eq!(reopened.spacing(), Some(study.spacing()));
    assert_eq!(reopened.reader.as_deref(), Some("Reader^Anna"));
    let replay = bundle::replay(&Target::Bundle.path(&out, "film"), Some(&film)).expect("a bundle");
    assert_eq!(replay.differences, Vec::<String>::new());
    assert_eq!(replay.measurements, study.assessment().measurements.len());
    // A bundle names nobody, and says nothing that a person wrote.
    let bytes = std::fs::read(Target::Bundle.path(&out, "film")).expect("there");
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a zip");
    for index in 0..zip.len() {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut zip.by_index(index).expect("there"), &mut text).expect("text");
        for secret in
            ["A^B", "P-1", "Reader", "проверено", "Maß", "左右", &given.image.instance, &given.image.study]
        {
            assert!(!text.contains(secret), "{secret} is in the bundle");
        }
    }
}

fn delivered(study: &Study, film: &Radiograph, order: &Order) -> Vec<Delivered> {
    let mut all = Vec::new();
    let around = (&Site { name: "St Elsewhere".to_owned(), logo: None }, &[][..]);
    deliver(study, film, around, order, &Job::silent(), &mut |one| all.push(one)).expect("nobody cancels");
    all
}

/// A study of a film in a file, with everything in it that a person can do.
fn studied(folder: &Path) -> (Study, Radiograph) {
    let given = case("Secret^Name", full(), CALIBRATED);
    let path = folder.join("Secret-Name.dcm");
    write_dx(&given.film, &path).expect("written");
    let (film, presentation) = coxa::imaging::open_presented(&path, 1).expect("a film");
    let mut study = Study::new(&path, &film, &presentation, Cow::Borrowed(norms::embedded()));
    let saved = SavedStudy { annotations: full(), review: review(), ..SavedStudy::of(&study) };
    study.restore(saved).expect("of this film");
    (study, film)
}

#[test]
fn without_identity_nothing_names_anybody_and_objects_refer_to_the_copy() {
    let folder = tempfile::tempdir().expect("a folder");
    let (study, film) = studied(folder.path());
    for keep_characteristics in [true, false] {
        let out = folder.path().join(format!("out {keep_characteristics}"));
        let deidentify =
            DeidentifyOptions { key: vec![7; 32], keep_characteristics, ..DeidentifyOptions::default() };
        let order = Order {
            targets: Target::ALL.to_vec(),
            folder: out.clone(),
            name: UNNAMED.to_owned(),
            deidentify: Some(deidentify),
            options: Options { film_in_bundle: true, ..Options::default() },
        };
        let all = delivered(&study, &film, &order);
        assert_eq!(all.len(), 1 + Target::ALL.len(), "the copy of the film comes first");
        for one in &all {
            let name = one.target.map_or("film", Target::name);
            assert!(one.outcome.is_ok(), "{name}: {:?}", one.outcome);
        }
        let copy = ReferencedImage::read(&all[0].path, 1).expect("a film");
        let source = ReferencedImage::read(&study.source().path, 1).expect("a film");
        assert_ne!(copy.instance, source.instance);
        let report = sr::reopen(&Target::Dicom(ObjectKind::Report).path(&out, UNNAMED)).expect("a report");
        assert_eq!(report.image.instance, copy.instance);
        assert_eq!(report.annotations.landmarks, study.annotations().landmarks);
        assert_eq!(report.reader, None);
        let masks = seg::read(&Target::Dicom(ObjectKind::Segmentation).path(&out, UNNAMED)).expect("masks");
        assert_eq!(masks.instance, copy.instance);
        assert_eq!(Some(&masks.masks), study.annotations().mask.as_deref());
        let birth = if keep_characteristics { "20240101" } else { "009M" };
        let secrets = ["Secret", "P-1", "Reader", "проверено", "Maß", "左右", "Elsewhere", birth];
        let secrets: Vec<&str> = secrets.into_iter().chain([&*source.instance, &*source.study]).collect();
        for path in files(&out) {
            let bytes = std::fs::read(&path).expect("there");
            for secret in &secrets {
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found, "{secret} is in {}", path.display());
            }
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let all = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    all.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn what_is_cancelled_stops_between_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let (study, film) = studied(folder.path());
    let out = folder.path().join("out");
    let order = Order {
        targets: Target::ALL.to_vec(),
        folder: out.clone(),
        name: "film".to_owned(),
        ..Order::default()
    };
    let job = Job::silent();
    let mut told = 0;
    let end = deliver(&study, &film, (&Site::default(), &[]), &order, &job, &mut |_| {
        told += 1;
        job.cancel();
    });
    assert!(end.is_err() && told == 1);
    assert_eq!(files(&out), [Target::ALL[0].path(&out, "film")]);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let (study, film) = studied(folder.path());
    let order = Order {
        targets: vec![Target::Pdf],
        folder: study.source().path.join("below a file"),
        name: "film".to_owned(),
        ..Order::default()
    };
    let all = delivered(&study, &film, &order);
    let words = all[0].outcome.as_ref().expect_err("no folder").to_string();
    assert!(all.len() == 1 && words.contains("below a file"), "{words}");
}

/// The data set of a file.
fn dataset(bytes: &[u8]) -> InMemDicomObject {
    DicomObject::from_bytes(bytes).expect("a DICOM file").dataset
}

/// The same file with other values of some elements.
fn with(bytes: &[u8], elements: Vec<(Tag, VR, PrimitiveValue)>) -> Vec<u8> {
    let mut object = dicom_object::from_reader(bytes).expect("a DICOM file");
    for (tag, vr, value) in elements {
        object.put(DataElement::new(tag, vr, value));
    }
    let mut out = Vec::new();
    object.write_all(&mut out).expect("written");
    out
}

#[test]
fn a_report_comes_back_as_it_was() {
    let mut case = case("Yamada^Tarou=山田^太郎=やまだ^たろう", full(), CALIBRATED);
    case.review = review();
    case.panel = Panel::Adult;
    let reopened = case.reopened();
    assert_eq!(reopened.annotations, case.annotations);
    assert_eq!(reopened.review, case.review);
    assert_eq!(reopened.panel, Panel::Adult);
    assert_eq!(reopened.reader.as_deref(), Some("Reader^Anna"));
    assert_eq!(reopened.identity.patient_name, "Yamada^Tarou=山田^太郎=やまだ^たろう");
    assert!(reopened.notes.is_empty(), "{:?}", reopened.notes);
}

#[test]
fn a_signature_verifies_the_report_and_nothing_else_does() {
    let mut case = case("A^B", full(), CALIBRATED);
    let flags = |case: &Case| {
        let object = dataset(&case.make(ObjectKind::Report).0);
        [tags::VERIFICATION_FLAG, tags::PRELIMINARY_FLAG]
            .map(|tag| object.get(tag).expect("a flag").to_str().expect("text").trim().to_owned())
    };
    assert_eq!(flags(&case), ["UNVERIFIED", "PRELIMINARY"]);
    case.review = Review { signed: None, ..review() };
    assert_eq!(flags(&case), ["UNVERIFIED", "PRELIMINARY"]);
    case.review = review();
    assert_eq!(flags(&case), ["VERIFIED", "FINAL"]);
    let (bytes, check) = case.make(ObjectKind::Report);
    assert!(check.is_sound(), "{check}");
    let object = dataset(&bytes);
    let observer = &object.get(tags::VERIFYING_OBSERVER_SEQUENCE).expect("who").items().expect("items")[0];
    let text = |tag| observer.get(tag).expect("there").to_str().expect("text").trim().to_owned();
    assert_eq!(text(tags::VERIFYING_OBSERVER_NAME), "Reader^Anna");
    assert_eq!(text(tags::VERIFICATION_DATE_TIME), "20260102030407+0000");
}

#[test]
fn free_measurements_and_the_comment_stand_in_the_content() {
    let case = case("A^B", full(), CALIBRATED);
    let (_, check) = case.make(ObjectKind::Report);
    assert!(check.is_sound(), "{check}");
    let seen = check.receiver.join("\n");
    for said in ["Length", "Angle", "Cobb angle", "Diameter", "Maß 3 – 測定", "Συν – проверено ✓"]
    {
        assert!(seen.contains(said), "{said} is not in\n{seen}");
    }
    // 0.8 mm a pixel.
    let length = 0.8 * (30.0 - 1.0 / 3.0_f64).hypot(38.0);
    assert!(seen.contains(&format!("Length: {length:.2} mm")), "{length} is not in\n{seen}");
}

#[test]
fn a_report_written_again_is_the_same_to_the_byte() {
    for spacing in [CALIBRATED, Spacing { row: 0.6, ..CALIBRATED }, Spacing::UNKNOWN] {
        let mut case = case("Müller^Jürgen", full(), spacing);
        case.review = review();
        let (first, _) = case.make(ObjectKind::Report);
        let reopened = reopen_bytes(&first).expect("a report");
        assert!(again(&reopened, &case.stamp) == first, "{spacing:?}: the bytes differ");
        // Fresh UIDs and another time change those, and nothing else.
        let later = Stamp { uids: Uids::Fresh, reader: case.stamp.reader.clone(), ..Stamp::now() };
        let mut changed: Vec<Tag> = Vec::new();
        let (a, b) = (dataset(&first), dataset(&again(&reopened, &later)));
        for element in a.iter() {
            // Sequences of undefined length are unequal to themselves.
            let other = b.get(element.header().tag);
            if other.map(|other| format!("{other:?}")) != Some(format!("{element:?}")) {
                changed.push(element.header().tag);
            }
        }
        let allowed = [
            tags::INSTANCE_CREATION_DATE,
            tags::INSTANCE_CREATION_TIME,
            tags::SOP_INSTANCE_UID,
            tags::CONTENT_DATE,
            tags::CONTENT_TIME,
            tags::SERIES_INSTANCE_UID,
        ];
        assert!(changed.iter().all(|tag| allowed.contains(tag)), "{changed:?}");
        assert!(changed.contains(&tags::SOP_INSTANCE_UID) && changed.contains(&tags::SERIES_INSTANCE_UID));
    }
}

#[test]
fn coordinates_count_from_the_corner_of_the_first_pixel() {
    let case = case("A^B", full(), CALIBRATED);
    let (bytes, _) = case.make(ObjectKind::Report);
    let found = points_of(&dataset(&bytes), "TRC-L");
    assert_eq!(found, vec![80.5, 50.8_f32]);
}

/// GraphicData of the group that tracks `name`.
fn points_of(object: &InMemDicomObject, name: &str) -> Vec<f32> {
    let items = |object: &InMemDicomObject| -> Vec<InMemDicomObject> {
        object.get(tags::CONTENT_SEQUENCE).and_then(|e| e.items()).unwrap_or_default().to_vec()
    };
    let text = |object: &InMemDicomObject, tag| {
        object.get(tag).and_then(|e| e.to_str().ok()).unwrap_or_default().trim().to_owned()
    };
    let mut queue = vec![object.clone()];
    while let Some(next) = queue.pop() {
        let children = items(&next);
        if children.iter().any(|c| text(c, tags::TEXT_VALUE) == name) {
            let region = children.iter().find(|c| text(c, tags::VALUE_TYPE) == "SCOORD").expect("a region");
            return region.get(tags::GRAPHIC_DATA).expect("points").to_multi_float32().expect("floats");
        }
        queue.extend(children);
    }
    panic!("no group {name}");
}

#[test]
fn failures_are_codes_and_never_numbers() {
    let mut annotations = full();
    annotations.landmarks.points.retain(|id, _| id.side != Some(Side::Left));
    // One of them is a failure of its own.
    annotations.free.clear();
    let mut case = case("A^B", annotations, CALIBRATED);
    case.panel = Panel::All;
    let (_, check) = case.make(ObjectKind::Report);
    assert!(check.is_sound(), "{check}");
    let refused = |line: &&String| {
        ["Value unknown", "Calculation failure", "Measurement not attempted"]
            .iter()
            .any(|why| line.ends_with(why))
    };
    let coded = check.receiver.iter().filter(refused).count();
    let unvalued = case.report().assessment.measurements.iter().filter(|m| m.value.is_none()).count();
    assert!(unvalued >= 40, "{unvalued}");
    assert_eq!(coded, unvalued, "{check}");
    assert!(check.receiver.iter().any(|line| line.contains("Reason: ")), "{check}");
}

#[test]
fn a_report_changed_elsewhere_is_believed_by_its_content() {
    let case = case("A^B", full(), CALIBRATED);
    let (bytes, _) = case.make(ObjectKind::Report);
    // Somebody moves TRC-L in the content: the state is stale then.
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(text.contains("TRC-L"));
    let (old, new) = (80.5_f32.to_le_bytes(), 81.5_f32.to_le_bytes());
    let mut changed = bytes.clone();
    for at in 0..changed.len() - 4 {
        if changed[at..at + 4] == old {
            changed[at..at + 4].copy_from_slice(&new);
        }
    }
    let reopened = reopen_bytes(&changed).expect("a report");
    assert!(reopened.notes.iter().any(|note| note.contains("TRC-L")), "{:?}", reopened.notes);
    let moved = reopened.annotations.landmarks.position(LandmarkCode::TRC, Side::Left).expect("there");
    assert!((moved.x - 81.0).abs() < 1e-6, "{moved:?}");
}

#[test]
fn a_report_without_its_state_still_gives_its_points() {
    let case = case("A^B", full(), CALIBRATED);
    let (bytes, _) = case.make(ObjectKind::Report);
    let stripped = with(&bytes, vec![(Tag(0x0099, 0x1001), VR::UT, PrimitiveValue::Empty)]);
    let reopened = reopen_bytes(&stripped).expect("a report");
    assert_eq!(reopened.notes.len(), 1);
    let (kept, meant) = (&reopened.annotations.landmarks, &case.annotations.landmarks);
    assert_eq!(kept.points.len(), meant.points.len());
    for (id, landmark) in meant.iter() {
        let found = kept.get(id).expect("there");
        assert_eq!(found.origin, landmark.origin, "{id}");
        match (found.position(), landmark.position()) {
            (Some(a), Some(b)) => assert!(a.distance(b) < 1e-3, "{id}: {a:?} {b:?}"),
            (a, b) => assert_eq!(a, b, "{id}"),
        }
    }
    assert_eq!(kept.radii_px, meant.radii_px);
    assert_eq!(kept.polylines.len(), 1);
    assert_eq!(
        reopened.annotations.prediction.as_ref().map(|p| &p.model),
        case.annotations.prediction.as_ref().map(|p| &p.model)
    );
}

#[test]
fn what_cannot_be_written_is_refused() {
    let mut annotations = full();
    let id = LandmarkId::new(LandmarkCode::TRC, Side::Left);
    annotations.landmarks.insert(id, Landmark::defined(Point::new(f64::NAN, 3.0), None, Origin::File));
    annotations.mask = None;
    let case = case("A^B", annotations, CALIBRATED);
    let report = case.report();
    let protocol = case.protocol();
    let mut handover = Handover { film: None, ..case.handover(&report, &protocol) };
    let error = object(ObjectKind::Report, &handover, Paper::A4).expect_err("no position").to_string();
    assert!(error.contains("TRC-L"), "{error}");
    assert!(object(ObjectKind::Segmentation, &handover, Paper::A4).is_err());
    assert!(object(ObjectKind::PresentationState, &handover, Paper::A4).is_err());
    handover.image = None;
    for kind in [ObjectKind::Report, ObjectKind::KeyObject, ObjectKind::Pdf] {
        let error = object(kind, &handover, Paper::A4).expect_err("nothing to refer to").to_string();
        assert!(error.contains("no DICOM"), "{error}");
    }
}

#[test]
fn masks_come_back_from_both_kinds() {
    let mut case = case("Παπαδόπουλος^Γιώργος", full(), Spacing::UNKNOWN);
    // A structure without a pixel, and values with gaps.
    let mut meant = masks(7);
    meant.structures[3].value = 9;
    meant.labels.iter_mut().for_each(|label| *label = if *label == 4 { 9 } else { *label });
    meant.labels.iter_mut().for_each(|label| *label = if *label == 5 { 0 } else { *label });
    case.annotations.mask = Some(Mask::new(meant.clone()));
    for kind in [ObjectKind::Segmentation, ObjectKind::LabelMap] {
        let (bytes, check) = case.make(kind);
        assert!(check.is_sound(), "{check}");
        let read = seg::read_bytes(&bytes).expect("a segmentation");
        assert_eq!(read.masks, meant);
        assert_eq!(read.instance, case.image.instance);
        assert!(seg::read_bytes(&bytes[..bytes.len() - 900]).is_err(), "a file that ends early");
    }
}

#[test]
fn lines_texts_and_window_come_back() {
    for spacing in [CALIBRATED, Spacing { row: 0.5, ..CALIBRATED }] {
        let case = case("Петров^Иван", full(), spacing);
        let (bytes, check) = case.make(ObjectKind::PresentationState);
        assert!(check.is_sound(), "{check}");
        let state = gsps::read_bytes(&bytes).expect("a presentation state");
        assert_eq!(state.instance, case.image.instance);
        assert_eq!(state.window, Some(case.film.default_window()));
        // The ring of TRC-L lies about its point, from the corner of the first pixel.
        let ring = state.drawn.iter().any(|(layer, drawn)| match drawn {
            Drawn::Graphic { points, .. } if layer == "POINTS" => {
                let n = points.len() as f32;
                let center = if n == 2.0 {
                    points[0]
                } else {
                    [
                        points.iter().map(|p| p[0]).sum::<f32>() / n,
                        points.iter().map(|p| p[1]).sum::<f32>() / n,
                    ]
                };
                (center[0] - 80.5).abs() < 1e-3 && (center[1] - 50.8).abs() < 1e-3
            }
            _ => false,
        });
        assert!(ring, "{:?}", state.drawn);
        assert!(
            state
                .drawn
                .iter()
                .any(|(layer, d)| layer == "PERKIN" && matches!(d, Drawn::Graphic { dashed: true, .. }))
        );
        assert!(
            state.drawn.iter().any(|(_, d)| matches!(d, Drawn::Text { text, .. } if text.starts_with("AI ")))
        );
    }
}

#[test]
fn every_object_is_sound_for_names_of_all_kinds() {
    for name in [
        "",
        "A^B",
        "Müller^Jürgen",
        "Yamada^Tarou=山田^太郎=やまだ^たろう",
        "Петров^Иван",
        "Παπαδόπουλος^Γιώργος",
    ] {
        let case = case(name, full(), CALIBRATED);
        for kind in [
            ObjectKind::Report,
            ObjectKind::Segmentation,
            ObjectKind::LabelMap,
            ObjectKind::PresentationState,
            ObjectKind::KeyObject,
            ObjectKind::Pdf,
        ] {
            let (bytes, check) = case.make(kind);
            assert!(check.is_sound(), "{check}");
            assert!(!check.receiver.is_empty(), "{kind:?}");
            let read =
                dataset(&bytes).get(tags::PATIENT_NAME).expect("a name").to_str().expect("text").into_owned();
            assert_eq!(read.trim_end(), name);
        }
    }
}

/// Any landmark of the dictionary or none of it, anywhere on or off the film.
fn landmark() -> impl Strategy<Value = Landmark> {
    let origin = prop_oneof![Just(Origin::Model), Just(Origin::Person), Just(Origin::File)];
    let place = (-500.0..5000.0_f64, -500.0..5000.0_f64, proptest::option::of(0.0..50.0_f64));
    let missing = "\\PC{0,40}".prop_map(Err::<(f64, f64, Option<f64>), String>);
    (prop_oneof![place.prop_map(Ok), missing], origin).prop_map(|(what, origin)| match what {
        Ok((x, y, sd)) => Landmark::defined(Point::new(x, y), sd, origin),
        Err(reason) => Landmark::missing(reason, origin),
    })
}

fn set() -> impl Strategy<Value = LandmarkSet> {
    let side = prop_oneof![Just(None), Just(Some(Side::Right)), Just(Some(Side::Left))];
    let id = ("[A-Z][A-Z0-9_]{0,11}", side)
        .prop_map(|(code, side)| LandmarkId { code: LandmarkCode::new(code), side });
    let line = proptest::collection::vec((-100.0..900.0_f64, -100.0..900.0_f64), 1..8);
    let points = proptest::collection::btree_map(id.clone(), landmark(), 1..12);
    let curves = proptest::collection::btree_map(id, line, 0..3);
    (points, curves).prop_map(|(points, curves)| {
        let radii =
            points.iter().filter(|(_, l)| l.position().is_some()).map(|(id, _)| (id.clone(), 7.0 / 3.0));
        LandmarkSet {
            radii_px: radii.take(2).collect(),
            polylines: curves
                .into_iter()
                .map(|(id, line)| (id, line.into_iter().map(|(x, y)| Point::new(x, y)).collect()))
                .collect(),
            points,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_set_of_landmarks_comes_back(landmarks in set()) {
        let annotations = Annotations { landmarks, ..Annotations::default() };
        let case = case("A^B", annotations, CALIBRATED);
        let (bytes, check) = case.make(ObjectKind::Report);
        prop_assert!(check.is_sound(), "{}", check);
        let reopened = reopen_bytes(&bytes).expect("a report");
        prop_assert_eq!(&reopened.annotations, &case.annotations);
        prop_assert!(again(&reopened, &case.stamp) == bytes);
    }

    #[test]
    fn damaged_files_are_refused_or_read_but_never_panic(cut in 0.0..1.0_f64, at in 0.0..1.0_f64, byte: u8) {
        let case = case("A^B", full(), CALIBRATED);
        for kind in [ObjectKind::Report, ObjectKind::Segmentation, ObjectKind::PresentationState] {
            let (mut bytes, _) = case.make(kind);
            let place = (at * (bytes.len() - 1) as f64) as usize;
            bytes[place] = byte;
            bytes.truncate((cut * bytes.len() as f64) as usize + 1);
            let _ = (reopen_bytes(&bytes), seg::read_bytes(&bytes), gsps::read_bytes(&bytes));
        }
    }
}
