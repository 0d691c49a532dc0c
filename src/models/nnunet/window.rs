//! The sliding window of nnU-Net: overlapping patches, weighted by a Gaussian, their logits averaged.

/// Share of the patch between neighbouring windows.
const STEP: f64 = 0.5;
/// SD of the weights as a share of the patch.
const SIGMA: f64 = 0.125;
/// The Gaussian ends this many SDs from its centre.
const TRUNCATE: f64 = 4.0;
/// The largest weight.
const PEAK: f64 = 10.0;

/// First pixels of the windows along an axis of `image` pixels, at least `patch`.
pub(super) fn starts(image: usize, patch: usize) -> Vec<usize> {
    let reach = image.saturating_sub(patch) as f64;
    let steps = (reach / (patch as f64 * STEP)).ceil() as usize;
    let step = if steps > 0 { reach / steps as f64 } else { 0.0 };
    // Halves go to the even number, as NumPy rounds.
    (0..=steps).map(|i| (step * i as f64).round_ties_even() as usize).collect()
}

/// Weights of the pixels of a patch, row-major.
pub(super) fn weights([rows, columns]: [usize; 2]) -> Vec<f32> {
    let (down, across) = (bell(rows), bell(columns));
    let peak = down.iter().fold(0.0, |a: f64, b| a.max(*b)) * across.iter().fold(0.0, |a: f64, b| a.max(*b));
    let mut weights: Vec<f32> =
        down.iter().flat_map(|a| across.iter().map(move |b| (PEAK * a * b / peak) as f32)).collect();
    // A weight of nothing would divide nothing by nothing where no other window reaches.
    let least = weights.iter().copied().filter(|w| *w > 0.0).fold(f32::MAX, f32::min);
    weights.iter_mut().filter(|w| **w == 0.0).for_each(|w| *w = least);
    weights
}

/// The filter of SciPy's `gaussian_filter` laid over the middle of an axis.
fn bell(size: usize) -> Vec<f64> {
    let sigma = size as f64 * SIGMA;
    let radius = (TRUNCATE * sigma + 0.5) as usize;
    let weight = |offset: f64| (-0.5 * (offset / sigma).powi(2)).exp();
    let total: f64 = (0..=2 * radius).map(|i| weight(i as f64 - radius as f64)).sum();
    let centre = size / 2;
    (0..size)
        .map(|i| if i.abs_diff(centre) <= radius { weight(i.abs_diff(centre) as f64) / total } else { 0.0 })
        .collect()
}

/// Ways of mirroring a patch: (rows turned, columns turned), the plain one first. `axes` are 0 for rows, 1 for columns.
pub(super) fn mirrorings(axes: &[usize]) -> Vec<(bool, bool)> {
    let (rows, columns) = (axes.contains(&0), axes.contains(&1));
    let all = [(false, false), (true, false), (false, true), (true, true)];
    all.into_iter().filter(|(r, c)| (!r || rows) && (!c || columns)).collect()
}

/// Turns a row-major plane round.
pub(super) fn mirror(plane: &mut [f32], columns: usize, (turn_rows, turn_columns): (bool, bool)) {
    match (turn_rows, turn_columns) {
        (true, true) => plane.reverse(),
        (false, true) => plane.chunks_exact_mut(columns).for_each(<[f32]>::reverse),
        (true, false) => {
            plane.reverse();
            plane.chunks_exact_mut(columns).for_each(<[f32]>::reverse);
        }
        (false, false) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_where_nnunet_puts_them() {
        // The example of nnU-Net's own comment: 110 pixels, patch 64.
        assert_eq!(starts(110, 64), [0, 23, 46]);
        assert_eq!(starts(64, 64), [0]);
        assert_eq!(starts(65, 64), [0, 1]);
        assert_eq!(starts(2320, 1536), [0, 392, 784]);
    }

    #[test]
    fn weights_peak_in_the_middle_and_vanish_nowhere() {
        let weights = weights([16, 24]);
        assert!((weights[8 * 24 + 12] - 10.0).abs() < 1e-5);
        assert!(weights.iter().all(|w| *w > 0.0 && *w <= 10.0 + 1e-5));
        // exp(−½ (4 / 2)²) of the peak 4 rows off, the SD being 2.
        assert!((f64::from(weights[4 * 24 + 12]) - 10.0 * (-2.0_f64).exp()).abs() < 1e-5);
    }

    #[test]
    fn mirroring_twice_is_nothing() {
        let plane: Vec<f32> = (0..12).map(|i| i as f32).collect();
        for how in mirrorings(&[0, 1]) {
            let mut turned = plane.clone();
            mirror(&mut turned, 4, how);
            assert_eq!(turned == plane, how == (false, false));
            if how == (true, false) {
                assert_eq!(turned[..4], [8.0, 9.0, 10.0, 11.0]);
            }
            mirror(&mut turned, 4, how);
            assert_eq!(turned, plane);
        }
        assert_eq!(mirrorings(&[]), [(false, false)]);
    }
}
