//! The line that a tool has above the film: what it waits for, the size to type, and what to do with what was drawn.
//! It has room of its own, so that it never lies over a joint.

use crate::study::{Calibration, Study};
use crate::ui::app::Workbench;
use crate::ui::canvas::{Draft, Tool};
use crate::ui::films::Film;
use crate::ui::intent::Intent;
use crate::ui::jobs::Purpose;
use crate::ui::theme::{self, size};
use egui::{
    Align, Button, Frame, Key, Layout, Margin, Panel, RichText, Role, Stroke, TextEdit, Ui, WidgetInfo,
};

const HEIGHT: f32 = 40.0;
/// Diameters that markers are sold in, millimetres; none is assumed.
const SPHERES: [&str; 4] = ["25", "25.4", "28", "30"];

pub fn show(ui: &mut Ui, workbench: &mut Workbench, intents: &mut Vec<Intent>) {
    if workbench.canvas.tool == Tool::Hand {
        return;
    }
    let mut save = false;
    let frame = Frame::new().fill(theme::palette(ui).panel).inner_margin(Margin::symmetric(10, 0));
    Panel::top("tool").exact_size(HEIGHT).frame(frame).show(ui, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.button("Close tool").clicked() {
                intents.push(Intent::CloseTool);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let Some(film) = workbench.films.current() else { return };
                let Some(study) = &film.study else { return };
                let (tool, draft) = (workbench.canvas.tool, &mut workbench.canvas.draft);
                match tool {
                    Tool::Hand => {}
                    Tool::Line => line(ui, draft, intents),
                    Tool::Sphere => sphere(ui, study, draft, intents),
                    Tool::Magnification => magnification(ui, study, draft, intents),
                    Tool::Black => save = black(ui, film, draft, intents),
                }
            });
        });
    });
    if save {
        workbench.ask_save(Purpose::Deidentify);
    }
}

fn line(ui: &mut Ui, draft: &mut Draft, intents: &mut Vec<Intent>) {
    title(ui, "Line of known length");
    match draft.line {
        None => say(ui, "Drag along a ruler or anything whose length is known."),
        Some((a, b)) => {
            ui.label(theme::small(ui, format!("{:.1} px long", a.distance(b))));
            let entered = number(ui, draft, "Length in millimetres", "mm");
            offer(ui, draft, entered, intents, |length_mm| Calibration::Line { a, b, length_mm });
        }
    }
}

fn sphere(ui: &mut Ui, study: &Study, draft: &mut Draft, intents: &mut Vec<Intent>) {
    title(ui, "Calibration sphere");
    if let Some(objection) = draft.objection {
        ui.label(RichText::new(objection).color(theme::palette(ui).alert));
        return;
    }
    let Some(found) = draft.sphere.clone() else {
        say(ui, "Click inside the sphere.");
        return;
    };
    let across = 2.0 * found.radius;
    // At the header's spacing, so that a person sees whether it can be that sphere.
    let spacing = study.source().spacing;
    let words = match spacing.has_millimetres() {
        true => format!("{across:.1} px across, {:.1} mm by the header", across * spacing.column),
        false => format!("{across:.1} px across"),
    };
    ui.label(theme::small(ui, words));
    let entered = number(ui, draft, "Diameter in millimetres", "mm");
    for diameter in SPHERES {
        let button = ui.add(Button::new(diameter).small());
        button.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Diameter {diameter} mm")));
        if button.clicked() {
            draft.text = diameter.to_owned();
        }
    }
    offer(ui, draft, entered, intents, |diameter_mm| Calibration::Sphere { sphere: found, diameter_mm });
}

fn magnification(ui: &mut Ui, study: &Study, draft: &mut Draft, intents: &mut Vec<Intent>) {
    title(ui, "Magnification");
    let entered = number(ui, draft, "Magnification factor", "×, from 1 to 3");
    if let Some(detector) = study.source().stated.detector {
        ui.label(theme::small(ui, format!("divides the detector's {:.3} mm", detector.column)));
    }
    offer(ui, draft, entered, intents, |factor| Calibration::Magnification { factor });
}

/// Rectangles over the film; `true` when the copy is to be saved.
fn black(ui: &mut Ui, film: &Film, draft: &mut Draft, intents: &mut Vec<Intent>) -> bool {
    title(ui, "De-identify");
    let open: Vec<_> = film
        .stack
        .text()
        .iter()
        .filter(|text| !film.black.iter().any(|black| black.contains(text)))
        .collect();
    let hint = match film.black.len() {
        0 => "Drag over text that must go.".to_owned(),
        1 => "1 part blacked out.".to_owned(),
        count => format!("{count} parts blacked out."),
    };
    say(ui, &hint);
    if !open.is_empty() {
        let words = format!("Black out likely text ({})", open.len());
        if ui.button(words).clicked() {
            intents.push(Intent::Black(open.into_iter().copied().collect()));
        }
    }
    if !film.black.is_empty() && ui.button("Clear").on_hover_text("Nothing blacked out").clicked() {
        intents.push(Intent::ClearBlack);
    }
    ui.scope(|ui| {
        let outline = Stroke::new(1.0, theme::palette(ui).dim);
        ui.visuals_mut().widgets.inactive.bg_stroke = outline;
        ui.checkbox(&mut draft.keep_characteristics, "keep sex and age");
    });
    ui.button("Save copy …").clicked()
}

/// A field for a positive number; `true` when Enter was pressed in it.
fn number(ui: &mut Ui, draft: &mut Draft, name: &str, unit: &str) -> bool {
    let edit = ui.add(TextEdit::singleline(&mut draft.text).desired_width(64.0).hint_text(unit));
    edit.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, name));
    edit.clone().on_hover_text(name);
    edit.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
}

fn offer(
    ui: &mut Ui,
    draft: &Draft,
    entered: bool,
    intents: &mut Vec<Intent>,
    calibration: impl FnOnce(f64) -> Calibration,
) {
    // A comma is what half of the world types.
    let size = draft.text.trim().replace(',', ".").parse::<f64>().ok().filter(|size| *size > 0.0);
    let clicked = ui.add_enabled(size.is_some(), Button::new("Calibrate")).clicked();
    if let Some(size) = size.filter(|_| clicked || entered) {
        intents.push(Intent::Calibrate(calibration(size)));
    }
}

fn title(ui: &mut Ui, words: &str) {
    ui.label(theme::bold(words, size::TEXT));
}

fn say(ui: &mut Ui, words: &str) {
    ui.label(RichText::new(words).color(theme::palette(ui).dim));
}
