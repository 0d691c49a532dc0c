//! What stands behind a number: definition, formula, source, norms, and the same number against other lines.

use crate::export::wording;
use crate::measure::explain::Norm;
use crate::measure::{Measurement, explain};
use crate::study::Study;
use crate::ui::intent::{Intent, Row};
use crate::ui::lang::{said, tr};
use crate::ui::terms;
use crate::ui::theme::{self, size};
use egui::{
    Align, Button, Frame, Grid, Label, Layout, Margin, Panel, Role, ScrollArea, Ui, WidgetInfo, vec2,
};
use egui_material_icons::icons::ICON_CLOSE;

pub fn show(ui: &mut Ui, study: &Study, row: Row, intents: &mut Vec<Intent>) {
    let (code, side) = row;
    let Some(explanation) = explain(code, study.protocol()) else { return };
    let frame = Frame::new().fill(theme::palette(ui).raised).inner_margin(Margin::same(10)).corner_radius(4);
    // At most half of the panel: the number that is explained stays in sight.
    let height = 0.5 * ui.available_height();
    Panel::bottom("explanation").exact_size(height).frame(frame).show(ui, |ui| {
        let line = vec2(ui.available_width(), 24.0);
        ui.allocate_ui_with_layout(line, Layout::right_to_left(Align::Center), |ui| {
            let close = ui.add(Button::new(ICON_CLOSE.rich_text().size(16.0)).frame(false));
            close.widget_info(|| WidgetInfo::labeled(Role::Button, true, tr!("explain.close")));
            if close.clicked() {
                intents.push(Intent::Explain(None));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let side = side.map(|side| format!(", {}", terms::side(side))).unwrap_or_default();
                ui.add(Label::new(theme::bold(format!("{}{side}", explanation.name), size::TEXT)).truncate());
            });
        });
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            alternatives(ui, &study.alternatives(code, side));
            part(ui, tr!("explain.formula"), &explanation.formula);
            part(ui, tr!("explain.sign"), explanation.sign);
            part(ui, tr!("explain.line"), &explanation.reference);
            part(ui, tr!("explain.reading"), explanation.reading);
            if !explanation.landmarks.is_empty() {
                let points: Vec<String> =
                    explanation.landmarks.iter().map(|(code, words)| format!("{code}: {words}")).collect();
                part(ui, tr!("explain.landmarks"), &points.join("\n"));
            }
            for norm in &explanation.norms {
                part(ui, tr!("explain.norm"), &norm_words(norm));
            }
            part(ui, tr!("explain.source"), explanation.source);
            part(ui, tr!("explain.definition"), explanation.id);
            ui.add_space(4.0);
            if ui.link(tr!("explain.handbook")).clicked() {
                intents.push(Intent::Consult(format!("measurements#{}", explanation.code)));
            }
        });
    });
}

/// The fonts have no arrow and no minus sign.
fn legible(words: &str) -> String {
    words.replace('→', "›").replace('−', "–").replace('≤', "<=").replace('≥', ">=")
}

fn norm_words(norm: &Norm) -> String {
    format!("{} ({})\n{}", norm.title, norm.standing, norm.rows.join("\n"))
}

fn part(ui: &mut Ui, name: &str, words: &str) {
    if words.is_empty() {
        return;
    }
    ui.add_space(4.0);
    ui.label(theme::small(ui, name));
    ui.add(Label::new(legible(words)).wrap());
}

/// The same number against every line that the film has, side by side.
fn alternatives(ui: &mut Ui, all: &[Measurement]) {
    if all.len() < 2 {
        return;
    }
    ui.label(theme::small(ui, tr!("explain.alternatives")));
    Grid::new("alternatives").num_columns(3).spacing([14.0, 3.0]).show(ui, |ui| {
        for measurement in all {
            let line = measurement.reference_line.map_or("", terms::line_short);
            let value = wording::value(measurement).unwrap_or_else(|| said(&measurement.reason));
            let words = tr!("explain.against", code = measurement.code, line = line, value = value);
            ui.label(line);
            let label = ui.label(theme::bold(value, size::TEXT));
            label.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
            ui.label(theme::small(ui, terms::interval(measurement).unwrap_or_default()));
            ui.end_row();
        }
    });
}
