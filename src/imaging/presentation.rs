//! What a file says of how its image is shown and read, beyond the grey scale: the names of its windows, overlay planes
//! and the display shutter (PS3.3 C.7.6.11, C.9.2, C.11.2), the unit of its values, and text burned into it.

use super::spacing::StatedSpacing;
use crate::measure::Point;

/// How one frame is presented.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Presentation {
    /// Names of [`Radiograph::voi`](super::Radiograph::voi), in its order; `Window 2` where the file gives none.
    pub voi_names: Vec<String>,
    pub overlays: Vec<Overlay>,
    pub shutter: Option<Shutter>,
    /// Frames of the file.
    pub frames: u32,
    /// Unit of the modality values as a reader writes it, `HU` for instance; empty where the file names none.
    pub unit: String,
    /// BurnedInAnnotation; `None` where the file does not say.
    pub burned_in: Option<bool>,
    pub spacing: StatedSpacing,
}

/// Graphics in a plane of their own, one bit a pixel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlay {
    /// Group of the plane, 6000 to 601E hexadecimal.
    pub group: u16,
    pub label: String,
    pub rows: usize,
    pub columns: usize,
    /// Row and column of the image that its first pixel covers, from 0; may lie outside.
    pub origin: (i64, i64),
    /// Whether it marks a region of interest instead of graphics.
    pub is_region: bool,
    /// `rows * columns`, row-major.
    pub mask: Vec<bool>,
}

/// Outside of every shape the image is hidden.
#[derive(Debug, Clone, PartialEq)]
pub struct Shutter {
    pub shapes: Vec<ShutterShape>,
    /// Grey of what is hidden.
    pub grey: u8,
}

/// What a shutter leaves visible, in pixel coordinates.
#[derive(Debug, Clone, PartialEq)]
pub enum ShutterShape {
    /// Bounds included.
    Rectangle {
        left: f64,
        right: f64,
        top: f64,
        bottom: f64,
    },
    Circle {
        center: Point,
        radius: f64,
    },
    Polygon(Vec<Point>),
}

impl ShutterShape {
    fn shows(&self, at: Point) -> bool {
        match self {
            Self::Rectangle { left, right, top, bottom } => {
                (*left..=*right).contains(&at.x) && (*top..=*bottom).contains(&at.y)
            }
            Self::Circle { center, radius } => (at.x - center.x).hypot(at.y - center.y) <= *radius,
            Self::Polygon(corners) => is_inside(corners, at),
        }
    }
}

/// Even–odd rule.
fn is_inside(corners: &[Point], at: Point) -> bool {
    let mut inside = false;
    for (i, a) in corners.iter().enumerate() {
        let b = corners[(i + 1) % corners.len()];
        let crosses = (a.y > at.y) != (b.y > at.y);
        if crosses && at.x < a.x + (b.x - a.x) * (at.y - a.y) / (b.y - a.y) {
            inside = !inside;
        }
    }
    inside
}

impl Presentation {
    /// Index of the window named `name`, or of its number from 1; upper and lower case are one.
    pub fn voi(&self, name: &str) -> Option<usize> {
        let named = self.voi_names.iter().position(|n| n.eq_ignore_ascii_case(name.trim()));
        let numbered = || name.trim().parse::<usize>().ok()?.checked_sub(1);
        named.or_else(numbered).filter(|&index| index < self.voi_names.len())
    }

    /// Hides what the shutter hides, then draws the overlays in white on greys of `rows × columns`.
    pub fn draw(&self, grey: &mut [u8], rows: usize, columns: usize) {
        if columns == 0 || grey.len() != rows * columns {
            return;
        }
        if let Some(shutter) = &self.shutter {
            for (i, pixel) in grey.iter_mut().enumerate() {
                let at = Point::new((i % columns) as f64, (i / columns) as f64);
                if !shutter.shapes.iter().all(|shape| shape.shows(at)) {
                    *pixel = shutter.grey;
                }
            }
        }
        for overlay in &self.overlays {
            for (i, _) in overlay.mask.iter().enumerate().filter(|(_, set)| **set) {
                let row = overlay.origin.0 + (i / overlay.columns) as i64;
                let column = overlay.origin.1 + (i % overlay.columns) as i64;
                if (0..rows as i64).contains(&row) && (0..columns as i64).contains(&column) {
                    grey[row as usize * columns + column as usize] = 255;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shutters_hide_and_overlays_draw() {
        let square = Overlay {
            group: 0x6000,
            label: String::new(),
            rows: 1,
            columns: 2,
            origin: (1, -1),
            is_region: false,
            mask: vec![true; 2],
        };
        let rectangle = ShutterShape::Rectangle { left: 1.0, right: 2.0, top: 0.0, bottom: 1.0 };
        let shown = Presentation {
            overlays: vec![square],
            shutter: Some(Shutter { shapes: vec![rectangle], grey: 9 }),
            ..Presentation::default()
        };
        let mut grey = vec![50; 9];
        shown.draw(&mut grey, 3, 3);
        assert_eq!(grey, [9, 50, 50, 255, 50, 50, 9, 9, 9]);
    }

    #[test]
    fn shapes_know_their_inside() {
        let circle = ShutterShape::Circle { center: Point::new(5.0, 5.0), radius: 2.0 };
        assert!(circle.shows(Point::new(7.0, 5.0)) && !circle.shows(Point::new(7.0, 6.0)));
        let corners = [(0.0, 0.0), (4.0, 0.0), (0.0, 4.0)].map(|(x, y)| Point::new(x, y));
        let triangle = ShutterShape::Polygon(corners.to_vec());
        assert!(triangle.shows(Point::new(1.0, 1.0)) && !triangle.shows(Point::new(3.0, 3.0)));
    }

    #[test]
    fn windows_are_chosen_by_name_or_number() {
        let shown = Presentation { voi_names: vec!["BONE".into(), "Soft".into()], ..Presentation::default() };
        assert_eq!(
            [shown.voi("soft"), shown.voi("1"), shown.voi("3"), shown.voi("0")],
            [Some(1), Some(0), None, None]
        );
    }
}
