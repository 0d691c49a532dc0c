//! The tools of the document by themselves: brush, polygon, fill, smoothing, agreement, curves, mirror, snap, figures.

use coxa::imaging::Radiograph;
use coxa::measure::{
    LabelMap, Landmark, LandmarkCode, LandmarkId, LandmarkSet, Origin, Point, Side, Spacing, SpacingStatus,
    Structure, Unit, Vector,
};
use coxa::study::mask::{Agreement, Brush, Over, Paint, Run, accept, clear, flood, polygon, smooth, sweep};
use coxa::study::{FreeShape, mirrored, slid, smoothed, snap_to_edge, with_vertex};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::time::Instant;

fn map(rows: usize, columns: usize) -> LabelMap {
    LabelMap::empty(rows, columns, Structure::hip())
}

fn paint(map: &mut LabelMap, runs: &[Run]) {
    for run in runs {
        let range = run.start as usize..(run.start + run.length) as usize;
        assert!(
            map.labels[range.clone()].iter().all(|label| *label == run.from),
            "a run says what it replaces"
        );
        map.labels[range].fill(run.to);
    }
}

/// Distance of a point to a segment, the plain way.
fn distance(p: Point, a: Point, b: Point) -> f64 {
    let along = b - a;
    let squared = along.dot(along);
    let share = if squared > 0.0 { ((p - a).dot(along) / squared).clamp(0.0, 1.0) } else { 0.0 };
    p.distance(a + along * share)
}

#[test]
fn a_brush_paints_every_pixel_within_its_radius_of_the_path_and_no_other() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for _ in 0..400 {
        let mut at = || Point::new(random.random_range(-8.0..68.0), random.random_range(-8.0..48.0));
        let (a, b) = (at(), at());
        let b = if a.x > 30.0 { b } else { a + (b - a) * 0.02 };
        let radius = random.random_range(0.75..12.0);
        let mut painted = map(40, 60);
        let runs = sweep(&painted, a, b, Brush::of(2, radius));
        paint(&mut painted, &runs);
        for (index, label) in painted.labels.iter().enumerate() {
            let far = distance(Point::new((index % 60) as f64, (index / 60) as f64), a, b);
            if (far - radius).abs() > 1e-9 {
                assert_eq!(*label == 2, far < radius, "{a:?} {b:?} {radius} at {index}");
            }
        }
    }
}

#[test]
fn an_eraser_of_one_label_leaves_the_others() {
    let mut painted = map(10, 10);
    painted.labels[..50].fill(1);
    painted.labels[50..].fill(2);
    let runs = sweep(&painted, Point::new(4.5, 0.0), Point::new(4.5, 9.0), Brush::eraser(Some(1), 1.0));
    paint(&mut painted, &runs);
    assert_eq!((painted.area(0), painted.area(1), painted.area(2)), (10, 40, 50));
    let within = Paint { label: 3, over: Over::Label(0) };
    let runs =
        sweep(&painted, Point::new(0.0, 2.0), Point::new(9.0, 2.0), Brush { radius: 0.9, paint: within });
    paint(&mut painted, &runs);
    assert_eq!((painted.area(3), painted.area(1)), (2, 40), "only where it is free");
}

#[test]
fn polygons_fill_by_the_even_odd_rule_and_share_no_pixel_with_their_neighbours() {
    let point = |(x, y): (f64, f64)| Point::new(x, y);
    let whole = Paint { label: 1, over: Over::Anything };
    let star = [(25.0, 2.0), (40.0, 46.0), (3.0, 18.0), (47.0, 18.0), (10.0, 46.0)].map(point);
    let mut painted = map(50, 50);
    let runs = polygon(&painted, &star, whole);
    paint(&mut painted, &runs);
    assert_eq!(painted.labels[25 * 50 + 25], 0, "the middle of a star is a hole");
    assert_eq!(painted.labels[10 * 50 + 25], 1);
    // Two halves of a square by a slanting cut.
    let left = [(4.3, 4.2), (20.0, 4.2), (30.0, 40.9), (4.3, 40.9)].map(point);
    let right = [(20.0, 4.2), (44.1, 4.2), (44.1, 40.9), (30.0, 40.9)].map(point);
    let empty = map(50, 50);
    let count =
        |vertices: &[Point]| -> u32 { polygon(&empty, vertices, whole).iter().map(|r| r.length).sum() };
    assert_eq!(count(&left) + count(&right), 40 * 36, "x 5 to 44, y 5 to 40");
    assert!(polygon(&empty, &left[..2], whole).is_empty());
}

#[test]
fn a_fill_stops_at_other_labels_and_goes_round_corners() {
    let mut painted = map(7, 9);
    let picture = ["111111111", "1.......1", "1.11111.1", "1.1...1.1", "1.111.1.1", "1.....1.1", "111111111"];
    for (label, sign) in painted.labels.iter_mut().zip(picture.concat().bytes()) {
        *label = u8::from(sign == b'1');
    }
    let free = painted.area(0);
    let runs = flood(&painted, (3, 3), 4);
    paint(&mut painted, &runs);
    assert_eq!((painted.area(4), painted.area(0)), (free, 0));
    assert!(flood(&painted, (3, 3), 4).is_empty() && flood(&painted, (7, 0), 1).is_empty());
    // Diagonal neighbours do not hang together.
    let mut corner = map(2, 2);
    corner.labels.copy_from_slice(&[0, 1, 1, 0]);
    assert_eq!(flood(&corner, (0, 0), 2).len(), 1);
}

#[test]
fn smoothing_is_a_median_filter_of_the_label() {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    for radius in [0usize, 1, 2, 3] {
        let (rows, columns) = (33i64, 41i64);
        let mut painted = map(rows as usize, columns as usize);
        for (index, label) in painted.labels.iter_mut().enumerate() {
            let (x, y) = (index as i64 % columns - 20, index as i64 / columns - 16);
            *label = u8::from(x * x + y * y < 150 && random.random_bool(0.9));
        }
        let mut found = painted.clone();
        let runs = smooth(&painted, 1, radius);
        paint(&mut found, &runs);
        for index in 0..rows * columns {
            let (row, column, r) = (index / columns, index % columns, radius as i64);
            let mut votes = 0;
            for y in row - r..=row + r {
                for x in column - r..=column + r {
                    let at = y.clamp(0, rows - 1) * columns + x.clamp(0, columns - 1);
                    votes += i64::from(painted.labels[at as usize]);
                }
            }
            let expected = 2 * votes > (2 * r + 1) * (2 * r + 1);
            assert_eq!(found.labels[index as usize] == 1, expected, "{radius} at {row}, {column}");
        }
    }
    // Other labels are touched only where they win or lose pixels to this one.
    let mut two = map(9, 9);
    two.labels[40] = 2;
    assert!(smooth(&two, 1, 1).is_empty());
    assert_eq!(smooth(&two, 2, 1), [Run { start: 40, length: 1, from: 2, to: 0 }]);
}

#[test]
fn agreement_follows_the_brush_and_a_film_is_counted_within_a_frame() {
    let (rows, columns) = (1760, 2140);
    let mut predicted = map(rows, columns);
    for (label, x) in (1..=5u8).zip([300.0, 700.0, 1100.0, 1500.0, 1900.0]) {
        let runs = sweep(&predicted, Point::new(x, 300.0), Point::new(x, 1400.0), Brush::of(label, 180.0));
        paint(&mut predicted, &runs);
    }
    let mut painted = map(rows, columns);
    let all = accept(&painted, &predicted, None);
    paint(&mut painted, &all);
    assert_eq!(painted, predicted);
    let mut agreement = Agreement::of(&painted, &predicted).expect("one size");
    assert_eq!(agreement.overlap(3).dice(), 1.0);
    let start = Instant::now();
    let mut last = Point::new(200.0, 900.0);
    for step in 1..100 {
        let to = Point::new(200.0 + 18.0 * f64::from(step), 900.0 + 3.0 * f64::from(step % 7));
        let runs = sweep(&painted, last, to, Brush::of(2, 40.5));
        paint(&mut painted, &runs);
        agreement.update(&runs, &predicted);
        last = to;
    }
    let a_move = start.elapsed() / 99;
    let start = Instant::now();
    let counted = Agreement::of(&painted, &predicted).expect("one size");
    let whole = start.elapsed();
    assert_eq!(agreement, counted, "as if counted anew");
    println!("a brush of 81 pixels with its Dice: {a_move:.2?} a move; all of 2140 × 1760: {whole:.2?}");
    assert!(a_move.as_millis() < 16 && whole.as_millis() < 100);
    let runs = clear(&painted, 2);
    paint(&mut painted, &runs);
    agreement.update(&runs, &predicted);
    assert_eq!(agreement.overlap(2).dice(), 0.0);
    let runs = accept(&painted, &predicted, Some(2));
    paint(&mut painted, &runs);
    agreement.update(&runs, &predicted);
    assert_eq!(agreement.overlap(2).dice(), 1.0);
    assert!(Agreement::of(&painted, &map(2, 2)).is_none());
}

#[test]
fn a_step_of_the_mask_is_small() {
    let film = map(1760, 2140);
    let runs = sweep(&film, Point::new(500.0, 500.0), Point::new(900.0, 800.0), Brush::of(1, 30.0));
    let text = serde_json::to_string(&runs).expect("written");
    println!("a stroke of 500 pixels: {} runs, {} bytes of journal", runs.len(), text.len());
    assert!(text.len() < 20_000, "{}", text.len());
}

#[test]
fn curves_bend_where_they_are_held() {
    let line: Vec<Point> = (0..11).map(|i| Point::new(10.0 * f64::from(i), 0.0)).collect();
    let bent = slid(&line, 5, Point::new(50.0, 8.0), 30.0);
    assert_eq!(bent[5], Point::new(50.0, 8.0));
    assert!((bent[4].y - 6.0).abs() < 1e-12 && (bent[3].y - 2.0).abs() < 1e-12, "raised cosine: 3/4 and 1/4");
    assert_eq!((bent[2], bent[8]), (line[2], line[8]), "from the reach on nothing moves");
    assert_eq!(slid(&line, 99, Point::new(0.0, 0.0), 30.0), line);
    assert_eq!(slid(&line, 5, Point::new(50.0, 8.0), 0.0)[4], line[4]);

    let (longer, at) = with_vertex(&line, Point::new(33.0, 2.0));
    assert_eq!((at, longer.len(), longer[4]), (4, 12, Point::new(33.0, 2.0)));
    assert_eq!(with_vertex(&line, Point::new(-5.0, 1.0)).1, 0, "before the first");
    assert_eq!(with_vertex(&line, Point::new(120.0, 1.0)).1, 11, "after the last");

    // A noisy arc gets smoother and keeps its size.
    let mut random = ChaCha8Rng::seed_from_u64(2);
    let arc: Vec<Point> = (0..60)
        .map(|i| {
            let (sin, cos) = (f64::from(i) * 0.05).sin_cos();
            let r = 100.0 + random.random_range(-1.5..1.5);
            Point::new(r * cos, r * sin)
        })
        .collect();
    let rough = |line: &[Point]| line.iter().map(|p| (p.x.hypot(p.y) - 100.0).powi(2)).sum::<f64>();
    let smooth = smoothed(&arc, 10);
    assert!(rough(&smooth) < 0.4 * rough(&arc), "{} of {}", rough(&smooth), rough(&arc));
    let mean = smooth.iter().map(|p| p.x.hypot(p.y)).sum::<f64>() / 60.0;
    assert!((mean - 100.0).abs() < 0.5, "{mean}");
    assert_eq!((smooth[0], smooth[59]), (arc[0], arc[59]));
}

#[test]
fn a_point_is_mirrored_in_the_midline_of_a_turned_pelvis_on_pixels_of_any_shape() {
    let spacing = Spacing { row: 0.3, column: 0.2, status: SpacingStatus::Detector };
    let (sin, cos) = 12f64.to_radians().sin_cos();
    // Millimetres from the middle of the pelvis, leftward and down.
    let film =
        |x: f64, y: f64| spacing.to_pixel(Point::new(100.0 + x * cos - y * sin, 90.0 + x * sin + y * cos));
    let mut landmarks = LandmarkSet::default();
    let mut place = |code: &LandmarkCode, side, at| {
        landmarks.insert(LandmarkId::new(code.clone(), side), Landmark::defined(at, None, Origin::Model));
    };
    for (code, x, y) in [(LandmarkCode::TRC, 30.0, 0.0), (LandmarkCode::TD, 25.0, 12.0)] {
        place(&code, Side::Right, film(-x, y));
        place(&code, Side::Left, film(x, y));
    }
    // A displaced hip must not turn the midline, and the point itself must not either.
    place(&LandmarkCode::HP, Side::Right, film(-60.0, -25.0));
    place(&LandmarkCode::SMA, Side::Right, film(-48.0, -14.0));
    place(&LandmarkCode::SMA, Side::Left, film(10.0, 40.0));
    let sma = LandmarkId::new(LandmarkCode::SMA, Side::Left);
    let found = mirrored(&landmarks, &spacing, &sma).expect("mirrored");
    assert!(found.distance(film(48.0, -14.0)) < 1e-9, "{found:?}");
    let none =
        LandmarkSet { points: landmarks.points.clone().into_iter().take(1).collect(), ..Default::default() };
    assert_eq!(mirrored(&none, &spacing, &sma), None);
}

#[test]
fn an_edge_is_found_to_a_fraction_of_a_pixel_and_flat_film_attracts_nothing() {
    let (rows, columns) = (80usize, 100usize);
    let mut random = ChaCha8Rng::seed_from_u64(3);
    // A blurred edge of 600 grey values along x·cos + y·sin = 55.3, under noise of ±20.
    let (sin, cos) = 20f64.to_radians().sin_cos();
    let mut film = |height: f64| {
        let stored = (0..rows * columns)
            .map(|i| {
                let d = (i % columns) as f64 * cos + (i / columns) as f64 * sin - 55.3;
                (1000.0 + height / (1.0 + (-d / 0.9).exp()) + random.random_range(-20.0..20.0)) as i32
            })
            .collect();
        Radiograph::from_stored(rows, columns, stored, 12).expect("an image")
    };
    let edge = film(600.0);
    let normal = Vector::new(cos, sin);
    for (x, y) in [(45.0, 30.0), (42.5, 38.2), (50.0, 20.0)] {
        let off = x * cos + y * sin - 55.3;
        assert!(f64::abs(off) < 5.0, "the test's own geometry");
        let along = snap_to_edge(&edge, Point::new(x, y), 6.0, Some(normal)).expect("an edge");
        let free = snap_to_edge(&edge, Point::new(x, y), 6.0, None).expect("an edge");
        for snap in [along, free] {
            let miss = snap.point.x * cos + snap.point.y * sin - 55.3;
            assert!(miss.abs() < 0.35, "misses by {miss}");
            assert!(snap.gradient > 50.0, "{}", snap.gradient);
        }
    }
    assert_eq!(snap_to_edge(&film(0.0), Point::new(45.0, 30.0), 6.0, None), None);
    assert_eq!(snap_to_edge(&edge, Point::new(-3.0, 30.0), 6.0, None), None);
    assert_eq!(snap_to_edge(&edge, Point::new(20.0, 30.0), f64::NAN, None), None);
}

#[test]
fn figures_measure_in_millimetres_where_there_are_any_and_say_how_far_to_trust_them() {
    let tall = Spacing { row: 0.4, column: 0.3, status: SpacingStatus::Detector };
    let p = Point::new;
    let length = FreeShape::Length { a: p(10.0, 10.0), b: p(20.0, 20.0) }.value(&tall).expect("a length");
    assert_eq!((length.value, length.unit), (5.0, Unit::Millimetre), "3 and 4");
    assert!(length.caution.is_some_and(|words| words.contains("detector")));
    let bare = FreeShape::Length { a: p(0.0, 0.0), b: p(3.0, 4.0) }.value(&Spacing::UNKNOWN).expect("pixels");
    assert_eq!((bare.value, bare.unit), (5.0, Unit::Pixel));
    let calibrated = Spacing { status: SpacingStatus::Calibrated, ..tall };
    let line = FreeShape::Length { a: p(0.0, 0.0), b: p(1.0, 0.0) };
    assert_eq!(line.value(&calibrated).expect("a length").caution, None);

    // 45° in millimetres, not in pixels.
    let angle = FreeShape::Angle { vertex: p(0.0, 0.0), a: p(40.0, 0.0), b: p(40.0, 30.0) };
    let found = angle.value(&tall).expect("an angle");
    assert!((found.value - 45.0).abs() < 1e-12 && found.unit == Unit::Degree && found.caution.is_none());
    let square = Spacing { row: 1.0, ..Spacing::UNKNOWN };
    let cobb = FreeShape::Cobb { first: [p(0.0, 0.0), p(10.0, 0.0)], second: [p(10.0, 30.0), p(0.0, 40.0)] };
    assert!(
        (cobb.value(&square).expect("an angle").value - 45.0).abs() < 1e-12,
        "whichever way they are drawn"
    );
    let rim = [0.3f64, 1.7, 3.9, 5.0].map(|a| p((30.0 + 9.0 * a.cos()) / 0.3, (20.0 + 9.0 * a.sin()) / 0.4));
    let circle = FreeShape::Circle { rim: rim.to_vec() }.value(&tall).expect("a circle");
    assert!((circle.value - 18.0).abs() < 1e-6, "diameter: {}", circle.value);
    let (center, radius) = circle.circle.expect("drawn");
    assert!(center.distance(p(100.0, 50.0)) < 1e-6 && (radius - 30.0).abs() < 1e-6);
    let flat = FreeShape::Circle { rim: vec![p(0.0, 0.0), p(1.0, 1.0), p(2.0, 2.0)] };
    assert!(flat.value(&square).is_err());
    assert!(FreeShape::Angle { vertex: p(1.0, 1.0), a: p(1.0, 1.0), b: p(2.0, 2.0) }.value(&square).is_err());
    assert_eq!(cobb.clone().with_point(2, p(5.0, 5.0)).points()[2], p(5.0, 5.0));
    assert_eq!(cobb.clone().with_point(9, p(5.0, 5.0)), cobb);
}
