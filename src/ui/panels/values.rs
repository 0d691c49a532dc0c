//! The table of findings and measurements by side.

use crate::export::wording;
use crate::measure::norms::Reading;
use crate::measure::spread;
use crate::measure::zones::Class;
use crate::measure::{Finding, Measurement, Side, Status, Unit};
use crate::study::Study;
use crate::ui::canvas::Canvas;
use crate::ui::intent::{Intent, Row};
use crate::ui::lang::{said, tr};
use crate::ui::terms;
use crate::ui::theme::{self, size};
use egui::text::{LayoutJob, TextFormat};
use egui::{
    Align, FontFamily, FontId, Id, Label, Layout, Rect, RectAlign, RichText, Role, Sense, Stroke, StrokeKind,
    Tooltip,
};
use egui::{Ui, WidgetInfo, vec2};

/// What a meeting asks for first, in large digits.
const LEADS: [&str; 3] = ["IHDI", "AI", "LCE"];
const NAME: f32 = 62.0;
/// Longer names are small, and on two lines.
const LONG: usize = 7;
const GAP: f32 = 8.0;
/// Wider, it would lie over the hip.
const TOOLTIP: f32 = 260.0;

/// What stands before the row: short, as readers say it.
pub fn short(code: &'static str) -> &'static str {
    match code {
        "CE_WIBERG" => "CE",
        "HILG_H" => "h",
        "HILG_D" => "d",
        "TONNIS_GRADE" => "Tönnis",
        other => other,
    }
}

/// The table; a click on a cell shows what stands behind it.
pub fn show(
    ui: &mut Ui,
    study: &Study,
    canvas: &mut Canvas,
    explained: Option<Row>,
    intents: &mut Vec<Intent>,
) {
    let mut table = Table { study, canvas, explained, intents };
    let assessment = study.assessment();
    head(ui);
    let is_lead = |code: &str| code == "IHDI";
    let findings = || codes(assessment.findings.iter().map(|finding| finding.code));
    for code in findings().filter(|code| is_lead(code)) {
        table.grades(ui, code);
    }
    for code in codes(assessment.measurements.iter().map(|measurement| measurement.code)) {
        table.values(ui, code);
    }
    for code in findings().filter(|code| !is_lead(code)) {
        table.grades(ui, code);
    }
}

struct Table<'a> {
    study: &'a Study,
    canvas: &'a mut Canvas,
    explained: Option<Row>,
    intents: &'a mut Vec<Intent>,
}

impl Table<'_> {
    fn values(&mut self, ui: &mut Ui, code: &'static str) {
        let assessment = self.study.assessment();
        if let Some(whole) = assessment.measurement(code, None) {
            // Of the whole pelvis: one cell.
            row(ui, code, &[None], |ui, _| self.value(ui, whole));
        } else {
            row(ui, code, &Side::BOTH.map(Some), |ui, side| {
                if let Some(measurement) = assessment.measurement(code, side) {
                    self.value(ui, measurement);
                }
            });
        }
        // What both lengths are worth is the same: said once.
        let of_code = assessment.measurements.iter().filter(|measurement| measurement.code == code);
        if of_code.clone().any(|measurement| is_length(measurement) && measurement.value.is_some()) {
            ui.scope(|ui| {
                ui.spacing_mut().interact_size.y = size::SMALL;
                ui.horizontal(|ui| {
                    ui.add_space(NAME + GAP);
                    ui.add(Label::new(theme::small(ui, said(&self.study.length_trust()))).truncate());
                });
            });
        }
    }

    fn value(&mut self, ui: &mut Ui, measurement: &Measurement) {
        let study = self.study;
        let trust = is_length(measurement).then(|| study.length_trust());
        let (code, side) = (measurement.code, measurement.side);
        let readings: Vec<&Reading> = study.assessment().readings_of(code, side).collect();
        let rect = cell(ui, |ui| {
            measured(ui, measurement);
            if measurement.value.is_some() {
                readings.iter().for_each(|reading| norm(ui, reading));
            }
        });
        let trust = trust.map(|trust| tr!("values.length", trust = trust)).unwrap_or_default();
        let norms: String = readings.iter().map(|reading| format!(", {}", norm_words(reading))).collect();
        let words = format!("{}{trust}{norms}", say(measurement));
        let more = || explain(measurement) + &compare(study, measurement);
        self.tell(ui, rect, (code, side), &words, more);
    }

    fn grades(&mut self, ui: &mut Ui, code: &'static str) {
        row(ui, code, &Side::BOTH.map(Some), |ui, side| {
            if let Some(finding) = self.study.assessment().finding(code, side) {
                let rect = cell(ui, |ui| graded(ui, finding));
                let words = finding
                    .grade
                    .clone()
                    .unwrap_or_else(|| tr!("values.not_graded_for", reason = finding.reason));
                let more =
                    || format!("{}\n{}", terms::measure(code), tr!("values.rule", rule = finding.rule));
                self.tell(ui, rect, (code, side), &words, more);
            }
        });
    }

    /// Hover brightens the lines, a click explains; the whole cell speaks to a screen reader. `more` is said on hover.
    fn tell(&mut self, ui: &Ui, rect: Rect, at: Row, words: &str, more: impl FnOnce() -> String) {
        let (code, side) = at;
        let response = ui.interact(rect, Id::unique(("cell", code, side)), Sense::click());
        let side = side.map_or(tr!("side.pelvis"), terms::side);
        let label = format!("{} {side} {words}", short(code));
        response.widget_info(|| WidgetInfo::labeled(Role::Cell, true, &label));
        let chosen = self.explained == Some(at);
        if response.hovered() || response.has_focus() {
            self.canvas.highlight = Some(at);
        }
        if response.hovered() || response.has_focus() || chosen {
            let accent = theme::palette(ui).accent;
            let stroke = Stroke::new(1.0, if chosen { accent } else { accent.gamma_multiply(0.5) });
            ui.painter().rect_stroke(rect.expand(2.0), 3.0, stroke, StrokeKind::Outside);
        }
        if response.clicked() {
            self.intents.push(Intent::Explain((!chosen).then_some(at)));
        }
        // Below, within the table: beside it would lie over the very joint that is looked at.
        let row = Rect::from_x_y_ranges(ui.clip_rect().x_range(), rect.y_range());
        let mut tooltip = Tooltip::for_enabled(&response);
        let places = &[RectAlign::TOP_END];
        tooltip.popup = tooltip.popup.anchor(row).align(RectAlign::BOTTOM_END).align_alternatives(places);
        tooltip.popup = tooltip.popup.width(TOOLTIP);
        tooltip.show(|ui| {
            ui.set_max_width(TOOLTIP);
            ui.label(more())
        });
    }
}

/// Each code once, in order.
fn codes(all: impl Iterator<Item = &'static str>) -> impl Iterator<Item = &'static str> {
    let mut seen: Vec<&'static str> = Vec::new();
    for code in all {
        if !seen.contains(&code) {
            seen.push(code);
        }
    }
    seen.into_iter()
}

fn column(ui: &Ui) -> f32 {
    0.5 * (ui.available_width() - NAME - 2.0 * GAP)
}

fn head(ui: &mut Ui) {
    let width = column(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        ui.allocate_exact_size(vec2(NAME, 16.0), Sense::hover());
        for side in Side::BOTH {
            ui.allocate_ui_with_layout(vec2(width, 16.0), Layout::left_to_right(Align::Center), |ui| {
                ui.set_min_width(width);
                ui.label(theme::bold(terms::side_title(side), size::SMALL).color(theme::palette(ui).dim));
            });
        }
    });
}

fn row(
    ui: &mut Ui,
    code: &'static str,
    sides: &[Option<Side>],
    mut side_cell: impl FnMut(&mut Ui, Option<Side>),
) {
    ui.add_space(4.0);
    let width = column(ui) * 2.0 / sides.len() as f32;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        ui.allocate_ui_with_layout(vec2(NAME, 20.0), Layout::top_down(Align::Min), |ui| {
            ui.set_min_width(NAME);
            let name = short(code);
            let points = if name.len() > LONG { size::SMALL } else { size::TEXT };
            ui.add(Label::new(RichText::new(name.replace('_', " ")).size(points)).wrap())
                .on_hover_text(terms::measure(code));
        });
        for side in sides {
            ui.allocate_ui_with_layout(vec2(width, 20.0), Layout::top_down(Align::Min), |ui| {
                ui.set_width(width);
                side_cell(ui, *side);
            });
        }
    });
}

fn cell(ui: &mut Ui, content: impl FnOnce(&mut Ui)) -> Rect {
    ui.spacing_mut().item_spacing.y = 1.0;
    // The whole width of the column, so that the hand need not find the digits.
    let columns = ui.max_rect().x_range();
    let rows = ui.scope(content).response.rect.y_range();
    Rect::from_x_y_ranges(columns, rows)
}

fn is_length(measurement: &Measurement) -> bool {
    matches!(measurement.unit, Unit::Millimetre | Unit::Pixel)
}

/// Height of the digits of a row.
fn digits(code: &str) -> f32 {
    if LEADS.contains(&code) { size::LEAD } else { size::VALUE }
}

fn measured(ui: &mut Ui, measurement: &Measurement) {
    match wording::value(measurement) {
        Some(value) => {
            // Kept, but the film's positioning does not bear it.
            let greyed = measurement.status == Status::Positioning;
            let palette = theme::palette(ui);
            let colour = if greyed { palette.dim } else { palette.text };
            ui.label(theme::bold(value, digits(measurement.code)).color(colour));
            let interval =
                terms::interval(measurement).unwrap_or_else(|| tr!("values.no_interval").to_owned());
            ui.label(theme::small(ui, interval));
            if measurement.status != Status::Ok {
                doubt(ui, &measurement.reason);
            }
        }
        None => withheld(ui, tr!("values.not_measured"), &measurement.reason),
    }
}

/// What a norm says: a coloured word where the table may judge, grey where nobody has signed it; and up to where each
/// class reaches. Where it ends exactly is said on hover.
fn norm(ui: &mut Ui, reading: &Reading) {
    let palette = theme::palette(ui);
    let colour = match reading.class {
        Some(Class::Normal) => palette.good,
        Some(Class::Abnormal | Class::Borderline) => palette.alert,
        _ => palette.dim,
    };
    let classes = std::iter::once(reading.zones.first).chain(reading.zones.cuts.iter().map(|cut| cut.class));
    let reaches: Vec<String> = classes
        .zip(&reading.zones.cuts)
        .map(|(class, cut)| tr!("values.up_to", word = terms::class(class), at = cut.at))
        .collect();
    let coarse = if reading.coarse { tr!("values.coarse") } else { "" };
    let format = |family, colour| TextFormat::simple(FontId::new(size::SMALL, family), colour);
    let mut words = LayoutJob::default();
    let word = reading.class.map_or(tr!("values.unsigned"), terms::class);
    words.append(word, 0.0, format(theme::bold_family(), colour));
    let limits = format!("\n{}{coarse}", reaches.join(", "));
    words.append(&limits, 0.0, format(FontFamily::Proportional, palette.dim));
    ui.add(Label::new(words).wrap());
}

/// "borderline · limits: …"; "unsigned · limits: …" from a table that may not judge.
fn norm_words(reading: &Reading) -> String {
    let word = reading.class.map_or(tr!("values.unsigned"), terms::class);
    let coarse = if reading.coarse { tr!("values.coarse") } else { "" };
    let by = reading.signature.as_ref().map(|s| tr!("values.signed", name = s.name)).unwrap_or_default();
    tr!("values.limits", word = word, limits = reading.limits, coarse = coarse, by = by)
}

fn graded(ui: &mut Ui, finding: &Finding) {
    match &finding.grade {
        Some(grade) => {
            ui.label(theme::bold(terms::grade(grade), digits(finding.code)).color(theme::palette(ui).text));
            let shares: Vec<String> = finding
                .probabilities
                .iter()
                .filter(|(_, share)| *share >= 0.01)
                // A grade and its share stay on one line.
                .map(|(grade, share)| {
                    format!("{} {}", terms::grade(grade), wording::percent(*share)).replace(' ', "\u{a0}")
                })
                .collect();
            let words =
                if shares.is_empty() { tr!("values.no_probability").to_owned() } else { shares.join(" · ") };
            ui.add(Label::new(theme::small(ui, words)).wrap());
            if finding.status != Status::Ok {
                doubt(ui, &finding.reason);
            }
        }
        None => withheld(ui, tr!("values.not_graded"), &finding.reason),
    }
}

/// A number that is missing is a result too.
fn withheld(ui: &mut Ui, what: &str, reason: &str) {
    ui.label(RichText::new(what).size(size::TEXT).color(theme::palette(ui).dim));
    ui.add(Label::new(theme::small(ui, said(reason))).wrap());
}

fn doubt(ui: &mut Ui, reason: &str) {
    let colour = theme::palette(ui).alert;
    ui.add(Label::new(RichText::new(said(reason)).size(size::SMALL).color(colour)).wrap());
}

fn say(measurement: &Measurement) -> String {
    match (wording::value(measurement), terms::interval(measurement)) {
        (Some(value), Some(interval)) => format!("{value}, {interval}"),
        (Some(value), None) => value,
        (None, _) => tr!("values.not_measured_for", reason = measurement.reason),
    }
}

fn explain(measurement: &Measurement) -> String {
    let mut words = terms::measure(measurement.code).to_owned();
    if let Some(line) = measurement.reference_line {
        words += &format!("\n{}", tr!("values.against", line = terms::line_short(line)));
    }
    words += &format!("\n{}", tr!("values.definition", id = measurement.definition));
    if measurement.value.is_some() {
        let meaning = spread::meaning(std::iter::once(measurement));
        words += "\n";
        words += meaning.as_deref().unwrap_or(tr!("values.why_no_interval"));
    }
    words
}

/// What the choice of the reference line does to the number, where the film has others.
fn compare(study: &Study, measurement: &Measurement) -> String {
    let others: Vec<String> = study
        .alternatives(measurement.code, measurement.side)
        .iter()
        .filter(|other| other.reference_line != measurement.reference_line)
        .filter_map(|other| {
            Some(format!("\n{}: {}", terms::line_short(other.reference_line?), wording::value(other)?))
        })
        .collect();
    if others.is_empty() {
        String::new()
    } else {
        format!("\n\n{}{}", tr!("values.other_lines"), others.concat())
    }
}
