//! The lines a reader draws on a hip film, as plain geometry: the window, the PNG and the PDF draw these same primitives,
//! so they cannot disagree. [`construct`] has those of an infant, [`drawn`] what stands over any film, [`figure`] the
//! geometry of one measurement.

mod adult;
mod figure;
mod pen;

pub use figure::figure;
pub use pen::Pen;

use super::anatomy::Hip;
use super::frame::HipFrame;
use super::hip::{acetabular_index, ihdi};
use super::label::{self, Wanted};
use super::landmark::{LandmarkCode, LandmarkSet, Side};
use super::measurement::{Assessment, ReferenceLine, Status, Unit};
use super::metric::MetricLandmarks;
use super::point::{Point, Vector};
use super::spacing::Spacing;

/// How far lines run beyond the points that define them, in TRC–TRC distances.
const BEYOND: f64 = 0.15;
/// Length of the IHDI D-line from the crossing, likewise.
const D_LINE: f64 = 0.5;
/// Where the grade's leader ends on the D-line, as a share of it: above the femur, in soft tissue.
const GRADE_AT: f64 = 0.25;
/// How far the roof line runs beyond both its points, as a share of its length.
const ROOF_BEYOND: f64 = 0.15;
/// Radius of the angle's arc, as a share of the roof's length.
const ARC_RADIUS: f64 = 0.6;
/// How far lateral of the hip labels begin, in TRC–TRC distances.
const LABEL_BEYOND: f64 = 0.03;
/// One point of the arc for so many degrees.
const ARC_STEP_DEG: f64 = 2.0;

/// What may lie outermost of a hip.
const OUTERMOST: [LandmarkCode; 7] = [
    LandmarkCode::SMA,
    LandmarkCode::HP,
    LandmarkCode::FH,
    LandmarkCode::LAE,
    LandmarkCode::LCP,
    LandmarkCode::NA,
    LandmarkCode::GT,
];

/// What a primitive is; it decides colour and dash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    Hilgenreiner,
    Perkin,
    Roof,
    DLine,
    AngleArc,
    /// A line that gives the directions, or runs parallel to it.
    Reference,
    /// Of the femur's neck or shaft.
    Axis,
    /// A circle or an outline.
    Outline,
    /// A length that is measured.
    Distance,
}

/// Geometry in pixel coordinates of the full-resolution image.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    Line {
        a: Point,
        b: Point,
    },
    /// An open polyline along an arc about `center`.
    Arc {
        center: Point,
        points: Vec<Point>,
    },
    /// Text centred at `at`, within [`label::extent`] (a font of [`label::FONT_SIZE`] × its height fits), with a
    /// leader from there to `anchor`; the box reaches over the leader's start.
    Label {
        anchor: Point,
        at: Point,
        text: String,
    },
}

/// One thing to draw.
#[derive(Debug, Clone, PartialEq)]
pub struct Primitive {
    pub role: Role,
    /// `None` for the Hilgenreiner line, which belongs to both.
    pub side: Option<Side>,
    pub shape: Shape,
    /// Code of the measurement or finding it belongs to, for highlighting; `None` where it serves several.
    pub measurement: Option<&'static str>,
}

/// Everything that can be drawn from the landmarks that are there, clipped to an image of `rows` × `columns`.
///
/// Labels carry the acetabular index and the IHDI grade; they lie inside the image, lateral of the hip where there
/// is room, off each other and off every landmark, and are left out where no such place exists.
pub fn construct(landmarks: &LandmarkSet, spacing: &Spacing, rows: usize, columns: usize) -> Vec<Primitive> {
    let points = MetricLandmarks::new(landmarks, spacing);
    let Ok(frame) = HipFrame::new(&points) else { return Vec::new() };
    let mut sheet = Sheet { spacing, rows, columns, primitives: Vec::new(), wanted: Vec::new() };
    let hips = Side::BOTH.map(|side| Hip { points: &points, frame: &frame, side });
    sheet.hilgenreiner(&hips);
    for hip in &hips {
        // The angle is placed first: it is the number that readers look for.
        sheet.roof(hip);
        sheet.perkin_and_d_line(hip);
    }
    sheet.labels(landmarks)
}

/// [`construct`] without what `assessment` refuses: a label beside "not measured", or beside the same angle against
/// another line, would contradict it, and with sides in doubt no line has a meaning.
pub fn drawn(
    landmarks: &LandmarkSet,
    spacing: &Spacing,
    rows: usize,
    columns: usize,
    assessment: &Assessment,
) -> Vec<Primitive> {
    if assessment.measurements.iter().any(|m| m.status == Status::LateralityConflict) {
        return Vec::new();
    }
    let stands = |primitive: &Primitive| {
        let Some(code) = primitive.measurement else { return true };
        let says_value =
            matches!(primitive.role, Role::AngleArc) || matches!(primitive.shape, Shape::Label { .. });
        let measured = assessment.measurement(code, primitive.side).is_some_and(|m| {
            m.value.is_some() && m.reference_line.is_none_or(|line| line == ReferenceLine::Hilgenreiner)
        });
        let graded = assessment.finding(code, primitive.side).is_some_and(|f| f.grade.is_some());
        !says_value || measured || graded
    };
    let infant = construct(landmarks, spacing, rows, columns).into_iter().filter(stands).collect::<Vec<_>>();
    if infant.is_empty() { adult::adult(landmarks, spacing, rows, columns, assessment) } else { infant }
}

struct Sheet<'a> {
    spacing: &'a Spacing,
    rows: usize,
    columns: usize,
    primitives: Vec<Primitive>,
    wanted: Vec<(Role, Side, &'static str, Wanted)>,
}

impl Sheet<'_> {
    /// Through both TRC, out to beyond the Perkin lines.
    fn hilgenreiner(&mut self, hips: &[Hip; 2]) {
        let [right, left] = hips.map(|hip| {
            let trc = hip.point(LandmarkCode::TRC).ok()?;
            let to_perkin = hip.offset(LandmarkCode::TRC, LandmarkCode::SMA).map_or(0.0, |roof| roof.lateral);
            let reach = to_perkin.max(0.0) + BEYOND * hip.frame.baseline;
            Some(trc + hip.frame.lateral(hip.side) * reach)
        });
        if let (Some(a), Some(b)) = (right, left) {
            self.line(Role::Hilgenreiner, None, a, b, None);
        }
    }

    /// Through SMA, perpendicular to Hilgenreiner; and 45° outwards and downwards from where they cross.
    fn perkin_and_d_line(&mut self, hip: &Hip) {
        let (Ok(sma), Ok(roof)) =
            (hip.point(LandmarkCode::SMA), hip.offset(LandmarkCode::TRC, LandmarkCode::SMA))
        else {
            return;
        };
        let (up, baseline) = (hip.frame.cranial, hip.frame.baseline);
        let crossing = sma - up * roof.cranial;
        let at_femur = hip.offset(LandmarkCode::TRC, LandmarkCode::HP).map_or(0.0, |femur| femur.cranial);
        let top = roof.cranial.max(0.0) + BEYOND * baseline;
        let bottom = at_femur.min(roof.cranial).min(0.0) - BEYOND * baseline;
        let (side, grade) = (Some(hip.side), Some(ihdi::RULE.code));
        self.line(Role::Perkin, side, crossing + up * top, crossing + up * bottom, grade);
        let outwards =
            (hip.frame.lateral(hip.side) + -up) * (D_LINE * baseline * std::f64::consts::FRAC_1_SQRT_2);
        self.line(Role::DLine, side, crossing, crossing + outwards, grade);

        let Ok(graded) = (ihdi::RULE.grade)(hip) else { return };
        let grade_text = format!("IHDI {}", ihdi::RULE.grades[graded.grade]);
        self.label(Role::DLine, hip, crossing + outwards * GRADE_AT, grade_text, ihdi::RULE.code);
    }

    /// TRC → SMA, the arc of the acetabular index about TRC, and its label.
    fn roof(&mut self, hip: &Hip) {
        let (Ok(trc), Ok(roof), Ok(index)) = (
            hip.point(LandmarkCode::TRC),
            hip.direction(LandmarkCode::TRC, LandmarkCode::SMA),
            acetabular_index::DEFINITION.of_hip(hip),
        ) else {
            return;
        };
        let (side, code) = (Some(hip.side), acetabular_index::DEFINITION.code);
        let along = |lateral: f64, cranial: f64| {
            trc + hip.frame.lateral(hip.side) * lateral + hip.frame.cranial * cranial
        };
        let at = |share: f64| along(roof.lateral * share, roof.cranial * share);
        self.line(Role::Roof, side, at(-ROOF_BEYOND), at(1.0 + ROOF_BEYOND), Some(code));

        let radius = ARC_RADIUS * roof.lateral.hypot(roof.cranial);
        let on_arc = |degrees: f64| {
            let (sin, cos) = degrees.to_radians().sin_cos();
            along(radius * cos, radius * sin)
        };
        let steps = (index.abs() / ARC_STEP_DEG).ceil().max(1.0);
        let arc = (0..=steps as usize).map(|i| self.pixel(on_arc(index * i as f64 / steps)));
        let arc: Vec<Point> = arc.filter(|point| self.inside(*point)).collect();
        let center = self.pixel(trc);
        if arc.len() > 1 {
            let shape = Shape::Arc { center, points: arc };
            self.primitives.push(Primitive { role: Role::AngleArc, side, shape, measurement: Some(code) });
        }
        let text = format!("AI {index:.1}{}", Unit::Degree.suffix());
        self.label(Role::AngleArc, hip, on_arc(index / 2.0), text, code);
    }

    fn line(
        &mut self,
        role: Role,
        side: Option<Side>,
        a: Point,
        b: Point,
        measurement: Option<&'static str>,
    ) {
        if let Some((a, b)) = clip(self.pixel(a), self.pixel(b), self.rows, self.columns) {
            self.primitives.push(Primitive { role, side, shape: Shape::Line { a, b }, measurement });
        }
    }

    /// Asks for a label; it is placed once all lines are drawn.
    fn label(&mut self, role: Role, hip: &Hip, anchor: Point, text: String, code: &'static str) {
        let anchor = self.pixel(anchor);
        if !self.inside(anchor) {
            return;
        }
        let lateral = hip.frame.lateral(hip.side);
        // Beyond roof edge, metaphysis and nucleus, so that the label hides no joint.
        let outermost = OUTERMOST
            .into_iter()
            .filter_map(|code| hip.point(code).ok())
            .map(|point| (point - Point::default()).dot(lateral))
            .fold(f64::MIN, f64::max);
        let wanted = Wanted {
            text,
            anchor,
            // The product with a metric position is that of this vector with the pixel position.
            lateral: Vector::new(lateral.x * self.spacing.column, lateral.y * self.spacing.row),
            limit: outermost
                + LABEL_BEYOND * if hip.frame.baseline.is_finite() { hip.frame.baseline } else { 0.0 },
        };
        self.wanted.push((role, hip.side, code, wanted));
    }

    fn labels(mut self, landmarks: &LandmarkSet) -> Vec<Primitive> {
        let marks: Vec<Point> = landmarks
            .iter()
            .filter_map(|(_, landmark)| landmark.position())
            .filter(|p| p.is_finite())
            .collect();
        let line = |primitive: &Primitive| match primitive.shape {
            Shape::Line { a, b } => Some((a, b)),
            _ => None,
        };
        let lines: Vec<(Point, Point)> = self.primitives.iter().filter_map(line).collect();
        let places = label::place(
            self.wanted.iter().map(|(.., wanted)| wanted),
            &marks,
            &lines,
            self.rows,
            self.columns,
        );
        for ((role, side, code, Wanted { text, anchor, .. }), place) in self.wanted.into_iter().zip(places) {
            let Some(at) = place else { continue };
            let shape = Shape::Label { anchor, at, text };
            self.primitives.push(Primitive { role, side: Some(side), shape, measurement: Some(code) });
        }
        self.primitives
    }

    fn pixel(&self, metric: Point) -> Point {
        self.spacing.to_pixel(metric)
    }

    fn inside(&self, pixel: Point) -> bool {
        let within = |v: f64, size: usize| (-0.5..=size as f64 - 0.5).contains(&v);
        within(pixel.x, self.columns) && within(pixel.y, self.rows)
    }
}

/// The part of `a`–`b` on the image, whose pixels reach half a pixel beyond their centres (Liang & Barsky 1984).
fn clip(a: Point, b: Point, rows: usize, columns: usize) -> Option<(Point, Point)> {
    if !(a.is_finite() && b.is_finite()) {
        return None;
    }
    let v = b - a;
    let (mut from, mut to) = (0.0_f64, 1.0_f64);
    for (start, step, size) in [(a.x, v.x, columns), (a.y, v.y, rows)] {
        let (low, high) = (-0.5 - start, size as f64 - 0.5 - start);
        if step == 0.0 {
            if low > 0.0 || high < 0.0 {
                return None;
            }
        } else {
            let (enter, leave) =
                if step > 0.0 { (low / step, high / step) } else { (high / step, low / step) };
            from = from.max(enter);
            to = to.min(leave);
        }
    }
    (from < to).then(|| (a + v * from, a + v * to))
}
