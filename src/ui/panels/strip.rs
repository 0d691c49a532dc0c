//! The line above the film: which film it is, and what is going on with it. It has its own room, so that nothing
//! ever lies over a joint.

use super::findings::sentence;
use super::toolbar::{Label, action_button};
use crate::measure::{LandmarkCode, LandmarkState, Origin};
use crate::study::Study;
use crate::ui::action::Action;
use crate::ui::app::{Notice, Workbench};
use crate::ui::films::{Analysis, Film};
use crate::ui::intent::Intent;
use crate::ui::lang::tr;
use crate::ui::terms;
use crate::ui::theme;
use egui::{
    Align, Button, Color32, Frame, Layout, Margin, Panel, ProgressBar, RichText, Role, Stroke, Ui, WidgetInfo,
};
use egui_material_icons::MaterialIcon;
use egui_material_icons::icons::{ICON_CHECK, ICON_CLOSE, ICON_HISTORY, ICON_LOCK, ICON_WARNING};
use std::path::PathBuf;

const HEIGHT: f32 = 32.0;

pub fn show(ui: &mut Ui, workbench: &Workbench, intents: &mut Vec<Intent>) {
    let palette = theme::palette(ui);
    let frame = Frame::new().fill(palette.raised).inner_margin(Margin::symmetric(10, 0));
    Panel::top("strip").exact_size(HEIGHT).frame(frame).show(ui, |ui| {
        ui.horizontal_centered(|ui| {
            let Some(film) = workbench.films.current() else {
                if let Some(notice) = &workbench.notice {
                    news(ui, notice, intents);
                }
                return;
            };
            let (place, count) = workbench.films.place();
            ui.label(theme::bold(film.name(), theme::size::TEXT));
            if count > 1 {
                ui.label(theme::small(ui, tr!("strip.place", at = place, count = count)));
            }
            ui.add_space(12.0);
            if let Analysis::Running { progress, .. } = &film.analysis {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if action_button(ui, Action::Cancel, Label::Text, true, false).clicked() {
                        intents.push(Intent::Do(Action::Cancel));
                    }
                    let words = tr!("strip.analysing", stage = progress.stage);
                    let bar = ProgressBar::new(progress.fraction).desired_height(18.0).text(words);
                    ui.add(bar.fill(palette.accent.gamma_multiply(0.55)));
                });
            } else if let Some(notice) = &workbench.notice {
                news(ui, notice, intents);
            } else if !workbench.unclosed.is_empty() {
                recovery(ui, &workbench.unclosed, intents);
            } else if let Some(words) = locked(film) {
                line(ui, ICON_LOCK, &words, palette.accent);
            } else if let Some((words, alert)) = state(film) {
                let (icon, colour) =
                    if alert { (ICON_WARNING, palette.alert) } else { (ICON_CHECK, palette.dim) };
                line(ui, icon, &words, colour);
            }
        });
    });
}

fn news(ui: &mut Ui, notice: &Notice, intents: &mut Vec<Intent>) {
    let palette = theme::palette(ui);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let close = ui.add(Button::new(ICON_CLOSE.rich_text().size(16.0)).frame(false));
        close.widget_info(|| WidgetInfo::labeled(Role::Button, true, tr!("strip.dismiss")));
        if close.on_hover_text(tr!("strip.dismiss")).clicked() {
            intents.push(Intent::DismissNotice);
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| match notice {
            Notice::Good(words) => line(ui, ICON_CHECK, words, palette.accent),
            Notice::Bad(words) => line(ui, ICON_WARNING, words, palette.alert),
        });
    });
}

/// What a crash left, and the way to it.
fn recovery(ui: &mut Ui, films: &[(PathBuf, usize)], intents: &mut Vec<Intent>) {
    let steps: usize = films.iter().map(|(_, steps)| steps).sum();
    let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let words = match films {
        [(path, _)] => tr!("keeping.unclosed", steps = steps, film = name(path).unwrap_or_default()),
        _ => tr!("keeping.unclosed_films", steps = steps, count = films.len()),
    };
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let close = ui.add(Button::new(ICON_CLOSE.rich_text().size(16.0)).frame(false));
        close.widget_info(|| WidgetInfo::labeled(Role::Button, true, tr!("strip.dismiss")));
        if close.on_hover_text(tr!("strip.dismiss")).clicked() {
            intents.push(Intent::DismissUnclosed);
        }
        // The strip has the ground of a button.
        let outlined =
            Button::new(tr!("keeping.open_them")).stroke(Stroke::new(1.0, theme::palette(ui).accent));
        if ui.add(outlined).clicked() {
            intents.push(Intent::OpenUnclosed);
        }
        let colour = theme::palette(ui).accent;
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| line(ui, ICON_HISTORY, &words, colour));
    });
}

fn line(ui: &mut Ui, icon: MaterialIcon, words: &str, colour: Color32) {
    ui.label(icon.rich_text().size(16.0).color(colour));
    ui.add(egui::Label::new(RichText::new(words).color(colour)).truncate()).on_hover_text(words);
}

/// Why nothing can be changed, where that is so.
fn locked(film: &Film) -> Option<String> {
    if film.looking_back().is_some() {
        // Said below.
        return None;
    }
    if let Some(reason) = &film.keeping.read_only {
        return Some(tr!("strip.read_only", reason = reason));
    }
    let signed = film.study.as_ref()?.review().signed.as_ref()?;
    Some(tr!("strip.signed", stamp = terms::stamp(signed)))
}

/// How the analysis of the film ended, and whether that needs a look; `None` before there was one.
fn state(film: &Film) -> Option<(String, bool)> {
    if let (Analysis::None, Some(reason)) = (&film.analysis, film.told_failure()) {
        return Some((tr!("strip.refused", reason = reason), true));
    }
    match &film.analysis {
        Analysis::Refused(reason) => Some((tr!("strip.refused", reason = reason), true)),
        Analysis::Failed(reason) => Some((tr!("strip.failed", reason = reason), true)),
        _ => film.study.as_ref().and_then(partial).or_else(|| doubts(film)),
    }
}

/// Calibrations that disagree, text in the pixels.
fn doubts(film: &Film) -> Option<(String, bool)> {
    let conflict = film.study.as_ref().and_then(|study| study.calibration_conflicts().into_iter().next());
    conflict.map(|words| sentence(&words)).or_else(|| film.burned_in()).map(|words| (words, true))
}

/// Points that the network did not find. A missing nucleus is usual in infants and said with the measurements.
fn partial(study: &Study) -> Option<(String, bool)> {
    let missing: Vec<String> = study
        .annotations()
        .landmarks
        .iter()
        .filter(|(id, landmark)| {
            let lost = matches!(landmark.state, LandmarkState::Missing { .. });
            lost && landmark.origin != Origin::Person && id.code != LandmarkCode::FH
        })
        .map(|(id, _)| id.to_string())
        .collect();
    if missing.is_empty() {
        return None;
    }
    Some((tr!("strip.partial", points = missing.join(", ")), true))
}
