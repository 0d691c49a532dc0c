//! The table of findings and measurements by side.

use super::findings::side_title;
use crate::export::wording;
use crate::measure::{Assessment, Finding, Measurement, Side, Status};
use crate::study::Study;
use crate::ui::canvas::Canvas;
use crate::ui::theme::{self, size};
use egui::{Align, Id, Label, Layout, Rect, RectAlign, RichText, Role, Sense, Tooltip, Ui, WidgetInfo, vec2};

const NAME: f32 = 54.0;
const GAP: f32 = 8.0;

/// What stands before the row: short, as readers say it.
fn short(code: &'static str) -> &'static str {
    match code {
        "CE_WIBERG" => "CE",
        "HILG_H" => "h",
        "HILG_D" => "d",
        "TONNIS_GRADE" => "Tönnis",
        other => other,
    }
}

pub fn show(ui: &mut Ui, study: &Study, canvas: &mut Canvas) {
    let assessment = study.assessment();
    // A person's point has no deviation: what it is part of has no interval.
    let by_hand = !study.corrections().is_empty();
    let unsure = if by_hand { "by hand, no interval" } else { "no interval" };
    head(ui);
    let lead = ["IHDI"];
    let is_lead = |code: &str| lead.contains(&code);
    for code in codes(assessment.findings.iter().map(|finding| finding.code)).filter(|code| is_lead(code)) {
        grades(ui, assessment, code, by_hand, canvas);
    }
    for code in codes(assessment.measurements.iter().map(|measurement| measurement.code)) {
        row(ui, code, |ui, side| {
            if let Some(measurement) = assessment.measurement(code, Some(side)) {
                let rect = cell(ui, |ui| measured(ui, measurement, unsure));
                let more = || explain(measurement) + &compare(study, measurement, side);
                tell(ui, rect, code, side, &say(measurement), more, canvas);
            }
        });
    }
    for code in codes(assessment.findings.iter().map(|finding| finding.code)).filter(|code| !is_lead(code)) {
        grades(ui, assessment, code, by_hand, canvas);
    }
}

fn grades(ui: &mut Ui, assessment: &Assessment, code: &'static str, by_hand: bool, canvas: &mut Canvas) {
    row(ui, code, |ui, side| {
        if let Some(finding) = assessment.finding(code, Some(side)) {
            let rect = cell(ui, |ui| graded(ui, finding, by_hand));
            let words = finding.grade.clone().unwrap_or_else(|| format!("not graded: {}", finding.reason));
            let more = || format!("{}\nRule {}", wording::title(code), finding.rule);
            tell(ui, rect, code, side, &words, more, canvas);
        }
    });
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
                ui.label(theme::bold(side_title(side), size::SMALL).color(theme::palette(ui).dim));
            });
        }
    });
}

fn row(ui: &mut Ui, code: &'static str, mut side_cell: impl FnMut(&mut Ui, Side)) {
    ui.add_space(4.0);
    let width = column(ui);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        ui.allocate_ui_with_layout(vec2(NAME, 20.0), Layout::top_down(Align::Min), |ui| {
            ui.set_min_width(NAME);
            ui.label(RichText::new(short(code)).size(size::TEXT)).on_hover_text(wording::title(code));
        });
        for side in Side::BOTH {
            ui.allocate_ui_with_layout(vec2(width, 20.0), Layout::top_down(Align::Min), |ui| {
                ui.set_width(width);
                side_cell(ui, side);
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

fn measured(ui: &mut Ui, measurement: &Measurement, unsure: &str) {
    match wording::value(measurement) {
        Some(value) => {
            ui.label(theme::bold(value, size::VALUE).color(theme::palette(ui).text));
            let interval = wording::interval(measurement).unwrap_or_else(|| unsure.to_owned());
            ui.label(theme::small(ui, interval));
            if measurement.status != Status::Ok {
                doubt(ui, &measurement.reason);
            }
        }
        None => withheld(ui, "not measured", &measurement.reason),
    }
}

fn graded(ui: &mut Ui, finding: &Finding, by_hand: bool) {
    match &finding.grade {
        Some(grade) => {
            ui.label(theme::bold(grade.as_str(), size::VALUE).color(theme::palette(ui).text));
            let shares: Vec<String> = finding
                .probabilities
                .iter()
                .filter(|(_, share)| *share >= 0.01)
                .map(|(grade, share)| format!("{grade} {}", wording::percent(*share)))
                .collect();
            let words = match (shares.is_empty(), by_hand) {
                (false, _) => shares.join(" · "),
                (true, true) => "by hand, no probability".to_owned(),
                (true, false) => "no probability".to_owned(),
            };
            ui.add(Label::new(theme::small(ui, words)).wrap());
            if finding.status != Status::Ok {
                doubt(ui, &finding.reason);
            }
        }
        None => withheld(ui, "not graded", &finding.reason),
    }
}

/// A number that is missing is a result too.
fn withheld(ui: &mut Ui, what: &str, reason: &str) {
    ui.label(RichText::new(what).size(size::TEXT).color(theme::palette(ui).dim));
    ui.add(Label::new(theme::small(ui, reason)).wrap());
}

fn doubt(ui: &mut Ui, reason: &str) {
    let colour = theme::palette(ui).alert;
    ui.add(Label::new(RichText::new(reason).size(size::SMALL).color(colour)).wrap());
}

fn say(measurement: &Measurement) -> String {
    match (wording::value(measurement), wording::interval(measurement)) {
        (Some(value), Some(interval)) => format!("{value}, {interval}"),
        (Some(value), None) => value,
        (None, _) => format!("not measured: {}", measurement.reason),
    }
}

fn explain(measurement: &Measurement) -> String {
    let mut words = wording::title(measurement.code).to_owned();
    if let Some(line) = measurement.reference_line {
        words += &format!("\nagainst: {}", wording::reference(line));
    }
    words += &format!("\nDefinition {}", measurement.definition);
    words += match (measurement.value, measurement.ci95) {
        (Some(_), Some(_)) => "\n95 % interval of 2,000 draws of the landmarks",
        (Some(_), None) => "\nNo interval: a point was placed by hand, or its deviation is unknown",
        (None, _) => "",
    };
    words
}

/// What the choice of the reference line does to the number, where the film has others.
fn compare(study: &Study, measurement: &Measurement, side: Side) -> String {
    let others: Vec<String> = study
        .alternatives(measurement.code, side)
        .iter()
        .filter(|other| other.reference_line != measurement.reference_line)
        .filter_map(|other| {
            Some(format!("\n{}: {}", wording::reference(other.reference_line?), wording::value(other)?))
        })
        .collect();
    if others.is_empty() { String::new() } else { format!("\n\nAgainst other lines{}", others.concat()) }
}

/// Hover brightens the lines of that side; the whole cell speaks to a screen reader. `more` is said on hover only.
fn tell(
    ui: &Ui,
    rect: Rect,
    code: &'static str,
    side: Side,
    words: &str,
    more: impl FnOnce() -> String,
    canvas: &mut Canvas,
) {
    let response = ui.interact(rect, Id::unique(("cell", code, side)), Sense::hover());
    let label = format!("{} {} {words}", short(code), side.name());
    response.widget_info(|| WidgetInfo::labeled(Role::Cell, true, &label));
    if response.hovered() {
        canvas.highlight = Some((code, side));
    }
    // Beside the table, not over it.
    let mut tooltip = Tooltip::for_enabled(&response);
    tooltip.popup = tooltip.popup.align(RectAlign::LEFT_START);
    tooltip.show(|ui| ui.label(more()));
}
