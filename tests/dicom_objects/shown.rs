//! What lies over the film elsewhere: masks, lines, points, texts and the window; and every object for every patient's name.

use crate::made::{CALIBRATED, case, dataset, full, masks};
use coxa::export::dicom::gsps::Drawn;
use coxa::export::dicom::{ObjectKind, gsps, seg};
use coxa::measure::Spacing;
use coxa::study::mask::Mask;
use dicom_dictionary_std::tags;

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

/// Where pixels are not square a ring is an ellipse on them, and as round as ever in the patient.
#[test]
fn a_ring_is_round_in_the_patient_whatever_the_pixels() {
    for (row, column) in [(0.5, 0.8), (0.8, 0.5), (0.143, 0.2)] {
        let case = case("A^B", full(), Spacing { row, column, ..CALIBRATED });
        let (bytes, check) = case.make(ObjectKind::PresentationState);
        assert!(check.is_sound(), "{check}");
        let state = gsps::read_bytes(&bytes).expect("a presentation state");
        let placed: Vec<_> = case.annotations.landmarks.iter().filter_map(|(_, l)| l.position()).collect();
        let rings = state.drawn.iter().filter_map(|(_, drawn)| match drawn {
            Drawn::Graphic { kind, points, .. } if kind == "ELLIPSE" => Some(points),
            Drawn::Graphic { kind, .. } => {
                assert_ne!(kind, "CIRCLE", "pixels are not square");
                None
            }
            Drawn::Text { .. } => None,
        });
        let rings: Vec<&Vec<[f32; 2]>> = rings.collect();
        assert_eq!(rings.len(), placed.len());
        for ring in rings {
            let [a, b, c, d] = ring[..] else { panic!("the ends of two axes: {ring:?}") };
            let middle = |p: [f32; 2], q: [f32; 2]| [(p[0] + q[0]) / 2.0, (p[1] + q[1]) / 2.0];
            let (center, other) = (middle(a, b), middle(c, d));
            assert!((center[0] - other[0]).abs() < 1e-3 && (center[1] - other[1]).abs() < 1e-3, "{ring:?}");
            let [x, y] = center.map(f64::from);
            assert!(
                placed.iter().any(|p| (p.x + 0.5 - x).abs() < 1e-3 && (p.y + 0.5 - y).abs() < 1e-3),
                "no point at {x}, {y}"
            );
            let length = |p: [f32; 2], q: [f32; 2], [x, y]: [f64; 2]| {
                (f64::from(q[0] - p[0]) * x).hypot(f64::from(q[1] - p[1]) * y)
            };
            assert!(length(a, b, [1.0; 2]) >= length(c, d, [1.0; 2]), "the major axis comes first: {ring:?}");
            let [major, minor] = [length(a, b, [column, row]), length(c, d, [column, row])];
            assert!((major - minor).abs() < 1e-3 * major, "{major} mm and {minor} mm");
        }
    }
}
