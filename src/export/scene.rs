//! What stands over the film, in the units of whoever paints it: lines, landmark rings, labels, side letters and the
//! scale bar. The raster and the page differ only in how they put these few items down.

use super::report::{POINTS_MARGIN, Report};
use super::style::{self, Rgb};
use super::text::{Type, Weight};
use crate::measure::construction::Shape;
use crate::measure::{LandmarkCode, Origin, Point, Side, Spacing, SpacingStatus};

/// Where a part of the film lies on the canvas.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// Upper left corner of the film's part in pixel coordinates (pixel edges, so −0.5 is the film's own edge).
    pub left: f64,
    pub top: f64,
    /// Canvas units per film pixel.
    pub scale_x: f64,
    pub scale_y: f64,
    /// Size on the canvas.
    pub width: f32,
    pub height: f32,
    /// Canvas units of one design pixel: lines, rings and type scale with it, not with the film.
    pub unit: f32,
}

impl View {
    /// The whole of what a report shows, in true proportions, as large as fits `width` × `height`; the design is made
    /// for a film 640 design pixels on its longer side.
    pub fn fitting(report: &Report, width: f32, height: f32) -> View {
        let (left, top, columns, rows) = shown(report);
        let aspect = report.spacing.row / report.spacing.column;
        let scale_x = (f64::from(width) / columns).min(f64::from(height) / (rows * aspect));
        let scale_y = scale_x * aspect;
        let (width, height) = ((columns * scale_x) as f32, (rows * scale_y) as f32);
        View { left, top, scale_x, scale_y, width, height, unit: width.max(height) / 640.0 }
    }

    fn place(&self, pixel: Point) -> [f32; 2] {
        [((pixel.x - self.left) * self.scale_x) as f32, ((pixel.y - self.top) * self.scale_y) as f32]
    }
}

/// Left, top, columns and rows of the part of the pixel plane that is shown: the film, or without one the points.
pub fn shown(report: &Report) -> (f64, f64, f64, f64) {
    if let Some(film) = &report.film {
        return (-0.5, -0.5, film.columns as f64, film.rows as f64);
    }
    let positions: Vec<Point> = report.landmarks.iter().filter_map(|(_, l)| l.position()).collect();
    let range = |of: fn(&Point) -> f64| {
        let low = positions.iter().map(of).fold(f64::INFINITY, f64::min);
        let high = positions.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
        if low <= high { (low, high) } else { (0.0, 1.0) }
    };
    let ((left, right), (top, bottom)) = (range(|p| p.x), range(|p| p.y));
    let margin = (POINTS_MARGIN * (right - left).max(bottom - top)).max(1.0);
    (left - margin, top - margin, right - left + 2.0 * margin, bottom - top + 2.0 * margin)
}

/// One thing to paint. All lines and texts carry a dark halo.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    Line {
        points: Vec<[f32; 2]>,
        color: Rgb,
        width: f32,
        dash: Option<[f32; 2]>,
    },
    /// A landmark: a hollow ring, with a solid core where a person put it.
    Ring {
        center: [f32; 2],
        radius: f32,
        color: Rgb,
        core: bool,
    },
    /// `at` is the left end of the baseline.
    Text {
        at: [f32; 2],
        text: String,
        size: f32,
        weight: Weight,
        color: Rgb,
    },
}

/// Everything over the film, in painting order, in canvas units from the film's upper left corner.
pub fn items(report: &Report, view: &View, lettering: &Type) -> Vec<Item> {
    let mut items = lines(report, view);
    items.extend(rings(report, view));
    items.extend(labels(report, view, lettering));
    items.extend(side_letters(report, view, lettering));
    items.extend(scale_bar(&report.spacing, view, lettering));
    items
}

fn lines(report: &Report, view: &View) -> Vec<Item> {
    let path = |shape: &Shape| match shape {
        Shape::Line { a, b } => Some(vec![view.place(*a), view.place(*b)]),
        Shape::Arc { points, .. } => Some(points.iter().map(|p| view.place(*p)).collect()),
        Shape::Label { .. } => None,
    };
    report
        .construction
        .iter()
        .filter_map(|primitive| {
            Some(Item::Line {
                points: path(&primitive.shape)?,
                color: style::color(primitive.role),
                width: style::LINE * view.unit,
                dash: style::dash(primitive.role).map(|d| d.map(|length| length * view.unit)),
            })
        })
        .collect()
}

fn rings(report: &Report, view: &View) -> Vec<Item> {
    report
        .landmarks
        .iter()
        .filter_map(|(id, landmark)| {
            let corrected = landmark.origin == Origin::Person;
            // The femoral head is a centre, not an edge: a smaller ring leaves the nucleus to be seen.
            let radius = if id.code == LandmarkCode::FH { 0.75 } else { 1.0 } * style::RING;
            Some(Item::Ring {
                center: view.place(landmark.position()?),
                radius: radius * view.unit,
                color: if corrected { style::CORRECTED } else { style::POINT },
                core: corrected,
            })
        })
        .collect()
}

/// The construction's labels with their leaders. Their places are free by construction as long as the text stays within
/// `measure::label::extent`, 0.035 of the longer side high: 15 design pixels of 640 do.
fn labels(report: &Report, view: &View, lettering: &Type) -> Vec<Item> {
    let size = 15.0 * view.unit;
    let mut leaders = Vec::new();
    let mut texts = Vec::new();
    for primitive in &report.construction {
        let Shape::Label { anchor, at, text } = &primitive.shape else { continue };
        let color = style::color(primitive.role);
        let width = lettering.width(text, Weight::Bold, size);
        let ([center, middle], [x, y]) = (view.place(*at), view.place(*anchor));
        let (left, top) = (center - width / 2.0, middle - size / 2.0);
        let tail = [x.clamp(left, left + width), y.clamp(top, top + size)];
        leaders.push(Item::Line { points: vec![tail, [x, y]], color, width: view.unit, dash: None });
        // Capitals of Noto Sans stand 0.71 em high: that much below the middle is the baseline.
        let at = [left, top + size * 0.86];
        texts.push(Item::Text { at, text: text.clone(), size, weight: Weight::Bold, color });
    }
    leaders.extend(texts);
    leaders
}

/// `R` and `L` in the upper corners, on the patient's sides; in brackets where the file does not say them.
fn side_letters(report: &Report, view: &View, lettering: &Type) -> Vec<Item> {
    let size = 24.0 * view.unit;
    let margin = 12.0 * view.unit;
    Side::BOTH
        .iter()
        .map(|side| {
            let on_left = (*side == Side::Right) == report.right_on_left;
            let letter = side.letter();
            let text = if report.sides_stated { letter.to_owned() } else { format!("({letter})") };
            let width = lettering.width(&text, Weight::Bold, size);
            let x = if on_left { margin } else { view.width - margin - width };
            Item::Text { at: [x, margin + size * 0.75], text, size, weight: Weight::Bold, color: style::TEXT }
        })
        .collect()
}

/// A bar of a round length at the lower left, where lengths mean something; detector lengths say so.
fn scale_bar(spacing: &Spacing, view: &View, lettering: &Type) -> Vec<Item> {
    let suffix = match spacing.status {
        SpacingStatus::Calibrated | SpacingStatus::Corrected | SpacingStatus::Ermf => "",
        SpacingStatus::Detector => " at the detector",
        SpacingStatus::UnknownCalibration | SpacingStatus::AssumedIsotropic => return Vec::new(),
    };
    let per_millimetre = view.scale_x / spacing.column;
    let widest = f64::from(view.width) / 4.0;
    let Some(length) =
        [100.0, 50.0, 20.0, 10.0, 5.0, 2.0, 1.0].into_iter().find(|mm| mm * per_millimetre <= widest)
    else {
        return Vec::new();
    };
    let margin = 14.0 * view.unit;
    let tick = 4.0 * view.unit;
    let end = margin + (length * per_millimetre) as f32;
    let base = view.height - margin;
    let size = 12.0 * view.unit;
    let text = format!("{length} mm{suffix}");
    let indent = ((end - margin - lettering.width(&text, Weight::Regular, size)) / 2.0).max(0.0);
    vec![
        Item::Line {
            points: vec![[margin, base - tick], [margin, base], [end, base], [end, base - tick]],
            color: style::TEXT,
            width: style::LINE * view.unit,
            dash: None,
        },
        Item::Text {
            at: [margin + indent, base - tick - 4.0 * view.unit],
            text,
            size,
            weight: Weight::Regular,
            color: style::TEXT,
        },
    ]
}
