//! The landmarks of both sides and of the midline: where each stands, chosen by a click, marked absent or put back.

use super::toolbar::{Label as On, action_button};
use crate::measure::{Landmark, LandmarkId, Origin, Side};
use crate::study::{Study, mirrored};
use crate::ui::action::Action;
use crate::ui::canvas::{Canvas, points};
use crate::ui::intent::Intent;
use crate::ui::lang::tr;
use crate::ui::terms;
use crate::ui::theme::{self, size};
use egui::{Align2, Color32, FontId, Label, Role, Sense, Stroke, Ui, WidgetInfo, vec2};

const HEIGHT: f32 = 24.0;

pub fn show(ui: &mut Ui, study: &Study, canvas: &Canvas, intents: &mut Vec<Intent>) {
    let order = points::order(study);
    summary(ui, study, order.len());
    let mut chips = |ui: &mut Ui, side: Option<Side>| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for id in order.iter().filter(|id| id.side == side) {
            let selected = canvas.selected.as_ref() == Some(id);
            if chip(ui, study, id, selected) {
                intents.push(Intent::Select(Some(id.clone())));
            }
        }
    };
    ui.columns_const(|columns: &mut [Ui; 2]| {
        for (ui, side) in columns.iter_mut().zip(Side::BOTH) {
            ui.label(theme::bold(terms::side_title(side), size::SMALL).color(theme::palette(ui).dim));
            chips(ui, Some(side));
        }
    });
    ui.scope(|ui| chips(ui, None));
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        let selected = canvas.selected.as_ref();
        let corrected = selected.is_some_and(|id| study.annotations().is_corrected(id));
        let mirror = selected.and_then(|id| mirrored(&study.annotations().landmarks, &study.spacing(), id));
        let any = study.annotations().prediction.is_some() && !study.corrections().is_empty();
        for (action, enabled) in [
            (Action::MarkAbsent, selected.is_some()),
            (Action::MarkOccluded, selected.is_some()),
            (Action::Mirror, mirror.is_some()),
            (Action::ResetPoint, corrected),
            (Action::ResetAll, any),
        ] {
            if action_button(ui, action, On::Icon, enabled, false).clicked() {
                intents.push(Intent::Do(action));
            }
        }
        if action_button(ui, Action::Snap, On::Icon, true, canvas.snap).clicked() {
            intents.push(Intent::Do(Action::Snap));
        }
    });
}

/// "2 of 8 corrected, on average by 1.3 mm".
fn summary(ui: &mut Ui, study: &Study, all: usize) {
    let corrections = study.corrections();
    let moved: Vec<_> = corrections.iter().filter_map(|c| Some((c.distance_px?, c.distance_mm))).collect();
    let count = moved.len() as f64;
    let mut words = tr!("points.corrected", count = corrections.len(), all = all);
    if !moved.is_empty() {
        let mm: Option<f64> = moved.iter().map(|(_, mm)| *mm).sum();
        words += &match mm {
            Some(mm) => tr!("points.moved_mm", mm = format!("{:.1}", mm / count)),
            None => {
                let px = moved.iter().map(|(px, _)| px).sum::<f64>() / count;
                tr!("points.moved_px", px = format!("{px:.1}"))
            }
        };
    }
    ui.add(Label::new(theme::small(ui, words)).wrap());
}

fn chip(ui: &mut Ui, study: &Study, id: &LandmarkId, selected: bool) -> bool {
    let palette = theme::palette(ui);
    let landmark = study.annotations().landmarks.get(id);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::click());
    let state = points::state(landmark);
    let words = format!("{}: {state}", points::name(id));
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, &words));
    let painter = ui.painter_at(rect);
    if selected || response.hovered() {
        let fill = if selected { palette.accent.gamma_multiply(0.22) } else { palette.raised };
        painter.rect_filled(rect, 4.0, fill);
    }
    if response.has_focus() {
        painter.rect_stroke(rect, 4.0, Stroke::new(1.0, palette.accent), egui::StrokeKind::Inside);
    }
    let colour = if selected { palette.accent } else { palette.text };
    symbol(&painter, rect.left_center() + vec2(11.0, 0.0), landmark, colour, palette.dim);
    let text = |x: f32, words: &str, points: f32, colour: Color32| {
        let at = rect.left_center() + vec2(x, 0.0);
        painter.text(at, Align2::LEFT_CENTER, words, FontId::proportional(points), colour);
    };
    text(24.0, id.code.as_str(), size::TEXT, palette.text);
    text(62.0, state, size::SMALL, palette.dim);
    let mut more = format!("{}: {}", points::name(id), terms::landmark(&id.code));
    if let Some(sd) = landmark.and_then(Landmark::sd_px) {
        more += &format!("\n{}", tr!("points.deviation", px = format!("{sd:.1}")));
    }
    response.on_hover_text(more).clicked()
}

/// As on the film: hollow predicted, solid core corrected, a cross where there is none.
fn symbol(
    painter: &egui::Painter,
    at: egui::Pos2,
    landmark: Option<&Landmark>,
    colour: Color32,
    dim: Color32,
) {
    match landmark {
        Some(landmark) if landmark.position().is_some() => {
            painter.circle_stroke(at, 5.0, Stroke::new(1.5, colour));
            if landmark.origin == Origin::Person {
                painter.circle_filled(at, 2.5, colour);
            }
        }
        Some(_) => {
            for way in [vec2(4.0, 4.0), vec2(4.0, -4.0)] {
                painter.line_segment([at - way, at + way], Stroke::new(1.5, dim));
            }
        }
        None => {
            let ring: Vec<_> = (0..=24)
                .map(|step| {
                    let (sin, cos) = (step as f32 / 24.0 * std::f32::consts::TAU).sin_cos();
                    at + 5.0 * vec2(cos, sin)
                })
                .collect();
            painter.extend(egui::Shape::dashed_line(&ring, Stroke::new(1.2, dim), 2.5, 2.5));
        }
    }
}
