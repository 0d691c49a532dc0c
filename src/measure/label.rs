//! Where labels go: lateral of the hip with a leader, never on each other, never on a landmark, inside the image.
//!
//! A label's place is reserved in image pixels, as a share of the image, so that it holds for every way of drawing;
//! who draws keeps the text within [`extent`].

use super::point::{Point, Vector};

/// Height of the box kept free for a label, as a share of the image's longer side.
const HEIGHT: f64 = 0.03;
/// Width of a character as a share of the height, for a bold sans-serif whose size is [`FONT_SIZE`].
const CHARACTER: f64 = 0.48;
/// Largest font size (em) that fits the box, as a share of its height.
pub const FONT_SIZE: f64 = 0.75;
/// Free margin around a label, and the radius kept free around a landmark, as a share of the height.
const MARGIN: f64 = 0.25;
/// Steps of the search across a label's height.
const STEPS: f64 = 2.0;
/// What a place costs, where one label height of distance from the anchor costs 1: each height by which it reaches
/// over the hip, each line it lies on, each label that its leader passes through.
const COST_MEDIAL: f64 = 4.0;
const COST_CROSSED: f64 = 2.0;
const COST_LEADER: f64 = 8.0;

/// A label to be placed.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    pub text: String,
    /// What it speaks of; the label goes as near as it may.
    pub anchor: Point,
    /// The label should lie where `lateral` · position exceeds `limit`.
    pub lateral: Vector,
    pub limit: f64,
}

/// Width and height in image pixels that are kept free for `text` on an image of `rows` × `columns`; the font size is
/// to stay within [`FONT_SIZE`] of the height.
pub fn extent(text: &str, rows: usize, columns: usize) -> (f64, f64) {
    let height = HEIGHT * rows.max(columns) as f64;
    (CHARACTER * height * text.chars().count() as f64, height)
}

/// A box about its centre.
#[derive(Clone, Copy)]
struct Frame {
    center: Point,
    half_width: f64,
    half_height: f64,
}

impl Frame {
    fn overlaps(&self, other: &Frame, margin: f64) -> bool {
        let v = other.center - self.center;
        v.x.abs() < self.half_width + other.half_width + margin
            && v.y.abs() < self.half_height + other.half_height + margin
    }

    /// Least `direction` · position over the box.
    fn least(&self, direction: Vector) -> f64 {
        (self.center - Point::default()).dot(direction)
            - direction.x.abs() * self.half_width
            - direction.y.abs() * self.half_height
    }

    /// Whether the segment passes through (separating axes).
    fn crossed(&self, a: Point, b: Point) -> bool {
        let (start, v) = (a - self.center, b - a);
        let apart = |p: f64, step: f64, half: f64| p.min(p + step) > half || p.max(p + step) < -half;
        let reach = v.x.abs() * self.half_height + v.y.abs() * self.half_width;
        !(apart(start.x, v.x, self.half_width)
            || apart(start.y, v.y, self.half_height)
            || start.cross(v).abs() > reach)
    }
}

/// Centres of the labels, in the order given; `None` for one that has no free place.
pub fn place<'a>(
    wanted: impl Iterator<Item = &'a Wanted>,
    landmarks: &[Point],
    lines: &[(Point, Point)],
    rows: usize,
    columns: usize,
) -> Vec<Option<Point>> {
    let mut taken: Vec<Frame> = Vec::new();
    wanted
        .map(|label| {
            let frame = best(label, &taken, landmarks, lines, rows, columns)?;
            taken.push(frame);
            Some(frame.center)
        })
        .collect()
}

fn best(
    label: &Wanted,
    taken: &[Frame],
    landmarks: &[Point],
    lines: &[(Point, Point)],
    rows: usize,
    columns: usize,
) -> Option<Frame> {
    let (width, height) = extent(&label.text, rows, columns);
    let (half_width, half_height, margin) = (0.5 * width, 0.5 * height, MARGIN * height);
    let free = |frame: &Frame| {
        let covers = |mark: &Point| {
            let v = *mark - frame.center;
            v.x.abs() < half_width + margin && v.y.abs() < half_height + margin
        };
        !taken.iter().any(|other| frame.overlaps(other, margin)) && !landmarks.iter().any(covers)
    };
    let to_heights = 1.0 / (height * label.lateral.length());
    let cost = |frame: &Frame| {
        let medial = ((label.limit - frame.least(label.lateral)) * to_heights).max(0.0);
        let crossings = lines.iter().filter(|(a, b)| frame.crossed(*a, *b)).count() as f64;
        let through = taken.iter().filter(|other| other.crossed(frame.center, label.anchor)).count() as f64;
        frame.center.distance(label.anchor) / height
            + COST_MEDIAL * medial
            + COST_CROSSED * crossings
            + COST_LEADER * through
    };
    let along = |half: f64, size: usize| {
        let (first, last) = (half - 0.5, size as f64 - 0.5 - half);
        let count = ((last - first) / (height / STEPS)).floor();
        (0..if count >= 0.0 { count as usize + 1 } else { 0 })
            .map(move |i| first + (last - first).min(i as f64 * height / STEPS))
    };
    along(half_height, rows)
        .flat_map(|y| along(half_width, columns).map(move |x| Point::new(x, y)))
        .map(|center| Frame { center, half_width, half_height })
        .filter(free)
        .map(|frame| (cost(&frame), frame))
        .min_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, frame)| frame)
}
