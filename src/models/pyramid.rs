//! A picture at halved resolutions, from which windows of any size, place and attitude are read without aliasing.

use super::similarity::Similarity;
use crate::measure::Point;

/// Share of the greys beyond which they are clipped, at each end.
const CLIPPED: f32 = 0.005;
/// Halving ends when a side is shorter than this.
const SMALLEST: usize = 8;

#[derive(Debug, Clone)]
struct Level {
    rows: usize,
    columns: usize,
    grey: Vec<f32>,
}

/// Greys of mean 0 and SD 1 (their tails clipped), and the same at a half, a quarter, …
#[derive(Debug, Clone)]
pub struct Pyramid {
    levels: Vec<Level>,
    /// SD of the clipped greys over their range; 0 for a blank picture.
    pub contrast: f32,
}

/// A rectangle of pixels read from a picture.
#[derive(Debug, Clone)]
pub struct Window {
    pub rows: usize,
    pub columns: usize,
    /// Row-major; 0, the mean grey, off the picture.
    pub values: Vec<f32>,
}

impl Pyramid {
    /// `grey` is row-major, `rows × columns`, in any unit; greys that are not finite count as the mean.
    pub fn new(grey: &[f32], rows: usize, columns: usize) -> Self {
        let (grey, contrast) = standardised(grey);
        let mut levels = vec![Level { rows, columns, grey }];
        while let Some(half) = levels.last().and_then(Level::half) {
            levels.push(half);
        }
        Self { levels, contrast }
    }

    pub fn rows(&self) -> usize {
        self.levels[0].rows
    }

    pub fn columns(&self) -> usize {
        self.levels[0].columns
    }

    /// The window whose pixel (x, y) shows what lies at `pose`(x, y) of the picture.
    pub fn window(&self, pose: &Similarity, rows: usize, columns: usize) -> Window {
        // The level whose pixels are the largest that are no larger than the window's.
        let wanted = pose.scale().max(1.0).log2().floor() as usize;
        let at = wanted.min(self.levels.len() - 1);
        let level = &self.levels[at];
        let factor = 1.0 / (1_usize << at) as f64;
        let mut values = Vec::with_capacity(rows * columns);
        let (dx, dy) = (pose.a * factor, pose.b * factor);
        for row in 0..rows {
            let start = pose.apply(Point::new(0.0, row as f64));
            // Pixel centres of a halved picture lie between those of the whole one.
            let (mut x, mut y) = ((start.x + 0.5) * factor - 0.5, (start.y + 0.5) * factor - 0.5);
            for _ in 0..columns {
                values.push(level.at(x, y));
                x += dx;
                y += dy;
            }
        }
        Window { rows, columns, values }
    }

    /// The picture with its greys turned round.
    pub fn negated(&self) -> Self {
        let mut negated = self.clone();
        negated.levels.iter_mut().flat_map(|level| &mut level.grey).for_each(|v| *v = -*v);
        negated
    }

    /// The picture of the mirrored patient.
    pub fn mirrored(&self) -> Self {
        let mut mirrored = self.clone();
        for level in &mut mirrored.levels {
            let columns = level.columns;
            level.grey.chunks_exact_mut(columns).for_each(<[f32]>::reverse);
        }
        mirrored
    }
}

impl Level {
    /// The mean of each two by two; an odd last row or column is left out.
    fn half(&self) -> Option<Level> {
        let (rows, columns) = (self.rows / 2, self.columns / 2);
        if rows.min(columns) < SMALLEST {
            return None;
        }
        let mut grey = Vec::with_capacity(rows * columns);
        for row in 0..rows {
            let (top, below) = (2 * row * self.columns, (2 * row + 1) * self.columns);
            for column in (0..2 * columns).step_by(2) {
                let sum = self.grey[top + column]
                    + self.grey[top + column + 1]
                    + self.grey[below + column]
                    + self.grey[below + column + 1];
                grey.push(0.25 * sum);
            }
        }
        Some(Level { rows, columns, grey })
    }

    /// Between pixel centres; half a pixel beyond the outermost ones the picture ends.
    fn at(&self, x: f64, y: f64) -> f32 {
        let (right, bottom) = (self.columns as f64 - 1.0, self.rows as f64 - 1.0);
        if !(x >= -0.5 && y >= -0.5 && x <= right + 0.5 && y <= bottom + 0.5) {
            return 0.0;
        }
        let (x, y) = (x.clamp(0.0, right), y.clamp(0.0, bottom));
        let (x0, y0) = (x as usize, y as usize);
        let (x1, y1) = ((x0 + 1).min(self.columns - 1), (y0 + 1).min(self.rows - 1));
        let (fx, fy) = ((x - x0 as f64) as f32, (y - y0 as f64) as f32);
        let (top, below) = (y0 * self.columns, y1 * self.columns);
        let above = self.grey[top + x0] + fx * (self.grey[top + x1] - self.grey[top + x0]);
        let under = self.grey[below + x0] + fx * (self.grey[below + x1] - self.grey[below + x0]);
        above + fy * (under - above)
    }
}

fn standardised(grey: &[f32]) -> (Vec<f32>, f32) {
    let mut kept: Vec<f32> = grey.iter().copied().filter(|v| v.is_finite()).collect();
    let Some(last) = kept.len().checked_sub(1) else { return (vec![0.0; grey.len()], 0.0) };
    let tail = (CLIPPED * last as f32) as usize;
    let low = *kept.select_nth_unstable_by(tail, f32::total_cmp).1;
    let high = *kept.select_nth_unstable_by(last - tail, f32::total_cmp).1;
    let clipped = || kept.iter().map(|v| f64::from(v.clamp(low, high)));
    let mean = clipped().sum::<f64>() / kept.len() as f64;
    let sd = (clipped().map(|v| (v - mean).powi(2)).sum::<f64>() / kept.len() as f64).sqrt();
    if sd <= 1e-6 * f64::from(high.abs().max(low.abs()).max(1e-6)) {
        return (vec![0.0; grey.len()], 0.0);
    }
    let of = |v: &f32| match v.is_finite() {
        true => ((f64::from(v.clamp(low, high)) - mean) / sd) as f32,
        false => 0.0,
    };
    (grey.iter().map(of).collect(), (sd / f64::from(high - low)) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: usize = 120;
    const COLUMNS: usize = 160;

    fn blob(at: Point) -> Vec<f32> {
        let of = |i: usize| Point::new((i % COLUMNS) as f64, (i / COLUMNS) as f64);
        (0..ROWS * COLUMNS).map(|i| (-of(i).distance(at).powi(2) / 72.0).exp() as f32).collect()
    }

    /// Whatever the scale, hence the level, content lies where the pose says.
    #[test]
    fn content_lands_where_points_land() {
        let at = Point::new(71.0, 52.0);
        let pyramid = Pyramid::new(&blob(at), ROWS, COLUMNS);
        for (scale, turn) in [(0.5, 0.0), (1.0, 0.4), (1.7, -0.3), (3.0, 0.2), (4.5, 0.0)] {
            let side = (200.0 / scale) as usize;
            let middle = 0.5 * (side as f64 - 1.0);
            let turned = Similarity::new(scale, turn, Point::new(75.0, 55.0));
            let pose = turned.after(&Similarity::translation(Point::default() - Point::new(middle, middle)));
            let window = pyramid.window(&pose, side, side);
            let darkest = window.values.iter().copied().fold(f32::MAX, f32::min);
            let (mut x, mut y, mut total) = (0.0, 0.0, 0.0);
            let expected = pose.inverse().apply(at);
            for (i, v) in window.values.iter().enumerate() {
                let p = Point::new((i % side) as f64, (i / side) as f64);
                // What lies off the picture is grey and has no say.
                if p.distance(expected) < 24.0 / scale {
                    let weight = f64::from(v - darkest);
                    (x, y, total) = (x + weight * p.x, y + weight * p.y, total + weight);
                }
            }
            let found = Point::new(x / total, y / total);
            assert!(found.distance(expected) < 0.1, "{scale} {turn}: {found:?} {expected:?}");
        }
    }

    #[test]
    fn a_mirrored_pyramid_is_that_of_the_mirrored_picture() {
        let grey = blob(Point::new(40.0, 50.0));
        let mirrored: Vec<f32> =
            grey.chunks_exact(COLUMNS).flat_map(|row| row.iter().rev().copied()).collect();
        let pose = Similarity::new(2.3, 0.1, Point::new(3.0, 4.0));
        let ours = Pyramid::new(&grey, ROWS, COLUMNS).mirrored().window(&pose, 30, 40);
        let theirs = Pyramid::new(&mirrored, ROWS, COLUMNS).window(&pose, 30, 40);
        assert!(ours.values.iter().zip(&theirs.values).all(|(a, b)| (a - b).abs() < 1e-4));
    }

    #[test]
    fn blank_and_broken_pictures_are_grey() {
        let blank = Pyramid::new(&[7.0; 400], 20, 20);
        assert_eq!(blank.contrast, 0.0);
        let mut broken = blob(Point::new(10.0, 10.0));
        broken[5] = f32::NAN;
        let window = Pyramid::new(&broken, ROWS, COLUMNS).window(&Similarity::IDENTITY, ROWS, COLUMNS);
        assert!(window.values.iter().all(|v| v.is_finite()));
    }
}
