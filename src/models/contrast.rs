//! Greys that mean the same on every film: standardised over the image, then within a neighbourhood.
//!
//! Films differ most in their large-scale brightness (exposure, belly, tube heel, the vendor's processing) and least
//! in their edges, which carry the landmarks.

/// Share of the greys beyond which they are clipped, at each end.
const CLIPPED: f32 = 0.005;
/// Added to a neighbourhood's SD (of greys whose SD over the image is 1), so that flat areas stay flat.
const FLAT: f32 = 0.25;
/// Box blurs in a row that stand for a Gaussian.
const PASSES: usize = 3;

/// Clips the tails, then mean 0 and SD 1 over `inside`; the rest becomes 0. With a positive `neighbourhood` (SD of its
/// Gaussian in pixels) each pixel is then measured against its neighbours in the same way.
///
/// `values` and `inside` are `side * side`, row-major. Returns the SD as a share of the greys' range; 0 when blank.
pub fn normalise(values: &mut [f32], inside: &[bool], side: usize, neighbourhood: f64) -> f32 {
    let contrast = standardise(values, inside);
    if neighbourhood > 0.0 && contrast > 0.0 {
        flatten(values, inside, side, neighbourhood);
    }
    contrast
}

fn standardise(values: &mut [f32], inside: &[bool]) -> f32 {
    let mut kept: Vec<f32> =
        values.iter().zip(inside).filter(|(v, inside)| **inside && v.is_finite()).map(|(v, _)| *v).collect();
    let Some(last) = kept.len().checked_sub(1) else {
        values.fill(0.0);
        return 0.0;
    };
    let tail = (CLIPPED * last as f32) as usize;
    let low = *kept.select_nth_unstable_by(tail, f32::total_cmp).1;
    let high = *kept.select_nth_unstable_by(last - tail, f32::total_cmp).1;
    let n = kept.len() as f64;
    let mean = kept.iter().map(|v| f64::from(v.clamp(low, high))).sum::<f64>() / n;
    let variance = kept.iter().map(|v| (f64::from(v.clamp(low, high)) - mean).powi(2)).sum::<f64>() / n;
    let sd = variance.sqrt();
    let blank = sd <= 1e-6 * f64::from(high.abs().max(low.abs()).max(1e-6));
    for (value, inside) in values.iter_mut().zip(inside) {
        *value = if *inside && value.is_finite() && !blank {
            ((f64::from(value.clamp(low, high)) - mean) / sd) as f32
        } else {
            0.0
        };
    }
    if blank { 0.0 } else { (sd / f64::from(high - low)) as f32 }
}

fn flatten(values: &mut [f32], inside: &[bool], side: usize, neighbourhood: f64) {
    // Width of the box that, this many times, has the Gaussian's variance.
    let width = (12.0 * neighbourhood * neighbourhood / PASSES as f64 + 1.0).sqrt();
    let radius = ((width - 1.0) / 2.0).round().max(1.0) as usize;
    // Sums over the image's pixels only: what lies outside has no say in a border pixel's neighbourhood.
    let mut share: Vec<f32> = inside.iter().map(|inside| f32::from(u8::from(*inside))).collect();
    let mut mean: Vec<f32> = values.to_vec();
    let mut square: Vec<f32> = values.iter().map(|v| v * v).collect();
    for plane in [&mut share, &mut mean, &mut square] {
        for _ in 0..PASSES {
            box_blur(plane, side, radius);
        }
    }
    for (i, value) in values.iter_mut().enumerate() {
        if inside[i] {
            let share = share[i].max(1e-6);
            let mean = mean[i] / share;
            let sd = (square[i] / share - mean * mean).max(0.0).sqrt();
            *value = (*value - mean) / (sd + FLAT);
        }
    }
}

/// Mean over `2 * radius + 1` pixels along rows, then along columns; zeros beyond the border.
fn box_blur(plane: &mut [f32], side: usize, radius: usize) {
    let scale = 1.0 / (2 * radius + 1) as f64;
    let mut line = vec![0.0_f32; side];
    for (next_line, step) in [(side, 1), (1, side)] {
        for index in 0..side {
            let start = index * next_line;
            for (i, value) in line.iter_mut().enumerate() {
                *value = plane[start + i * step];
            }
            let mut sum: f64 = line.iter().take(radius).map(|v| f64::from(*v)).sum();
            for i in 0..side {
                if let Some(entering) = line.get(i + radius) {
                    sum += f64::from(*entering);
                }
                if i > radius {
                    sum -= f64::from(line[i - radius - 1]);
                }
                plane[start + i * step] = (sum * scale) as f32;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(values: &[f32]) -> (f32, f32) {
        let n = values.len() as f32;
        let mean = values.iter().sum::<f32>() / n;
        (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / n).sqrt())
    }

    #[test]
    fn greys_are_standardised_whatever_their_unit_and_outliers() {
        let mut values: Vec<f32> = (0..64 * 64).map(|i| 1000.0 + (i % 64) as f32).collect();
        values[0] = 1e9;
        values[1] = f32::NAN;
        let contrast = normalise(&mut values, &[true; 4096], 64, 0.0);
        let (mean, sd) = moments(&values);
        assert!(mean.abs() < 1e-3 && (sd - 1.0).abs() < 2e-3, "{mean} {sd}");
        assert!(values.iter().all(|v| v.abs() < 3.0));
        assert!(contrast > 0.1);
    }

    #[test]
    fn blank_or_empty_is_zero_with_no_contrast() {
        let mut values = vec![7.0; 1024];
        assert_eq!(normalise(&mut values, &[true; 1024], 32, 8.0), 0.0);
        assert!(values.iter().all(|v| *v == 0.0));
        let mut values = vec![7.0; 1024];
        assert_eq!(normalise(&mut values, &[false; 1024], 32, 8.0), 0.0);
        assert!(values.iter().all(|v| *v == 0.0));
    }

    /// A strong slope over the film goes; the same fine pattern comes out of the dark and of the bright side.
    #[test]
    fn a_neighbourhood_takes_slopes_away_and_leaves_detail() {
        let side = 128;
        let pattern = |i: usize| if (i / 4).is_multiple_of(2) { 1.0 } else { -1.0 };
        let mut values: Vec<f32> =
            (0..side * side).map(|i| pattern(i % side) + 0.2 * (i % side) as f32).collect();
        normalise(&mut values, &vec![true; side * side], side, 10.0);
        let row = &values[64 * side..65 * side];
        let (left, right) = (moments(&row[24..56]), moments(&row[72..104]));
        assert!((left.0 - right.0).abs() < 0.1, "{left:?} {right:?}");
        assert!((left.1 - right.1).abs() < 0.05 && left.1 > 0.1, "{left:?} {right:?}");
    }

    #[test]
    fn a_box_blur_keeps_the_sum_of_what_is_far_from_the_border() {
        let mut plane = vec![0.0; 31 * 31];
        plane[15 * 31 + 15] = 49.0;
        box_blur(&mut plane, 31, 3);
        assert!((plane[15 * 31 + 15] - 1.0).abs() < 1e-6 && (plane[12 * 31 + 18] - 1.0).abs() < 1e-6);
        assert!(plane[15 * 31 + 19].abs() < 1e-6);
        assert!((plane.iter().sum::<f32>() - 49.0).abs() < 1e-3);
    }
}
