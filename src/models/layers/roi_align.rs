//! ROI align: boxes of any size cut out of a feature map by bilinear sampling, all to one size.
//!
//! The samples of a box form a grid, so that the whole layer is two matrix products a box: rows, then columns.
//! That is its gradient too, and it runs wherever matrix products do.

use candle_core::{Device, Result, Tensor, bail};

use super::regions::{Region, regions};

/// How boxes become cells, with torchvision's meaning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoiAlignOptions {
    /// Cells of a box, down and across.
    pub size: [usize; 2],
    /// Pixels of the feature map for one unit of the boxes.
    pub scale: f32,
    /// Samples of a cell along each axis; 0 takes as many as the cell has pixels, rounded up.
    pub sampling: usize,
    /// Whether pixel centres lie at halves, as boxes have them; torchvision's first version had them at integers,
    /// and boxes at least one pixel large.
    pub aligned: bool,
}

/// The boxes `[regions, 5]` (image, left, top, right, bottom) of `x` as `[regions, channel, row, column]`: each cell
/// the mean of bilinear samples, zero where they lie more than a pixel outside. No gradient flows to the boxes.
pub fn roi_align(x: &Tensor, boxes: &Tensor, options: RoiAlignOptions) -> Result<Tensor> {
    let (batch, channels, height, width) = x.dims4()?;
    let RoiAlignOptions { size: [rows, columns], .. } = options;
    if rows == 0 || columns == 0 || height == 0 || width == 0 || !options.scale.is_finite() {
        bail!("ROI align of {:?} by {options:?} is not possible", x.dims());
    }
    let regions = regions(boxes, batch)?;
    let (mut order, mut parts) = (Vec::new(), Vec::new());
    for image in 0..batch {
        let here = |region: &&Region| region.image == image;
        let count = regions.iter().filter(here).count();
        if count == 0 {
            continue;
        }
        order.extend((0..regions.len()).filter(|i| regions[*i].image == image));
        let weights = |axis: usize, length: usize| {
            let of = |region: &Region| options.weights([region.from[axis], region.to[axis]], axis, length);
            regions.iter().filter(here).flat_map(of).collect::<Vec<f32>>()
        };
        let tensor = |values, shape: [usize; 3]| {
            Tensor::from_vec(values, &shape, &Device::Cpu)?.to_dtype(x.dtype())?.to_device(x.device())
        };
        let down = tensor(weights(1, height), [count, rows, height])?.reshape((count * rows, height))?;
        let across = tensor(weights(0, width), [count, columns, width])?.transpose(1, 2)?.contiguous()?;
        let map = x.get(image)?.transpose(0, 1)?.reshape((height, channels * width))?;
        let lines = down.matmul(&map)?.reshape((count, rows * channels, width))?;
        parts.push(lines.matmul(&across)?.reshape((count, rows, channels, columns))?.transpose(1, 2)?);
    }
    if parts.is_empty() {
        return Tensor::zeros((0, channels, rows, columns), x.dtype(), x.device());
    }
    let mut places = vec![0u32; order.len()];
    for (place, region) in order.iter().enumerate() {
        places[*region] = place as u32;
    }
    Tensor::cat(&parts, 0)?.contiguous()?.index_select(&Tensor::new(places, x.device())?, 0)
}

impl RoiAlignOptions {
    /// What each cell takes of each of the `length` pixels along an axis (0 across, 1 down).
    fn weights(&self, [from, to]: [f32; 2], axis: usize, length: usize) -> Vec<f32> {
        let cells = self.size[1 - axis];
        let offset = if self.aligned { 0.5 } else { 0.0 };
        let start = from * self.scale - offset;
        let extent = to * self.scale - offset - start;
        let extent = if self.aligned { extent } else { extent.max(1.0) };
        let cell = extent / cells as f32;
        // A box turned inside out has no sample of its own choice.
        let samples = if self.sampling > 0 { self.sampling } else { cell.ceil().max(0.0) as usize };
        let mut weights = vec![0.0; cells * length];
        for (number, weights) in weights.chunks_exact_mut(length).enumerate() {
            for sample in 0..samples {
                let at = start + number as f32 * cell + (sample as f32 + 0.5) * cell / samples as f32;
                if !(-1.0..=length as f32).contains(&at) {
                    continue;
                }
                let at = at.clamp(0.0, (length - 1) as f32);
                let (low, share) = (at as usize, at.fract());
                weights[low] += (1.0 - share) / samples as f32;
                if share > 0.0 {
                    weights[low + 1] += share / samples as f32;
                }
            }
        }
        weights
    }
}

#[cfg(test)]
mod tests {
    use candle_core::DType;

    use super::super::check::{difference, gradients, random};
    use super::*;

    /// Boxes of two images, out of order, one beyond the border and one turned inside out.
    fn boxes() -> Tensor {
        let rows: [[f32; 5]; 5] = [
            [1.0, 2.0, 3.0, 14.0, 11.5],
            [0.0, -6.0, 1.0, 9.0, 30.0],
            [1.0, 5.0, 5.0, 5.5, 6.0],
            [0.0, 9.0, 8.0, 3.0, 2.0],
            [0.0, 0.0, 0.0, 16.0, 12.0],
        ];
        Tensor::new(&rows, &Device::Cpu).unwrap()
    }

    fn cases() -> impl Iterator<Item = RoiAlignOptions> {
        let of = |size, sampling, aligned| RoiAlignOptions { size, scale: 0.5, sampling, aligned };
        [of([2, 3], 2, true), of([3, 2], 0, true), of([1, 4], 1, false), of([2, 2], 0, false)].into_iter()
    }

    #[test]
    fn gradients_match_finite_differences() {
        for shape in [[2, 3, 6, 8], [2, 1, 7, 5]] {
            for options in cases() {
                gradients(&[random(&shape, 1)], 0.5, 1e-4, |t| roi_align(&t[0], &boxes(), options));
            }
        }
    }

    #[test]
    fn a_box_of_whole_pixels_is_copied() {
        let x = random(&[1, 2, 6, 7], 1);
        let options = RoiAlignOptions { size: [3, 4], scale: 1.0, sampling: 1, aligned: true };
        let cut = roi_align(&x, &Tensor::new(&[[0f32, 2.0, 1.0, 6.0, 4.0]], &Device::Cpu).unwrap(), options);
        let expected = x.narrow(2, 1, 3).unwrap().narrow(3, 2, 4).unwrap();
        assert!(difference(&cut.unwrap(), &expected) < 1e-6);
    }

    #[test]
    fn double_precision_and_no_boxes_work() {
        let x = random(&[2, 3, 6, 8], 1);
        for options in cases() {
            let double = roi_align(&x.to_dtype(DType::F64).unwrap(), &boxes(), options).unwrap();
            assert!(difference(&roi_align(&x, &boxes(), options).unwrap(), &double) < 1e-6);
            let none = Tensor::zeros((0, 5), DType::F32, &Device::Cpu).unwrap();
            let [rows, columns] = options.size;
            assert_eq!(roi_align(&x, &none, options).unwrap().dims(), [0, 3, rows, columns]);
        }
    }

    #[test]
    fn impossible_boxes_are_errors() {
        let x = random(&[2, 3, 6, 8], 1);
        let options = RoiAlignOptions { size: [2, 2], scale: 1.0, sampling: 0, aligned: true };
        let with = |row: &[f32], options| {
            roi_align(&x, &Tensor::new(row, &Device::Cpu).unwrap().unsqueeze(0).unwrap(), options)
        };
        assert!(with(&[2.0, 0.0, 0.0, 1.0, 1.0], options).is_err());
        assert!(with(&[-1.0, 0.0, 0.0, 1.0, 1.0], options).is_err());
        assert!(with(&[0.0, 0.0, f32::NAN, 1.0, 1.0], options).is_err());
        assert!(with(&[0.0, 0.0, 1.0, 1.0], options).is_err());
        assert!(with(&[0.0; 5], RoiAlignOptions { size: [0, 2], ..options }).is_err());
    }
}
