//! Landmarks on the film: hollow as the network placed them, with a solid core once a person has.

use super::camera::Projection;
use crate::measure::{Landmark, LandmarkId, LandmarkState, Origin, Point, Side};
use crate::study::Study;
use crate::ui::intent::Intent;
use crate::ui::lang::tr;
use crate::ui::terms;
use crate::ui::theme::{film as colours, size};
use egui::{
    Align2, Color32, FontId, Id, Painter, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo,
};
use egui::{pos2, vec2};

/// Radius of the circle that holds 95 % of a two-dimensional normal distribution, in standard deviations.
const CONFIDENCE_95: f64 = 2.447_746_830_680_816;

/// "TRC right".
pub fn name(id: &LandmarkId) -> String {
    match id.side {
        Some(side) => format!("{} {}", id.code, terms::side(side)),
        None => id.code.to_string(),
    }
}

/// "Place: right TRC (tri-radiate cartilage) · 3 of 8".
pub fn place_next(id: &LandmarkId, at: usize, count: usize) -> String {
    let point = match id.side {
        Some(side) => format!("{} {}", terms::side(side), id.code),
        None => id.code.to_string(),
    };
    tr!("canvas.place_next", point = point, what = terms::landmark(&id.code), at = at, count = count)
}

/// What is known of a landmark, in words.
pub fn state(landmark: Option<&Landmark>) -> &'static str {
    match landmark.map(|landmark| (&landmark.state, landmark.origin)) {
        None => tr!("point.unplaced"),
        Some((LandmarkState::Missing { .. }, Origin::Person)) => tr!("point.absent"),
        Some((LandmarkState::Missing { .. }, _)) => tr!("point.lost"),
        Some((_, Origin::Model)) => tr!("point.predicted"),
        Some((_, Origin::Person)) => tr!("point.corrected"),
        Some((_, Origin::File)) => tr!("point.of_file"),
    }
}

/// From the pelvis down to the shaft. What is not named comes after, by its name.
const ANATOMICAL: [&str; 31] = [
    "TRC", "SMA", "LSE", "LAE", "MSE", "AD", "TD", "PBR", "OFS", "OFM", "OFL", "OFI", "ISL", "ISP", "ISH",
    "ISC", "HP", "FH", "FHC", "LCP", "NS", "NA", "NC", "MM", "GT", "LT", "SP", "SD", "REF1", "REF2", "F01",
];

/// The landmarks to walk through, side by side, those of the midline last: all that the film has, and the eight of an
/// infant's hips unless the points are another scheme's.
pub fn order(study: &Study) -> Vec<LandmarkId> {
    let known = &study.annotations().landmarks.points;
    let infant = LandmarkId::infant();
    let other_scheme = !known.is_empty() && !known.keys().any(|id| infant.contains(id));
    let expected = infant.iter().filter(|id| !other_scheme && !known.contains_key(*id));
    let mut ids: Vec<LandmarkId> = known.keys().chain(expected).cloned().collect();
    ids.sort_by_cached_key(place);
    ids
}

fn place(id: &LandmarkId) -> (usize, usize, String) {
    let side = id.side.map_or(2, |side| usize::from(side == Side::Left));
    let code = id.code.as_str();
    (side, ANATOMICAL.iter().position(|known| *known == code).unwrap_or(ANATOMICAL.len()), code.to_owned())
}

/// The landmark nearest to the cursor with its distance, if it lies within reach.
pub fn hit(study: &Study, projection: &Projection, cursor: Pos2) -> Option<(LandmarkId, f32)> {
    placed(study)
        .map(|(id, point)| (id, projection.to_screen(point).distance(cursor)))
        .filter(|(_, distance)| *distance <= size::POINT_HIT)
        .min_by(|(_, a), (_, b)| a.total_cmp(b))
        .map(|(id, distance)| (id.clone(), distance))
}

pub fn on_screen(study: &Study, projection: &Projection) -> Vec<Pos2> {
    placed(study).map(|(_, point)| projection.to_screen(point)).collect()
}

fn placed(study: &Study) -> impl Iterator<Item = (&LandmarkId, Point)> {
    study.annotations().landmarks.iter().filter_map(|(id, landmark)| Some((id, landmark.position()?)))
}

pub fn paint(
    painter: &Painter,
    projection: &Projection,
    study: &Study,
    selected: Option<&LandmarkId>,
    hovered: Option<&LandmarkId>,
) {
    for (id, landmark) in study.annotations().landmarks.iter() {
        let Some(point) = landmark.position() else { continue };
        let at = projection.to_screen(point);
        let is_selected = selected == Some(id);
        let is_hovered = hovered == Some(id);
        let colour = if is_selected { colours::SELECTED } else { colours::POINT };
        if let Some(sd) = landmark.sd_px().filter(|sd| *sd > 0.0) {
            ellipse(painter, projection, at, sd, colour);
        }
        let radius = if is_hovered { size::POINT_HOVERED } else { size::POINT };
        let line = if is_selected { size::LINE_BRIGHT } else { size::LINE };
        painter.circle_stroke(at, radius, Stroke::new(line + size::HALO, colours::HALO));
        if study.annotations().is_occluded(id) {
            // Hidden under something: there, but not seen.
            let ring = ring(at, Vec2::splat(radius));
            painter.extend(Shape::dashed_line(&ring, Stroke::new(line, colour), 3.0, 3.0));
        } else {
            painter.circle_stroke(at, radius, Stroke::new(line, colour));
        }
        if landmark.origin == Origin::Person {
            painter.circle_filled(at, 2.5, colour);
        }
        if is_selected || is_hovered {
            label(painter, at, radius, id, colour);
        }
    }
}

/// The 95 % region of the prediction, dashed; hidden where the ring is larger.
fn ellipse(painter: &Painter, projection: &Projection, at: Pos2, sd_px: f64, colour: Color32) {
    let radii = projection.to_screen_vector(CONFIDENCE_95 * sd_px, CONFIDENCE_95 * sd_px);
    let radii = projection.turn().extent(radii);
    if radii.min_elem() <= size::POINT + size::HALO {
        return;
    }
    let outline = ring(at, radii);
    painter.extend(Shape::dashed_line(
        &outline,
        Stroke::new(1.0 + size::HALO * 0.5, colours::HALO),
        4.0,
        4.0,
    ));
    painter.extend(Shape::dashed_line(&outline, Stroke::new(1.0, colour.gamma_multiply(0.8)), 4.0, 4.0));
}

fn ring(at: Pos2, radii: Vec2) -> Vec<Pos2> {
    let on_ring = |step: u32| {
        let (sin, cos) = (step as f32 / 64.0 * std::f32::consts::TAU).sin_cos();
        at + vec2(radii.x * cos, radii.y * sin)
    };
    (0..=64).map(on_ring).collect()
}

/// The name, medial and below, where no joint space is measured.
fn label(painter: &Painter, at: Pos2, radius: f32, id: &LandmarkId, colour: Color32) {
    let font = FontId::proportional(size::SMALL);
    let galley = painter.layout_no_wrap(id.code.to_string(), font, colour);
    let corner = at + vec2(radius + 6.0, radius);
    let rect = Align2::LEFT_TOP.anchor_size(corner, galley.size());
    super::plate(painter, rect);
    painter.galley(rect.min, galley, colour);
}

/// Accessibility node, and keyboard focus, of a landmark.
pub fn node(id: &LandmarkId) -> Id {
    super::Canvas::id().with(id.to_string())
}

/// One focusable node a landmark: a screen reader can list, read and select them.
pub fn name_for_screen_readers(
    ui: &mut Ui,
    projection: &Projection,
    study: &Study,
    intents: &mut Vec<Intent>,
) {
    for id in order(study) {
        let landmark = study.annotations().landmarks.get(&id);
        let position = landmark.and_then(Landmark::position);
        // An unplaced landmark keeps a node at the film's edge, by side, so that it can be selected too.
        let at = position.map_or_else(|| waiting_place(projection, &id), |point| projection.to_screen(point));
        let rect = Rect::from_center_size(at, Vec2::splat(2.0 * size::POINT_HIT));
        let response = ui.interact(rect, node(&id), Sense::focusable_noninteractive());
        let place = position.map_or_else(String::new, |point| format!(", x {:.1} y {:.1}", point.x, point.y));
        let words = tr!("point.spoken", name = name(&id), state = state(landmark), place = place);
        response.widget_info(|| WidgetInfo::labeled(Role::GraphicsSymbol, true, &words));
        if response.gained_focus() {
            intents.push(Intent::Select(Some(id)));
        }
    }
}

fn waiting_place(projection: &Projection, id: &LandmarkId) -> Pos2 {
    let viewport = projection.viewport;
    let x = match id.side {
        Some(Side::Right) => viewport.left(),
        Some(Side::Left) => viewport.right(),
        None => viewport.center().x,
    };
    pos2(x, viewport.bottom())
}
