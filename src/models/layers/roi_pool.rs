//! ROI pool: boxes of any size cut out of a feature map, each cell the largest of its pixels.

use std::ops::Range;

use candle_core::{D, Result, Tensor, bail};

use super::regions::{Region, regions};

/// The boxes `[regions, 5]` (image, left, top, right, bottom) of `x` as `[regions, channel, row, column]` of `size`.
/// `scale` is pixels of the feature map for one unit of the boxes. Corners are rounded to pixels, as torchvision
/// does; a cell without pixels is zero. No gradient flows to the boxes.
pub fn roi_pool(x: &Tensor, boxes: &Tensor, size: [usize; 2], scale: f32) -> Result<Tensor> {
    let (batch, channels, height, width) = x.dims4()?;
    let [rows, columns] = size;
    if rows == 0 || columns == 0 || height == 0 || width == 0 || !scale.is_finite() {
        bail!("ROI pool of {:?} to {size:?} is not possible", x.dims());
    }
    let regions = regions(boxes, batch)?;
    if regions.is_empty() {
        return Tensor::zeros((0, channels, rows, columns), x.dtype(), x.device());
    }
    // Which pixel wins has no gradient; its value has, and is fetched apart.
    let still = x.detach();
    let (mut winners, mut filled) = (Vec::new(), Vec::new());
    for region in &regions {
        let down = cells(region, 1, rows, scale, height);
        let across = cells(region, 0, columns, scale, width);
        let windows: Vec<Vec<u32>> = down
            .iter()
            .flat_map(|rows| across.iter().map(move |columns| pixels(rows, columns, width)))
            .collect();
        filled.extend(windows.iter().map(|window| u8::from(!window.is_empty())));
        winners.push(largest(&still, region.image, &windows)?);
    }
    let values = x.flatten_all()?.index_select(&Tensor::cat(&winners, 0)?.flatten_all()?, 0)?;
    let shape = (regions.len(), channels, rows, columns);
    let filled = Tensor::from_vec(filled, (regions.len(), 1, rows, columns), x.device())?;
    let values = values.reshape(shape)?;
    filled.broadcast_as(shape)?.contiguous()?.where_cond(&values, &values.zeros_like()?)
}

/// The pixels of each of `count` cells of a region along an axis (0 across, 1 down) of `length` pixels.
fn cells(region: &Region, axis: usize, count: usize, scale: f32, length: usize) -> Vec<Range<usize>> {
    let start = (region.from[axis] * scale).round();
    let extent = ((region.to[axis] * scale).round() - start + 1.0).max(1.0);
    let cell = extent / count as f32;
    let inside = |at: f32| (at + start).clamp(0.0, length as f32) as usize;
    (0..count).map(|i| inside((i as f32 * cell).floor())..inside(((i + 1) as f32 * cell).ceil())).collect()
}

/// The pixels of a window, numbered in the plane.
fn pixels(rows: &Range<usize>, columns: &Range<usize>, width: usize) -> Vec<u32> {
    rows.clone().flat_map(|row| columns.clone().map(move |column| (row * width + column) as u32)).collect()
}

/// Of every channel of an image and every window the first of the largest values, numbered in the whole of `x`:
/// `[channel, window]`.
fn largest(x: &Tensor, image: usize, windows: &[Vec<u32>]) -> Result<Tensor> {
    let (_, channels, height, width) = x.dims4()?;
    let longest = windows.iter().map(Vec::len).max().unwrap_or(0).max(1);
    // Windows repeat their first pixel up to the longest; the empty ones look at any.
    let padded = windows.iter().flat_map(|window| {
        let first = window.first().copied().unwrap_or(0);
        window.iter().copied().chain(std::iter::repeat(first)).take(longest)
    });
    let padded = Tensor::from_iter(padded, x.device())?;
    let values = x.get(image)?.reshape((channels, height * width))?.index_select(&padded, 1)?;
    let best = values.reshape((channels, windows.len(), longest))?.argmax_keepdim(D::Minus1)?;
    let pixels = padded
        .reshape((1, windows.len(), longest))?
        .broadcast_as((channels, windows.len(), longest))?
        .contiguous()?
        .gather(&best, 2)?
        .squeeze(2)?;
    let plane = |channel: usize| ((image * channels + channel) * height * width) as u32;
    let planes = Tensor::from_iter((0..channels).map(plane), x.device())?.reshape((channels, 1))?;
    pixels.broadcast_add(&planes)
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device};

    use super::super::check::{difference, gradients, random};
    use super::*;

    fn boxes() -> Tensor {
        let rows: [[f32; 5]; 4] = [
            [1.0, 2.0, 3.0, 14.0, 11.5],
            [0.0, -6.0, 1.0, 9.0, 40.0],
            [1.0, 5.0, 5.0, 5.5, 6.0],
            [0.0, 60.0, 2.0, 70.0, 9.0],
        ];
        Tensor::new(&rows, &Device::Cpu).unwrap()
    }

    #[test]
    fn gradients_match_finite_differences() {
        for (shape, size) in [([2usize, 3, 6, 8], [2, 3]), ([2, 1, 7, 5], [3, 3]), ([2, 2, 5, 9], [1, 4])] {
            // Distinct values 0.05 apart, so that no step makes another pixel win.
            let count: usize = shape.iter().product();
            let order: Vec<f32> = (0..count).map(|i| (i * 37 % count) as f32 * 0.05).collect();
            let x = [Tensor::from_vec(order, &shape, &Device::Cpu).unwrap()];
            gradients(&x, 0.01, 1e-2, |t| roi_pool(&t[0], &boxes(), size, 0.5));
        }
    }

    #[test]
    fn cells_without_pixels_are_zero_and_others_hold_values_of_their_image() {
        let x = random(&[2, 3, 6, 8], 1).affine(0.1, -5.0).unwrap();
        let y = roi_pool(&x, &boxes(), [2, 2], 0.5).unwrap();
        let outside = y.get(3).unwrap().abs().unwrap().max_all().unwrap().to_scalar::<f32>().unwrap();
        assert_eq!(outside, 0.0);
        let inside = y.get(0).unwrap().max_all().unwrap().to_scalar::<f32>().unwrap();
        assert!(inside < -4.0);
    }

    #[test]
    fn one_cell_over_everything_is_the_largest_value() {
        let x = random(&[1, 3, 5, 7], 1);
        let whole = Tensor::new(&[[0f32, 0.0, 0.0, 6.0, 4.0]], &Device::Cpu).unwrap();
        let y = roi_pool(&x, &whole, [1, 1], 1.0).unwrap();
        let expected = x.flatten_from(2).unwrap().max(2).unwrap().reshape((1, 3, 1, 1)).unwrap();
        assert!(difference(&y, &expected) == 0.0);
        let none = Tensor::zeros((0, 5), DType::F32, &Device::Cpu).unwrap();
        assert_eq!(roi_pool(&x, &none, [2, 3], 1.0).unwrap().dims(), [0, 3, 2, 3]);
    }
}
