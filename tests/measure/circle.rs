//! The circle fit: exact on circles, least squares off them, and as badly conditioned as the specification says.

use coxa::measure::Point;
use coxa::measure::circle::{ARC_REFUSED, fit};
use coxa::measure::refusal::Refusal;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal};

fn arc(center: Point, radius: f64, degrees: f64, count: usize) -> Vec<Point> {
    (0..count)
        .map(|i| {
            let angle = (-degrees / 2.0 + degrees * i as f64 / (count - 1) as f64).to_radians();
            Point::new(center.x + radius * angle.cos(), center.y + radius * angle.sin())
        })
        .collect()
}

#[test]
fn an_exact_circle_is_found_anywhere() {
    for (center, radius, degrees) in [
        (Point::new(3.0, -4.0), 10.0, 200.0),
        (Point::new(1e4, 2e4), 50.0, 95.0),
        (Point::new(0.0, 0.0), 1e-3, 180.0),
    ] {
        let circle = fit(&arc(center, radius, degrees, 12), ARC_REFUSED).expect("a circle");
        assert!(circle.center.distance(center) < 1e-7 * radius.max(1.0), "{circle:?}");
        assert!((circle.radius - radius).abs() < 1e-7 * radius.max(1.0), "{circle:?}");
        assert!((circle.arc_deg - degrees).abs() < 1e-5, "{circle:?}");
    }
}

#[test]
fn the_worked_ellipse() {
    let points = [(11.0, 0.0), (0.0, 10.0), (-11.0, 0.0), (0.0, -10.0)].map(|(x, y)| Point::new(x, y));
    let circle = fit(&points, ARC_REFUSED).expect("a circle");
    assert!((circle.radius - 10.5).abs() < 1e-9 && circle.center.distance(Point::default()) < 1e-9);
}

#[test]
fn the_fit_is_geometric_and_not_algebraic() {
    // No step from the result may lower the sum of squared distances.
    let points = [(0.0, 0.0), (1.0, 2.1), (3.0, 3.2), (5.2, 3.0), (7.0, 1.7), (7.6, 0.1)]
        .map(|(x, y)| Point::new(x, y));
    let circle = fit(&points, ARC_REFUSED).expect("a circle");
    let cost = |dx: f64, dy: f64, dr: f64| -> f64 {
        let center = Point::new(circle.center.x + dx, circle.center.y + dy);
        points.iter().map(|p| (p.distance(center) - circle.radius - dr).powi(2)).sum()
    };
    let best = cost(0.0, 0.0, 0.0);
    for step in [1e-3, -1e-3] {
        assert!(cost(step, 0.0, 0.0) > best && cost(0.0, step, 0.0) > best && cost(0.0, 0.0, step) > best);
    }
}

#[test]
fn what_is_no_circle_is_refused() {
    let line: Vec<Point> = (0..5).map(|i| Point::new(f64::from(i), 2.0 * f64::from(i))).collect();
    assert_eq!(fit(&line, ARC_REFUSED), Err(Refusal::Collinear));
    assert_eq!(fit(&[Point::default(); 4], ARC_REFUSED), Err(Refusal::Collinear));
    assert_eq!(fit(&line[..2], ARC_REFUSED), Err(Refusal::Collinear));
    assert_eq!(fit(&[], ARC_REFUSED), Err(Refusal::Collinear));
    let nan = [Point::new(f64::NAN, 0.0), Point::new(1.0, 0.0), Point::new(0.0, 1.0)];
    assert_eq!(fit(&nan, ARC_REFUSED), Err(Refusal::NotFinite));
    let short = fit(&arc(Point::default(), 10.0, 80.0, 9), ARC_REFUSED);
    assert!(matches!(short, Err(Refusal::ArcShort(degrees)) if (degrees - 80.0).abs() < 1e-6), "{short:?}");
}

#[test]
fn short_arcs_condition_the_centre_as_the_specification_says() {
    // 15 points, 2 % radial noise: 95th percentile of the centre's error in percent of the radius.
    let noise = Normal::new(0.0, 2.0).expect("a deviation");
    for (degrees, expected) in [(180.0, 3.0), (120.0, 6.0), (90.0, 10.0), (60.0, 25.0)] {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut errors: Vec<f64> = (0..2000)
            .map(|_| {
                let mut points = arc(Point::default(), 100.0, degrees, 15);
                for point in &mut points {
                    *point = Point::new(point.x + noise.sample(&mut rng), point.y + noise.sample(&mut rng));
                }
                fit(&points, 0.0).expect("a circle").center.distance(Point::default())
            })
            .collect();
        errors.sort_by(f64::total_cmp);
        let p95 = errors[1900];
        assert!((p95 - expected).abs() <= 0.1 * expected + 0.5, "{degrees}°: {p95}, expected {expected}");
    }
}
