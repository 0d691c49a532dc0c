//! The findings: right hip on the left, as on the film; every number with interval, reference and status.

use super::toolbar::{Label as On, action_button};
use super::{compare, curves, explain, masks, points, review, subject, trainee, values};
use crate::export::wording;
use crate::library::Layout;
use crate::study::Study;
use crate::ui::action::Action;
use crate::ui::app::Workbench;
use crate::ui::films::Film;
use crate::ui::intent::Intent;
use crate::ui::lang::{said, tr};
use crate::ui::theme::{self, size};
use egui::{Frame, Label, Margin, Panel, ScrollArea, Ui};
use egui_material_icons::icons::ICON_INFO;

pub fn show(ui: &mut Ui, workbench: &mut Workbench, layout: &mut Layout, intents: &mut Vec<Intent>) {
    let Workbench { films, canvas, explained, panes, preferences, .. } = workbench;
    canvas.highlight = explained.filter(|_| layout.findings);
    let frame = Frame::new().fill(theme::palette(ui).panel).inner_margin(Margin::same(12));
    let panel =
        Panel::right("findings").default_size(layout.findings_width).size_range(300.0..=460.0).frame(frame);
    let shown = panel.show_collapsible(ui, &mut layout.findings, |ui| {
        let foot = Frame::new().inner_margin(Margin { top: 8, ..Margin::ZERO });
        Panel::bottom("research use").frame(foot).show(ui, |ui| {
            ui.add(Label::new(theme::small(ui, tr!("research_use"))).wrap());
        });
        let Some(film) = films.current() else { return };
        let Some(study) = &film.study else { return };
        if film.opened().is_some() && !canvas.has_drawn(film.id) {
            ui.ctx().request_repaint();
            return;
        }
        if let Some(trainee) = canvas.trainee.as_ref().filter(|trainee| trainee.film == film.id) {
            trainee::show(ui, film, study, trainee, intents);
            return;
        }
        if let Some(row) = *explained {
            explain::show(ui, study, row, intents);
        }
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            if study.annotations().landmarks.points.is_empty() {
                invitation(ui, film, intents);
            } else {
                values::show(ui, study, canvas, *explained, intents);
            }
            match film.looking_back().zip(film.today()) {
                Some((back, today)) => compare::from_version(ui, back.version, study, today),
                None => {
                    if let Some(before) = panes.beside().and_then(|id| films.get(id)) {
                        compare::since(ui, before, study);
                    }
                }
            }
            subject::show(ui, study, intents);
            section(ui, tr!("findings.points"));
            points::show(ui, study, canvas, intents);
            curves::show(ui, study, canvas, intents);
            masks::show(ui, film, study, canvas, intents);
            review::show(ui, study, film.keeping.key.is_some(), preferences, intents);
            provenance(ui, film, study);
        });
    });
    if let Some(shown) = shown {
        layout.findings_width = shown.response.rect.width();
    }
}

pub(super) fn section(ui: &mut Ui, title: &str) {
    ui.add_space(10.0);
    ui.separator();
    ui.add_space(2.0);
    ui.label(theme::bold(title, size::TEXT));
}

/// Before there is anything to measure.
fn invitation(ui: &mut Ui, film: &Film, intents: &mut Vec<Intent>) {
    if film.is_analysing() {
        ui.label(theme::bold(tr!("findings.analysing"), size::VALUE));
        ui.label(tr!("findings.meanwhile"));
        return;
    }
    ui.label(theme::bold(tr!("findings.nothing"), size::VALUE));
    ui.add(Label::new(tr!("findings.invitation")).wrap());
    ui.add_space(6.0);
    let ready = film.opened().is_some();
    if action_button(ui, Action::Analyse, On::Text, ready, false).clicked() {
        intents.push(Intent::Do(Action::Analyse));
    }
}

/// Who made the points, what lengths are worth, and what a reader should know.
fn provenance(ui: &mut Ui, film: &Film, study: &Study) {
    section(ui, tr!("findings.provenance"));
    let model = study.annotations().prediction.as_ref().map(|prediction| &prediction.model);
    let words = match model {
        Some(model) => {
            let hash: String = model.sha256.chars().take(12).collect();
            tr!("findings.model", id = model.id, version = model.version, hash = hash)
        }
        None => tr!("findings.no_model").to_owned(),
    };
    ui.add(Label::new(theme::small(ui, words)).wrap());
    let spacing = study.spacing();
    ui.add(Label::new(theme::small(ui, said(&wording::spacing(&spacing)))).wrap());
    ui.add(Label::new(theme::small(ui, tr!("findings.lengths", trust = study.length_trust()))).wrap());

    let caution = spacing.status.caution();
    let conflicts = study.calibration_conflicts();
    let burned: Vec<String> = film.burned_in().into_iter().collect();
    let mut warnings: Vec<&String> = Vec::new();
    let predicted = study.annotations().prediction.iter().flat_map(|prediction| &prediction.warnings);
    let of_film = film.opened().into_iter().flat_map(|opened| &opened.radiograph.warnings);
    let of_study = conflicts.iter().chain(&burned).chain(&study.assessment().warnings);
    for warning in of_study.chain(predicted).chain(of_film) {
        if Some(warning.as_str()) != caution && !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    for warning in warnings {
        ui.horizontal_top(|ui| {
            let colour = theme::palette(ui).accent;
            ui.label(ICON_INFO.rich_text().size(14.0).color(colour));
            ui.add(Label::new(theme::small(ui, sentence(&said(warning)))).wrap());
        });
    }
}

/// With a capital, as the first word of a line.
pub(super) fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
