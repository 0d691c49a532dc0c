//! The line that a tool has above the film: what it waits for, the size to type, and what to do with what was drawn.
//! It has room of its own, so that it never lies over a joint.

use super::{curves, masks};
use crate::measure::Unit;
use crate::study::{Calibration, Study};
use crate::ui::action::Action;
use crate::ui::app::Workbench;
use crate::ui::canvas::figures;
use crate::ui::canvas::{Draft, FigureKind, Tool};
use crate::ui::films::Film;
use crate::ui::intent::Intent;
use crate::ui::jobs::Purpose;
use crate::ui::lang::{said, tr};
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
            if ui.button(tr!("tool.close")).clicked() {
                intents.push(Intent::CloseTool);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                if workbench.canvas.tool.is_of_masks() {
                    return masks::tool(ui, workbench);
                }
                if workbench.canvas.tool == Tool::Curve {
                    return curves::tool(ui, &workbench.canvas);
                }
                let Some(film) = workbench.films.current() else { return };
                let Some(study) = &film.study else { return };
                let (tool, draft) = (workbench.canvas.tool, &mut workbench.canvas.draft);
                match tool {
                    Tool::Hand | Tool::Brush | Tool::Eraser | Tool::Polygon | Tool::Fill | Tool::Curve => {}
                    Tool::Line => line(ui, draft, intents),
                    Tool::Sphere => sphere(ui, study, draft, intents),
                    Tool::Magnification => magnification(ui, study, draft, intents),
                    Tool::Figure(kind) => figure(ui, film, kind, draft, intents),
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
    title(ui, tr!("tool.line"));
    match draft.line {
        None => say(ui, tr!("tool.line_hint")),
        Some((a, b)) => {
            ui.label(theme::small(ui, tr!("tool.px_long", px = format!("{:.1}", a.distance(b)))));
            let entered = number(ui, draft, tr!("tool.length"), "mm");
            offer(ui, draft, entered, intents, |length_mm| Calibration::Line { a, b, length_mm });
        }
    }
}

fn sphere(ui: &mut Ui, study: &Study, draft: &mut Draft, intents: &mut Vec<Intent>) {
    title(ui, tr!("tool.sphere"));
    if let Some(objection) = draft.objection {
        ui.label(RichText::new(objection).color(theme::palette(ui).alert));
        return;
    }
    let Some(found) = draft.sphere.clone() else {
        say(ui, tr!("tool.sphere_hint"));
        return;
    };
    let across = 2.0 * found.radius;
    // At the header's spacing, so that a person sees whether it can be that sphere.
    let spacing = study.source().spacing;
    let words = match spacing.has_millimetres() {
        true => {
            tr!("tool.across_mm", px = format!("{across:.1}"), mm = format!("{:.1}", across * spacing.column))
        }
        false => tr!("tool.across", px = format!("{across:.1}")),
    };
    ui.label(theme::small(ui, words));
    let entered = number(ui, draft, tr!("tool.diameter"), "mm");
    for diameter in SPHERES {
        let button = ui.add(Button::new(diameter).small());
        button
            .widget_info(|| WidgetInfo::labeled(Role::Button, true, tr!("tool.diameter_mm", mm = diameter)));
        if button.clicked() {
            draft.text = diameter.to_owned();
        }
    }
    offer(ui, draft, entered, intents, |diameter_mm| Calibration::Sphere { sphere: found, diameter_mm });
}

fn magnification(ui: &mut Ui, study: &Study, draft: &mut Draft, intents: &mut Vec<Intent>) {
    title(ui, tr!("tool.magnification"));
    let entered = number(ui, draft, tr!("tool.factor"), tr!("tool.factor_hint"));
    if let Some(detector) = study.source().stated.detector {
        ui.label(theme::small(ui, tr!("tool.divides", mm = format!("{:.3}", detector.column))));
    }
    offer(ui, draft, entered, intents, |factor| Calibration::Magnification { factor });
}

/// What the next click stands for, and what was measured last.
fn figure(ui: &mut Ui, film: &Film, kind: FigureKind, draft: &Draft, intents: &mut Vec<Intent>) {
    let action = match kind {
        FigureKind::Length => Action::Length,
        FigureKind::Angle => Action::Angle,
        FigureKind::Cobb => Action::Cobb,
        FigureKind::Circle => Action::Circle,
    };
    title(ui, action.text());
    let at = draft.figure.len();
    say(ui, &format!("{} ({}/{})", kind.hint(at), at + 1, kind.clicks()));
    let Some(study) = &film.study else { return };
    let free = &study.annotations().free;
    if let Some((id, last)) = free.last_key_value() {
        let value = study.free_value(*id);
        ui.label(theme::bold(figures::reading(last, &study.spacing()), size::VALUE));
        if value.is_some_and(|value| value.is_ok_and(|value| value.unit != Unit::Degree)) {
            ui.label(theme::small(ui, said(&study.length_trust())));
        }
    }
    if !free.is_empty() && ui.button(Action::RemoveFigures.text()).clicked() {
        intents.push(Intent::Do(Action::RemoveFigures));
    }
}

/// Rectangles over the film; `true` when the copy is to be saved.
fn black(ui: &mut Ui, film: &Film, draft: &mut Draft, intents: &mut Vec<Intent>) -> bool {
    title(ui, tr!("action.Deidentify"));
    let open: Vec<_> = film
        .stack
        .text()
        .iter()
        .filter(|text| !film.black.iter().any(|black| black.contains(text)))
        .collect();
    let hint = match film.black.len() {
        0 => tr!("tool.black_hint").to_owned(),
        1 => tr!("tool.black_one").to_owned(),
        count => tr!("tool.black_many", count = count),
    };
    say(ui, &hint);
    if !open.is_empty() {
        let words = tr!("tool.black_text", count = open.len());
        if ui.button(words).clicked() {
            intents.push(Intent::Black(open.into_iter().copied().collect()));
        }
    }
    if !film.black.is_empty() && ui.button(tr!("tool.clear")).on_hover_text(tr!("tool.clear_help")).clicked()
    {
        intents.push(Intent::ClearBlack);
    }
    ui.scope(|ui| {
        let outline = Stroke::new(1.0, theme::palette(ui).dim);
        ui.visuals_mut().widgets.inactive.bg_stroke = outline;
        ui.checkbox(&mut draft.keep_characteristics, tr!("tool.keep"));
    });
    ui.button(tr!("tool.save")).clicked()
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
    let clicked = ui.add_enabled(size.is_some(), Button::new(tr!("tool.calibrate"))).clicked();
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
