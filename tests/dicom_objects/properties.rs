//! Any set of landmarks, and files that are damaged anywhere.

use crate::made::{CALIBRATED, again, case, full};
use coxa::export::dicom::sr::reopen_bytes;
use coxa::export::dicom::{ObjectKind, gsps, seg};
use coxa::measure::{Landmark, LandmarkCode, LandmarkId, LandmarkSet, Origin, Point, Side};
use coxa::study::Annotations;
use proptest::prelude::*;

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
