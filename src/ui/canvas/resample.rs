//! The part of an image that is on the screen, at the screen's own resolution: dragging the window then costs a look-up
//! per screen pixel, however large the film.
//!
//! A film that is reduced is averaged down its columns first, a row of the screen at a time: that reads the film in order,
//! many columns at once, and leaves little to average across. One that is enlarged is taken across first, since it has
//! fewer rows than the screen.
//!
//! A tent as wide as a screen pixel, or as an image pixel where that is larger: linear interpolation when the film is
//! enlarged, an average without aliasing when it is reduced.

use rayon::prelude::*;

/// One axis: which pixels make each screen pixel, and how much of each.
pub struct Axis {
    /// First pixel and number of weights, per screen pixel.
    spans: Vec<(usize, usize)>,
    weights: Vec<f32>,
    offsets: Vec<usize>,
}

impl Axis {
    /// `count` screen pixels whose centres lie at image coordinates `first + i · step`, over an image of `size` pixels;
    /// a mirrored image has a negative step.
    pub fn new(first: f64, step: f64, count: usize, size: usize) -> Axis {
        let reach = step.abs().max(1.0);
        let last = size.saturating_sub(1);
        let mut axis = Axis { spans: Vec::with_capacity(count), weights: Vec::new(), offsets: Vec::new() };
        for index in 0..count {
            // Beyond the outermost centres lies the other half of the edge pixels.
            let center = (first + index as f64 * step).clamp(0.0, last as f64);
            let low = ((center - reach).floor() + 1.0).max(0.0) as usize;
            let high = (((center + reach).ceil() - 1.0).max(0.0) as usize).min(last);
            let tent = |pixel: usize| (1.0 - (pixel as f64 - center).abs() / reach).max(0.0);
            let sum: f64 = (low..=high).map(tent).sum();
            axis.offsets.push(axis.weights.len());
            axis.spans.push((low, high + 1 - low));
            axis.weights.extend((low..=high).map(|pixel| (tent(pixel) / sum) as f32));
        }
        axis
    }

    fn len(&self) -> usize {
        self.spans.len()
    }

    /// Pixels that any screen pixel is made of.
    fn range(&self) -> std::ops::Range<usize> {
        let first = self.spans.iter().map(|(low, _)| *low).min().unwrap_or(0);
        let end = self.spans.iter().map(|(low, count)| low + count).max().unwrap_or(0);
        first..end
    }

    fn at(&self, index: usize) -> (usize, &[f32]) {
        let (low, count) = self.spans[index];
        (low, &self.weights[self.offsets[index]..self.offsets[index] + count])
    }
}

/// The image of rows of `columns` values (`value` turns one into a number) over two axes, row-major.
pub fn resample<T: Copy + Sync>(
    pixels: &[T],
    columns: usize,
    across: &Axis,
    down: &Axis,
    value: impl Fn(T) -> f32 + Sync,
) -> Vec<f32> {
    let (width, height) = (across.len(), down.len());
    if width == 0 || height == 0 {
        return Vec::new();
    }
    if down.range().len() >= height {
        return down_first(pixels, columns, across, down, value);
    }
    across_first(pixels, columns, across, down, value)
}

fn down_first<T: Copy + Sync>(
    pixels: &[T],
    columns: usize,
    across: &Axis,
    down: &Axis,
    value: impl Fn(T) -> f32 + Sync,
) -> Vec<f32> {
    let width = across.len();
    let seen = across.range();
    let mut shown = vec![0.0f32; width * down.len()];
    let rows = shown.par_chunks_exact_mut(width).enumerate();
    rows.for_each_init(
        || vec![0.0f32; seen.len()],
        |line, (index, out)| {
            let (low, weights) = down.at(index);
            line.fill(0.0);
            for (row, weight) in (low..).zip(weights) {
                let source = &pixels[row * columns + seen.start..row * columns + seen.end];
                line.iter_mut().zip(source).for_each(|(sum, pixel)| *sum += value(*pixel) * weight);
            }
            for (index, out) in out.iter_mut().enumerate() {
                let (low, weights) = across.at(index);
                let taken = line[low - seen.start..].iter().zip(weights);
                *out = taken.map(|(value, weight)| value * weight).sum();
            }
        },
    );
    shown
}

fn across_first<T: Copy + Sync>(
    pixels: &[T],
    columns: usize,
    across: &Axis,
    down: &Axis,
    value: impl Fn(T) -> f32 + Sync,
) -> Vec<f32> {
    let (width, height) = (across.len(), down.len());
    let rows = down.range();
    let mut lines = vec![0.0f32; rows.len() * width];
    lines.par_chunks_exact_mut(width).zip(rows.clone()).for_each(|(line, row)| {
        let source = &pixels[row * columns..(row + 1) * columns];
        for (index, out) in line.iter_mut().enumerate() {
            let (low, weights) = across.at(index);
            let taken = source[low..low + weights.len()].iter().zip(weights);
            *out = taken.map(|(pixel, weight)| value(*pixel) * weight).sum();
        }
    });
    let mut shown = vec![0.0f32; width * height];
    shown.par_chunks_exact_mut(width).enumerate().for_each(|(index, out)| {
        let (low, weights) = down.at(index);
        for (step, weight) in weights.iter().enumerate() {
            let start = (low + step - rows.start) * width;
            let line = &lines[start..start + width];
            out.iter_mut().zip(line).for_each(|(out, value)| *out += value * weight);
        }
    });
    shown
}

/// Rows for columns: `values` of `width` to a row become those of a picture turned sideways.
pub fn transpose<T: Copy + Send + Sync + Default>(values: &[T], width: usize) -> Vec<T> {
    let height = values.len().checked_div(width).unwrap_or(0);
    let mut turned = vec![T::default(); height * width];
    if height > 0 {
        turned.par_chunks_exact_mut(height).enumerate().for_each(|(column, out)| {
            out.iter_mut().enumerate().for_each(|(row, out)| *out = values[row * width + column]);
        });
    }
    turned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirrored_axis_reads_backwards_and_a_transposed_picture_sideways() {
        let pixels: Vec<i32> = (0..12).collect();
        let (across, down) = (Axis::new(3.0, -1.0, 4, 4), Axis::new(2.0, -1.0, 3, 3));
        let shown = resample(&pixels, 4, &across, &down, |v| v as f32);
        let backwards: Vec<f32> = (0..12).rev().map(|v| v as f32).collect();
        assert_eq!(shown, backwards);
        assert_eq!(transpose(&[1, 2, 3, 4, 5, 6], 3), [1, 4, 2, 5, 3, 6]);
        assert!(transpose::<u8>(&[], 0).is_empty());
    }

    #[test]
    fn one_to_one_is_the_image_itself() {
        let pixels: Vec<i32> = (0..12).map(|i| i * i).collect();
        let (across, down) = (Axis::new(0.0, 1.0, 4, 4), Axis::new(0.0, 1.0, 3, 3));
        let shown = resample(&pixels, 4, &across, &down, |v| v as f32);
        assert_eq!(shown, pixels.iter().map(|v| *v as f32).collect::<Vec<_>>());
    }

    #[test]
    fn half_size_keeps_the_mean_and_double_size_interpolates() {
        let pixels: Vec<i32> = (0..64 * 64).map(|i| (i * 7919) % 1000).collect();
        let axis = || Axis::new(0.5, 2.0, 32, 64);
        let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
        let small = resample(&pixels, 64, &axis(), &axis(), |v| v as f32);
        let all: Vec<f32> = pixels.iter().map(|v| *v as f32).collect();
        assert!((mean(&small) - mean(&all)).abs() < 2.0, "{} {}", mean(&small), mean(&all));

        let shown =
            resample(&[0, 10], 2, &Axis::new(-0.25, 0.5, 4, 2), &Axis::new(0.0, 1.0, 1, 1), |v| v as f32);
        assert_eq!(shown, [0.0, 2.5, 7.5, 10.0]);
    }

    /// Which axis is averaged first is a matter of speed alone.
    #[test]
    fn both_orders_give_the_same_picture() {
        let pixels: Vec<i32> = (0..50 * 40).map(|i| (i * 7919) % 1000).collect();
        let axes = [(0.3, 1.9, 20), (37.2, -1.3, 25), (11.1, 0.4, 30)];
        for (x, y) in axes.iter().flat_map(|x| axes.iter().map(move |y| (x, y))) {
            let (across, down) = (Axis::new(x.0, x.1, x.2, 40), Axis::new(y.0, y.1, y.2, 50));
            let first = down_first(&pixels, 40, &across, &down, |v| v as f32);
            let second = across_first(&pixels, 40, &across, &down, |v| v as f32);
            assert_eq!(first.len(), x.2 * y.2);
            assert!(first.iter().zip(&second).all(|(a, b)| (a - b).abs() < 1e-2), "{x:?} {y:?}");
        }
    }

    /// A constant stays one at any scale and offset, also beyond the edges.
    #[test]
    fn weights_sum_to_one() {
        for (first, step) in [(-3.2, 0.13), (0.4, 1.7), (5.0, 3.9), (-0.5, 1.0)] {
            let axis = Axis::new(first, step, 20, 37);
            for index in 0..20 {
                let (low, weights) = axis.at(index);
                assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-5 && low + weights.len() <= 37);
            }
        }
    }
}
