//! What measuring one film costs: it must follow a drag. Limits: 50 µs without and 20 ms with the 2,000 draws.

use coxa::measure::{
    Landmark, LandmarkCode, LandmarkId, LandmarkSet, Origin, Panel, Point, Protocol, Side, Spacing,
    SpacingStatus, assess, assess_by,
};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

#[path = "../tests/measure/anatomy.rs"]
mod anatomy;

/// The program's own.
#[global_allocator]
static ALLOCATOR: coxa::allocator::Allocator = coxa::allocator::Allocator;

const INFANT: [(&str, f64, f64); 4] =
    [("TRC", 400.0, 500.0), ("SMA", 300.0, 450.0), ("FH", 340.0, 520.0), ("HP", 330.0, 540.0)];

fn film(points: &[(&str, f64, f64)], middle: f64, sd_px: Option<f64>) -> LandmarkSet {
    let mut landmarks = LandmarkSet::default();
    for (code, x, y) in points {
        for (side, x) in [(Side::Right, *x), (Side::Left, 2.0 * middle - x)] {
            let id = LandmarkId::new(LandmarkCode::new(*code), side);
            landmarks.insert(id, Landmark::defined(Point::new(x, *y), sd_px, Origin::Model));
        }
    }
    landmarks
}

/// Everything that can be measured, and the head as an outline of 58 points, whose circle is fitted in every draw.
fn whole(sd_px: Option<f64>) -> LandmarkSet {
    let mut landmarks = film(&anatomy::ANATOMY, 1000.0, sd_px);
    for (code, x, y) in anatomy::MIDLINE {
        let id = LandmarkId::midline(LandmarkCode::new(code));
        landmarks.insert(id, Landmark::defined(Point::new(x, y), sd_px, Origin::Model));
    }
    for side in Side::BOTH {
        for number in 1..=58 {
            let (sin, cos) = ((f64::from(number) - 24.0) / 18.0 * 180.0).to_radians().sin_cos();
            let point = match number {
                24..=42 => Point::new(600.0 - 110.0 * cos, 1060.0 - 120.0 * sin),
                n => Point::new(400.0 + f64::from(n), 1100.0 + 10.0 * f64::from(n)),
            };
            let x = if side == Side::Right { point.x } else { 2000.0 - point.x };
            let id = LandmarkId::new(LandmarkCode::new(format!("F{number:02}")), side);
            landmarks.insert(id, Landmark::defined(Point::new(x, point.y), sd_px, Origin::Model));
        }
        landmarks.radii_px.insert(LandmarkId::new(LandmarkCode::FHC, side), 120.0);
    }
    landmarks
}

fn measure(c: &mut Criterion) {
    let spacing = Spacing { row: 0.2, column: 0.2, status: SpacingStatus::Calibrated };
    let protocol = Protocol { panel: Panel::All, ..Protocol::default() };
    let infant = |sd| film(&INFANT, 500.0, sd);
    let (plain, drawn) = (infant(None), infant(Some(2.0)));
    c.bench_function("infant", |b| b.iter(|| assess(black_box(&plain), &spacing)));
    c.bench_function("infant, 2000 draws", |b| b.iter(|| assess(black_box(&drawn), &spacing)));
    let points = |sd| {
        let mut landmarks = whole(sd);
        landmarks
            .points
            .retain(|id, _| !id.code.as_str().starts_with('F') || id.code.as_str().starts_with("FH"));
        landmarks
    };
    let (plain, drawn) = (points(None), points(Some(2.0)));
    c.bench_function("all, points only", |b| b.iter(|| assess_by(black_box(&plain), &spacing, &protocol)));
    c.bench_function("all, points only, 2000 draws", |b| {
        b.iter(|| assess_by(black_box(&drawn), &spacing, &protocol));
    });
    let (plain, drawn) = (whole(None), whole(Some(2.0)));
    c.bench_function("all, with outlines", |b| b.iter(|| assess_by(black_box(&plain), &spacing, &protocol)));
    c.bench_function("all, with outlines, 2000 draws", |b| {
        b.iter(|| assess_by(black_box(&drawn), &spacing, &protocol));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30);
    targets = measure
}
criterion_main!(benches);
