//! What a data set is like: sizes, spacings, the greys of what is labelled.

use super::cases::Case;
use crate::models::nnunet::{Intensities, nonzero_crop};
use rayon::prelude::*;

/// Pixels in all whose greys are looked at; of more an even share of each film.
const MOST_GREYS: usize = 100_000_000;

/// What plans are made from. Axes are slice, row, column; a plane image has one slice of 999 mm.
#[derive(Debug, Clone, PartialEq)]
pub struct Fingerprint {
    pub spacings: Vec<[f64; 3]>,
    /// After cropping to what is not zero.
    pub shapes: Vec<[usize; 3]>,
    /// Median over films of the share of pixels that cropping leaves.
    pub relative_size: f64,
    /// Of every channel; empty where nothing is labelled.
    pub intensities: Vec<Intensities>,
}

/// The fingerprint of `cases`.
pub fn fingerprint(cases: &[Case]) -> Fingerprint {
    let share = MOST_GREYS / cases.len().max(1);
    let found: Vec<_> = cases
        .par_iter()
        .map(|case| {
            let (crop, _) = nonzero_crop(&case.channels, case.rows, case.columns);
            let labels = crop.of(&case.labels, case.columns);
            let labelled: Vec<usize> = (0..labels.len()).filter(|index| labels[*index] > 0).collect();
            // Every n-th pixel stands for nnU-Net's random draw.
            let step = labelled.len().div_ceil(share.max(1)).max(1);
            let greys: Vec<Vec<f32>> = case
                .channels
                .iter()
                .map(|channel| {
                    let values = crop.of(channel, case.columns);
                    labelled.iter().step_by(step).map(|index| values[*index]).collect()
                })
                .collect();
            let size = (crop.rows * crop.columns) as f64 / (case.rows * case.columns) as f64;
            ([1, crop.rows, crop.columns], size, greys)
        })
        .collect();
    let channels = cases.first().map_or(0, |case| case.channels.len());
    let intensities = (0..channels)
        .filter_map(|channel| {
            let greys: Vec<f32> =
                found.iter().flat_map(|(_, _, greys)| greys[channel].iter().copied()).collect();
            intensities(greys)
        })
        .collect();
    Fingerprint {
        spacings: cases.iter().map(|case| [999.0, case.spacing[0], case.spacing[1]]).collect(),
        shapes: found.iter().map(|(shape, _, _)| *shape).collect(),
        relative_size: percentile(&mut found.iter().map(|(_, size, _)| *size).collect::<Vec<_>>(), 50.0),
        intensities,
    }
}

fn intensities(greys: Vec<f32>) -> Option<Intensities> {
    let mut greys: Vec<f64> = greys.into_iter().map(f64::from).collect();
    if greys.is_empty() {
        return None;
    }
    let count = greys.len() as f64;
    let mean = greys.iter().sum::<f64>() / count;
    let variance = greys.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count;
    let [low, median, high] = [0.5, 50.0, 99.5].map(|share| percentile(&mut greys, share));
    Some(Intensities {
        max: greys.iter().copied().fold(f64::MIN, f64::max),
        min: greys.iter().copied().fold(f64::MAX, f64::min),
        mean,
        median,
        low,
        high,
        std: variance.sqrt(),
    })
}

/// NumPy's percentile: between neighbours in a straight line; NaN of nothing.
pub(super) fn percentile(values: &mut [f64], percent: f64) -> f64 {
    let Some(last) = values.len().checked_sub(1) else { return f64::NAN };
    values.sort_unstable_by(f64::total_cmp);
    let at = percent / 100.0 * last as f64;
    let (low, high) = (values[at.floor() as usize], values[at.ceil() as usize]);
    low + (high - low) * at.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_labelled_greys_count() {
        let case = Case {
            name: "a".to_owned(),
            channels: vec![vec![0.0, 1.0, 2.0, 9.0, 4.0, 0.0]],
            labels: vec![0, 1, 1, 0, 2, 0],
            rows: 1,
            columns: 6,
            spacing: [0.2, 0.2],
        };
        let found = fingerprint(&[case]);
        assert_eq!((found.shapes[0], found.spacings[0]), ([1, 1, 4], [999.0, 0.2, 0.2]));
        assert!((found.relative_size - 4.0 / 6.0).abs() < 1e-12);
        let greys = found.intensities[0];
        assert_eq!((greys.min, greys.max, greys.median), (1.0, 4.0, 2.0));
        assert!((greys.mean - 7.0 / 3.0).abs() < 1e-12);
        assert!((greys.low - 1.01).abs() < 1e-12, "numpy.percentile([1, 2, 4], 0.5)");
    }
}
