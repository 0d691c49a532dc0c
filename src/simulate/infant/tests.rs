//! The phantom keeps its promises: same seed same film, truth that agrees with what is drawn.

use super::*;
use crate::imaging;
use crate::measure::{LandmarkCode as Code, LandmarkId, Point, Side};

fn of_size(seed: u64, size: usize) -> Phantom {
    Phantom::generate(seed, &PhantomOptions { size, ..PhantomOptions::default() })
}

fn label(phantom: &Phantom, p: Point) -> u8 {
    phantom.labels[p.y.round() as usize * phantom.columns + p.x.round() as usize]
}

/// Distance in pixels from `p` to the nearest pixel of `wanted`.
fn distance_to(phantom: &Phantom, p: Point, wanted: Label) -> f64 {
    (0..phantom.labels.len())
        .filter(|i| phantom.labels[*i] == wanted as u8)
        .map(|i| p.distance(Point::new((i % phantom.columns) as f64, (i / phantom.columns) as f64)))
        .fold(f64::MAX, f64::min)
}

#[test]
fn a_seed_is_a_film() {
    let (a, b, c) = (of_size(7, 160), of_size(7, 160), of_size(8, 160));
    assert_eq!(a.grey, b.grey);
    assert_eq!(a.labels, b.labels);
    assert_eq!(a.landmarks, b.landmarks);
    assert_ne!(a.grey, c.grey);
}

#[test]
fn grey_fills_the_film_and_has_contrast() {
    for seed in 0..20 {
        let p = of_size(seed, 160);
        assert_eq!(p.grey.len(), p.rows * p.columns);
        assert_eq!(p.labels.len(), p.rows * p.columns);
        assert_eq!(p.rows.max(p.columns), 160);
        assert!(p.grey.iter().all(|v| (0.0..=1.0).contains(v)), "seed {seed}");
        let n = p.grey.len() as f32;
        let mean = p.grey.iter().sum::<f32>() / n;
        let sd = (p.grey.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / n).sqrt();
        assert!(sd > 0.02, "seed {seed}: deviation {sd}");
    }
}

#[test]
fn landmarks_lie_on_the_film_and_on_their_bones() {
    for seed in 0..60 {
        let p = of_size(seed, 256);
        for (id, landmark) in p.landmarks.iter() {
            let Some(at) = landmark.position() else {
                assert_eq!(id.code, Code::FH);
                continue;
            };
            let (w, h) = (p.columns as f64 - 1.0, p.rows as f64 - 1.0);
            assert!(
                (0.0..=w).contains(&at.x) && (0.0..=h).contains(&at.y),
                "seed {seed} {id}: {at:?} on {w}×{h}"
            );
            match id.code.as_str() {
                "FH" => assert_eq!(label(&p, at), Label::Nucleus as u8, "seed {seed} {id}"),
                "HP" => {
                    let d = distance_to(&p, at, Label::Femur).min(distance_to(&p, at, Label::Nucleus));
                    assert!(d < 3.0, "seed {seed} {id}: {d} px from the femur");
                }
                // The margin or the cartilage may lie behind a displaced femur.
                _ if label(&p, at) >= Label::Femur as u8 => {}
                _ => {
                    let d = distance_to(&p, at, Label::Ilium);
                    assert!(d < 3.0, "seed {seed} {id}: {d} px from the ilium");
                }
            }
        }
        assert_eq!(p.landmarks.points.len(), 8);
    }
}

#[test]
fn the_patients_right_is_on_the_left() {
    let p = of_size(3, 160);
    for code in [Code::TRC, Code::SMA, Code::HP] {
        let right = p.landmarks.position(code.clone(), Side::Right).expect("defined");
        assert!(right.x < p.landmarks.position(code, Side::Left).expect("defined").x);
    }
}

#[test]
fn size_changes_the_pixels_not_the_anatomy() {
    for seed in 0..10 {
        let options = PhantomOptions { size: 200, cropped: true, ..PhantomOptions::default() };
        let small = Phantom::generate(seed, &options);
        let large = Phantom::generate(seed, &PhantomOptions { size: 600, ..options });
        assert_eq!(small.description, large.description);
        for (id, landmark) in small.landmarks.iter() {
            let other = large.landmarks.get(id).and_then(|l| l.position());
            match (landmark.position(), other) {
                (Some(a), Some(b)) => assert!(a.distance(Point::new(b.x / 3.0, b.y / 3.0)) < 1e-6, "{id}"),
                (None, None) => {}
                _ => panic!("seed {seed}: {id} is there at one size only"),
            }
        }
        // The grey agrees too once the large film is averaged down (noise and JPEG apart).
        let (mut dot, mut aa, mut bb) = (0.0, 0.0, 0.0);
        let mean = |g: &[f32]| g.iter().sum::<f32>() / g.len() as f32;
        let (ma, mb) = (mean(&small.grey), mean(&large.grey));
        for (i, a) in small.grey.iter().enumerate() {
            let (row, column) = (3 * (i / 200) + 1, 3 * (i % 200) + 1);
            let (a, b) = (a - ma, large.grey[row * 600 + column] - mb);
            (dot, aa, bb) = (dot + a * b, aa + a * a, bb + b * b);
        }
        let r = dot / (aa * bb).sqrt();
        assert!(r > 0.9, "seed {seed}: r = {r}");
    }
}

#[test]
fn wishes_are_granted() {
    for seed in 0..8 {
        for grade in 1..=4 {
            let asked =
                HipOptions { acetabular_index: Some([30.0, 32.0]), ihdi: Some(grade), nucleus: Some(false) };
            let other = HipOptions { nucleus: Some(true), ..HipOptions::default() };
            let options = PhantomOptions { size: 96, hips: [asked, other], ..PhantomOptions::default() };
            let p = Phantom::generate(seed, &options);
            assert_eq!(p.description.ihdi[0], grade, "seed {seed}");
            let index = p.description.acetabular_index[0];
            assert!((29.5..=32.5).contains(&index), "seed {seed}: {index}");
            assert!(p.landmarks.position(Code::FH, Side::Right).is_none());
            assert!(p.landmarks.position(Code::FH, Side::Left).is_some());
            let radius = p.landmarks.radius_px(Code::FH, Side::Left);
            assert!(radius.is_some_and(|r| r > 0.5), "seed {seed}: {radius:?}");
        }
    }
}

#[test]
fn the_described_index_is_that_of_the_landmarks() {
    for seed in 0..30 {
        let p = of_size(seed, 128);
        let at = |code: Code, side| p.landmarks.position(code, side).expect("defined");
        let (right, left) = (at(Code::TRC, Side::Right), at(Code::TRC, Side::Left));
        let tilt = (left.y - right.y).atan2(left.x - right.x);
        for (side, sign, found) in [
            (Side::Right, -1.0, p.description.acetabular_index[0]),
            (Side::Left, 1.0, p.description.acetabular_index[1]),
        ] {
            let roof = at(Code::SMA, side) - at(Code::TRC, side);
            let (x, y) =
                (roof.x * tilt.cos() + roof.y * tilt.sin(), roof.y * tilt.cos() - roof.x * tilt.sin());
            let index = (-y).atan2(sign * x).to_degrees();
            assert!((index - found).abs() < 1e-6, "seed {seed} {side:?}: {index} {found}");
        }
    }
}

#[test]
fn a_population_covers_what_clinics_see() {
    let many: Vec<_> = (0..400).map(|seed| of_size(seed, 24)).collect();
    let hips = 2.0 * many.len() as f64;
    let graded = |g| many.iter().flat_map(|p| p.description.ihdi).filter(|x| *x == g).count() as f64 / hips;
    assert!(graded(1) > 0.3 && (2..=4).all(|g| graded(g) > 0.04), "{:?}", [1, 2, 3, 4].map(graded));
    let indices: Vec<f64> = many.iter().flat_map(|p| p.description.acetabular_index).collect();
    let mean = indices.iter().sum::<f64>() / hips;
    assert!((20.0..34.0).contains(&mean), "{mean}");
    assert!(indices.iter().any(|a| *a < 15.0) && indices.iter().any(|a| *a > 42.0));
    let with_nucleus = many
        .iter()
        .flat_map(|p| Side::BOTH.map(|side| p.landmarks.position(Code::FH, side).is_some()))
        .filter(|seen| *seen)
        .count() as f64
        / hips;
    assert!((0.4..0.85).contains(&with_nucleus), "{with_nucleus}");
    let alike = many.iter().filter(|p| {
        let [a, b] = p.description.acetabular_index;
        (a - b).abs() < 0.05
    });
    assert!(alike.count() < 20, "both sides differ");
    assert!(many.iter().any(|p| p.description.inverted));
}

#[test]
fn written_and_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let phantom = of_size(11, 128);
    let [film, truth] = phantom.write(folder.path(), "phantom").expect("written");
    let read = imaging::open(&film).expect("opened");
    let ours = phantom.radiograph();
    assert_eq!((read.rows, read.columns), (phantom.rows, phantom.columns));
    assert_eq!(read.stored, ours.stored);
    assert_eq!(read.bits_stored, phantom.bits);
    assert!((read.spacing.row - phantom.spacing.row).abs() < 1e-4);
    assert_eq!(read.identity.patient_name, "PHANTOM^INFANT");
    assert_eq!(read.patient_right_on_left, Some(true));
    let truth: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(truth).expect("read")).expect("JSON");
    let list = truth["landmarks"].as_array().expect("a list");
    assert_eq!(list.len(), 8);
    for entry in list {
        let side = if entry["side"] == "R" { Side::Right } else { Side::Left };
        let code = Code::new(entry["code"].as_str().expect("a code"));
        let truth = phantom.landmarks.get(&LandmarkId::new(code, side)).and_then(|l| l.position());
        let off = truth.map_or(0.0, |p| (entry["x"].as_f64().expect("a number") - p.x).abs());
        assert!(off < 1e-9, "{off}");
        assert_eq!(entry["status"] == "defined", truth.is_some());
    }
}

#[test]
fn the_demo_is_a_dysplastic_left_hip() {
    let demo = crate::simulate::demo();
    let [right, left] = demo.description.acetabular_index;
    assert!((20.5..23.5).contains(&right) && (32.5..35.5).contains(&left), "{right} {left}");
    assert_eq!(demo.description.ihdi, [1, 2]);
    assert!(demo.landmarks.iter().all(|(_, l)| l.position().is_some()));
    assert!(!demo.description.inverted);
}

#[test]
fn the_outline_of_the_femur_is_the_edge_of_its_label() {
    for seed in 0..20 {
        let p = Phantom::generate(
            seed,
            &PhantomOptions { size: 400, cropped: true, ..PhantomOptions::default() },
        );
        for side in Side::BOTH {
            let at = |code: &str| p.femora.position(Code::new(code), side).expect(code);
            let outline: Vec<Point> = (1..=58).map(|n| at(&format!("F{n:02}"))).collect();
            assert_eq!((outline[0], outline[57]), (at("SHL"), at("SHM")));
            // Lateral is away from the other hip, and the outline runs up before it runs down.
            let lateral = if side == Side::Right { -1.0 } else { 1.0 };
            assert!(lateral * (at("SHL").x - at("SHM").x) > 0.0, "seed {seed} {side:?}");
            assert!(at("REF1").y < at("REF2").y && outline[33].y < outline[0].y, "seed {seed} {side:?}");
            let hp = p.landmarks.position(Code::HP, side).expect("HP");
            assert!(at("REF1").distance(hp) < 1.5, "seed {seed}: {:?} {hp:?}", at("REF1"));
            for pair in outline.windows(2) {
                assert!(
                    pair[0].distance(pair[1]) < 0.12 * at("REF1").distance(at("REF2")),
                    "seed {seed} {pair:?}"
                );
            }
            // Within a pixel there is bone and there is none; a nucleus may lie in front of the edge.
            for (n, point) in outline.iter().enumerate() {
                let near = |dx: i32, dy: i32| {
                    let q = Point::new(point.x + f64::from(dx), point.y + f64::from(dy));
                    let on =
                        q.x > 0.0 && q.y > 0.0 && q.x < p.columns as f64 - 1.0 && q.y < p.rows as f64 - 1.0;
                    on.then(|| label(&p, q))
                };
                let seen: Vec<u8> = (0..9).filter_map(|i| near(i % 3 - 1, i / 3 - 1)).collect();
                let edge = seen.iter().any(|l| *l >= Label::Femur as u8)
                    && seen.iter().any(|l| *l != Label::Femur as u8);
                // The lowest points, F01 and F58, end the outline and lie on the edges of the shaft like the others.
                assert!(edge || seen.len() < 9, "seed {seed} {side:?} F{:02} at {point:?}: {seen:?}", n + 1);
            }
        }
    }
}
