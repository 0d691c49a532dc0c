//! The structured report there and back: nothing is lost, nothing is off by half a pixel, and what was changed is noticed.

use crate::made::{CALIBRATED, Case, again, case, dataset, full, review};
use coxa::export::Handover;
use coxa::export::dicom::sr::reopen_bytes;
use coxa::export::dicom::{ObjectKind, Stamp, Uids, object};
use coxa::export::pdf::Paper;
use coxa::measure::{Landmark, LandmarkCode, LandmarkId, Origin, Panel, Point, Side, Spacing};
use coxa::study::Review;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

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
