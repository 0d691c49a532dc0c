//! The curves of the film: outlines of the femur and walls of the acetabulum, chosen, drawn and mended.

use super::toolbar::{Label as On, action_button};
use crate::measure::{LandmarkId, Side};
use crate::study::Study;
use crate::ui::action::Action;
use crate::ui::canvas::curves::{Chosen, all};
use crate::ui::canvas::{Canvas, Tool, points};
use crate::ui::intent::Intent;
use crate::ui::lang::tr;
use crate::ui::terms;
use crate::ui::theme::{self, size};
use egui::{Button, CollapsingHeader, Label, Role, Ui, WidgetInfo, vec2};

pub fn show(ui: &mut Ui, study: &Study, canvas: &Canvas, intents: &mut Vec<Intent>) {
    ui.add_space(6.0);
    let some = !study.annotations().landmarks.polylines.is_empty() || canvas.curve.is_some();
    // An infant's film has none: they wait folded.
    let title = theme::bold(tr!("curves.title"), size::TEXT);
    CollapsingHeader::new(title).id_salt(("curves", some)).default_open(some).show(ui, |ui| {
        ui.columns_const(|columns: &mut [Ui; 2]| {
            for (ui, side) in columns.iter_mut().zip(Side::BOTH) {
                ui.spacing_mut().item_spacing.y = 2.0;
                ui.label(theme::bold(terms::side_title(side), size::SMALL).color(theme::palette(ui).dim));
                for id in all(study).into_iter().filter(|id| id.side == Some(side)) {
                    chip(ui, study, canvas, id, intents);
                }
            }
        });
        buttons(ui, study, canvas, intents);
        ui.add(Label::new(theme::small(ui, tr!("curves.hint"))).wrap());
    });
}

fn chip(ui: &mut Ui, study: &Study, canvas: &Canvas, id: LandmarkId, intents: &mut Vec<Intent>) {
    let chosen = canvas.curve.as_ref().is_some_and(|chosen| chosen.id == id);
    let count = study.curve(&id).map(Vec::len);
    let state = match count {
        Some(count) => tr!("curves.vertices", count = count),
        None => tr!("curves.not_drawn").to_owned(),
    };
    let text = format!("{}  {}", id.code, count.map_or("–".to_owned(), |count| count.to_string()));
    let button = Button::new(text)
        .selected(chosen)
        .frame_when_inactive(chosen)
        .min_size(vec2(ui.available_width(), 22.0));
    let response = ui.add(button);
    let words = tr!("curves.spoken", name = points::name(&id), state = state);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, &words));
    if response.on_hover_text(format!("{words}\n{}", terms::landmark(&id.code))).clicked() {
        intents.push(Intent::Choose((!chosen).then_some(Chosen { id, vertex: None })));
    }
}

fn buttons(ui: &mut Ui, study: &Study, canvas: &Canvas, intents: &mut Vec<Intent>) {
    let chosen = canvas.curve.as_ref();
    let line = chosen.and_then(|chosen| study.curve(&chosen.id));
    let vertex = chosen.is_some_and(|chosen| chosen.vertex.is_some());
    let predicted = chosen.and_then(|chosen| study.annotations().predicted_curve(&chosen.id));
    ui.horizontal(|ui| {
        for (action, enabled, on) in [
            (Action::DrawCurve, chosen.is_some(), canvas.tool == Tool::Curve),
            (Action::SmoothCurve, line.is_some(), false),
            (Action::DeleteChosen, line.is_some() && vertex, false),
            (Action::ResetCurve, chosen.is_some() && line != predicted, false),
        ] {
            if action_button(ui, action, On::Icon, enabled, on).clicked() {
                intents.push(Intent::Do(action));
            }
        }
    });
}

/// The line above the film while a curve is drawn.
pub(super) fn tool(ui: &mut Ui, canvas: &Canvas) {
    ui.label(theme::bold(Action::DrawCurve.text(), size::TEXT));
    if let Some(chosen) = &canvas.curve {
        ui.label(theme::bold(points::name(&chosen.id), size::TEXT));
    }
    ui.add(Label::new(theme::small(ui, tr!("curves.draw_hint"))).truncate());
}
