//! The bottom line: window, zoom, the pixel under the cursor, what a pixel is worth, and where networks run.

use crate::measure::{Spacing, SpacingStatus};
use crate::ui::app::Workbench;
use crate::ui::theme::{self, size};
use egui::{Align, Frame, Layout, Margin, Panel, RichText, Ui};

const HEIGHT: f32 = 26.0;

pub fn show(ui: &mut Ui, workbench: &Workbench) {
    let frame = Frame::new().fill(theme::palette(ui).panel).inner_margin(Margin::symmetric(10, 0));
    Panel::bottom("status").exact_size(HEIGHT).frame(frame).show(ui, |ui| {
        ui.horizontal_centered(|ui| {
            let film = workbench.films.current().filter(|film| film.radiograph().is_some());
            if let (Some(film), Some(study)) = (film, film.and_then(|film| film.study.as_ref())) {
                let window = film.view.window();
                item(ui, "Window", &format!("W {:.0}  L {:.0}", window.width, window.center));
                let zoom = film.view.camera.zoom() * ui.ctx().pixels_per_point();
                item(ui, "Zoom", &format!("{:.0} %", 100.0 * zoom));
                item(ui, "Overlay", &format!("overlay: {}", workbench.canvas.overlay.text()));
                item(ui, "Pixel size", &spacing(&study.source().spacing));
                if let Some(probe) = workbench.canvas.probe {
                    item(ui, "Pixel", &format!("x {} y {} = {}", probe.x, probe.y, probe.value));
                }
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                // The reason why it is that device is for those who wonder.
                let device = workbench.services.device();
                let short = device.split(':').next().unwrap_or_default();
                item(ui, &device, short);
            });
        });
    });
}

fn item(ui: &mut Ui, what: &str, words: &str) {
    let dim = theme::palette(ui).dim;
    ui.label(RichText::new(words).size(size::SMALL + 1.0).color(dim)).on_hover_text(what);
    ui.add_space(10.0);
}

/// "0.150 mm, at the detector (uncalibrated)".
fn spacing(spacing: &Spacing) -> String {
    let trust = match spacing.status {
        SpacingStatus::Calibrated => "calibrated",
        SpacingStatus::Corrected => "corrected for depth",
        SpacingStatus::Ermf => "corrected for magnification",
        SpacingStatus::Detector => "at the detector (uncalibrated)",
        SpacingStatus::UnknownCalibration => "of unknown calibration",
        SpacingStatus::AssumedIsotropic => return "no pixel size: lengths in pixels".to_owned(),
    };
    if spacing.row == spacing.column {
        format!("{:.3} mm {trust}", spacing.row)
    } else {
        format!("{:.3} × {:.3} mm {trust}", spacing.row, spacing.column)
    }
}
