//! A calibration sphere found from a click inside it: rays to its edge, a circle through what they hit.

use super::radiograph::Radiograph;
use crate::measure::{Point, circle};
use serde::{Deserialize, Serialize};

/// A sphere's outline, in pixel coordinates; an ellipse there where pixels are not square.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sphere {
    pub center: Point,
    /// In columns.
    pub radius: f64,
    /// The points of the edge that the circle goes through, to be shown.
    pub edge: Vec<Point>,
    /// Root of the mean squared distance of the edge to the circle, in columns.
    pub residual: f64,
}

const RAYS: usize = 180;
/// Spheres are at least this many columns in radius, and at most this share of the shorter side.
const SMALLEST: f64 = 5.0;
const LARGEST_SHARE: f64 = 0.25;
/// Edge points further than this share of the radius from the circle belong to something else.
const OUTLIER: f64 = 0.04;
/// Share of the rays that must agree.
const AGREEING: f64 = 0.6;
/// Steps along a ray, in columns.
const STEP: f64 = 0.5;

/// The sphere around `click`: brighter than what is around it, as metal is. `None` where no circle is found.
pub fn find_sphere(film: &Radiograph, click: Point) -> Option<Sphere> {
    let picture =
        Picture { grey: film.grey(), rows: film.rows, columns: film.columns, aspect: film.pixel_aspect() };
    let side = (film.columns as f64).min(film.rows as f64 * picture.aspect);
    let start = Point::new(click.x, click.y * picture.aspect);
    let mut circle = circle::Circle { center: start, radius: LARGEST_SHARE * side, arc_deg: 360.0 };
    let mut band = (1.0, circle.radius);
    let mut edge = Vec::new();
    // The first rays start at the click; the next at the centre they found, and look only near the circle.
    for _ in 0..4 {
        edge = picture.edge(circle.center, band);
        circle = agreed(&edge)?;
        if !(SMALLEST..=LARGEST_SHARE * side).contains(&circle.radius) {
            return None;
        }
        band = (0.75 * circle.radius, 1.25 * circle.radius);
    }
    edge.retain(|p| circle.outside(*p).abs() <= OUTLIER * circle.radius);
    let inside = (start - circle.center).length() < circle.radius;
    if !inside || (edge.len() as f64) < AGREEING * RAYS as f64 {
        return None;
    }
    let squares: f64 = edge.iter().map(|p| circle.outside(*p).powi(2)).sum();
    let to_pixel = |p: Point| Point::new(p.x, p.y / picture.aspect);
    Some(Sphere {
        center: to_pixel(circle.center),
        radius: circle.radius,
        residual: (squares / edge.len() as f64).sqrt(),
        edge: edge.into_iter().map(to_pixel).collect(),
    })
}

/// Greys under square coordinates: x in columns, y stretched by the shape of the pixels.
struct Picture {
    grey: Vec<f32>,
    rows: usize,
    columns: usize,
    aspect: f64,
}

impl Picture {
    /// Bilinear; `None` outside.
    fn at(&self, p: Point) -> Option<f64> {
        let (x, y) = (p.x, p.y / self.aspect);
        if x < 0.0 || y < 0.0 || x > (self.columns - 1) as f64 || y > (self.rows - 1) as f64 {
            return None;
        }
        let (left, top) = (x.floor() as usize, y.floor() as usize);
        let (right, bottom) = ((left + 1).min(self.columns - 1), (top + 1).min(self.rows - 1));
        let (fx, fy) = (x - left as f64, y - top as f64);
        let value = |row: usize, column: usize| f64::from(self.grey[row * self.columns + column]);
        let upper = value(top, left) * (1.0 - fx) + value(top, right) * fx;
        let lower = value(bottom, left) * (1.0 - fx) + value(bottom, right) * fx;
        Some(upper * (1.0 - fy) + lower * fy)
    }

    /// Where each ray from `from` loses most brightness, at distances in `band`.
    fn edge(&self, from: Point, band: (f64, f64)) -> Vec<Point> {
        (0..RAYS).filter_map(|ray| self.edge_on(from, ray, band)).collect()
    }

    fn edge_on(&self, from: Point, ray: usize, (near, far): (f64, f64)) -> Option<Point> {
        let (sin, cos) = (std::f64::consts::TAU * ray as f64 / RAYS as f64).sin_cos();
        let on = |distance: f64| Point::new(from.x + cos * distance, from.y + sin * distance);
        let count = ((far - near) / STEP).ceil().max(0.0) as usize;
        let distances = || (0..=count).map(|i| near + STEP * i as f64);
        // Over two columns, so that noise of single pixels does not count.
        let falls: Vec<f64> = distances()
            .map(|d| Some(self.at(on(d - 1.0))? - self.at(on(d + 1.0))?))
            .map_while(|fall| fall)
            .collect();
        let (peak, fall) = falls.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
        if *fall <= 0.0 {
            return None;
        }
        // The top of the parabola through the peak and its neighbours.
        let shift = match (peak.checked_sub(1).and_then(|i| falls.get(i)), falls.get(peak + 1)) {
            (Some(before), Some(after)) if 2.0 * fall - before - after > 0.0 => {
                0.5 * (after - before) / (2.0 * fall - before - after)
            }
            _ => 0.0,
        };
        Some(on(near + STEP * (peak as f64 + shift)))
    }
}

/// `None` where the points lie on a line.
fn through(points: &[Point]) -> Option<circle::Circle> {
    circle::fit(points, 0.0).ok()
}

/// The circle on which most of `edge` agrees: tried through triples spread over the rays, then fitted to the agreeing.
fn agreed(edge: &[Point]) -> Option<circle::Circle> {
    let count = edge.len();
    if count < 12 {
        return None;
    }
    let fits = |circle: &circle::Circle| {
        edge.iter().filter(|p| circle.outside(**p).abs() <= OUTLIER * circle.radius).count()
    };
    let triples = (0..count).flat_map(|i| [3, 4, 6].map(|part| [i, i + count / part, i + 2 * count / part]));
    let tried = triples.filter_map(|triple| through(&triple.map(|i| edge[i % count])));
    let mut circle = tried.max_by_key(fits)?;
    for _ in 0..3 {
        let near: Vec<Point> =
            edge.iter().copied().filter(|p| circle.outside(*p).abs() <= OUTLIER * circle.radius).collect();
        circle = through(&near)?;
    }
    Some(circle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Spacing, SpacingStatus};

    /// A bright ball on a noisy slope, beside a bright bone, on pixels `aspect` times as high as wide.
    fn film(center: (f64, f64), radius: f64, aspect: f64) -> Radiograph {
        let (rows, columns) = (300, 400);
        let grey: Vec<f32> = (0..rows * columns)
            .map(|i| {
                let (x, y) = ((i % columns) as f64, (i / columns) as f64);
                let distance = (x - center.0).hypot((y - center.1) * aspect);
                let ball = 0.6 / (1.0 + ((distance - radius) / 0.8).exp());
                let bone = if x > center.0 + radius + 4.0 { 0.35 } else { 0.0 };
                let noise = f64::from((i as u32).wrapping_mul(2_654_435_761) >> 16 & 0xFF) / 255.0 * 0.04;
                (0.1 + 0.0003 * x + ball + bone + noise) as f32
            })
            .collect();
        let mut film = Radiograph::from_grey(rows, columns, &grey, 12).expect("an image");
        film.spacing = Spacing { row: aspect, column: 1.0, status: SpacingStatus::AssumedIsotropic };
        film
    }

    #[test]
    fn a_click_anywhere_inside_finds_the_sphere() {
        let film = film((150.3, 120.7), 31.4, 1.0);
        for click in [(150.0, 121.0), (135.0, 110.0), (170.0, 125.0), (150.0, 145.0)] {
            let sphere = find_sphere(&film, Point::new(click.0, click.1)).expect("a sphere");
            assert!((sphere.center - Point::new(150.3, 120.7)).length() < 0.5, "{:?}", sphere.center);
            assert!((sphere.radius - 31.4).abs() < 0.01 * 31.4, "{}", sphere.radius);
        }
    }

    #[test]
    fn pixels_that_are_not_square_are_no_obstacle() {
        let film = film((150.0, 120.0), 40.0, 1.5);
        let sphere = find_sphere(&film, Point::new(155.0, 115.0)).expect("a sphere");
        assert!((sphere.radius - 40.0).abs() < 0.4, "{}", sphere.radius);
        assert!((sphere.center - Point::new(150.0, 120.0)).length() < 0.5);
    }

    #[test]
    fn no_sphere_is_found_where_none_is() {
        let film = film((150.0, 120.0), 30.0, 1.0);
        assert_eq!(find_sphere(&film, Point::new(330.0, 250.0)), None);
        assert_eq!(find_sphere(&film, Point::new(-5.0, 2000.0)), None);
    }
}
