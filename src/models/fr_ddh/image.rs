//! The film as the network is given it.

use ::image::imageops::{FilterType, resize};
use ::image::{ImageBuffer, Luma};
use candle_core::{Device, Result, Tensor};

use super::plan::FrDdhPlan;
use crate::measure::Point;
use crate::models::contrast::normalise;

/// A film at the network's resolution.
#[derive(Debug, Clone, PartialEq)]
pub struct FrDdhImage {
    /// Row-major, tails clipped, mean 0 and SD 1: what ImageNet's constants make of a photograph on average.
    pub values: Vec<f32>,
    pub rows: usize,
    pub columns: usize,
    /// Pixels of it for one of the film's, across and down; they differ by rounding only.
    pub scale: [f64; 2],
    /// SD of the film's greys as a share of their range; 0 when blank.
    pub contrast: f32,
}

impl FrDdhImage {
    /// `grey` (row-major, any unit) with its shorter side as `plan` has it, by averages over a tent as wide as a pixel.
    /// Pixels beyond the end of `grey` are black.
    pub fn new(grey: &[f32], rows: usize, columns: usize, plan: &FrDdhPlan) -> Self {
        let factor = (plan.shorter_side as f64 / rows.min(columns).max(1) as f64)
            .min(plan.longest_side as f64 / rows.max(columns).max(1) as f64);
        let side = |pixels: usize| ((pixels as f64 * factor).round() as usize).max(1);
        let (height, width) = (side(rows), side(columns));
        let mut values = grey.to_vec();
        let contrast = normalise(&mut values, &vec![true; grey.len()], columns, 0.0);
        // The filter is made for greys between 0 and 1.
        let (low, high) = values.iter().fold((f32::MAX, f32::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
        let range = (high - low).max(f32::MIN_POSITIVE);
        let at =
            |x: u32, y: u32| values.get(y as usize * columns + x as usize).map_or(0.0, |v| (v - low) / range);
        let film = ImageBuffer::from_fn(columns as u32, rows as u32, |x, y| Luma([at(x, y)]));
        let mut values = resize(&film, width as u32, height as u32, FilterType::Triangle).into_raw();
        let inside = vec![true; values.len()];
        normalise(&mut values, &inside, width, 0.0);
        let scale = [width as f64 / columns as f64, height as f64 / rows as f64];
        Self { values, rows: height, columns: width, scale, contrast }
    }

    /// Image pixel (centres at integers) to this image's coordinates (corners at integers), as boxes have them.
    pub fn to_network(&self, p: Point) -> [f64; 2] {
        [(p.x + 0.5) * self.scale[0], (p.y + 0.5) * self.scale[1]]
    }

    /// The inverse of [`Self::to_network`].
    pub fn to_film(&self, [x, y]: [f64; 2]) -> Point {
        Point::new(x / self.scale[0] - 0.5, y / self.scale[1] - 0.5)
    }

    /// Left and right exchanged, in place.
    pub fn mirror(&mut self) {
        self.values.chunks_exact_mut(self.columns).for_each(<[f32]>::reverse);
    }
}

/// Images as one batch `[images, 3, rows, columns]`: grey three times, zeros (the mean) added on the right and below up
/// to the largest of them and to multiples of `stride`.
///
/// # Errors
/// No images, and failures of the device.
pub fn batch(images: &[&FrDdhImage], stride: usize, device: &Device) -> Result<Tensor> {
    let largest = |of: fn(&FrDdhImage) -> usize| {
        images.iter().map(|image| of(image)).max().unwrap_or(0).next_multiple_of(stride)
    };
    let (rows, columns) = (largest(|image| image.rows), largest(|image| image.columns));
    let mut values = vec![0.0; images.len() * rows * columns];
    for (plane, image) in values.chunks_exact_mut((rows * columns).max(1)).zip(images) {
        for (to, from) in plane.chunks_exact_mut(columns).zip(image.values.chunks_exact(image.columns)) {
            to[..from.len()].copy_from_slice(from);
        }
    }
    let grey = Tensor::from_vec(values, (images.len(), 1, rows, columns), device)?;
    grey.broadcast_as((images.len(), 3, rows, columns))?.contiguous()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(shorter_side: usize, longest_side: usize) -> FrDdhPlan {
        FrDdhPlan { shorter_side, longest_side, ..FrDdhPlan::default() }
    }

    /// A spot of the film lies in the image where `to_network` says, larger or smaller.
    #[test]
    fn content_lands_where_points_land() {
        let (rows, columns) = (180, 250);
        let at = Point::new(90.0, 60.0);
        let grey: Vec<f32> = (0..rows * columns)
            .map(|i| {
                let p = Point::new((i % columns) as f64, (i / columns) as f64);
                1000.0 + 300.0 * (-p.distance(at).powi(2) / 200.0).exp() as f32
            })
            .collect();
        for (shorter, longest, size) in
            [(90, 1000, [90, 125]), (360, 1000, [360, 500]), (600, 500, [360, 500])]
        {
            let image = FrDdhImage::new(&grey, rows, columns, &plan(shorter, longest));
            assert_eq!([image.rows, image.columns], size);
            let low = image.values.iter().copied().fold(f32::MAX, f32::min);
            let (mut x, mut y, mut total) = (0.0, 0.0, 0.0);
            for (i, value) in image.values.iter().enumerate() {
                let weight = f64::from(value - low);
                x += weight * ((i % image.columns) as f64 + 0.5);
                y += weight * ((i / image.columns) as f64 + 0.5);
                total += weight;
            }
            let [ex, ey] = image.to_network(at);
            assert!((x / total - ex).abs() < 0.1 && (y / total - ey).abs() < 0.1, "{shorter}");
            assert!(image.to_film([ex, ey]).distance(at) < 1e-9);
        }
    }

    #[test]
    fn a_batch_is_padded_to_whole_cells() {
        let image = |rows, columns| FrDdhImage {
            values: vec![1.0; rows * columns],
            rows,
            columns,
            scale: [1.0; 2],
            contrast: 0.1,
        };
        let batch = batch(&[&image(20, 33), &image(31, 16)], 16, &Device::Cpu).unwrap();
        assert_eq!(batch.dims(), [2, 3, 32, 48]);
        let sums = batch.sum((1, 2, 3)).unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(sums, [3.0 * 660.0, 3.0 * 496.0]);
    }
}
