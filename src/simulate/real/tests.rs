use super::hips::Hip;
use super::{KnownFilm, Stress, Warp, hips_of, read, reshape, warp_hips};
use crate::measure::{LandmarkId, Point};
use crate::simulate::infant::{Phantom, PhantomOptions};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Of a derivative, pixels.
const STEP: f64 = 1e-4;

/// A film to warp: a good phantom of a normal infant, framed as collections frame films.
fn film(seed: u64) -> KnownFilm {
    let hip = crate::simulate::infant::HipOptions {
        acetabular_index: Some([20.0, 26.0]),
        ihdi: Some(1),
        nucleus: Some(true),
    };
    let phantom = Phantom::generate(
        seed,
        &PhantomOptions {
            size: 331,
            hips: [hip; 2],
            age_months: [5.0, 18.0],
            cropped: true,
            ..PhantomOptions::default()
        },
    );
    KnownFilm {
        name: format!("film-{seed}"),
        radiograph: phantom.radiograph(),
        landmarks: phantom.landmarks.clone(),
        made: serde_json::Value::Null,
    }
}

fn wishes() -> impl Iterator<Item = [Hip; 2]> {
    [10.0, 17.0, 24.0, 31.0, 38.0, 45.0].into_iter().enumerate().flat_map(|(i, acetabular_index)| {
        (1..=4).map(move |ihdi| {
            let other = Hip { acetabular_index: 10.0 + 7.0 * ((i + 3) % 6) as f64, ihdi: 5 - ihdi };
            [Hip { acetabular_index, ihdi }, other]
        })
    })
}

fn warp(film: &KnownFilm, wanted: [Hip; 2], seed: u64) -> (Warp, crate::measure::LandmarkSet) {
    let shape = (film.radiograph.rows, film.radiograph.columns);
    warp_hips(&film.landmarks, shape, wanted, &mut ChaCha8Rng::seed_from_u64(seed))
        .unwrap_or_else(|| panic!("{wanted:?} cannot be had of {}", film.name))
}

#[test]
fn every_index_and_grade_can_be_had_and_the_points_say_so() {
    for seed in [3, 8] {
        let film = film(seed);
        for (number, wanted) in wishes().enumerate() {
            let (warp, landmarks) = warp(&film, wanted, number as u64);
            let made = hips_of(&landmarks).expect("both hips");
            for (made, wanted) in made.iter().zip(wanted) {
                assert_eq!(made.ihdi, wanted.ihdi, "{wanted:?}");
                assert!((made.acetabular_index - wanted.acetabular_index).abs() < 1.0, "{made:?} {wanted:?}");
            }
            for id in LandmarkId::infant() {
                let [before, after] =
                    [&film.landmarks, &landmarks].map(|set| set.get(&id).and_then(|l| l.position()));
                let (before, after) = (before.expect("there"), after.expect("there"));
                assert!(warp.forward(before).distance(after) < 1e-9, "{id} went with the warp");
                assert!(warp.backward(after).distance(before) < 0.02, "{id} comes back");
            }
        }
    }
}

#[test]
fn a_warp_never_folds_and_undoes_itself() {
    let film = film(5);
    for (number, wanted) in wishes().enumerate() {
        let (warp, _) = warp(&film, wanted, number as u64);
        for y in (0..331).step_by(7) {
            for x in (0..331).step_by(7) {
                let p = Point::new(f64::from(x), f64::from(y));
                let q = warp.backward(p);
                let error = warp.forward(q).distance(p);
                assert!(error < 0.05, "{wanted:?}: {p:?} came back {error} px off");
                // A film is stretched a hundredfold where the femur slides past the roof: only a step much
                // smaller than a pixel tells the derivative.
                let right = warp.backward(Point::new(p.x + STEP, p.y)) - q;
                let down = warp.backward(Point::new(p.x, p.y + STEP)) - q;
                assert!(right.cross(down) > 0.0, "{wanted:?}: folded at {p:?}");
            }
        }
    }
}

/// A dot drawn at each point is found where the point has gone: image and points move by one map.
#[test]
fn pixels_go_where_the_points_go_and_the_rest_stays() {
    let film = film(4);
    let (rows, columns) = (331, 331);
    let spots: Vec<Point> = film.landmarks.iter().filter_map(|(_, l)| l.position()).collect();
    for (number, wanted) in wishes().enumerate().step_by(5) {
        let (warp, landmarks) = warp(&film, wanted, number as u64);
        for (before, (id, after)) in spots.iter().zip(landmarks.iter()) {
            let dot: Vec<f32> = (0..rows * columns)
                .map(|i| {
                    let p = Point::new((i % columns) as f64, (i / columns) as f64);
                    (-p.distance(*before).powi(2) / 8.0).exp() as f32
                })
                .collect();
            let moved = warp.apply(&dot, rows, columns);
            let at = after.position().expect("there");
            let top = (0..rows * columns).max_by(|a, b| moved[*a].total_cmp(&moved[*b])).expect("pixels");
            let top = Point::new((top % columns) as f64, (top / columns) as f64);
            assert!(top.distance(at) < 1.5, "{wanted:?} {id}: dot at {top:?}, point at {at:?}");
        }
        // Between the hips and along the border nothing moves.
        for p in [(165.0, 20.0), (165.0, 310.0), (2.0, 2.0), (328.0, 5.0), (165.0, 150.0)] {
            let p = Point::new(p.0, p.1);
            assert!(warp.backward(p) == p, "{p:?} moved");
        }
    }
}

#[test]
fn a_stressed_film_carries_its_points_along() {
    for seed in 0..12 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut film = film(seed);
        // A bright dot that no noise hides, on a black film.
        let id = LandmarkId::infant()[seed as usize % 8].clone();
        let spot = film.landmarks.get(&id).and_then(|l| l.position()).expect("there");
        let columns = film.radiograph.columns;
        for (i, v) in film.radiograph.stored.iter_mut().enumerate() {
            let p = Point::new((i % columns) as f64, (i / columns) as f64);
            *v = (200.0 * (-p.distance(spot).powi(2) / 18.0).exp()) as i32;
        }
        let stress = Stress { noise: 0.01, ..Stress::draw(&mut random) };
        let copy = stress.apply(&film, "copy".to_owned(), &mut random).expect("a copy");
        let sign = if stress.inverted { -1 } else { 1 };
        let values = &copy.radiograph.stored;
        let top = (0..values.len()).max_by_key(|i| sign * values[*i]).expect("pixels");
        let top = Point::new((top % columns) as f64, (top / columns) as f64);
        let at = copy.landmarks.get(&id).and_then(|l| l.position()).expect("there");
        assert!(top.distance(at) < 3.0, "{stress:?}: dot at {top:?}, {id} at {at:?}");
    }
}

#[test]
fn written_films_read_again_with_their_points() {
    let folder = tempfile::tempdir().expect("a folder");
    let film = film(2);
    let wanted = [Hip { acetabular_index: 35.0, ihdi: 3 }, Hip { acetabular_index: 15.0, ihdi: 1 }];
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let warped = reshape(&film, "warped".to_owned(), wanted, &mut random).expect("a warped film");
    warped.write(folder.path()).expect("written");
    let stress = Stress::draw(&mut random);
    stress
        .apply(&warped, "worse".to_owned(), &mut random)
        .expect("a copy")
        .write(folder.path())
        .expect("written");
    let films = read(folder.path()).expect("read");
    assert_eq!(films.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["warped", "worse"]);
    assert_eq!(films[0].radiograph.stored, warped.radiograph.stored);
    let hips = hips_of(&films[1].landmarks).expect("hips");
    for (hip, wanted) in hips.iter().zip(wanted) {
        assert_eq!(hip.ihdi, wanted.ihdi, "turning and scaling change no grade");
        assert!((hip.acetabular_index - wanted.acetabular_index).abs() < 1.0, "{hip:?}");
    }
}
