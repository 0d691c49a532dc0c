//! Free measurements on the film: lengths, angles, Cobb angles and circles, as they are clicked and as they stand.

use super::camera::Projection;
use super::plate;
use crate::measure::{Point, Spacing, Unit, Vector};
use crate::study::{FreeId, FreeMeasurement, FreeShape, FreeValue, Study};
use crate::ui::intent::Intent;
use crate::ui::lang::{said, tr};
use crate::ui::theme::{self, film as colours, size};
use egui::{
    Align2, Color32, FontId, Id, Painter, Pos2, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, vec2,
};

/// A free measurement, and which of its points, as [`FreeShape::points`] counts.
pub type FigurePoint = (FreeId, usize);

/// What is measured, before its points are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FigureKind {
    /// Two ends.
    Length,
    /// An arm, the vertex, the other arm.
    Angle,
    /// Two ends of a line, two of another.
    Cobb,
    /// Three points of an edge.
    Circle,
}

impl FigureKind {
    /// Clicks that make it.
    pub fn clicks(self) -> usize {
        match self {
            FigureKind::Length => 2,
            FigureKind::Angle | FigureKind::Circle => 3,
            FigureKind::Cobb => 4,
        }
    }

    /// The figure through so many clicks; `None` until all are there.
    pub fn shape(self, clicks: &[Point]) -> Option<FreeShape> {
        match (self, clicks) {
            (FigureKind::Length, [a, b]) => Some(FreeShape::Length { a: *a, b: *b }),
            (FigureKind::Angle, [a, vertex, b]) => Some(FreeShape::Angle { vertex: *vertex, a: *a, b: *b }),
            (FigureKind::Cobb, [a, b, c, d]) => Some(FreeShape::Cobb { first: [*a, *b], second: [*c, *d] }),
            (FigureKind::Circle, [_, _, _]) => Some(FreeShape::Circle { rim: clicks.to_vec() }),
            _ => None,
        }
    }

    /// What the click after `placed` of them stands for.
    pub fn hint(self, placed: usize) -> &'static str {
        match (self, placed) {
            (FigureKind::Length, 0) => tr!("figure.length_first"),
            (FigureKind::Length, _) => tr!("figure.length_second"),
            (FigureKind::Angle, 0) => tr!("figure.angle_arm"),
            (FigureKind::Angle, 1) => tr!("figure.angle_vertex"),
            (FigureKind::Angle, _) => tr!("figure.angle_other"),
            (FigureKind::Cobb, 0 | 1) => tr!("figure.cobb_first"),
            (FigureKind::Cobb, _) => tr!("figure.cobb_second"),
            (FigureKind::Circle, _) => tr!("figure.circle"),
        }
    }
}

/// What it measures, or why it does not.
pub fn reading(free: &FreeMeasurement, spacing: &Spacing) -> String {
    match free.shape.value(spacing) {
        Ok(value) => words(&free.shape, &value),
        Err(reason) => said(&reason),
    }
}

/// "12.3 mm", "45.0°", "Ø 25.0 px".
fn words(shape: &FreeShape, value: &FreeValue) -> String {
    let unit = match value.unit {
        Unit::Degree => "°",
        Unit::Millimetre => " mm",
        _ => " px",
    };
    let sign = if matches!(shape, FreeShape::Circle { .. }) { "Ø " } else { "" };
    format!("{sign}{:.1}{unit}", value.value)
}

/// The point of a free measurement within reach of the cursor.
pub fn hit(study: &Study, projection: &Projection, cursor: Pos2) -> Option<FigurePoint> {
    let figures = study.annotations().free.iter();
    figures
        .flat_map(|(id, free)| {
            free.shape.points().into_iter().enumerate().map(move |(index, point)| (*id, index, point))
        })
        .map(|(id, index, point)| (id, index, projection.to_screen(point).distance(cursor)))
        .filter(|(_, _, distance)| *distance <= size::POINT_HIT)
        .min_by(|a, b| a.2.total_cmp(&b.2))
        .map(|(id, index, _)| (id, index))
}

/// The figures that stand; the chosen one stands out.
pub fn paint(painter: &Painter, projection: &Projection, study: &Study, chosen: Option<FigurePoint>) {
    let spacing = study.spacing();
    for (id, free) in &study.annotations().free {
        let is_chosen = chosen.is_some_and(|(chosen, _)| chosen == *id);
        let colour = if is_chosen { colours::SELECTED } else { colours::FIGURE };
        draw(painter, projection, &free.shape, &spacing, colour);
    }
}

/// "length 12.3 mm, point 1 of 2": one node a point, so that a screen reader and the keys reach it.
pub fn name_for_screen_readers(
    ui: &mut Ui,
    projection: &Projection,
    study: &Study,
    intents: &mut Vec<Intent>,
) {
    let spacing = study.spacing();
    for (id, free) in &study.annotations().free {
        let points = free.shape.points();
        for (index, point) in points.iter().enumerate() {
            let at = projection.to_screen(*point);
            let rect = Rect::from_center_size(at, Vec2::splat(2.0 * size::POINT_HIT));
            let response = ui.interact(rect, node((*id, index)), Sense::focusable_noninteractive());
            let (name, value) = (free.shape.name(), reading(free, &spacing));
            let words = tr!("figure.point", name = name, value = value, at = index + 1, count = points.len());
            response.widget_info(|| WidgetInfo::labeled(Role::GraphicsSymbol, true, &words));
            if response.gained_focus() {
                intents.push(Intent::ChooseFigure(Some((*id, index))));
            }
        }
    }
}

/// Accessibility node, and keyboard focus, of a point of a figure.
pub fn node((FreeId(id), index): FigurePoint) -> Id {
    super::Canvas::id().with(("figure", id, index))
}

/// The figure that is being made, with the next click where the cursor is.
pub fn paint_draft(
    painter: &Painter,
    projection: &Projection,
    (kind, clicks): (FigureKind, &[Point]),
    cursor: Pos2,
    spacing: &Spacing,
) {
    let mut all = clicks.to_vec();
    all.push(projection.to_image(cursor));
    match kind.shape(&all) {
        Some(shape) => draw(painter, projection, &shape, spacing, colours::SELECTED),
        None => {
            let seen: Vec<Pos2> = all.iter().map(|point| projection.to_screen(*point)).collect();
            match kind {
                FigureKind::Cobb => seen.chunks(2).for_each(|ends| line(painter, ends, colours::SELECTED)),
                _ => line(painter, &seen, colours::SELECTED),
            }
            dots(painter, &seen, colours::SELECTED);
        }
    }
}

fn draw(painter: &Painter, projection: &Projection, shape: &FreeShape, spacing: &Spacing, colour: Color32) {
    let seen: Vec<Pos2> = shape.points().iter().map(|point| projection.to_screen(*point)).collect();
    let value = shape.value(spacing);
    match shape {
        FreeShape::Length { .. } | FreeShape::Angle { .. } => line(painter, &seen, colour),
        FreeShape::Cobb { .. } => seen.chunks(2).for_each(|ends| line(painter, ends, colour)),
        FreeShape::Circle { .. } => {
            if let Some((center, radius)) = value.as_ref().ok().and_then(|value| value.circle) {
                ring(painter, projection, (center, radius), spacing, colour);
            }
        }
    }
    dots(painter, &seen, colour);
    if let (Ok(value), Some(at)) = (value, seen.last()) {
        label(painter, *at + vec2(12.0, -12.0), &words(shape, &value), colour);
    }
}

/// A circle of the patient, which is none on pixels that are no squares.
fn ring(
    painter: &Painter,
    projection: &Projection,
    (center, radius): (Point, f64),
    spacing: &Spacing,
    colour: Color32,
) {
    let middle = spacing.to_metric(center);
    let edge = |step: i32| {
        let (sin, cos) = (f64::from(step) / 96.0 * std::f64::consts::TAU).sin_cos();
        let on_edge = middle + Vector::new(cos, sin) * (radius * spacing.column);
        projection.to_screen(spacing.to_pixel(on_edge))
    };
    line(painter, &(0..=96).map(edge).collect::<Vec<_>>(), colour);
    let at = projection.to_screen(center);
    for way in [vec2(4.0, 0.0), vec2(0.0, 4.0)] {
        line(painter, &[at - way, at + way], colour);
    }
}

fn line(painter: &Painter, ends: &[Pos2], colour: Color32) {
    for (width, colour) in [(size::LINE + size::HALO, colours::HALO), (size::LINE, colour)] {
        painter.line(ends.to_vec(), Stroke::new(width, colour));
    }
}

fn dots(painter: &Painter, seen: &[Pos2], colour: Color32) {
    for at in seen {
        painter.circle_filled(*at, 4.0, colours::HALO);
        painter.circle_filled(*at, 2.5, colour);
    }
}

fn label(painter: &Painter, at: Pos2, words: &str, colour: Color32) {
    let font = FontId::new(size::TEXT, theme::bold_family());
    let galley = painter.layout_no_wrap(words.to_owned(), font, colour);
    let rect = Align2::LEFT_BOTTOM.anchor_size(at, galley.size());
    plate(painter, rect);
    painter.galley(rect.min, galley, colour);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_whole_with_its_last_click_and_reads_like_a_measurement() {
        let clicks: Vec<Point> =
            [(10.0, 0.0), (0.0, 0.0), (0.0, 8.0), (30.0, 8.0)].map(|(x, y)| Point::new(x, y)).into();
        let spacing = Spacing::UNKNOWN;
        for (kind, read) in [
            (FigureKind::Length, "10.0 px"),
            (FigureKind::Angle, "90.0°"),
            (FigureKind::Cobb, "0.0°"),
            (FigureKind::Circle, "Ø 12.8 px"),
        ] {
            for count in 0..kind.clicks() {
                assert_eq!(kind.shape(&clicks[..count]), None, "{kind:?}");
            }
            let shape = kind.shape(&clicks[..kind.clicks()]).expect("whole");
            let value = shape.value(&spacing).expect("a value");
            assert_eq!(words(&shape, &value), read);
        }
    }
}
