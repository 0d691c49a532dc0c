//! What the left button of the mouse does on the bare film, and what it has drawn that is not yet of the study.

use super::figures::FigureKind;
use crate::imaging::{Rectangle, Sphere};
use crate::measure::Point;

/// The hand on the film. All but the first say in a line above the film what they wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tool {
    /// Points, window and level.
    #[default]
    Hand,
    /// A line of known length.
    Line,
    /// A sphere of known diameter.
    Sphere,
    /// A magnification to be typed.
    Magnification,
    /// Parts of the film to be blacked out in a copy.
    Black,
    /// A free length, angle or circle.
    Figure(FigureKind),
    /// Paints a label of the mask.
    Brush,
    Eraser,
    /// Paints inside what is drawn around.
    Polygon,
    /// Paints a region of one label.
    Fill,
    /// Draws the chosen curve.
    Curve,
}

impl Tool {
    /// Whether it works on masks.
    pub fn is_of_masks(self) -> bool {
        matches!(self, Tool::Brush | Tool::Eraser | Tool::Polygon | Tool::Fill)
    }

    /// Whether a disc goes with the cursor.
    pub fn is_round(self) -> bool {
        matches!(self, Tool::Brush | Tool::Eraser)
    }

    /// Whether clicks make a line that a person ends.
    pub fn is_outline(self) -> bool {
        matches!(self, Tool::Polygon | Tool::Curve)
    }
}

/// What was drawn with the tool.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    pub line: Option<(Point, Point)>,
    pub sphere: Option<Sphere>,
    /// Why the last click found nothing.
    pub objection: Option<&'static str>,
    /// The size that was typed.
    pub text: String,
    /// A rectangle while it is drawn.
    pub rectangle: Option<(Point, Point)>,
    /// The points of a figure, polygon or curve so far.
    pub figure: Vec<Point>,
    /// Keep sex, age, size and weight in the copy.
    pub keep_characteristics: bool,
}

/// The pixels between two corners on a film of `rows` × `columns`; `None` of no size.
pub fn rectangle((a, b): (Point, Point), rows: usize, columns: usize) -> Option<Rectangle> {
    let edge = |v: f64, size: usize| (v + 0.5).round().clamp(0.0, size as f64) as usize;
    let (left, right) = (edge(a.x.min(b.x), columns), edge(a.x.max(b.x), columns));
    let (top, bottom) = (edge(a.y.min(b.y), rows), edge(a.y.max(b.y), rows));
    (right > left && bottom > top).then_some(Rectangle {
        x: left,
        y: top,
        width: right - left,
        height: bottom - top,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_are_whole_pixels_of_the_film() {
        let found = rectangle((Point::new(9.6, 20.0), Point::new(-4.0, 2.4)), 12, 30);
        assert_eq!(found, Some(Rectangle { x: 0, y: 3, width: 10, height: 9 }));
        assert_eq!(rectangle((Point::new(3.0, 3.0), Point::new(3.0, 9.0)), 12, 30), None);
    }
}
