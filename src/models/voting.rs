//! From a point's three planes to the point: every cell votes where it believes the point is (paper: see
//! [`super::whdv`]).
//!
//! The vote image is multiplied by the weight plane, smoothed, and its peak is the point. Ours: a vote counts
//! as much as its voter's weight (the loss leaves the displacements of weightless cells untrained), votes
//! are spread over the four nearest pixels, and the peak is refined below a pixel by a parabola through the
//! logarithm of its neighbours, which is exact for a Gaussian.

use crate::measure::{Point, Vector};
use serde::{Deserialize, Serialize};

/// How votes are gathered; a model's plan holds it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voting {
    /// SD in frame pixels of the Gaussian that smooths the vote image.
    pub smoothing_px: f64,
    /// Whether a voter's own weight scales its vote; the paper's votes are all equal.
    pub weighted_voters: bool,
    /// Whether voters vote for where their displacement points; else for themselves, and the vote image is the
    /// heatmap (the paper's "heatmap only").
    #[serde(default = "yes")]
    pub displaced: bool,
}

fn yes() -> bool {
    true
}

impl Voting {
    /// The paper's: all votes are equal, smoothed with an SD of 4 pixels.
    pub const PAPER: Self = Self { smoothing_px: 4.0, weighted_voters: false, displaced: true };
}

impl Default for Voting {
    fn default() -> Self {
        Self { smoothing_px: 1.0, weighted_voters: true, displaced: true }
    }
}

/// The planes of one point on a grid of `rows` × `columns` cells, each `stride` frame pixels wide.
#[derive(Debug, Clone, Copy)]
pub struct PointPlanes<'a> {
    pub rows: usize,
    pub columns: usize,
    pub stride: usize,
    /// Displacement from a cell's centre to the point, in frame pixels, row-major.
    pub dx: &'a [f32],
    pub dy: &'a [f32],
    /// Heatmap, 0–1.
    pub weight: &'a [f32],
}

/// Where the votes went.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Elected {
    /// In frame pixels.
    pub position: Point,
    /// Per-axis SD of the votes around it, in frame pixels. Not yet an error: see the plan's calibration.
    pub spread: f64,
    /// Heatmap at the point times the share of all votes that fell near it, 0–1.
    pub confidence: f64,
}

/// Counts the votes of one point; `None` where no vote has any weight.
pub fn elect(planes: &PointPlanes, voting: &Voting) -> Option<Elected> {
    let (height, width) = (planes.rows * planes.stride, planes.columns * planes.stride);
    let votes = ballots(planes, voting);
    let mut image = vec![0.0_f32; height * width];
    for vote in &votes {
        splat(&mut image, height, width, vote);
    }
    smooth(&mut image, height, width, voting.smoothing_px);
    let peak = (0..image.len()).max_by(|a, b| image[*a].total_cmp(&image[*b]))?;
    if image[peak].is_nan() || image[peak] <= 0.0 {
        return None;
    }
    let position = refine(&image, height, width, peak);
    let near = (2.0 * planes.stride as f64).max(3.0 * voting.smoothing_px);
    let (mut inside, mut all, mut square) = (0.0, 0.0, 0.0);
    for vote in &votes {
        let distance = vote.at.distance(position);
        all += vote.weight;
        if distance <= near {
            inside += vote.weight;
            square += vote.weight * distance * distance;
        }
    }
    let heat = f64::from(planes.weight_at(position)).clamp(0.0, 1.0);
    Some(Elected {
        position,
        spread: if inside > 0.0 { (0.5 * square / inside).sqrt() } else { near },
        confidence: heat * inside / all,
    })
}

struct Vote {
    at: Point,
    weight: f64,
}

/// The votes that fall into the frame, each with the weight of where it falls.
fn ballots(planes: &PointPlanes, voting: &Voting) -> Vec<Vote> {
    let (right, bottom) =
        ((planes.columns * planes.stride) as f64 - 1.0, (planes.rows * planes.stride) as f64 - 1.0);
    (0..planes.rows * planes.columns)
        .filter_map(|cell| {
            let own = *planes.weight.get(cell)?;
            let centre = planes.centre(cell);
            let away = Vector::new(f64::from(*planes.dx.get(cell)?), f64::from(*planes.dy.get(cell)?));
            let at = if voting.displaced { centre + away } else { centre };
            let inside = at.x >= 0.0 && at.y >= 0.0 && at.x <= right && at.y <= bottom;
            let voter = if voting.weighted_voters { f64::from(own.max(0.0)) } else { 1.0 };
            let weight = if inside { voter * f64::from(planes.weight_at(at)).max(0.0) } else { 0.0 };
            (weight > 0.0).then_some(Vote { at, weight })
        })
        .collect()
}

impl PointPlanes<'_> {
    /// A cell's centre in frame pixels.
    fn centre(&self, cell: usize) -> Point {
        let of = |index: usize| (index as f64 + 0.5) * self.stride as f64 - 0.5;
        Point::new(of(cell % self.columns), of(cell / self.columns))
    }

    /// The weight plane between the cells' centres.
    fn weight_at(&self, at: Point) -> f32 {
        let cells = |value: f64, count: usize| {
            ((value + 0.5) / self.stride as f64 - 0.5).clamp(0.0, count as f64 - 1.0)
        };
        let (x, y) = (cells(at.x, self.columns), cells(at.y, self.rows));
        let (x0, y0) = (x.floor() as usize, y.floor() as usize);
        let (x1, y1) = ((x0 + 1).min(self.columns - 1), (y0 + 1).min(self.rows - 1));
        let (fx, fy) = ((x - x0 as f64) as f32, (y - y0 as f64) as f32);
        let value = |row: usize, column: usize| self.weight[row * self.columns + column];
        let top = value(y0, x0) * (1.0 - fx) + value(y0, x1) * fx;
        let below = value(y1, x0) * (1.0 - fx) + value(y1, x1) * fx;
        top * (1.0 - fy) + below * fy
    }
}

/// One vote over its four nearest pixels.
fn splat(image: &mut [f32], height: usize, width: usize, vote: &Vote) {
    let (x0, y0) = (vote.at.x.floor() as usize, vote.at.y.floor() as usize);
    let (fx, fy) = (vote.at.x.fract(), vote.at.y.fract());
    for (row, wy) in [(y0, 1.0 - fy), (y0 + 1, fy)] {
        for (column, wx) in [(x0, 1.0 - fx), (x0 + 1, fx)] {
            if row < height && column < width {
                image[row * width + column] += (vote.weight * wx * wy) as f32;
            }
        }
    }
}

/// Gaussian of `sd` pixels along both axes, cut at 4 SD; nothing comes in from outside.
fn smooth(image: &mut [f32], height: usize, width: usize, sd: f64) {
    if sd <= 0.0 {
        return;
    }
    let radius = (4.0 * sd).ceil() as usize;
    let kernel: Vec<f32> = (0..=2 * radius)
        .map(|i| (-(i as f64 - radius as f64).powi(2) / (2.0 * sd * sd)).exp() as f32)
        .collect();
    let total: f32 = kernel.iter().sum();
    let pass = |image: &mut [f32], lines: usize, line: usize, length: usize, step: usize| {
        let mut out = vec![0.0_f32; length];
        for index in 0..lines {
            let start = index * line;
            out.fill(0.0);
            for i in 0..length {
                let value = image[start + i * step];
                // Votes are sparse: scattering what is there beats gathering everywhere.
                if value != 0.0 {
                    let low = i.saturating_sub(radius);
                    let high = (i + radius).min(length - 1);
                    for (target, weight) in out[low..=high].iter_mut().zip(&kernel[low + radius - i..]) {
                        *target += value * weight / total;
                    }
                }
            }
            for (i, value) in out.iter().enumerate() {
                image[start + i * step] = *value;
            }
        }
    };
    pass(image, height, width, width, 1);
    pass(image, width, 1, height, width);
}

/// The peak below a pixel, never more than half a pixel off.
fn refine(image: &[f32], height: usize, width: usize, peak: usize) -> Point {
    let (row, column) = (peak / width, peak % width);
    let log = |index: usize| f64::from(image[index].max(f32::MIN_POSITIVE)).ln();
    let offset = |before: f64, here: f64, after: f64| {
        let curvature = before - 2.0 * here + after;
        if curvature < 0.0 { (0.5 * (before - after) / curvature).clamp(-0.5, 0.5) } else { 0.0 }
    };
    let dx =
        if column > 0 && column + 1 < width { offset(log(peak - 1), log(peak), log(peak + 1)) } else { 0.0 };
    let dy = if row > 0 && row + 1 < height {
        offset(log(peak - width), log(peak), log(peak + width))
    } else {
        0.0
    };
    Point::new(column as f64 + dx, row as f64 + dy)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Synthetic {
        dx: Vec<f32>,
        dy: Vec<f32>,
        weight: Vec<f32>,
    }

    const ROWS: usize = 20;
    const COLUMNS: usize = 24;
    const STRIDE: usize = 4;

    /// The planes a perfect network gives for `point`, its displacements cut at ±`truncation` pixels.
    fn perfect(point: Point, sigma: f64, truncation: f64) -> Synthetic {
        let mut planes = Synthetic { dx: vec![], dy: vec![], weight: vec![] };
        for cell in 0..ROWS * COLUMNS {
            let x = ((cell % COLUMNS) as f64 + 0.5) * 4.0 - 0.5;
            let y = ((cell / COLUMNS) as f64 + 0.5) * 4.0 - 0.5;
            planes.dx.push((point.x - x).clamp(-truncation, truncation) as f32);
            planes.dy.push((point.y - y).clamp(-truncation, truncation) as f32);
            let square = (point.x - x).powi(2) + (point.y - y).powi(2);
            planes.weight.push((-square / (2.0 * sigma * sigma)).exp() as f32);
        }
        planes
    }

    impl Synthetic {
        fn planes(&self) -> PointPlanes<'_> {
            PointPlanes {
                rows: ROWS,
                columns: COLUMNS,
                stride: STRIDE,
                dx: &self.dx,
                dy: &self.dy,
                weight: &self.weight,
            }
        }
    }

    #[test]
    fn perfect_planes_give_the_point_exactly() {
        let paper = Voting::PAPER;
        // Displacements cut short mislead the paper's far voters, which count as much as near ones.
        for (voting, truncation) in [(Voting::default(), 24.0), (paper, 1e3)] {
            for point in [Point::new(40.0, 33.0), Point::new(51.37, 22.81), Point::new(30.5, 60.25)] {
                let planes = perfect(point, 6.0, truncation);
                let elected = elect(&planes.planes(), &voting).unwrap();
                assert!(elected.position.distance(point) < 0.05, "{voting:?} {point:?} {elected:?}");
                assert!(elected.spread < 0.1, "{elected:?}");
                assert!(elected.confidence > 0.9, "{elected:?}");
            }
        }
    }

    #[test]
    fn without_displacements_the_heatmap_decides() {
        let point = Point::new(51.4, 33.8);
        let mut planes = perfect(point, 6.0, 24.0);
        planes.dx.fill(17.0);
        let voting = Voting { displaced: false, weighted_voters: false, smoothing_px: 1.0 };
        let elected = elect(&planes.planes(), &voting).unwrap();
        // Votes lie on the grid of the cells: without displacements there is nothing finer.
        assert!(elected.position.distance(point) < 2.0, "{elected:?}");
    }

    #[test]
    fn the_spread_of_noisy_votes_is_their_standard_deviation() {
        use rand::SeedableRng;
        use rand_distr::{Distribution, Normal};
        let point = Point::new(48.0, 40.0);
        let mut planes = perfect(point, 8.0, 24.0);
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        let noise = Normal::new(0.0, 1.5).unwrap();
        for value in planes.dx.iter_mut().chain(planes.dy.iter_mut()) {
            *value += noise.sample(&mut random) as f32;
        }
        let elected = elect(&planes.planes(), &Voting::default()).unwrap();
        assert!(elected.position.distance(point) < 1.0, "{elected:?}");
        assert!((1.1..1.9).contains(&elected.spread), "{elected:?}");
    }

    #[test]
    fn the_weight_plane_decides_between_two_places_with_equal_votes() {
        let (left, right) = (Point::new(20.0, 40.0), Point::new(70.0, 40.0));
        let (a, b) = (perfect(left, 6.0, 100.0), perfect(right, 6.0, 100.0));
        let mut both = perfect(left, 6.0, 100.0);
        for cell in 0..ROWS * COLUMNS {
            if cell % COLUMNS >= COLUMNS / 2 {
                both.dx[cell] = b.dx[cell];
                both.dy[cell] = b.dy[cell];
            }
            both.weight[cell] = 0.4 * a.weight[cell] + 0.9 * b.weight[cell];
        }
        let paper = Voting::PAPER;
        for voting in [Voting::default(), paper] {
            let elected = elect(&both.planes(), &voting).unwrap();
            assert!(elected.position.distance(right) < 0.5, "{elected:?}");
            assert!(elected.confidence < 0.9, "the other place took its share: {elected:?}");
        }
    }

    #[test]
    fn no_weight_no_point() {
        let mut planes = perfect(Point::new(40.0, 40.0), 6.0, 24.0);
        planes.weight.fill(0.0);
        assert_eq!(elect(&planes.planes(), &Voting::default()), None);
        planes.weight.fill(f32::NAN);
        assert_eq!(elect(&planes.planes(), &Voting::default()), None);
    }
}
