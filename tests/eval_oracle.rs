//! Every metric against scipy, scikit-learn, statsmodels and pingouin on random data, to 1e-9: `oracle/eval_oracle.py`
//! wrote the data and what they say of it.

use coxa::eval::agreement::{agreement, average_accuracy, guess_the_mean};
use coxa::eval::bland_altman::bland_altman;
use coxa::eval::bootstrap::interval_of_draws;
use coxa::eval::confusion::Confusion;
use coxa::eval::contour_error::contour_error;
use coxa::eval::distribution::{f_quantile, normal_quantile, t_quantile, t_two_sided};
use coxa::eval::error_distribution::{ErrorDistribution, REPORTED};
use coxa::eval::intraclass::icc21;
use coxa::eval::kappa::{Weights, kappa};
use coxa::eval::landmark_table::landmark_table;
use coxa::eval::overlap::{Overlap, mean_dice};
use coxa::eval::roc::roc;
use coxa::eval::summary::{Interval, mean, percentile};
use coxa::measure::Point;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// The 20 data sets of a metric.
fn sets<T: DeserializeOwned>(metric: &str) -> Vec<T> {
    let mut all: serde_json::Value =
        serde_json::from_str(include_str!("oracle/eval_oracle.json")).expect("the oracle's file is JSON");
    let sets: Vec<T> = serde_json::from_value(all[metric].take()).expect("data sets of this metric");
    assert_eq!(sets.len(), 20, "{metric}");
    sets
}

#[track_caller]
fn close(found: impl Into<Option<f64>>, expected: f64) {
    let found = found.into().expect("the oracle has a number here");
    let off = (found - expected).abs();
    assert!(off <= 1e-9 * expected.abs() || off <= 1e-14, "{found} is not {expected}");
}

#[track_caller]
fn all_close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    found.iter().zip(expected).for_each(|(found, expected)| close(*found, *expected));
}

#[track_caller]
fn interval_close(found: Interval, expected: [f64; 2]) {
    close(found.low, expected[0]);
    close(found.high, expected[1]);
}

fn zip(reference: &[f64], predicted: &[f64]) -> Vec<(f64, f64)> {
    reference.iter().copied().zip(predicted.iter().copied()).collect()
}

#[test]
fn errors_and_correlations() {
    #[derive(Deserialize)]
    struct Set {
        reference: Vec<f64>,
        predicted: Vec<f64>,
        mean_absolute: f64,
        median_absolute: f64,
        p90_absolute: f64,
        max_absolute: f64,
        bias: f64,
        sd: f64,
        pearson: f64,
        icc: f64,
        average_accuracy: f64,
    }
    for set in sets::<Set>("agreement") {
        let pairs = zip(&set.reference, &set.predicted);
        let found = agreement(&pairs).expect("pairs");
        close(found.mean_absolute, set.mean_absolute);
        close(found.median_absolute, set.median_absolute);
        close(found.p90_absolute, set.p90_absolute);
        close(found.max_absolute, set.max_absolute);
        close(found.bias, set.bias);
        close(found.sd, set.sd);
        close(found.pearson, set.pearson);
        close(found.icc21, set.icc);
        close(average_accuracy(&pairs), set.average_accuracy);
    }
}

#[test]
fn intraclass_correlation() {
    #[derive(Deserialize)]
    struct Set {
        ratings: Vec<Vec<f64>>,
        value: f64,
        interval: [f64; 2],
    }
    let sets = sets::<Set>("icc");
    assert!(sets.iter().any(|set| set.value < 0.0), "a negative one is among them");
    for set in sets {
        let found = icc21(&set.ratings, 0.95).expect("varies");
        close(found.value, set.value);
        interval_close(found.interval.expect("many subjects"), set.interval);
    }
}

#[test]
fn limits_of_agreement() {
    #[derive(Deserialize)]
    struct Set {
        reference: Vec<f64>,
        predicted: Vec<f64>,
        bias: f64,
        bias_interval: [f64; 2],
        sd: f64,
        limits: [f64; 2],
        limit_margin: f64,
        slope: f64,
        p: f64,
    }
    for set in sets::<Set>("bland_altman") {
        let found = bland_altman(&zip(&set.reference, &set.predicted)).expect("pairs");
        close(found.bias, set.bias);
        interval_close(found.bias_interval, set.bias_interval);
        close(found.sd, set.sd);
        interval_close(found.limits, set.limits);
        close(found.limit_margin, set.limit_margin);
        let proportional = found.proportional.expect("varies");
        close(proportional.slope, set.slope);
        close(proportional.p, set.p);
    }
}

#[test]
fn two_by_two_tables() {
    #[derive(Deserialize)]
    struct Set {
        truth: Vec<u8>,
        predicted: Vec<u8>,
        confidence: f64,
        sensitivity: [f64; 3],
        specificity: [f64; 3],
        ppv: [f64; 3],
        npv: [f64; 3],
        accuracy: [f64; 3],
    }
    for set in sets::<Set>("confusion") {
        let table = Confusion::of(set.truth.iter().zip(&set.predicted).map(|(a, b)| (*a == 1, *b == 1)));
        for (proportion, [value, low, high]) in [
            (table.sensitivity(), set.sensitivity),
            (table.specificity(), set.specificity),
            (table.ppv(), set.ppv),
            (table.npv(), set.npv),
            (table.accuracy(), set.accuracy),
        ] {
            close(proportion.value(), value);
            interval_close(proportion.wilson(set.confidence).expect("some"), [low, high]);
        }
    }
}

#[test]
fn kappas() {
    #[derive(Deserialize)]
    struct Set {
        first: Vec<u32>,
        second: Vec<u32>,
        unweighted: f64,
        linear: f64,
        quadratic: f64,
    }
    for set in sets::<Set>("kappa") {
        let pairs: Vec<_> = set.first.iter().copied().zip(set.second.iter().copied()).collect();
        close(kappa(&pairs, Weights::Unweighted), set.unweighted);
        close(kappa(&pairs, Weights::Linear), set.linear);
        close(kappa(&pairs, Weights::Quadratic), set.quadratic);
    }
}

#[test]
fn receiver_operating_characteristics() {
    #[derive(Deserialize)]
    struct Set {
        scores: Vec<f64>,
        positive: Vec<u8>,
        auc: f64,
        false_positive_rate: Vec<f64>,
        sensitivity: Vec<f64>,
        threshold: Vec<f64>,
    }
    for set in sets::<Set>("roc") {
        let cases: Vec<_> = set.scores.iter().copied().zip(set.positive.iter().map(|p| *p == 1)).collect();
        let found = roc(&cases).expect("both kinds");
        close(found.auc, set.auc);
        let [start, rest @ ..] = found.points.as_slice() else { panic!("a curve has a start") };
        assert_eq!(
            (start.threshold, start.sensitivity, start.false_positive_rate),
            (f64::INFINITY, 0.0, 0.0)
        );
        all_close(&rest.iter().map(|p| p.false_positive_rate).collect::<Vec<_>>(), &set.false_positive_rate);
        all_close(&rest.iter().map(|p| p.sensitivity).collect::<Vec<_>>(), &set.sensitivity);
        all_close(&rest.iter().map(|p| p.threshold).collect::<Vec<_>>(), &set.threshold);
    }
}

#[test]
fn landmark_tables() {
    #[derive(Deserialize)]
    struct Label {
        n: usize,
        pe: f64,
        rmse: f64,
        within: Vec<f64>,
        below: Vec<f64>,
    }
    #[derive(Deserialize)]
    struct Set {
        images: Vec<Vec<(String, Option<f64>)>>,
        limits: Vec<f64>,
        labels: BTreeMap<String, Label>,
        mre: f64,
        rmse: f64,
    }
    for set in sets::<Set>("landmarks") {
        let found = landmark_table(&set.images, &set.limits);
        assert!(found.rows.keys().eq(set.labels.keys()));
        close(found.mre, set.mre);
        close(found.rmse, set.rmse);
        for (row, expected) in found.rows.values().zip(set.labels.values()) {
            let error = row.error.as_ref().expect("found somewhere");
            assert_eq!(row.n, expected.n);
            close(error.mean, expected.pe);
            close(error.rms, expected.rmse);
            all_close(&row.within, &expected.within);
            all_close(&row.below, &expected.below);
        }
    }
}

#[test]
fn error_distributions() {
    #[derive(Deserialize)]
    struct Set {
        means: Vec<f64>,
        percentiles: [f64; 4],
        limits: Vec<f64>,
        share: Vec<f64>,
    }
    for set in sets::<Set>("error_distribution") {
        let found = ErrorDistribution::of(&set.means.iter().copied().map(Some).collect::<Vec<_>>());
        let percentiles = REPORTED.map(|percent| found.percentile(percent).expect("no image failed"));
        all_close(&percentiles, &set.percentiles);
        let share: Vec<_> = set.limits.iter().map(|limit| found.share_within(*limit)).collect();
        all_close(&share, &set.share);
    }
}

#[test]
fn contours() {
    #[derive(Deserialize)]
    struct Set {
        predicted: Vec<(f64, f64)>,
        reference: Vec<(f64, f64)>,
        to_curve: f64,
        to_point: f64,
    }
    let points = |all: &[(f64, f64)]| all.iter().map(|(x, y)| Point::new(*x, *y)).collect::<Vec<_>>();
    for set in sets::<Set>("contour") {
        let found = contour_error(&points(&set.predicted), &points(&set.reference)).expect("points");
        close(found.to_curve, set.to_curve);
        close(found.to_point, set.to_point);
    }
}

#[test]
fn dice() {
    #[derive(Deserialize)]
    struct Set {
        /// Predicted and reference label of each pixel.
        images: Vec<[Vec<u8>; 2]>,
        dice: Vec<[Option<f64>; 5]>,
        mean: f64,
    }
    let (sets, mut empty) = (sets::<Set>("dice"), 0);
    for set in sets {
        let of_image = |[predicted, reference]: &[Vec<u8>; 2]| {
            let of_label = |label| Overlap::of_label(predicted, reference, &label).expect("one size").dice();
            (1..=5).map(of_label).collect::<Vec<_>>()
        };
        let found: Vec<_> = set.images.iter().map(of_image).collect();
        for (found, expected) in found.iter().flatten().zip(set.dice.iter().flatten()) {
            match expected {
                Some(expected) => close(*found, *expected),
                None => assert!(found.is_nan()),
            }
        }
        let over_images = mean_dice(&found);
        close(over_images.mean, set.mean);
        assert_eq!(over_images.empty, set.dice.iter().flatten().filter(|dice| dice.is_none()).count());
        empty += over_images.empty;
    }
    assert!(empty > 0, "an empty pair is among them");
}

#[test]
fn bootstrap_of_patients() {
    #[derive(Deserialize)]
    struct Set {
        patients: Vec<usize>,
        values: Vec<f64>,
        /// The statistic: this percentile of the rows, or their mean where it is 0.
        percent: f64,
        /// A digit a drawn patient.
        draws: Vec<String>,
        value: f64,
        interval: [f64; 2],
    }
    for set in sets::<Set>("bootstrap") {
        let statistic = |rows: &[usize]| {
            let drawn: Vec<f64> = rows.iter().map(|row| set.values[*row]).collect();
            if set.percent == 0.0 { mean(&drawn) } else { percentile(&drawn, set.percent) }
        };
        let digits = |draw: &String| draw.bytes().map(|digit| usize::from(digit - b'0')).collect::<Vec<_>>();
        let draws = set.draws.iter().map(digits);
        let found = interval_of_draws(&set.patients, statistic, draws, 0.95).expect("patients");
        close(found.value, set.value);
        interval_close(found.interval, set.interval);
    }
}

#[test]
fn guessing_the_mean_of_the_other_films() {
    #[derive(Deserialize)]
    struct Set {
        films: Vec<usize>,
        values: Vec<f64>,
        errors: Vec<f64>,
    }
    for set in sets::<Set>("guess_the_mean") {
        let rows: Vec<_> = set.films.iter().copied().zip(set.values.iter().copied()).collect();
        all_close(&guess_the_mean(&rows), &set.errors);
    }
}

#[test]
fn quantiles_and_tails() {
    #[derive(Deserialize)]
    struct Set {
        p: f64,
        t: f64,
        normal: f64,
        /// Degrees of freedom above and below, quantile of F, with the degrees swapped, quantile of t, p-value of `t`.
        rows: Vec<[f64; 6]>,
    }
    for set in sets::<Set>("distributions") {
        close(normal_quantile(set.p), set.normal);
        for [above, below, f, swapped, t, two_sided] in set.rows {
            close(f_quantile(set.p, above, below), f);
            close(f_quantile(set.p, below, above), swapped);
            close(t_quantile(set.p, below), t);
            close(t_two_sided(set.t, below), two_sided);
        }
    }
}

/// Far tails, where an inverse that solves on the wrong side of one loses its digits; by mpmath with 40 digits.
#[test]
fn quantiles_and_p_values_of_far_tails() {
    let close = |got: Option<f64>, expected: f64| {
        let got = got.expect("within the range");
        assert!((got / expected - 1.0).abs() < 1e-9, "{got}, expected {expected}");
    };
    for (p, freedom, expected) in [
        (1e-10, 1.0, -3_183_098_861.837_907),
        (1e-10, 5.0, -156.825_592_708_894_32),
        (1e-8, 30.0, -7.556_534_651_885_401),
        (1e-12, 1000.0, -7.124_228_925_314_409),
        (1e-6, 2.5, -220.173_429_178_236_85),
    ] {
        close(t_quantile(p, freedom), expected);
    }
    for (p, above, below, expected) in [
        (1e-8, 3.0, 7.0, 3.504_657_113_978_318e-6),
        (1e-6, 40.0, 2.5, 0.058_610_332_671_585_87),
        (1e-10, 2.0, 200.0, 1.000_000_000_050_5e-10),
    ] {
        close(f_quantile(p, above, below), expected);
    }
    close(t_two_sided(40.0, 9.0), 1.898_299_844_933_982_6e-11);
    close(t_two_sided(12.0, 300.0), 2.319_124_753_616_124e-27);
}
