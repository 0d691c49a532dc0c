//! Curves and circles on the film: outlines of the femur, walls of the acetabulum, head circles; and what of them the
//! hand would take hold of.

use super::camera::Projection;
use super::points;
use crate::measure::metric::CURVES;
use crate::measure::{LandmarkId, Point, Side, Vector};
use crate::study::Study;
use crate::ui::intent::Intent;
use crate::ui::lang::tr;
use crate::ui::theme::{film as colours, size};
use egui::{Color32, Id, Painter, Pos2, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo};

/// How near to a line or rim the hand takes hold of it, screen points.
const LINE_HIT: f32 = 6.0;
/// Neighbours within this way along the curve slide with a vertex, screen points.
const REACH: f32 = 60.0;

/// A curve that was chosen, and a vertex of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    pub id: LandmarkId,
    pub vertex: Option<usize>,
}

/// A line under the cursor.
#[derive(Debug, Clone, PartialEq)]
pub enum Hold {
    /// A stretch between two vertices.
    Stretch(LandmarkId),
    Rim(LandmarkId),
}

/// The curves that a person can draw or has: those that measurements read, by side.
pub fn all(study: &Study) -> Vec<LandmarkId> {
    let known =
        CURVES.into_iter().flat_map(|code| Side::BOTH.map(|side| LandmarkId::new(code.clone(), side)));
    let mut ids: Vec<LandmarkId> = known.collect();
    let others = study.annotations().landmarks.polylines.keys().filter(|id| !ids.contains(id));
    let others: Vec<LandmarkId> = others.cloned().collect();
    ids.extend(others);
    ids
}

/// The vertex nearest to the cursor with its distance, if it lies within reach.
pub fn vertex(study: &Study, projection: &Projection, cursor: Pos2) -> Option<(LandmarkId, usize, f32)> {
    let lines = study.annotations().landmarks.polylines.iter();
    let vertices =
        lines.flat_map(|(id, line)| line.iter().enumerate().map(move |(at, point)| (id, at, point)));
    vertices
        .map(|(id, at, point)| (id, at, projection.to_screen(*point).distance(cursor)))
        .filter(|(_, _, distance)| *distance <= size::POINT_HIT)
        .min_by(|a, b| a.2.total_cmp(&b.2))
        .map(|(id, at, distance)| (id.clone(), at, distance))
}

/// The curve or rim nearest to the cursor, if it lies within reach.
pub fn line(study: &Study, projection: &Projection, cursor: Pos2) -> Option<Hold> {
    let landmarks = &study.annotations().landmarks;
    let stretches = landmarks.polylines.iter().map(|(id, line)| {
        let seen: Vec<Pos2> = line.iter().map(|point| projection.to_screen(*point)).collect();
        (Hold::Stretch(id.clone()), distance(&seen, cursor))
    });
    let rims = landmarks.radii_px.keys().filter_map(|id| {
        let rim = rim(study, projection, id)?;
        Some((Hold::Rim(id.clone()), distance(&rim, cursor)))
    });
    let near = stretches.chain(rims).filter(|(_, distance)| *distance <= LINE_HIT);
    near.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(hold, _)| hold)
}

/// From the cursor to a line of several stretches.
fn distance(line: &[Pos2], cursor: Pos2) -> f32 {
    let to = |ends: &[Pos2]| {
        let way = ends[1] - ends[0];
        let share = if way.length_sq() > 0.0 { (cursor - ends[0]).dot(way) / way.length_sq() } else { 0.0 };
        cursor.distance(ends[0] + way * share.clamp(0.0, 1.0))
    };
    line.windows(2).map(to).fold(f32::INFINITY, f32::min)
}

/// A circle of the patient on the screen, which is none where pixels are no squares.
fn rim(study: &Study, projection: &Projection, id: &LandmarkId) -> Option<Vec<Pos2>> {
    let landmarks = &study.annotations().landmarks;
    let (radius, center) = (landmarks.radii_px.get(id)?, landmarks.get(id)?.position()?);
    let spacing = study.spacing();
    let middle = spacing.to_metric(center);
    let at = |step: u32| {
        let (sin, cos) = (f64::from(step) / 96.0 * std::f64::consts::TAU).sin_cos();
        let on_rim = middle + Vector::new(cos, sin) * (radius * spacing.column);
        projection.to_screen(spacing.to_pixel(on_rim))
    };
    Some((0..=96).map(at).collect())
}

/// So many pixels of the film along the curve go with a vertex.
pub fn reach(projection: &Projection) -> f64 {
    f64::from(REACH / projection.to_screen_vector(1.0, 0.0).x)
}

/// Across the curve at a vertex; `None` where it has no course.
pub fn normal(line: &[Point], vertex: usize) -> Option<Vector> {
    let before = line.get(vertex.saturating_sub(1))?;
    let after = line.get((vertex + 1).min(line.len() - 1))?;
    let along = (*after - *before).unit()?;
    Some(Vector::new(-along.y, along.x))
}

pub fn paint(
    painter: &Painter,
    projection: &Projection,
    study: &Study,
    chosen: Option<&Chosen>,
    hovered: Option<&(LandmarkId, usize)>,
) {
    let landmarks = &study.annotations().landmarks;
    for id in landmarks.radii_px.keys() {
        if let Some(rim) = rim(study, projection, id) {
            stroke(painter, &rim, size::LINE, colours::OUTLINE);
        }
    }
    for (id, line) in &landmarks.polylines {
        let is_chosen = chosen.is_some_and(|chosen| chosen.id == *id);
        let seen: Vec<Pos2> = line.iter().map(|point| projection.to_screen(*point)).collect();
        let (width, colour) =
            if is_chosen { (size::LINE_BRIGHT, colours::SELECTED) } else { (size::LINE, colours::OUTLINE) };
        stroke(painter, &seen, width, colour);
        // Handles only where the hand is: a film full of dots hides the bone.
        for (at, place) in seen.iter().enumerate() {
            let is_hovered = hovered.is_some_and(|(other, index)| other == id && *index == at);
            let is_selected = is_chosen && chosen.is_some_and(|chosen| chosen.vertex == Some(at));
            if is_chosen || is_hovered {
                let radius = if is_hovered || is_selected { 5.0 } else { 3.0 };
                painter.circle_filled(*place, radius + 1.5, colours::HALO);
                painter.circle_filled(*place, radius, if is_selected { colours::TEXT } else { colour });
            }
        }
    }
}

/// The line of clicks that is to become a curve or a polygon, to the cursor.
pub fn paint_draft(painter: &Painter, projection: &Projection, clicks: &[Point], cursor: Pos2, closed: bool) {
    let mut seen: Vec<Pos2> = clicks.iter().map(|point| projection.to_screen(*point)).collect();
    let first = seen.first().copied();
    seen.push(cursor);
    stroke(painter, &seen, size::LINE, colours::SELECTED);
    if let Some(first) = first.filter(|_| closed) {
        painter.extend(egui::Shape::dashed_line(
            &[cursor, first],
            Stroke::new(1.0, colours::SELECTED),
            4.0,
            4.0,
        ));
        painter.circle_stroke(first, 5.0, Stroke::new(size::LINE, colours::SELECTED));
    }
}

fn stroke(painter: &Painter, seen: &[Pos2], width: f32, colour: Color32) {
    painter.line(seen.to_vec(), Stroke::new(width + size::HALO, colours::HALO));
    painter.line(seen.to_vec(), Stroke::new(width, colour));
}

/// "HEAD right, vertex 3 of 19": one node a vertex of the chosen curve, so that a screen reader can walk it.
pub fn name_for_screen_readers(
    ui: &mut Ui,
    projection: &Projection,
    study: &Study,
    chosen: Option<&Chosen>,
    intents: &mut Vec<Intent>,
) {
    let Some(Chosen { id, .. }) = chosen else { return };
    let Some(line) = study.curve(id) else { return };
    for (at, point) in line.iter().enumerate() {
        let rect = Rect::from_center_size(projection.to_screen(*point), Vec2::splat(2.0 * LINE_HIT));
        let response = ui.interact(rect, node(id, at), Sense::focusable_noninteractive());
        let words = tr!("curves.vertex", name = points::name(id), at = at + 1, count = line.len());
        response.widget_info(|| WidgetInfo::labeled(Role::GraphicsSymbol, true, &words));
        if response.gained_focus() {
            intents.push(Intent::Choose(Some(Chosen { id: id.clone(), vertex: Some(at) })));
        }
    }
}

/// Accessibility node, and keyboard focus, of a vertex.
pub fn node(id: &LandmarkId, vertex: usize) -> Id {
    super::Canvas::id().with((id.to_string(), vertex))
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::pos2;

    #[test]
    fn the_distance_to_a_line_is_that_to_its_nearest_stretch() {
        let line = [pos2(0.0, 0.0), pos2(10.0, 0.0), pos2(10.0, 10.0)];
        assert_eq!(distance(&line, pos2(5.0, 3.0)), 3.0);
        assert_eq!(distance(&line, pos2(14.0, 8.0)), 4.0);
        assert_eq!(distance(&line, pos2(-3.0, 4.0)), 5.0);
        assert_eq!(distance(&line[..1], pos2(0.0, 0.0)), f32::INFINITY);
    }

    #[test]
    fn the_normal_stands_across_the_course() {
        let line = [Point::new(0.0, 0.0), Point::new(4.0, 0.0), Point::new(8.0, 0.0)];
        for at in 0..3 {
            assert_eq!(normal(&line, at), Some(Vector::new(0.0, 1.0)));
        }
        assert_eq!(normal(&[Point::new(1.0, 1.0); 2], 0), None);
    }
}
