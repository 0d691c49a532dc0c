//! The masks of the film: tools, and for each label whether it is seen, how large it is, and how well it agrees with what
//! the network painted.

use super::toolbar::{Label as On, action_button};
use crate::measure::Structure;
use crate::study::Study;
use crate::study::mask::LabelAgreement;
use crate::ui::action::Action;
use crate::ui::app::Workbench;
use crate::ui::canvas::masks::colour;
use crate::ui::canvas::{Canvas, Tool};
use crate::ui::films::Film;
use crate::ui::intent::Intent;
use crate::ui::lang::tr;
use crate::ui::theme::{self, size};
use egui::{Align, Button, Label, Layout, Response, Role, Slider, Stroke, StrokeKind, Ui, WidgetInfo, vec2};
use egui_material_icons::icons::{ICON_VISIBILITY, ICON_VISIBILITY_OFF};

const HEIGHT: f32 = 24.0;

pub fn show(ui: &mut Ui, film: &Film, study: &Study, canvas: &mut Canvas, intents: &mut Vec<Intent>) {
    super::findings::section(ui, tr!("masks.title"));
    let ready = film.opened().is_some();
    let (tool, has) = (canvas.tool, canvas.mask_area(canvas.masks.label) > 0);
    let predicted = study.annotations().mask_prediction.is_some();
    let buttons = [
        (Action::Brush, ready, tool == Tool::Brush),
        (Action::Eraser, ready, tool == Tool::Eraser),
        (Action::MaskPolygon, ready, tool == Tool::Polygon),
        (Action::MaskFill, ready, tool == Tool::Fill),
        (Action::SmoothMask, has, false),
        (Action::ClearMask, has, false),
        (Action::AcceptMask, predicted, false),
        (Action::PredictMasks, ready && !film.is_analysing(), false),
        (Action::ToggleMasks, ready, canvas.masks.shown),
    ];
    ui.horizontal_wrapped(|ui| {
        // All of them on one line of the narrowest panel.
        ui.spacing_mut().item_spacing.x = 2.0;
        ui.spacing_mut().button_padding.x = 5.0;
        for (action, enabled, on) in buttons {
            if action_button(ui, action, On::Icon, enabled, on).clicked() {
                intents.push(Intent::Do(action));
            }
        }
    });
    if study.annotations().mask.is_none() && !tool.is_of_masks() {
        ui.add(Label::new(theme::small(ui, tr!("masks.none"))).wrap());
        return;
    }
    let agreements = study.agreements();
    for structure in study.structures() {
        let agreement = agreements.iter().find(|agreement| agreement.structure.value == structure.value);
        row(ui, study, canvas, &structure, agreement);
    }
    let label = canvas.masks.label;
    let mut percent = 100.0 * canvas.masks.opacity(label);
    let slider =
        ui.add(Slider::new(&mut percent, 0.0..=100.0).integer().suffix(" %").text(tr!("masks.opacity")));
    if slider.changed() {
        canvas.masks.set_opacity(label, percent / 100.0);
    }
}

/// A label: chosen by a click, hidden by its eye.
fn row(
    ui: &mut Ui,
    study: &Study,
    canvas: &mut Canvas,
    structure: &Structure,
    agreement: Option<&LabelAgreement>,
) {
    let line = vec2(ui.available_width(), HEIGHT);
    ui.allocate_ui_with_layout(line, Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let value = structure.value;
        let hidden = canvas.masks.hidden.contains(&value);
        let icon = if hidden { ICON_VISIBILITY_OFF } else { ICON_VISIBILITY };
        let eye = ui.add(Button::new(icon.rich_text().size(16.0)).frame(false));
        let words = tr!("masks.eye", name = structure.name);
        eye.widget_info(|| WidgetInfo::selected(Role::Button, true, !hidden, &words));
        if eye.on_hover_text(&words).clicked() {
            if hidden {
                canvas.masks.hidden.remove(&value);
            } else {
                canvas.masks.hidden.insert(value);
            }
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            if chip(ui, structure, canvas.masks.label == value).clicked() {
                canvas.masks.choose(value);
            }
            ui.label(dice(agreement));
            let area = area(study, canvas.mask_area(value));
            ui.add(Label::new(theme::small(ui, area)).truncate());
        });
    });
}

/// The label with its colour, to be chosen.
pub(super) fn chip(ui: &mut Ui, structure: &Structure, chosen: bool) -> Response {
    let button = Button::new(theme::bold(format!("     {}", structure.name), size::TEXT))
        .selected(chosen)
        .frame_when_inactive(chosen)
        .min_size(vec2(58.0, 20.0));
    let response = ui.add(button);
    let swatch =
        egui::Rect::from_center_size(response.rect.left_center() + vec2(14.0, 0.0), vec2(12.0, 12.0));
    ui.painter().rect_filled(swatch, 2.0, colour(structure));
    ui.painter().rect_stroke(swatch, 2.0, Stroke::new(1.0, theme::palette(ui).text), StrokeKind::Outside);
    let words = tr!("masks.label", name = structure.name, what = structure.title());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, &words));
    response.on_hover_text(words)
}

/// "Dice 0.953"; nothing without a prediction.
pub(super) fn dice(agreement: Option<&LabelAgreement>) -> String {
    match agreement.map(|agreement| agreement.overlap.dice()) {
        Some(dice) if dice.is_finite() => tr!("masks.dice", dice = format!("{dice:.3}")),
        _ => String::new(),
    }
}

/// In square millimetres of the calibration in force, else in pixels.
fn area(study: &Study, pixels: usize) -> String {
    let spacing = study.spacing();
    if spacing.has_millimetres() {
        format!("{:.0} mm²", pixels as f64 * spacing.row * spacing.column)
    } else {
        format!("{pixels} px")
    }
}

/// The line above the film while a mask is painted.
pub(super) fn tool(ui: &mut Ui, workbench: &mut Workbench) {
    let tool = workbench.canvas.tool;
    let Some(study) = workbench.films.current().and_then(|film| film.study.as_ref()) else { return };
    let (action, hint) = match tool {
        Tool::Eraser => (Action::Eraser, tr!("masks.eraser_hint")),
        Tool::Polygon => (Action::MaskPolygon, tr!("masks.polygon_hint")),
        Tool::Fill => (Action::MaskFill, tr!("masks.fill_hint")),
        _ => (Action::Brush, tr!("masks.brush_hint")),
    };
    let masks = &mut workbench.canvas.masks;
    ui.label(theme::bold(action.text(), size::TEXT));
    for structure in study.structures() {
        if chip(ui, &structure, masks.label == structure.value).clicked() {
            masks.choose(structure.value);
        }
    }
    let agreements = study.agreements();
    let chosen = agreements.iter().find(|agreement| agreement.structure.value == masks.label);
    ui.label(theme::bold(dice(chosen), size::TEXT));
    if tool.is_round() {
        ui.label(theme::small(ui, tr!("masks.radius", px = format!("{:.1}", masks.radius))));
    }
    if tool == Tool::Eraser {
        ui.checkbox(&mut masks.only, tr!("masks.only"));
    }
    ui.add(Label::new(theme::small(ui, hint)).truncate());
}
