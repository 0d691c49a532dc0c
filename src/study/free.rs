//! Free measurements: what a person measures beside the defined ones, wherever on the film.

use crate::measure::circle::fit;
use crate::measure::{Point, Spacing, Unit};
use serde::{Deserialize, Serialize};

/// Number of a free measurement within its film.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FreeId(pub u32);

/// A figure on the film; all points in pixels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FreeShape {
    Length {
        a: Point,
        b: Point,
    },
    /// At `vertex`, 0–180°.
    Angle {
        vertex: Point,
        a: Point,
        b: Point,
    },
    /// Between two lines, 0–90°, wherever they would meet (J. R. Cobb, 1948).
    Cobb {
        first: [Point; 2],
        second: [Point; 2],
    },
    /// Through points of its rim, three or more, by least squares.
    Circle {
        rim: Vec<Point>,
    },
}

/// A figure and what a person wrote to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FreeMeasurement {
    pub shape: FreeShape,
    #[serde(default)]
    pub label: String,
}

/// What a figure measures.
#[derive(Debug, Clone, PartialEq)]
pub struct FreeValue {
    /// Length; angle; diameter of a circle. In `unit`.
    pub value: f64,
    pub unit: Unit,
    /// How far a length can be trusted; `None` for angles and calibrated lengths.
    pub caution: Option<&'static str>,
    /// Centre and radius of a circle, pixels and columns.
    pub circle: Option<(Point, f64)>,
}

impl FreeShape {
    /// "length", "angle", "Cobb angle", "circle".
    pub fn name(&self) -> &'static str {
        match self {
            FreeShape::Length { .. } => "length",
            FreeShape::Angle { .. } => "angle",
            FreeShape::Cobb { .. } => "Cobb angle",
            FreeShape::Circle { .. } => "circle",
        }
    }

    /// Its points, in the order of drawing.
    pub fn points(&self) -> Vec<Point> {
        match self {
            FreeShape::Length { a, b } => vec![*a, *b],
            FreeShape::Angle { vertex, a, b } => vec![*a, *vertex, *b],
            FreeShape::Cobb { first, second } => [*first, *second].concat(),
            FreeShape::Circle { rim } => rim.clone(),
        }
    }

    /// The same figure with the point of that number, as [`Self::points`] counts, at `to`; unchanged without such a one.
    #[must_use]
    pub fn with_point(mut self, index: usize, to: Point) -> FreeShape {
        let point = match &mut self {
            FreeShape::Length { a, b } => [a, b].into_iter().nth(index),
            FreeShape::Angle { vertex, a, b } => [a, vertex, b].into_iter().nth(index),
            FreeShape::Cobb { first, second } => first.iter_mut().chain(second).nth(index),
            FreeShape::Circle { rim } => rim.get_mut(index),
        };
        if let Some(point) = point {
            *point = to;
        }
        self
    }

    /// What it measures where a pixel is worth `spacing`.
    ///
    /// # Errors
    /// Why there is no value: lines without direction, points of a circle on a line.
    pub fn value(&self, spacing: &Spacing) -> Result<FreeValue, String> {
        let at = |point: Point| spacing.to_metric(point);
        let angle =
            |degrees: f64| FreeValue { value: degrees, unit: Unit::Degree, caution: None, circle: None };
        let length = |value: f64| FreeValue {
            value,
            unit: if spacing.has_millimetres() { Unit::Millimetre } else { Unit::Pixel },
            caution: spacing.status.caution(),
            circle: None,
        };
        let direction = |a: Point, b: Point| {
            (at(b) - at(a)).unit().ok_or_else(|| "two of its points lie on each other".to_owned())
        };
        match self {
            FreeShape::Length { a, b } => Ok(length(at(*a).distance(at(*b)))),
            FreeShape::Angle { vertex, a, b } => {
                Ok(angle(direction(*vertex, *a)?.angle_deg(direction(*vertex, *b)?)))
            }
            FreeShape::Cobb { first: [a, b], second: [c, d] } => {
                let between = direction(*a, *b)?.angle_deg(direction(*c, *d)?);
                Ok(angle(between.min(180.0 - between)))
            }
            FreeShape::Circle { rim } => {
                let rim: Vec<Point> = rim.iter().map(|point| at(*point)).collect();
                let circle = fit(&rim, 0.0).map_err(|_| "its points lie on a line".to_owned())?;
                let drawn = (spacing.to_pixel(circle.center), circle.radius / spacing.column);
                Ok(FreeValue { circle: Some(drawn), ..length(2.0 * circle.radius) })
            }
        }
    }
}
