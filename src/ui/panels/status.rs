//! The bottom line: window, zoom, the pixel under the cursor, what a pixel is worth, and where networks run.

use crate::measure::SpacingStatus;
use crate::study::Study;
use crate::ui::app::Workbench;
use crate::ui::film::Keeping;
use crate::ui::lang::{said, tr};
use crate::ui::theme::{self, size};
use egui::{Align, Frame, Label, Layout, Margin, Panel, RichText, Ui};

const HEIGHT: f32 = 26.0;

pub fn show(ui: &mut Ui, workbench: &Workbench) {
    let frame = Frame::new().fill(theme::palette(ui).panel).inner_margin(Margin::symmetric(10, 0));
    Panel::bottom("status").exact_size(HEIGHT).frame(frame).show(ui, |ui| {
        ui.horizontal_centered(|ui| {
            let film = workbench.films.current();
            let open = film.and_then(|film| Some((film, film.opened()?, film.study.as_ref()?)));
            if let Some((film, opened, study)) = open {
                let window = film.view.window(opened);
                let name = film.view.grey_name(opened);
                item(
                    ui,
                    tr!("status.window"),
                    &format!("W {:.0}  L {:.0}  {name}", window.width, window.center),
                );
                let zoom = film.view.camera.zoom() * ui.ctx().pixels_per_point();
                item(ui, tr!("status.zoom"), &format!("{:.0} %", 100.0 * zoom));
                let level = tr!("status.overlay_level", level = workbench.canvas.overlay.text());
                item(ui, tr!("status.overlay"), &level);
                item(ui, tr!("status.spacing"), &spacing(study));
                if let Some(probe) = workbench.canvas.probe {
                    let value = probe_value(probe.value, &opened.presentation.unit);
                    item(ui, tr!("status.pixel"), &format!("x {} y {} = {value}", probe.x, probe.y));
                }
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                // The reason why it is that device is for those who wonder.
                let device = workbench.services.device();
                let short = device.split(':').next().unwrap_or_default();
                item(ui, &device, short);
                if let Some(film) = film.filter(|film| film.study.is_some()) {
                    saved(ui, &film.keeping);
                }
            });
        });
    });
}

fn item(ui: &mut Ui, what: &str, words: &str) {
    let dim = theme::palette(ui).dim;
    ui.label(RichText::new(words).size(size::SMALL + 1.0).color(dim)).on_hover_text(what);
    ui.add_space(10.0);
}

/// "autosaved 14:02", or why not.
fn saved(ui: &mut Ui, keeping: &Keeping) {
    let palette = theme::palette(ui);
    let (words, help, colour) = if let Some(reason) = &keeping.trouble {
        (tr!("status.not_saved", reason = reason), tr!("status.not_saved_help"), palette.alert)
    } else if let Some(reason) = &keeping.read_only {
        (tr!("status.read_only").to_owned(), reason.as_str(), palette.alert)
    } else if keeping.unconfirmed > 0 {
        (tr!("status.saving").to_owned(), tr!("status.saved_help"), palette.dim)
    } else if let Some(at) = keeping.saved {
        let time = at.format("%H:%M").to_string();
        (tr!("status.saved", time = time), tr!("status.saved_help"), palette.dim)
    } else {
        return;
    };
    let text = RichText::new(&words).size(size::SMALL + 1.0).color(colour);
    ui.add(Label::new(text).truncate()).on_hover_text(help);
    ui.add_space(10.0);
}

/// "0.150 mm, at the detector, uncalibrated".
fn spacing(study: &Study) -> String {
    let spacing = study.spacing();
    let trust = said(&study.length_trust());
    if spacing.status == SpacingStatus::AssumedIsotropic {
        return tr!("status.lengths", trust = trust);
    }
    let by_hand = if study.settings().calibration().is_some() { tr!("status.by_hand") } else { "" };
    if spacing.row == spacing.column {
        format!("{:.3} mm, {by_hand}{trust}", spacing.row)
    } else {
        format!("{:.3} × {:.3} mm, {by_hand}{trust}", spacing.row, spacing.column)
    }
}

/// Modality values are mostly whole numbers; others with as many decimals as tell them apart.
fn probe_value(value: f64, unit: &str) -> String {
    let number = if value == value.round() {
        format!("{value:.0}")
    } else if value.abs() >= 100.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.3}")
    };
    if unit.is_empty() { number } else { format!("{number} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::probe_value;

    #[test]
    fn values_carry_their_unit() {
        assert_eq!(probe_value(-1024.0, "HU"), "-1024 HU");
        assert_eq!(probe_value(811.25, ""), "811.2");
        assert_eq!(probe_value(0.1234, "OD"), "0.123 OD");
    }
}
