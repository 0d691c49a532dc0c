//! Regions of interest: the boxes that ROI pool and ROI align cut out of a feature map.

use candle_core::{DType, Result, Tensor, bail};

/// A box on one image of a batch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Region {
    pub image: usize,
    /// Left and top, in pixels of the image the network was given.
    pub from: [f32; 2],
    /// Right and bottom.
    pub to: [f32; 2],
}

/// The rows `(image, left, top, right, bottom)` of `boxes` `[regions, 5]`, for a batch of `batch` images.
pub(super) fn regions(boxes: &Tensor, batch: usize) -> Result<Vec<Region>> {
    if boxes.rank() != 2 || boxes.dim(1)? != 5 {
        bail!("regions are rows of image, left, top, right and bottom, not {:?}", boxes.dims());
    }
    let rows = boxes.detach().to_dtype(DType::F32)?.to_vec2::<f32>()?;
    let region = |row: &Vec<f32>| match row[..] {
        [image, left, top, right, bottom] if row.iter().all(|v| v.is_finite()) => {
            if image < 0.0 || image.fract() != 0.0 || image as usize >= batch {
                bail!("a region of image {image} in a batch of {batch}");
            }
            Ok(Region { image: image as usize, from: [left, top], to: [right, bottom] })
        }
        _ => bail!("a region with a corner that is no number: {row:?}"),
    };
    rows.iter().map(region).collect()
}
