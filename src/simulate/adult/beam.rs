//! The X-ray beam: where a point falls on the film, and how far a ray runs through a closed surface.
//!
//! The way through a surface is the sum over the triangles that cover a pixel of the signed depth at which its ray meets
//! them: exact, without sorting, and as fast as the triangles can be drawn. It rests on every edge being drawn by both
//! of its triangles without a gap or an overlap, so corners lie on a grid of whole numbers.

use super::mesh::{Mesh, V3};
use crate::measure::Point;
use rayon::prelude::*;

/// Parts of a pixel that corners are rounded to.
const GRID: f64 = 256.0;

/// A point source before a flat detector; millimetres in the frame of [`super::Person`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beam {
    pub source: V3,
    /// z of the detector.
    pub detector: f64,
    /// On the detector, at the middle of the film.
    pub middle: [f64; 2],
    /// Side of a pixel on the detector.
    pub pixel: f64,
    pub rows: usize,
    pub columns: usize,
}

impl Beam {
    /// From source to detector.
    pub fn distance(&self) -> f64 {
        self.detector - self.source.z
    }

    /// How many pixels a millimetre at `p`, across the beam, covers.
    pub fn scale(&self, p: &V3) -> f64 {
        self.distance() / (p.z - self.source.z) / self.pixel
    }

    /// Pixel that `p` falls on.
    pub fn project(&self, p: &V3) -> Point {
        let enlarged = self.distance() / (p.z - self.source.z);
        let u = self.source.x + (p.x - self.source.x) * enlarged;
        let v = self.source.y + (p.y - self.source.y) * enlarged;
        let middle = |count: usize| 0.5 * (count as f64 - 1.0);
        Point::new(
            (u - self.middle[0]) / self.pixel + middle(self.columns),
            (v - self.middle[1]) / self.pixel + middle(self.rows),
        )
    }

    /// The same beam on a finer or coarser detector whose first pixel lies at pixel `first` of this one.
    pub fn window(&self, first: Point, rows: usize, columns: usize, finer: f64) -> Beam {
        let pixel = self.pixel / finer;
        // Middle of the window in pixels of this film, then in millimetres.
        let at = |first: f64, count: usize| first + 0.5 * (count as f64 - 1.0) / finer;
        let middle = |count: usize| 0.5 * (count as f64 - 1.0);
        let x = self.middle[0] + (at(first.x, columns) - middle(self.columns)) * self.pixel;
        let y = self.middle[1] + (at(first.y, rows) - middle(self.rows)) * self.pixel;
        Beam { middle: [x, y], pixel, rows, columns, ..*self }
    }

    /// Millimetres that the ray of every pixel runs inside of `mesh`, which lies between source and detector.
    pub fn path_lengths(&self, mesh: &Mesh) -> Vec<f32> {
        let corners: Vec<Corner> = mesh.vertices.iter().map(|p| self.corner(p)).collect();
        let band = self.rows.div_ceil(rayon::current_num_threads().max(1) * 2).max(16);
        let mut lengths = vec![0.0_f32; self.rows * self.columns];
        lengths.par_chunks_mut(band * self.columns).enumerate().for_each(|(index, lengths)| {
            let top = (index * band) as i64;
            let mut canvas = Canvas { lengths, columns: self.columns as i64, top, reference: -self.source.z };
            for face in &mesh.faces {
                canvas.triangle(face.map(|i| corners[i as usize]));
            }
        });
        let middle = self.project(&V3::new(self.source.x, self.source.y, 0.0));
        for (row, line) in lengths.chunks_exact_mut(self.columns).enumerate() {
            for (column, length) in line.iter_mut().enumerate() {
                let off = Point::new(column as f64, row as f64).distance(middle) * self.pixel;
                // From depth to distance along the ray; rounding may leave a hair less than nothing.
                *length = (f64::from(*length) * (off / self.distance()).hypot(1.0)).max(0.0) as f32;
            }
        }
        lengths
    }

    fn corner(&self, p: &V3) -> Corner {
        let at = self.project(p);
        let whole = |value: f64| (value * GRID).round() as i64;
        Corner { x: whole(at.x), y: whole(at.y), nearness: 1.0 / (p.z - self.source.z) }
    }
}

/// A corner on the film's grid. The inverse of its depth, unlike depth itself, is linear over the film.
#[derive(Clone, Copy)]
struct Corner {
    x: i64,
    y: i64,
    nearness: f64,
}

/// Some rows of the film.
struct Canvas<'a> {
    lengths: &'a mut [f32],
    columns: i64,
    top: i64,
    /// A depth that is about that of all, so that little is lost to rounding.
    reference: f64,
}

impl Canvas<'_> {
    /// Adds the depth of a face that rays leave by, or subtracts that of one they enter by.
    fn triangle(&mut self, [a, mut b, mut c]: [Corner; 3]) {
        let unit = GRID as i64;
        let mut area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
        if area == 0 {
            return;
        }
        let sign = if area > 0 { 1.0 } else { -1.0 };
        if area < 0 {
            (b, c, area) = (c, b, -area);
        }
        let rows = self.lengths.len() as i64 / self.columns;
        let first = |low: i64| low.div_euclid(unit) + i64::from(low.rem_euclid(unit) > 0);
        let (left, right) = (a.x.min(b.x).min(c.x), a.x.max(b.x).max(c.x));
        let (upper, lower) = (a.y.min(b.y).min(c.y), a.y.max(b.y).max(c.y));
        let (left, right) = (first(left).max(0), right.div_euclid(unit).min(self.columns - 1));
        let (upper, lower) = (first(upper).max(self.top), lower.div_euclid(unit).min(self.top + rows - 1));
        if left > right {
            return;
        }
        // A pixel on an edge belongs to the one of two triangles to which the edge is a top or a left one.
        let edge = |p: Corner, q: Corner| {
            let (dx, dy) = (q.x - p.x, q.y - p.y);
            let owned = dy < 0 || (dy == 0 && dx > 0);
            (dx, dy, i64::from(!owned))
        };
        let edges = [(b, edge(b, c)), (c, edge(c, a)), (a, edge(a, b))];
        let nearness = [a.nearness, b.nearness, c.nearness];
        for row in upper..=lower {
            let line = ((row - self.top) * self.columns) as usize;
            for column in left..=right {
                let mut weights = [0_i64; 3];
                let mut inside = true;
                for (weight, (p, (dx, dy, bias))) in weights.iter_mut().zip(&edges) {
                    *weight = dx * (row * unit - p.y) - dy * (column * unit - p.x);
                    inside &= *weight >= *bias;
                }
                if inside {
                    let sum: f64 = weights.iter().zip(&nearness).map(|(w, n)| *w as f64 * n).sum();
                    let depth = area as f64 / sum - self.reference;
                    self.lengths[line + column as usize] += (sign * depth) as f32;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beam() -> Beam {
        Beam {
            source: V3::new(10.0, -20.0, -1000.0),
            detector: 150.0,
            middle: [0.0, 0.0],
            pixel: 0.8,
            rows: 201,
            columns: 241,
        }
    }

    #[test]
    fn a_ray_through_a_sphere_is_as_long_as_its_chord() {
        let (centre, radius) = (V3::new(-12.0, 8.0, 30.0), 40.0);
        let beam = beam();
        let lengths = beam.path_lengths(&Mesh::ellipsoid(centre, V3::repeat(radius)));
        let mut worst = 0.0_f64;
        for (index, length) in lengths.iter().enumerate() {
            let (row, column) = (index / beam.columns, index % beam.columns);
            let at = V3::new(0.8 * (column as f64 - 120.0), 0.8 * (row as f64 - 100.0), 150.0);
            let ray = (at - beam.source).normalize();
            let from = centre - beam.source;
            let aside = (from - ray * from.dot(&ray)).norm();
            let chord = 2.0 * (radius * radius - aside * aside).max(0.0).sqrt();
            // A facet lies up to .17 mm inside of the sphere, along a slanting ray by as much more on either end.
            let slant = (1.0 - (aside / radius).powi(2)).max(0.0).sqrt();
            if slant > 0.2 {
                worst = worst.max((chord - f64::from(*length)).abs() * slant);
            } else if aside > radius {
                assert_eq!(*length, 0.0, "a ray {aside} mm from the middle");
            }
        }
        assert!(worst < 2.0 * 0.17, "{worst}");
    }

    #[test]
    fn nothing_leaks_between_triangles() {
        // Two surfaces that cancel: wherever an edge were drawn twice or not at all, about a metre would be left.
        let mesh = Mesh::ellipsoid(V3::new(3.0, 4.0, 5.0), V3::new(60.0, 50.0, 70.0));
        let beam = Beam { pixel: 0.31, ..beam() };
        let longest = beam.path_lengths(&mesh).into_iter().fold(0.0, f32::max);
        assert!(longest < 141.0, "{longest}");
    }

    #[test]
    fn a_window_sees_the_same_place() {
        let beam = beam();
        let window = beam.window(Point::new(50.0, 40.0), 90, 80, 3.0);
        let p = V3::new(-20.0, 7.0, 12.0);
        let (whole, part) = (beam.project(&p), window.project(&p));
        assert!((50.0 + part.x / 3.0 - whole.x).abs() < 1e-9 && (40.0 + part.y / 3.0 - whole.y).abs() < 1e-9);
    }
}
