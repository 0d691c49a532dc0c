//! From an image to what the network sees: crop to what is not zero, normalise, resample; the order is nnU-Net's.

use super::plans::Plans;
use super::spline::{Order, resize};

/// A rectangle of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crop {
    pub top: usize,
    pub left: usize,
    pub rows: usize,
    pub columns: usize,
}

impl Crop {
    /// The values in it, of an image of `columns`.
    pub fn of<T: Copy>(&self, values: &[T], columns: usize) -> Vec<T> {
        (self.top..self.top + self.rows)
            .flat_map(|row| &values[row * columns + self.left..][..self.columns])
            .copied()
            .collect()
    }
}

/// An image as the network sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// Row-major planes.
    pub channels: Vec<Vec<f32>>,
    pub rows: usize,
    pub columns: usize,
    /// Which part of the image it is, before resampling.
    pub crop: Crop,
}

/// The smallest rectangle with every pixel of which any channel is not zero, and those pixels in it; the whole image
/// where all is zero. Holes stay holes: nnU-Net fills them in volumes, but its filling does nothing in a single slice.
pub fn nonzero_crop(channels: &[Vec<f32>], rows: usize, columns: usize) -> (Crop, Vec<bool>) {
    let mut mask = vec![false; rows * columns];
    for channel in channels {
        mask.iter_mut().zip(channel).for_each(|(inside, value)| *inside |= *value != 0.0);
    }
    let occupied: Vec<usize> =
        (0..rows).filter(|row| mask[row * columns..][..columns].contains(&true)).collect();
    let (mut left, mut right) = (columns, 0);
    for row in &occupied {
        let line = &mask[row * columns..][..columns];
        left = left.min(line.iter().position(|inside| *inside).unwrap_or(columns));
        right = right.max(line.iter().rposition(|inside| *inside).map_or(0, |last| last + 1));
    }
    let crop = match (occupied.first(), occupied.last()) {
        (Some(top), Some(bottom)) => Crop { top: *top, left, rows: bottom + 1 - top, columns: right - left },
        _ => Crop { top: 0, left: 0, rows, columns },
    };
    let mask = crop.of(&mask, columns);
    (crop, mask)
}

/// Rows and columns of `shape` pixels of `from` mm at `to` mm.
pub fn resampled_shape(shape: [usize; 2], from: [f64; 2], to: [f64; 2]) -> [usize; 2] {
    [0, 1].map(|axis| {
        // Halves go to the even number, as Python rounds.
        let size = (from[axis] / to[axis] * shape[axis] as f64).round_ties_even();
        (size as usize).max(1)
    })
}

impl Prepared {
    /// Prepares an image of pixels `spacing` mm high and wide.
    ///
    /// # Errors
    /// Channels that are not those of the plans, or not of one size; greys the normalisation cannot take.
    pub fn new(
        channels: &[Vec<f32>],
        [rows, columns]: [usize; 2],
        spacing: [f64; 2],
        plans: &Plans,
    ) -> Result<Self, String> {
        if channels.len() != plans.normalisation.len() {
            return Err(format!(
                "the model reads {} channels, not {}",
                plans.normalisation.len(),
                channels.len()
            ));
        }
        if rows == 0 || columns == 0 || channels.iter().any(|channel| channel.len() != rows * columns) {
            return Err("the channels are not of the size of the image".to_owned());
        }
        if channels.iter().flatten().any(|value| !value.is_finite()) {
            return Err("a grey is no number".to_owned());
        }
        if spacing.iter().any(|mm| !mm.is_finite() || *mm <= 0.0) {
            return Err(format!("a spacing of {spacing:?} mm is none"));
        }
        let (crop, mask) = nonzero_crop(channels, rows, columns);
        let shape = [crop.rows, crop.columns];
        let new = resampled_shape(shape, spacing, plans.spacing);
        let pixels = new[0].checked_mul(new[1]).filter(|pixels| *pixels <= MOST_PIXELS);
        if pixels.is_none() {
            return Err(format!("at the model's spacing the image has {} × {} pixels", new[1], new[0]));
        }
        let mut prepared = Vec::with_capacity(channels.len());
        for (index, channel) in channels.iter().enumerate() {
            let (scheme, masked) = plans.normalisation[index];
            let mut values = crop.of(channel, columns);
            scheme.apply(&mut values, masked.then_some(mask.as_slice()), plans.intensities.get(index))?;
            prepared.push(resize(&values, shape, new, plans.data_order));
        }
        Ok(Self { channels: prepared, rows: new[0], columns: new[1], crop })
    }
}

/// A film of half a metre at 50 µm: more is a wrong spacing.
const MOST_PIXELS: usize = 100_000_000;

/// Labels at another size: each label's area is resampled and the largest wins; of equals the nearest pixel's.
pub fn resample_labels(labels: &[u8], from: [usize; 2], to: [usize; 2], order: Order) -> Vec<u8> {
    if from == to {
        return labels.to_vec();
    }
    let numbers: Vec<f32> = labels.iter().map(|label| f32::from(*label)).collect();
    let nearest: Vec<u8> = resize(&numbers, from, to, Order::Nearest).into_iter().map(|v| v as u8).collect();
    if order == Order::Nearest {
        return nearest;
    }
    let mut present = [false; 256];
    labels.iter().for_each(|label| present[usize::from(*label)] = true);
    let mut best = vec![f32::MIN; nearest.len()];
    let mut winner = vec![0; nearest.len()];
    for label in (0..=u8::MAX).filter(|label| present[usize::from(*label)]) {
        let area: Vec<f32> = labels.iter().map(|other| if *other == label { 1.0 } else { 0.0 }).collect();
        for (index, share) in resize(&area, from, to, order).into_iter().enumerate() {
            if share > best[index] || (share == best[index] && nearest[index] == label) {
                (best[index], winner[index]) = (share, label);
            }
        }
    }
    winner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crop_holds_all_that_is_not_zero_and_keeps_holes() {
        let mut image = vec![0.0; 6 * 7];
        for (row, column) in [(1, 2), (1, 4), (3, 3)] {
            image[row * 7 + column] = 1.0;
        }
        let (crop, mask) = nonzero_crop(&[image], 6, 7);
        assert_eq!(crop, Crop { top: 1, left: 2, rows: 3, columns: 3 });
        assert_eq!(mask.iter().filter(|inside| **inside).count(), 3);
        let (crop, mask) = nonzero_crop(&[vec![0.0; 6]], 2, 3);
        assert_eq!((crop.rows, crop.columns, mask.contains(&true)), (2, 3, false));
    }

    #[test]
    fn shapes_round_as_python_does() {
        assert_eq!(resampled_shape([5, 7], [0.5, 0.5], [1.0, 1.0]), [2, 4], "2.5 and 3.5");
        assert_eq!(resampled_shape([1, 1], [0.1, 0.1], [9.0, 9.0]), [1, 1]);
    }

    #[test]
    fn labels_stay_labels() {
        let labels = [0, 0, 5, 5];
        assert_eq!(resample_labels(&labels, [1, 4], [1, 8], Order::Linear), [0, 0, 0, 0, 5, 5, 5, 5]);
    }
}
