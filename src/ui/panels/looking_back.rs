//! The line that says that an old version is on the screen, with the ways out of it. It stays as long as the version does.

use crate::ui::app::Workbench;
use crate::ui::intent::Intent;
use crate::ui::lang::tr;
use crate::ui::terms;
use crate::ui::theme::{self, size};
use egui::{Align, Button, Frame, Label, Layout, Margin, Panel, Stroke, Ui};
use egui_material_icons::icons::ICON_RESTORE_PAGE;

const HEIGHT: f32 = 36.0;

pub fn show(ui: &mut Ui, workbench: &Workbench, intents: &mut Vec<Intent>) {
    let Some(back) = workbench.films.current().and_then(|film| film.looking_back()) else { return };
    let palette = theme::palette(ui);
    let frame = Frame::new()
        .fill(palette.panel)
        .stroke(Stroke::new(1.0, palette.alert))
        .inner_margin(Margin::symmetric(10, 0));
    Panel::top("looking back").exact_size(HEIGHT).frame(frame).show(ui, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let outlined = Button::new(tr!("versions.restore")).stroke(Stroke::new(1.0, palette.accent));
            if ui.add(outlined).on_hover_text(tr!("versions.restore_help")).clicked() {
                intents.push(Intent::RestoreVersion);
            }
            if ui.button(tr!("versions.back")).clicked() {
                intents.push(Intent::LookForward);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.label(ICON_RESTORE_PAGE.rich_text().size(18.0).color(palette.alert));
                let words = tr!("versions.banner", number = back.version, stamp = terms::stamp(&back.saved));
                ui.add(Label::new(theme::bold(words, size::TEXT).color(palette.alert)).truncate());
            });
        });
    });
}
