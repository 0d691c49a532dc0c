//! Boxes, and the four numbers by which a network moves one to another.

/// The largest change of a side's logarithm that is believed.
const LARGEST_GROWTH: f32 = 4.135_166_6; // ln(1000 / 16)

/// Left, top, right, bottom in pixels; the first pixel reaches from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BBox(pub [f32; 4]);

impl BBox {
    /// The square of `side` around a centre.
    pub fn square(x: f32, y: f32, side: f32) -> Self {
        let half = 0.5 * side;
        Self([x - half, y - half, x + half, y + half])
    }

    /// Width and height.
    pub fn size(&self) -> [f32; 2] {
        let [left, top, right, bottom] = self.0;
        [right - left, bottom - top]
    }

    /// x and y.
    pub fn centre(&self) -> [f32; 2] {
        let [width, height] = self.size();
        [self.0[0] + 0.5 * width, self.0[1] + 0.5 * height]
    }

    /// What of it lies on an image of `rows` and `columns`.
    pub fn clipped(&self, [rows, columns]: [usize; 2]) -> Self {
        let [left, top, right, bottom] = self.0;
        let (x, y) = (|v: f32| v.clamp(0.0, columns as f32), |v: f32| v.clamp(0.0, rows as f32));
        Self([x(left), y(top), x(right), y(bottom)])
    }

    /// The same box on the mirrored image of `columns`.
    pub fn mirrored(&self, columns: usize) -> Self {
        let [left, top, right, bottom] = self.0;
        Self([columns as f32 - right, top, columns as f32 - left, bottom])
    }

    /// Intersection over union; zero for two boxes without area.
    pub fn overlap(&self, other: &Self) -> f32 {
        let area = |b: &Self| b.size()[0] * b.size()[1];
        let side = |axis: usize| {
            (self.0[axis + 2].min(other.0[axis + 2]) - self.0[axis].max(other.0[axis])).max(0.0)
        };
        let shared = side(0) * side(1);
        let union = area(self) + area(other) - shared;
        if union > 0.0 { shared / union } else { 0.0 }
    }
}

/// How a box is written relative to another: shift of the centre in sides, and logarithm of the growth, both axes,
/// each multiplied by a weight so that a network's outputs have a like size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoxCoder {
    /// Of x and y, of width and height.
    weights: [f32; 2],
}

impl BoxCoder {
    /// The proposal network's, relative to anchors.
    pub const ANCHORS: Self = Self { weights: [1.0, 1.0] };
    /// The head's, relative to proposals: Fast R-CNN's deviations of 0.1 and 0.2.
    pub const PROPOSALS: Self = Self { weights: [10.0, 5.0] };

    /// x, y, width, height of `target` as seen from `from`.
    pub fn encode(&self, from: &BBox, target: &BBox) -> [f32; 4] {
        let ([x, y], [width, height]) = (from.centre(), from.size());
        let ([tx, ty], [target_width, target_height]) = (target.centre(), target.size());
        let [shift, growth] = self.weights;
        [
            shift * (tx - x) / width,
            shift * (ty - y) / height,
            growth * (target_width / width).ln(),
            growth * (target_height / height).ln(),
        ]
    }

    /// The box that `code` describes as seen from `from`.
    pub fn decode(&self, from: &BBox, code: [f32; 4]) -> BBox {
        let ([x, y], [width, height]) = (from.centre(), from.size());
        let [shift, growth] = self.weights;
        let (x, y) = (code[0] / shift * width + x, code[1] / shift * height + y);
        let half = |code: f32, side: f32| 0.5 * ((code / growth).min(LARGEST_GROWTH).exp() * side);
        let (half_width, half_height) = (half(code[2], width), half(code[3], height));
        BBox([x - half_width, y - half_height, x + half_width, y + half_height])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_undoes_encoding() {
        let (from, to) = (BBox([10.0, 20.0, 138.0, 148.0]), BBox([30.0, 5.0, 110.0, 160.0]));
        for coder in [BoxCoder::ANCHORS, BoxCoder::PROPOSALS] {
            let back = coder.decode(&from, coder.encode(&from, &to));
            assert!(back.0.iter().zip(to.0).all(|(a, b)| (a - b).abs() < 1e-4), "{back:?}");
        }
        let huge = BoxCoder::ANCHORS.decode(&from, [0.0, 0.0, 50.0, 0.0]);
        assert!((huge.size()[0] - 128.0 * 1000.0 / 16.0).abs() < 1.0, "{huge:?}");
    }

    #[test]
    fn overlaps_by_hand() {
        let a = BBox([0.0, 0.0, 2.0, 2.0]);
        assert!((a.overlap(&BBox([1.0, 1.0, 3.0, 3.0])) - 1.0 / 7.0).abs() < 1e-7);
        assert_eq!(a.overlap(&BBox([2.0, 0.0, 3.0, 2.0])), 0.0);
        assert_eq!(BBox([1.0; 4]).overlap(&BBox([1.0; 4])), 0.0);
        assert_eq!(BBox([1.0, 0.0, 3.0, 2.0]).mirrored(10), BBox([7.0, 0.0, 9.0, 2.0]));
    }
}
