//! What holds of the metrics for any input: no panic, no infinite or absurd number, no dependence on order.

use coxa::eval::agreement::{agreement, average_accuracy, guess_the_mean, pearson};
use coxa::eval::bland_altman::bland_altman;
use coxa::eval::bootstrap::{Bootstrap, interval_of_draws};
use coxa::eval::confusion::{Confusion, Proportion};
use coxa::eval::contour_error::{contour_error, percent_of_shaft};
use coxa::eval::distribution::{f_quantile, normal_quantile, t_quantile, t_two_sided};
use coxa::eval::error_distribution::{ErrorDistribution, image_mean};
use coxa::eval::intraclass::icc21;
use coxa::eval::kappa::{Weights, kappa};
use coxa::eval::landmark_table::landmark_table;
use coxa::eval::overlap::{Overlap, mean_dice};
use coxa::eval::roc::{RocPoint, roc};
use coxa::eval::summary::{Interval, mean, percentile};
use coxa::measure::Point;
use proptest::collection::vec;
use proptest::prelude::*;

/// A number from anywhere, ties and the ends of the number line included.
fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => (0..40_u8).prop_map(f64::from),
        4 => -50.0..50.0_f64,
        1 => -1e9..1e9_f64,
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, -f64::INFINITY, 1e308, -1e308, 1e-320, -0.0]),
    ]
}

fn numbers() -> impl Strategy<Value = Vec<f64>> {
    prop_oneof![
        vec(-50.0..50.0_f64, 0..12),
        vec((0..4_u8).prop_map(|i| 0.1 * f64::from(i)), 0..12),
        vec(any_number(), 0..12),
        (any_number(), 0..12_usize).prop_map(|(value, n)| vec![value; n]),
    ]
}

fn pairs() -> impl Strategy<Value = Vec<(f64, f64)>> {
    (numbers(), numbers(), any_number(), 0..3_u8).prop_map(|(a, b, shift, kind)| match kind {
        0 => a.into_iter().zip(b).collect(),
        1 => a.into_iter().map(|x| (x, x + shift)).collect(),
        _ => a.into_iter().map(|x| (x, x)).collect(),
    })
}

fn points() -> impl Strategy<Value = Vec<Point>> {
    vec((any_number(), any_number()).prop_map(|(x, y)| Point::new(x, y)), 0..6)
}

fn ordered(interval: Interval) -> bool {
    interval.low.is_finite() && interval.high.is_finite() && interval.low <= interval.high
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agreement_is_finite_or_none(pairs in pairs()) {
        let clean = pairs.iter().all(|(a, b)| a.is_finite() && b.is_finite());
        let found = agreement(&pairs);
        prop_assert!(clean || found.is_none());
        prop_assert!(!pairs.is_empty() || found.is_none());
        if let Some(found) = found {
            prop_assert!(found.bias.abs() <= found.mean_absolute * (1.0 + 1e-12));
            prop_assert!(found.median_absolute <= found.max_absolute && found.p90_absolute <= found.max_absolute);
            prop_assert!(found.mean_absolute.is_finite() && found.max_absolute.is_finite());
            prop_assert!(found.sd.is_none_or(|sd| sd.is_finite() && sd >= 0.0));
            prop_assert!(found.pearson.is_none_or(|r| r.abs() <= 1.0));
            prop_assert!(found.icc21.is_none_or(|icc| icc <= 1.0 + 1e-12));
        }
        prop_assert!(average_accuracy(&pairs).is_none_or(|accuracy| accuracy <= 100.0 + 1e-9));
        prop_assert_eq!(pearson(&pairs).is_some(), found_pearson(&pairs));
        let films: Vec<_> = pairs.iter().map(|(a, b)| (a.abs() as usize % 3, *b)).collect();
        prop_assert!(guess_the_mean(&films).len() <= films.len());
    }

    #[test]
    fn limits_of_agreement_are_finite_or_none(pairs in pairs()) {
        let Some(found) = bland_altman(&pairs) else { return Ok(()) };
        prop_assert!(pairs.len() >= 2 && pairs.iter().all(|(a, b)| a.is_finite() && b.is_finite()));
        prop_assert!(ordered(found.limits) && ordered(found.bias_interval) && found.limit_margin.is_finite());
        if let Some(proportional) = found.proportional {
            prop_assert!(pairs.len() >= 3 && proportional.slope.is_finite());
            prop_assert!((0.0..=1.0).contains(&proportional.p));
        }
        let reversed: Vec<_> = pairs.iter().map(|(a, b)| (*b, *a)).collect();
        let mirrored = bland_altman(&reversed).expect("as defined as the other way about");
        prop_assert_eq!((mirrored.bias, mirrored.sd), (-found.bias, found.sd));
    }

    #[test]
    fn intraclass_is_at_most_one(
        ratings in vec(vec(any_number(), 0..4), 0..6),
        even in vec([0.0..50.0_f64, 0.0..50.0, 0.0..50.0], 0..8),
    ) {
        let _ = icc21(&ratings, 0.95);
        let Some(found) = icc21(&even, 0.95) else { return Ok(()) };
        prop_assert!(even.len() >= 2 && found.value <= 1.0 + 1e-12);
        let moved: Vec<_> = even.iter().rev().map(|row| row.map(|x| 1000.0 - 3.0 * x)).collect();
        let again = icc21(&moved, 0.95).expect("varies as much");
        prop_assert!((again.value - found.value).abs() <= 1e-9 * (1.0 + found.value.abs()), "{found:?} {again:?}");
        if let Some(interval) = found.interval {
            prop_assert!(ordered(interval), "{found:?}");
            prop_assert!(interval.low <= found.value && found.value <= interval.high, "{found:?}");
        }
    }

    #[test]
    fn tables_and_their_intervals(
        table in prop::array::uniform4(prop_oneof![0..50_usize, Just(usize::MAX)]),
        hits in 0..90_usize,
        of in 0..90_usize,
        confidence in any_number(),
    ) {
        let [true_positive, false_positive, true_negative, false_negative] = table;
        let table = Confusion { true_positive, false_positive, true_negative, false_negative };
        let parts = [table.sensitivity(), table.specificity(), table.ppv(), table.npv(), table.accuracy()];
        for part in parts.into_iter().chain([Proportion { hits, of }]) {
            prop_assert_eq!(part.value().is_some(), part.of > 0 && part.hits <= part.of);
            prop_assert_eq!(part.wilson(0.95).is_some(), part.value().is_some());
            prop_assert!(part.wilson(confidence).is_none_or(ordered));
            if let (Some(value), Some(interval)) = (part.value(), part.wilson(0.95)) {
                prop_assert!(0.0 <= interval.low && interval.high <= 1.0, "{part:?} {interval:?}");
                prop_assert!(interval.low <= value && value <= interval.high, "{part:?} {interval:?}");
            }
        }
    }

    #[test]
    fn kappa_is_symmetric_and_at_most_one(pairs in vec((0..5_u32, 0..5_u32), 0..12), far in any::<u32>()) {
        for weights in [Weights::Unweighted, Weights::Linear, Weights::Quadratic] {
            let found = kappa(&pairs, weights);
            prop_assert!(found.is_none_or(|kappa| kappa <= 1.0 && kappa.is_finite()));
            let swapped: Vec<_> = pairs.iter().map(|(a, b)| (*b, *a)).collect();
            let (one, other) = (found.unwrap_or(7.0), kappa(&swapped, weights).unwrap_or(7.0));
            prop_assert!((one - other).abs() < 1e-12);
            let with_far = [&pairs[..], &[(far, 0)]].concat();
            prop_assert!(kappa(&with_far, weights).is_none_or(|kappa| kappa <= 1.0));
        }
    }

    #[test]
    fn the_curve_climbs_and_turns_over(cases in vec((any_number(), any::<bool>()), 0..15)) {
        let Some(found) = roc(&cases) else { return Ok(()) };
        prop_assert!((0.0..=1.0).contains(&found.auc));
        prop_assert!(found.points.windows(2).all(|pair| pair[0].threshold > pair[1].threshold
            && pair[0].sensitivity <= pair[1].sensitivity
            && pair[0].false_positive_rate <= pair[1].false_positive_rate));
        let trapezium = |pair: &[RocPoint]| {
            let width = pair[1].false_positive_rate - pair[0].false_positive_rate;
            0.5 * width * (pair[0].sensitivity + pair[1].sensitivity)
        };
        let trapezia: f64 = found.points.windows(2).map(trapezium).sum();
        prop_assert!((trapezia - found.auc).abs() < 1e-12, "the area is the curve's");
        let negated: Vec<_> = cases.iter().map(|(score, positive)| (-score, *positive)).collect();
        prop_assert!((roc(&negated).expect("as good a curve").auc - (1.0 - found.auc)).abs() < 1e-12);
    }

    #[test]
    fn landmarks_and_distributions(
        images in vec(vec((0..4_u8, prop::option::of(any_number())), 0..6), 0..6),
        limit in any_number(),
        percents in (any_number(), any_number()),
    ) {
        let table = landmark_table(&images, &[limit]);
        for row in table.rows.values() {
            prop_assert!(row.n > 0 && row.below[0] <= row.within[0] && row.within[0] <= 100.0);
        }
        let _ = (table.markdown("mm").to_string(), table.mre, table.rmse);
        let errors = |image: &Vec<(u8, Option<f64>)>| image.iter().map(|(_, error)| *error).collect::<Vec<_>>();
        let means: Vec<_> = images.iter().map(|image| image_mean(&errors(image))).collect();
        let errors = ErrorDistribution::of(&means);
        prop_assert!(errors.failed() <= errors.images() && errors.curve().all(|(_, share)| share <= 100.0));
        let _ = errors.share_within(limit);
        let (low, high) = (percents.0.min(percents.1), percents.0.max(percents.1));
        if let (Some(low), Some(high)) = (errors.percentile(low), errors.percentile(high)) {
            prop_assert!(low <= high && high.is_finite());
        }
    }

    #[test]
    fn contours_of_any_points(predicted in points(), reference in points(), width in any_number()) {
        let _ = percent_of_shaft(1.0, width);
        let Some(found) = contour_error(&predicted, &reference) else { return Ok(()) };
        prop_assert!(found.to_curve.is_finite() && found.to_curve >= 0.0);
        prop_assert!(found.to_point.is_none() || predicted.len() == reference.len());
        prop_assert!(found.to_point.is_none_or(|to_point| found.to_curve <= to_point * (1.0 + 1e-9) + 1e-9));
    }

    #[test]
    fn dice_of_any_masks(
        predicted in vec(any::<bool>(), 0..9),
        reference in vec(any::<bool>(), 0..9),
        images in vec(vec(any_number(), 0..4), 0..4),
    ) {
        let found = Overlap::of_masks(&predicted, &reference);
        prop_assert_eq!(found.is_some(), predicted.len() == reference.len());
        let empty = !predicted.contains(&true) && !reference.contains(&true);
        if let Some(dice) = found.map(|found| found.dice()) {
            prop_assert_eq!(dice.is_nan(), empty);
            prop_assert!(empty || (0.0..=1.0).contains(&dice));
        }
        let _ = mean_dice(&images);
    }

    #[test]
    fn bootstrap_of_any_statistic(
        rows in vec((0..5_u8, any_number()), 0..10),
        draws in vec(vec(0..9_usize, 0..6), 0..6),
        seed in any::<u64>(),
        confidence in any_number(),
    ) {
        let (patients, values): (Vec<u8>, Vec<f64>) = rows.into_iter().unzip();
        let drawn = |rows: &[usize]| rows.iter().map(|row| values[*row]).collect::<Vec<_>>();
        let statistic = |rows: &[usize]| percentile(&drawn(rows), 90.0);
        let few = Bootstrap { draws: 20, seed, confidence: 0.9 }.interval(&patients, statistic);
        prop_assert!(few.is_none_or(|found| ordered(found.interval) && found.undefined == 0));
        let given = interval_of_draws(&patients, statistic, draws.clone(), confidence);
        prop_assert!(given.is_none_or(|found| ordered(found.interval) && found.undefined < draws.len()));
    }

    #[test]
    fn quantiles_are_finite_or_none(
        p in prop_oneof![any_number(), 0.0..1.0],
        above in any_number(),
        below in any_number(),
        t in any_number(),
    ) {
        for found in [normal_quantile(p), t_quantile(p, below), f_quantile(p, above, below)] {
            prop_assert!(found.is_none_or(f64::is_finite));
        }
        prop_assert!(t_two_sided(t, below).is_none_or(|p| (0.0..=1.0).contains(&p)));
    }

    /// The p-value of a quantile is the chance it was the quantile of.
    #[test]
    fn tails_undo_quantiles(p in 0.5001..0.9999_f64, freedom in 0.5..1000.0_f64) {
        let t = t_quantile(p, freedom).expect("within the domain");
        prop_assert!((t_two_sided(t, freedom).expect("within the domain") - 2.0 * (1.0 - p)).abs() < 1e-12);
    }

    #[test]
    fn means_and_percentiles(values in numbers(), percent in 0.0..=100.0_f64) {
        prop_assert!(mean(&values).is_none_or(f64::is_finite));
        let found = percentile(&values, percent);
        prop_assert_eq!(found.is_some(), !values.is_empty() && values.iter().all(|value| value.is_finite()));
        let (least, most) = (percentile(&values, 0.0), percentile(&values, 100.0));
        prop_assert!(found.is_none() || (least <= found && found <= most));
    }
}

/// Whether Pearson's r has a meaning, said another way than the code says it.
fn found_pearson(pairs: &[(f64, f64)]) -> bool {
    agreement(&pairs.iter().map(|(a, _)| (*a, *a)).collect::<Vec<_>>()).is_some_and(|a| a.pearson.is_some())
        && agreement(&pairs.iter().map(|(_, b)| (*b, *b)).collect::<Vec<_>>())
            .is_some_and(|b| b.pearson.is_some())
}
