//! From a landmark's map to the landmark: its place below a pixel, how far that is to be believed.

use crate::measure::{Point, Vector};

/// Pixels with less than this share of the largest probability are the map's floor and no place of the landmark.
const FLOOR: f64 = 1e-3;

/// A probability for every pixel of a frame; they sum to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    pub columns: usize,
    /// Row-major.
    pub values: Vec<f32>,
}

/// What a map says of its landmark, in pixels of the frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    pub position: Point,
    /// Second moments about the position: of x, of x with y, of y. Every place that the map holds for possible counts,
    /// a second peak far away included.
    pub covariance: [f64; 3],
    /// Probability within the radius of the position.
    pub confidence: f64,
}

impl Reading {
    /// Per-axis SD.
    pub fn spread(&self) -> f64 {
        (0.5 * (self.covariance[0] + self.covariance[2])).sqrt()
    }
}

impl Map {
    /// The map whose logarithm is that of `weights` divided by `temperature`, scaled to sum to 1; `None` where no
    /// weight is positive.
    pub fn new(columns: usize, weights: &[f32], temperature: f64) -> Option<Self> {
        let largest = weights.iter().copied().filter(|w| w.is_finite()).fold(0.0, f32::max);
        if largest <= 0.0 || columns == 0 {
            return None;
        }
        let power = (1.0 / temperature) as f32;
        let mut values: Vec<f32> =
            weights.iter().map(|w| if *w > 0.0 { (w / largest).powf(power) } else { 0.0 }).collect();
        let total: f64 = values.iter().map(|v| f64::from(*v)).sum();
        values.iter_mut().for_each(|v| *v = (f64::from(*v) / total) as f32);
        Some(Self { columns, values })
    }

    fn at(&self, x: usize, y: usize) -> f64 {
        f64::from(self.values[y * self.columns + x])
    }

    /// Reads the map; confidence is the probability within `radius` pixels.
    pub fn read(&self, radius: f64) -> Reading {
        let peak = (0..self.values.len()).max_by(|a, b| self.values[*a].total_cmp(&self.values[*b]));
        let peak = peak.unwrap_or_default();
        let position = self.refined(peak % self.columns, peak / self.columns);
        let floor = FLOOR * f64::from(self.values[peak]);
        let (mut inside, mut mass, mut moments) = (0.0, 0.0, [0.0; 3]);
        for (index, value) in self.values.iter().enumerate() {
            let weight = f64::from(*value);
            if weight < floor {
                continue;
            }
            let pixel = Point::new((index % self.columns) as f64, (index / self.columns) as f64);
            let v = pixel - position;
            for (moment, product) in moments.iter_mut().zip([v.x * v.x, v.x * v.y, v.y * v.y]) {
                *moment += weight * product;
            }
            mass += weight;
            if v.length() <= radius {
                inside += weight;
            }
        }
        Reading { position, covariance: moments.map(|moment| moment / mass), confidence: inside.min(1.0) }
    }

    /// The top of the paraboloid through the logarithms of the 3 × 3 pixels around the largest, which is exact for any
    /// Gaussian; where they have no top within a pixel (a plateau, an edge), their centroid.
    fn refined(&self, x: usize, y: usize) -> Point {
        let rows = self.values.len() / self.columns;
        let centre = Point::new(x as f64, y as f64);
        if x == 0 || y == 0 || x + 1 >= self.columns || y + 1 >= rows {
            return centre;
        }
        let around: [[f64; 3]; 3] =
            std::array::from_fn(|j| std::array::from_fn(|i| self.at(x + i - 1, y + j - 1)));
        top_of_paraboloid(&around).map_or_else(|| centre + centroid(&around), |offset| centre + offset)
    }
}

/// Offset from the middle, by Newton's step on the logarithms' differences.
fn top_of_paraboloid(around: &[[f64; 3]; 3]) -> Option<Vector> {
    if around.iter().flatten().any(|v| *v <= 0.0) {
        return None;
    }
    let l = around.map(|row| row.map(f64::ln));
    let (gx, gy) = (0.5 * (l[1][2] - l[1][0]), 0.5 * (l[2][1] - l[0][1]));
    let (xx, yy) = (l[1][2] - 2.0 * l[1][1] + l[1][0], l[2][1] - 2.0 * l[1][1] + l[0][1]);
    let xy = 0.25 * (l[2][2] - l[2][0] - l[0][2] + l[0][0]);
    let determinant = xx * yy - xy * xy;
    let offset = Vector::new(xy * gy - yy * gx, xy * gx - xx * gy) * (1.0 / determinant);
    let is_top = xx < 0.0 && determinant > 0.0 && offset.x.abs() <= 1.0 && offset.y.abs() <= 1.0;
    is_top.then_some(offset)
}

/// Offset of the mean place from the middle.
fn centroid(around: &[[f64; 3]; 3]) -> Vector {
    let (mut total, mut x, mut y) = (0.0, 0.0, 0.0);
    for (j, row) in around.iter().enumerate() {
        for (i, weight) in row.iter().enumerate() {
            total += weight;
            x += weight * (i as f64 - 1.0);
            y += weight * (j as f64 - 1.0);
        }
    }
    Vector::new(x / total, y / total)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: usize = 64;

    /// A Gaussian with second moments 4, `xy` and 9.
    fn gaussian(at: Point, xy: f64) -> Vec<f32> {
        let (a, b, c) = (4.0, xy, 9.0);
        let determinant = a * c - b * b;
        (0..SIDE * SIDE)
            .map(|i| {
                let v = Point::new((i % SIDE) as f64, (i / SIDE) as f64) - at;
                let square = (c * v.x * v.x - 2.0 * b * v.x * v.y + a * v.y * v.y) / determinant;
                (-0.5 * square).exp() as f32
            })
            .collect()
    }

    #[test]
    fn a_gaussian_is_read_exactly() {
        for (x, y, xy) in [(30.0, 31.0, 0.0), (30.3, 31.45, 2.0), (20.49, 40.51, -3.0)] {
            let at = Point::new(x, y);
            let reading = Map::new(SIDE, &gaussian(at, xy), 1.0).unwrap().read(3.0);
            assert!(reading.position.distance(at) < 1e-3, "{reading:?} {at:?}");
            for (found, expected) in reading.covariance.iter().zip([4.0, xy, 9.0]) {
                assert!((found - expected).abs() < 0.1, "{reading:?}");
            }
            assert!((reading.spread() - 6.5_f64.sqrt()).abs() < 0.02, "{reading:?}");
        }
        // Within 1 SD of a round Gaussian lies 1 − exp(−½).
        let round: Vec<f32> = (0..SIDE * SIDE)
            .map(|i| {
                let v = Point::new((i % SIDE) as f64, (i / SIDE) as f64) - Point::new(31.5, 31.5);
                (-v.dot(v) / (2.0 * 64.0)).exp() as f32
            })
            .collect();
        let reading = Map::new(SIDE, &round, 1.0).unwrap().read(8.0);
        assert!((reading.confidence - (1.0 - (-0.5_f64).exp())).abs() < 0.02, "{reading:?}");
    }

    #[test]
    fn temperature_widens_a_gaussian_by_its_root() {
        let sharp = Map::new(SIDE, &gaussian(Point::new(30.0, 30.0), 0.0), 1.0).unwrap().read(3.0);
        let soft = Map::new(SIDE, &gaussian(Point::new(30.0, 30.0), 0.0), 4.0).unwrap().read(3.0);
        assert!((soft.spread() / sharp.spread() - 2.0).abs() < 0.03, "{sharp:?} {soft:?}");
        assert!(soft.confidence < sharp.confidence && soft.position.distance(sharp.position) < 1e-3);
    }

    #[test]
    fn a_second_peak_is_a_doubt() {
        let (one, other) = (Point::new(16.0, 32.0), Point::new(48.0, 32.0));
        let both: Vec<f32> =
            gaussian(one, 0.0).iter().zip(gaussian(other, 0.0)).map(|(a, b)| 0.6 * a + 0.4 * b).collect();
        let reading = Map::new(SIDE, &both, 1.0).unwrap().read(10.0);
        assert!(reading.position.distance(one) < 1e-2);
        assert!((reading.confidence - 0.6).abs() < 0.01, "{reading:?}");
        assert!((reading.covariance[0] - (4.0 + 0.4 * 32.0 * 32.0)).abs() < 5.0, "{reading:?}");
    }

    #[test]
    fn edges_plateaus_and_nothing() {
        let mut values = vec![0.0; SIDE * SIDE];
        assert_eq!(Map::new(SIDE, &values, 1.0), None);
        assert_eq!(Map::new(SIDE, &[f32::NAN; 64], 1.0), None);
        values[0] = 1.0;
        let reading = Map::new(SIDE, &values, 1.0).unwrap().read(1.0);
        assert_eq!((reading.position, reading.confidence), (Point::new(0.0, 0.0), 1.0));
        // Two equal pixels side by side: the point between them.
        let mut values = vec![0.0; SIDE * SIDE];
        (values[10 * SIDE + 20], values[10 * SIDE + 21]) = (1.0, 1.0);
        let reading = Map::new(SIDE, &values, 1.0).unwrap().read(1.0);
        assert!(reading.position.distance(Point::new(20.5, 10.0)) < 1e-9, "{reading:?}");
    }
}
