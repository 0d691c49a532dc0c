//! The cumulative error distribution (CED): what share of the images is at least this good. Means hide the one film in
//! twenty that is lost; its upper percentiles do not.

use super::summary::{mean, percentile_of_sorted};

/// The percentiles that are reported.
pub const REPORTED: [f64; 4] = [50.0, 90.0, 95.0, 99.0];

/// Images by their mean error; one with a missed point lies beyond every number.
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorDistribution {
    sorted: Vec<f64>,
    images: usize,
}

/// Mean error of one image; `None` without points and where one was missed.
pub fn image_mean(errors: &[Option<f64>]) -> Option<f64> {
    mean(&errors.iter().copied().collect::<Option<Vec<_>>>()?)
}

impl ErrorDistribution {
    /// Of the images' means ([`image_mean`]), `None` for a failed image.
    pub fn of(images: &[Option<f64>]) -> Self {
        let mut sorted: Vec<f64> = images.iter().flatten().copied().filter(|e| e.is_finite()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        Self { sorted, images: images.len() }
    }

    pub fn images(&self) -> usize {
        self.images
    }

    pub fn failed(&self) -> usize {
        self.images - self.sorted.len()
    }

    /// The error that `percent` % of the images do not exceed, linear between images; `None` without images, outside
    /// 0–100 % and where it falls among the failed ones.
    pub fn percentile(&self, percent: f64) -> Option<f64> {
        percentile_of_sorted(&self.sorted, self.images, percent)
    }

    /// Share of the images, failed ones included, with an error ≤ `limit`, %; NaN without images.
    pub fn share_within(&self, limit: f64) -> f64 {
        100.0 * self.sorted.partition_point(|error| *error <= limit) as f64 / self.images as f64
    }

    /// The curve to draw: error and the share of images up to it, %, one point an image, errors ascending. It ends
    /// below 100 % where images failed.
    pub fn curve(&self) -> impl Iterator<Item = (f64, f64)> {
        let images = self.images as f64;
        self.sorted.iter().enumerate().map(move |(i, error)| (*error, 100.0 * (i + 1) as f64 / images))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_images_lie_beyond_every_error() {
        let images = [Some(3.0), None, Some(1.0), Some(2.0), Some(f64::NAN)];
        let errors = ErrorDistribution::of(&images);
        assert_eq!((errors.images(), errors.failed()), (5, 2));
        assert_eq!([0.0, 25.0, 50.0].map(|p| errors.percentile(p)), [1.0, 2.0, 3.0].map(Some));
        assert_eq!(REPORTED.map(|p| errors.percentile(p)), [Some(3.0), None, None, None]);
        assert_eq!([0.5, 2.0, 99.0].map(|limit| errors.share_within(limit)), [0.0, 40.0, 60.0]);
        assert_eq!(errors.curve().collect::<Vec<_>>(), [(1.0, 20.0), (2.0, 40.0), (3.0, 60.0)]);
    }

    #[test]
    fn an_image_with_a_missed_point_has_no_mean() {
        assert_eq!(image_mean(&[Some(1.0), Some(3.0)]), Some(2.0));
        assert_eq!((image_mean(&[]), image_mean(&[Some(1.0), None])), (None, None));
    }

    #[test]
    fn nothing_has_no_percentile() {
        let none = ErrorDistribution::of(&[]);
        assert!(
            none.percentile(50.0).is_none() && none.share_within(1.0).is_nan() && none.curve().count() == 0
        );
    }
}
