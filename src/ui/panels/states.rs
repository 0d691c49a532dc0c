//! What stands in the viewport when no film can: nothing open, still loading, cannot be read.

use super::toolbar::{Label as On, action_button};
use crate::ui::action::Action;
use crate::ui::films::Film;
use crate::ui::intent::Intent;
use crate::ui::lang::tr;
use crate::ui::stack::Pixels;
use crate::ui::theme::{self, size};
use egui::{
    Align2, Color32, FontId, Id, Label, LayerId, Order, Rect, RichText, Spinner, Stroke, StrokeKind, Ui,
};
use egui_material_icons::MaterialIcon;
use egui_material_icons::icons::{ICON_BROKEN_IMAGE, ICON_RADIOLOGY};

const WIDTH: f32 = 460.0;

/// Nothing is open.
pub fn empty(ui: &mut Ui, room: Rect, searching: bool, intents: &mut Vec<Intent>) {
    card(ui, room, |ui| {
        if searching {
            ui.add(Spinner::new().size(28.0));
            ui.label(tr!("states.searching"));
            return;
        }
        sign(ui, ICON_RADIOLOGY);
        ui.label(theme::bold(tr!("states.empty"), 20.0));
        ui.label(RichText::new(tr!("states.kinds")).color(theme::palette(ui).dim));
        ui.add_space(8.0);
        actions(ui, &[Action::Open, Action::OpenDemo], intents);
    });
}

/// A film without pixels, yet or for good.
pub fn not_ready(ui: &mut Ui, room: Rect, film: &Film, intents: &mut Vec<Intent>) {
    let Pixels::Failed(reason) = film.stack.pixels() else {
        card(ui, room, |ui| {
            ui.add(Spinner::new().size(28.0));
            ui.label(tr!("states.loading", name = film.name()));
        });
        return;
    };
    card(ui, room, |ui| {
        sign(ui, ICON_BROKEN_IMAGE);
        ui.label(theme::bold(tr!("states.failed"), 20.0));
        ui.add(Label::new(reason).wrap().selectable(true));
        ui.add_space(4.0);
        ui.add(Label::new(theme::small(ui, tr!("states.hint"))).wrap());
        ui.add_space(8.0);
        actions(ui, &[Action::Open, Action::OpenDemo], intents);
    });
}

fn actions(ui: &mut Ui, actions: &[Action], intents: &mut Vec<Intent>) {
    for action in actions {
        if action_button(ui, *action, On::Text, true, false).clicked() {
            intents.push(Intent::Do(*action));
        }
    }
}

fn sign(ui: &mut Ui, icon: MaterialIcon) {
    ui.label(icon.rich_text().size(44.0).color(theme::palette(ui).dim));
}

fn card(ui: &mut Ui, area: Rect, content: impl FnOnce(&mut Ui)) {
    ui.painter().rect_filled(area, 0.0, theme::palette(ui).ground);
    let width = WIDTH.min(area.width() - 24.0).max(1.0);
    let middle = egui::Rect::from_center_size(area.center(), egui::vec2(width, area.height() * 0.5));
    ui.scope_builder(egui::UiBuilder::new().max_rect(middle), |ui| ui.vertical_centered(content));
}

/// While files hover over the window.
pub fn drop_target(ui: &Ui) {
    if ui.input(|input| input.raw.hovered_files.is_empty()) {
        return;
    }
    let area = ui.ctx().content_rect();
    let painter = ui.ctx().layer_painter(LayerId::new(Order::Foreground, Id::unique("drop target")));
    painter.rect_filled(area, 0.0, Color32::from_black_alpha(160));
    let accent = theme::palette(ui).accent;
    painter.rect_stroke(area.shrink(12.0), 6.0, Stroke::new(2.0, accent), StrokeKind::Inside);
    let font = FontId::new(20.0, theme::bold_family());
    painter.text(area.center(), Align2::CENTER_CENTER, tr!("states.drop"), font, theme::film::TEXT);
    let below = area.center() + egui::vec2(0.0, 28.0);
    let font = FontId::proportional(size::TEXT);
    painter.text(below, Align2::CENTER_CENTER, tr!("states.drop_kinds"), font, theme::film::DIM);
}
