//! Non-maximum suppression: of boxes that lie on the same thing, the one with the best score.

use candle_core::{DType, Result, Tensor, bail};

/// The boxes `[n, 4]` (left, top, right, bottom) that stay, best score first: each suppresses those after it whose
/// intersection over union with it is above `threshold`. Of equal scores the first comes first, as in torchvision.
/// Boxes and scores are a few numbers, and are read to the host from any device.
pub fn nms(boxes: &Tensor, scores: &Tensor, threshold: f32) -> Result<Vec<usize>> {
    if boxes.rank() != 2 || boxes.dim(1)? != 4 || scores.dims() != [boxes.dim(0)?] {
        bail!("boxes {:?} and scores {:?} do not belong together", boxes.dims(), scores.dims());
    }
    let boxes = boxes.detach().to_dtype(DType::F32)?.to_vec2::<f32>()?;
    let scores = scores.detach().to_dtype(DType::F32)?.to_vec1::<f32>()?;
    let mut order: Vec<usize> = (0..boxes.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    let mut kept: Vec<usize> = Vec::new();
    for candidate in order {
        if kept.iter().all(|other| overlap(&boxes[*other], &boxes[candidate]) <= threshold) {
            kept.push(candidate);
        }
    }
    Ok(kept)
}

/// Intersection over union; zero for two boxes without area.
fn overlap(a: &[f32], b: &[f32]) -> f32 {
    let area = |corners: &[f32]| (corners[2] - corners[0]) * (corners[3] - corners[1]);
    let side = |axis: usize| (a[axis + 2].min(b[axis + 2]) - a[axis].max(b[axis])).max(0.0);
    let shared = side(0) * side(1);
    let union = area(a) + area(b) - shared;
    if union == 0.0 { 0.0 } else { shared / union }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn the_best_of_each_heap_stays_in_the_order_of_scores() {
        let boxes = [
            [0f32, 0.0, 10.0, 10.0],
            [20.0, 20.0, 30.0, 30.0],
            [1.0, 1.0, 11.0, 11.0],
            [21.0, 20.0, 31.0, 30.0],
            [0.0, 0.0, 10.0, 10.0],
            [5.0, 5.0, 5.0, 5.0],
            [5.0, 5.0, 5.0, 5.0],
        ];
        let boxes = Tensor::new(&boxes, &Device::Cpu).unwrap();
        let scores = Tensor::new(&[0.5f32, 0.6, 0.5, 0.9, 0.4, 0.1, 0.1], &Device::Cpu).unwrap();
        assert_eq!(nms(&boxes, &scores, 0.5).unwrap(), [3, 0, 5, 6]);
        assert_eq!(nms(&boxes, &scores, 0.9).unwrap(), [3, 1, 0, 2, 5, 6]);
        assert!(nms(&boxes, &scores.narrow(0, 0, 2).unwrap(), 0.5).is_err());
    }
}
