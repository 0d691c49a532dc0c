//! The 116 worked numbers of the measurement specification, one by one, in the order and under the names of its check
//! script, with its numbers and its tolerances. The geometric ones hold in every way of storing the same film: turned,
//! mirrored, in pixels that are not square, 10⁴ px away.

use crate::fixture::{Film, L, R, all, measured};
use coxa::eval::agreement::{agreement, average_accuracy};
use coxa::eval::bland_altman::bland_altman;
use coxa::eval::confusion::Confusion;
use coxa::eval::contour_error::{contour_error, percent_of_shaft};
use coxa::eval::intraclass::icc21;
use coxa::eval::overlap::{Overlap, mean_dice};
use coxa::eval::radial_error::{detection_rate, detection_rate_below, summarise};
use coxa::eval::summary::mean;
use coxa::measure::anatomy::Hip;
use coxa::measure::circle::fit;
use coxa::measure::construction::{Role, Shape, construct};
use coxa::measure::femur::contour;
use coxa::measure::frame::HipFrame;
use coxa::measure::hip::{acetabular_index, ihdi};
use coxa::measure::metric::MetricLandmarks;
use coxa::measure::perthes::deformity::deformity_index;
use coxa::measure::perthes::epiphysis::Epiphysis;
use coxa::measure::{Point, Protocol, ReferenceLine, Side, Spacing, Vector};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal, StandardNormal};

/// The script's usual tolerances.
const TENTH: f64 = 0.0501;
const RATIO: f64 = 0.0051;

/// Counts what was checked, as the script does.
struct Checks(usize);

impl Checks {
    #[track_caller]
    fn is(&mut self, name: &str, got: f64, want: f64, tolerance: f64) {
        self.0 += 1;
        println!("{:3} {name:46} {got:10.4}   expected {want}", self.0);
        assert!((got - want).abs() <= tolerance, "{} {name}: {got}, expected {want}", self.0);
    }

    /// One number of every way of storing `film`.
    #[track_caller]
    fn of(&mut self, name: &str, film: &Film, want: f64, tolerance: f64, get: impl Fn(&Film) -> f64) {
        for (way, film) in film.stored_everywhere() {
            let got = get(&film);
            assert!((got - want).abs() <= tolerance, "{name} {way}: {got}, expected {want}");
        }
        self.is(name, get(film), want, tolerance);
    }
}

fn value(film: &Film, code: &str, side: Option<Side>) -> f64 {
    let m = measured(film, code, side);
    m.value.unwrap_or_else(|| panic!("{code}: {}", m.reason))
}

/// From 1.
fn grade(film: &Film, code: &str, side: Option<Side>) -> f64 {
    let assessment = film.assess_by(&all());
    let grade = assessment.finding(code, side).and_then(|f| f.grade.clone()).expect("graded");
    let grades: [&[&str]; 4] = [&["I", "1"], &["II", "2"], &["III", "3"], &["IV", "4"]];
    (grades.iter().position(|names| names.contains(&grade.as_str())).expect("a grade") + 1) as f64
}

/// The H-point lateral of the Perkin line (a) and below the Hilgenreiner line (b).
fn boundaries(film: &Film, side: Side) -> (f64, f64) {
    let points = MetricLandmarks::new(&film.landmarks, &film.spacing);
    let frame = HipFrame::new(&points).expect("both TRC");
    let beyond = ihdi::boundaries(&Hip { points: &points, frame: &frame, side }).expect("all points");
    (beyond.perkin, -beyond.hilgenreiner)
}

fn child() -> Film {
    Film::fixture_p().with("MM", Side::Right, 370.0, 560.0).with("MM", Side::Left, 690.0, 545.0)
}

/// A head of 100 px about the origin, the neck along +x.
fn head() -> Film {
    let film = Film::empty().with("FHC", Side::Right, 0.0, 0.0).with("NA", Side::Right, 150.0, 0.0);
    film.with("NC", Side::Right, 150.0, 0.0).with_radius("FHC", Side::Right, 100.0)
}

#[test]
fn the_116_worked_numbers() {
    let mut c = Checks(0);
    fixtures(&mut c);
    further_grades(&mut c);
    further_geometry(&mut c);
    wrong_ways(&mut c);
    uncertainty(&mut c);
    statistics(&mut c);
    assert_eq!(c.0, 116);
}

fn fixtures(c: &mut Checks) {
    let (p, a) = (child(), Film::fixture_a());
    let pairs = |code: &'static str, right: f64, left: f64| [(code, R, right), (code, L, left)];
    for (code, side, want) in pairs("AI", 26.6, 35.0).into_iter().chain(pairs("CE_WIBERG", 29.7, -14.0)) {
        c.of(code, &p, want, TENTH, |film| value(film, code, side));
    }
    for (code, side, want) in pairs("IHDI", 1.0, 2.0).into_iter().chain(pairs("TONNIS_GRADE", 1.0, 2.0)) {
        c.of(code, &p, want, 0.0, |film| grade(film, code, side));
    }
    for (code, side, want) in pairs("HILG_H", 8.0, 5.0).into_iter().chain(pairs("HILG_D", 14.0, 24.0)) {
        c.of(code, &p, want, TENTH, |film| value(film, code, side));
    }
    for (code, side, want) in pairs("SMITH_CB", 0.65, 0.95).into_iter().chain(pairs("SMITH_HB", 0.2, 0.125)) {
        c.of(code, &p, want, RATIO, |film| value(film, code, side));
    }
    for (code, side, want) in pairs("MP", 10.0, 70.0).into_iter().chain(pairs("CE_HPOINT", 18.4, -11.9)) {
        c.of(code, &p, want, TENTH, |film| value(film, code, side));
    }
    for (code, side, want) in [
        ("LCE", R, 38.7),
        ("LCE", L, 16.7),
        ("MLCE", R, 31.0),
        ("TONNIS_ANGLE", R, 8.5),
        ("SHARP", R, 40.6),
        ("FHEI", R, 16.7),
        ("ADR", R, 282.4),
        ("ALPHA_3PT", R, 69.4),
        ("NSA", R, 133.6),
        ("LLD", None, 6.0),
        ("SCS", None, 40.0),
        ("SFP", None, 61.3),
        ("PT", None, 13.7),
    ] {
        c.of(code, &a, want, TENTH, |film| value(film, code, side));
    }
    let perkin = construct(&p.landmarks, &p.spacing, 1000, 1000);
    let foot = perkin.iter().find_map(|primitive| match primitive.shape {
        // The D-line begins where Perkin meets Hilgenreiner.
        Shape::Line { a, .. } if primitive.role == Role::DLine && primitive.side == L => Some(a.x),
        _ => None,
    });
    c.is("Perkin foot J_L x", foot.expect("drawn"), 700.0, 1e-9);
    for (side, a, b) in [(Side::Right, -6.0, 8.0), (Side::Left, 4.0, 5.0)] {
        c.of("a mm", &p, a, TENTH, |film| boundaries(film, side).0);
        c.of("b mm", &p, b, TENTH, |film| boundaries(film, side).1);
    }
    c.of("LL_R mm", &a, 40.0, TENTH, |film| value(film, "LT_DEPTH", R));
    c.of("LL_L mm", &a, 46.0, TENTH, |film| value(film, "LT_DEPTH", L));
}

fn further_grades(c: &mut Checks) {
    for ((x, y), want) in
        [((790.0, 525.0), 3.0), ((790.0, 480.0), 4.0), ((700.0, 525.0), 1.0), ((725.0, 525.0), 2.0)]
    {
        let film = child().with("HP", Side::Left, x, y);
        c.of("IHDI L", &film, want, 0.0, |film| grade(film, "IHDI", L));
    }
    for ((x, y), want) in [((720.0, 438.0), 3.0), ((720.0, 410.0), 4.0), ((690.0, 510.0), 1.0)] {
        let film = child().with("FH", Side::Left, x, y);
        c.of("Tonnis grade L", &film, want, 0.0, |film| grade(film, "TONNIS_GRADE", L));
    }
}

fn further_geometry(c: &mut Checks) {
    // The one angle that turning the film must change.
    let oblique = Film::fixture_a().with("TD", Side::Left, 1200.0, 1221.0);
    for film in [
        oblique.clone().mirrored(),
        oblique.clone().shifted(1e4, -1e4),
        oblique.clone().stored_with(0.1, 0.2),
    ] {
        assert!((value(&film, "PO", None) + 3.0).abs() <= TENTH);
    }
    c.is("pelvic obliquity PO", value(&oblique, "PO", None), -3.0, TENTH);

    let outline = [(0.0, -100.0), (60.0, -80.0), (80.0, -60.0), (100.0, -50.0)];
    let contoured = head().with_curve("HNC", Side::Right, &outline);
    c.of("alpha contour tau=0.04", &contoured, 32.8, TENTH, |film| value(film, "ALPHA_CONTOUR", R));
    c.of("alpha contour tau=0", &contoured, 36.9, TENTH, |film| {
        let points = MetricLandmarks::new(&film.landmarks, &film.spacing);
        let frame = HipFrame::along(&points, ReferenceLine::Image, None).expect("the image has axes");
        contour::alpha_deg(&Hip { points: &points, frame: &frame, side: Side::Right }, 0.0).expect("leaves")
    });
    let neck = head().with("NS", Side::Right, 130.0, -60.0);
    c.of("HNO mm (0.2 mm px)", &neck, 8.0, TENTH, |film| value(film, "HNO", R));
    c.of("HNO ratio", &neck, 0.2, TENTH, |film| value(film, "HNO_RATIO", R));

    let shenton = Film::empty()
        .with_curve("SPA", Side::Left, &[(490.0, 620.0), (470.0, 640.0), (550.0, 600.0)])
        .with_curve("SNA", Side::Left, &[(622.0, 604.0), (646.0, 628.0)]);
    c.of("Shenton step mm", &shenton, 4.0, TENTH, |film| value(film, "SHENTON", L));

    // 30 mm of 120 mm: the walls cross a quarter of the way down.
    let walls =
        Film::fixture_a().with_curve("PW", Side::Right, &[(500.0, 900.0), (500.0, 1500.0)]).with_curve(
            "AW",
            Side::Right,
            &[(500.0, 900.0), (490.0, 975.0), (500.0, 1050.0), (520.0, 1300.0), (500.0, 1500.0)],
        );
    c.of("retroversion index %", &walls, 25.0, TENTH, |film| value(film, "RI", R));

    // 12 mm lateral of SMA-R, the other epiphysis 48 mm wide.
    let this = [(240.0, 560.0), (300.0, 500.0), (350.0, 485.0), (460.0, 560.0)];
    let other = [(880.0, 560.0), (800.0, 480.0), (760.0, 460.0), (640.0, 560.0)];
    let extruded = child().with_curve("HEAD", Side::Right, &this).with_curve("HEAD", Side::Left, &other);
    c.of("epiphyseal extrusion %", &extruded, 25.0, TENTH, |film| value(film, "EEI", R));

    // Right 44 mm wide and 15 mm high, left 40 and 20 mm; DI* itself is withheld until its formula is confirmed.
    let other = [(860.0, 560.0), (800.0, 480.0), (760.0, 460.0), (660.0, 560.0)];
    let flat = child().with_curve("HEAD", Side::Right, &this).with_curve("HEAD", Side::Left, &other);
    c.of("deformity index DI*", &flat, 0.35, 0.005, |film| {
        let points = MetricLandmarks::new(&film.landmarks, &film.spacing);
        let frame = HipFrame::new(&points).expect("both TRC");
        let hip = Hip { points: &points, frame: &frame, side: Side::Right };
        let (affected, unaffected) = Epiphysis::pair(&hip).expect("both heads");
        deformity_index(affected, unaffected)
    });
    // (±11, 0), (0, ±10) mm.
    let oval = [(55.0, 0.0), (0.0, 50.0), (-55.0, 0.0), (0.0, -50.0)];
    let oval = Film::empty().with_curve("HEAD", Side::Right, &oval);
    c.of("head circle radius", &oval, 10.5, TENTH, |film| {
        MetricLandmarks::new(&film.landmarks, &film.spacing).head(Side::Right).expect("a circle").radius
    });
    c.of("roundness RMS %", &oval, 4.8, TENTH, |film| value(film, "RND", R));
    c.of("radial range mm (Mose)", &oval, 1.0, TENTH, |film| value(film, "RND_RANGE", R));
    c.of("epiphyseal quotient %", &flat, 68.2, TENTH, |film| value(film, "EQ", R));

    let gates = Film::fixture_p()
        .with("OFM", Side::Right, 480.0, 700.0)
        .with("OFL", Side::Right, 280.0, 700.0)
        .with("OFM", Side::Left, 520.0, 700.0)
        .with("OFL", Side::Left, 770.0, 700.0)
        .with("OFS", Side::Right, 380.0, 600.0)
        .with("OFI", Side::Right, 380.0, 825.0)
        .with("OFS", Side::Left, 640.0, 600.0)
        .with("OFI", Side::Left, 640.0, 825.0)
        .with("SYM", Side::Right, 490.0, 760.0)
        .with("ISH", Side::Right, 390.0, 700.0)
        .with("SYM", Side::Left, 510.0, 760.0)
        .with("ISH", Side::Left, 610.0, 700.0)
        .with_midline("PSS", 500.0, 750.0);
    c.of("Tonnis rotation index", &gates, 0.8, 0.005, |film| value(film, "ROT_IDX", None));
    c.of("Ball-Kommenda tilt index", &gates, 0.9, 0.005, |film| value(film, "TILT_IDX", None));
    c.of("symphysis-ischium angle", &gates, 118.1, TENTH, |film| value(film, "SOI", None));
}

/// What the number would be by the mistakes that others make.
fn wrong_ways(c: &mut Checks) {
    let stored = Film::fixture_p().stored_with(0.1, 0.2);
    let read = |spacing: Spacing| value(&Film { spacing, ..stored.clone() }, "AI", R);
    c.is("AI_R if spacing ignored (wrong!)", read(Spacing::UNKNOWN), 45.0, TENTH);
    let swapped = Spacing { row: 0.2, column: 0.1, ..stored.spacing };
    c.is("AI_R if row/col spacing swapped (wrong!)", read(swapped), 63.4, TENTH);
    let turned = Film::fixture_a().turned(5.0);
    for (name, side, want) in [("LCE_R to image vertical", R, 33.7), ("LCE_L to image vertical", L, 21.7)] {
        let protocol = Protocol { reference: Some(ReferenceLine::Image), ..all() };
        let assessment = turned.assess_by(&protocol);
        let lce = assessment.measurement("LCE", side).and_then(|m| m.value).expect("measured");
        c.is(name, lce, want, TENTH);
    }
    let edge = Point::new(700.0, 430.0) - Point::new(720.0, 510.0);
    c.is("unsigned CE of FH_L (wrong!)", edge.angle_deg(Vector::new(0.0, -1.0)), 14.0, TENTH);
}

fn uncertainty(c: &mut Checks) {
    // The script draws 20,000 sets, whose half-width is itself ±0.05°; 200,000 here. `uncertainty.rs` holds the 2,000 of
    // the library against the same numbers.
    let film = Film::fixture_p();
    let points = MetricLandmarks::new(&film.landmarks, &film.spacing);
    let index = |points: &MetricLandmarks| {
        let frame = HipFrame::new(points).expect("both TRC");
        let hip = Hip { points, frame: &frame, side: Side::Right };
        acetabular_index::DEFINITION.of_hip(&hip).expect("a roof")
    };
    let truth = index(&points);
    let of = |millimetres: f64| {
        let sd_px = millimetres / std::f64::consts::FRAC_PI_2.sqrt() / 0.2;
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        let (mut squares, mut sizes, count) = (0.0, 0.0, 200_000);
        for _ in 0..count {
            let moves: Vec<Vector> = points
                .ids()
                .map(|_| {
                    Vector::new(StandardNormal.sample(&mut rng), StandardNormal.sample(&mut rng)) * sd_px
                })
                .collect();
            let off = index(&points.displaced(|i| moves[i], |_| 0.0)) - truth;
            squares += off * off;
            sizes += off.abs();
        }
        (1.96 * (squares / f64::from(count)).sqrt(), sizes / f64::from(count))
    };
    let (half_width, error) = of(1.244);
    c.is("AI_R 95 % half-width, MRE 1.244 mm", half_width, 9.5, TENTH);
    c.is("AI_R mean abs error, MRE 1.244 mm", error, 3.9, TENTH);
    c.is("AI_R mean abs error, 1.244 px of 0.15 mm", of(1.244 * 0.15).1, 0.6, TENTH);

    let noise = Normal::new(0.0, 2.0).expect("a deviation");
    // The script's 25 % at 60° is of 500 fits of one seed: other seeds of it give 21.3 to 24.9, and 20,000 fits 23.8.
    for (span, want, tolerance) in
        [(180.0, 3.0, 0.5), (120.0, 6.0, 0.5), (90.0, 10.0, 0.5), (60.0, 25.0, 1.5)]
    {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut errors: Vec<f64> = (0..20_000)
            .map(|_| {
                let at = |i: i32| (-span / 2.0 + span * f64::from(i) / 14.0).to_radians();
                let mut noisy = |v: f64| 100.0 * v + noise.sample(&mut rng);
                let points: Vec<Point> =
                    (0..15).map(|i| Point::new(noisy(at(i).cos()), noisy(at(i).sin()))).collect();
                fit(&points, 0.0).expect("a circle").center.distance(Point::default())
            })
            .collect();
        errors.sort_by(f64::total_cmp);
        c.is(&format!("circle centre error p95, arc {span} deg"), errors[19_000], want, tolerance);
    }
}

fn statistics(c: &mut Checks) {
    for (name, ae, aa, want) in [
        ("Bashir R", 3.78, 83.6, 23.0),
        ("Bashir L", 2.95, 85.4, 20.2),
        ("FR-DDH R", 2.32, 87.8, 19.0),
        ("FR-DDH L", 2.36, 87.2, 18.4),
    ] {
        let implied = ae / (1.0 - aa / 100.0);
        c.is(&format!("AA: mean AI implied, {name}"), implied, want, TENTH);
        let by_us = average_accuracy(&[(implied, implied + ae)]).expect("a reference");
        assert!((by_us - aa).abs() < 1e-9, "{name}: the same reading of AA");
    }
    let angles = [(20.0, 22.0), (25.0, 24.0), (30.0, 33.0)];
    c.is("AE", agreement(&angles).expect("pairs").mean_absolute, 2.0, TENTH);
    c.is("AA %", average_accuracy(&angles).expect("references"), 92.0, TENTH);

    let errors = [0.5, 1.0, 2.0, 4.5].map(Some);
    let summary = summarise(&errors).expect("errors");
    c.is("MRE", summary.mean, 2.0, TENTH);
    c.is("SDR@2 (<=)", detection_rate(&errors, 2.0), 75.0, TENTH);
    c.is("SDR@2 (<)", detection_rate_below(&errors, 2.0), 50.0, TENTH);
    c.is("RMSE", summary.rms, 2.52, 0.006);
    let dice = Overlap { both: 60, predicted: 80, reference: 70 }.dice();
    c.is("Dice", dice, 0.8, 0.005);
    let labels = mean_dice(&[vec![0.9819, 0.9503, 0.8505, 0.8850, 0.9759]]).mean;
    c.is("seed Dice mean of labels", labels, 0.9287, 0.00005);
    c.is("Suh Table 2 mean", mean(&[2.19, 3.43, 2.13, 2.06, 8.17]).expect("numbers"), 3.60, 0.005);

    let ratings = [
        [9.0, 2.0, 5.0, 8.0],
        [6.0, 1.0, 3.0, 2.0],
        [8.0, 4.0, 6.0, 8.0],
        [7.0, 1.0, 2.0, 6.0],
        [10.0, 5.0, 6.0, 9.0],
        [6.0, 2.0, 4.0, 7.0],
    ];
    let icc = icc21(&ratings, 0.95).expect("ratings");
    let interval = icc.interval.expect("an interval");
    c.is("ICC(2,1)", icc.value, 0.290, 0.0006);
    c.is("ICC lower", interval.low, 0.019, 0.0006);
    c.is("ICC upper", interval.high, 0.761, 0.0006);

    let pairs = [(20.0, 21.0), (24.0, 23.0), (28.0, 30.0), (32.0, 31.0), (36.0, 38.0), (40.0, 41.0)];
    let found = bland_altman(&pairs).expect("pairs");
    let proportional = found.proportional.expect("pairs that vary");
    c.is("BA bias", found.bias, 0.7, 0.051);
    c.is("BA SD", found.sd, 1.4, 0.051);
    c.is("LoA low", found.limits.low, -2.0, 0.051);
    c.is("LoA high", found.limits.high, 3.3, 0.051);
    c.is("bias CI half", 0.5 * (found.bias_interval.high - found.bias_interval.low), 1.4, 0.051);
    c.is("LoA CI half", found.limit_margin, 2.6, 0.051);
    c.is("slope", proportional.slope, 0.06, 0.051);
    c.is("slope p", proportional.p, 0.54, 0.051);

    let table = Confusion { true_positive: 6, false_positive: 0, true_negative: 29, false_negative: 5 };
    for (name, share, want) in [
        ("sens", table.sensitivity(), [54.5, 28.0, 78.7]),
        ("spec", table.specificity(), [100.0, 88.3, 100.0]),
        ("PPV", table.ppv(), [100.0, 61.0, 100.0]),
        ("NPV", table.npv(), [85.3, 69.9, 93.6]),
        ("acc", table.accuracy(), [87.5, 73.9, 94.5]),
    ] {
        let interval = share.wilson(0.95).expect("an interval");
        let got = [share.value().expect("a share"), interval.low, interval.high];
        for (label, (got, want)) in ["", " low", " high"].iter().zip(got.into_iter().zip(want)) {
            c.is(&format!("{name} %{label}"), 100.0 * got, want, 0.05);
        }
    }
    let points = |list: &[(f64, f64)]| list.iter().map(|(x, y)| Point::new(*x, *y)).collect::<Vec<_>>();
    let curve = points(&[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)]);
    let error = contour_error(&points(&[(5.0, 1.0), (12.0, 5.0)]), &curve).expect("points").to_curve;
    c.is("point-to-curve px", error, 1.5, TENTH);
    c.is("as % of shaft width 20", percent_of_shaft(error, 20.0).expect("a width"), 7.5, TENTH);
}
