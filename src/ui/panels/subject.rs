//! Who the patient is and how the film is judged: age, sex and view, each by the header or by hand; the reference line and
//! the threshold set.

use super::findings::section;
use crate::measure::protocol::CamSet;
use crate::measure::{ReferenceLine, Sex, Subject, View};
use crate::study::{Stated, Study};
use crate::ui::intent::Intent;
use crate::ui::lang::tr;
use crate::ui::terms;
use crate::ui::theme;
use egui::{ComboBox, Grid, Id, Key, Label, Role, TextEdit, Ui, WidgetInfo};

const FIELD: f32 = 118.0;
/// Oldest age that is taken, in months.
const OLDEST: f64 = 1500.0;

pub fn show(ui: &mut Ui, study: &Study, intents: &mut Vec<Intent>) {
    section(ui, tr!("subject.title"));
    let hand = study.settings().subject;
    Grid::new("subject").num_columns(3).spacing([8.0, 4.0]).show(ui, |ui| {
        ui.label(tr!("subject.age"));
        age(ui, study, hand, intents);
        source(ui, study.age_months().map(|(_, stated)| stated));
        ui.end_row();

        let sex = study.sex();
        ui.label(tr!("subject.sex"));
        let sexes = [
            (None, tr!("subject.by_header")),
            (Some(Sex::Female), tr!("sex.female")),
            (Some(Sex::Male), tr!("sex.male")),
        ];
        let shown = sexes.iter().find(|(of, _)| *of == sex.map(|(sex, _)| sex)).filter(|_| sex.is_some());
        if let Some(sex) = choose(
            ui,
            tr!("subject.sex"),
            shown.map_or(tr!("subject.unknown"), |(_, words)| words),
            hand.sex,
            &sexes,
        ) {
            intents.push(Intent::SetSubject(Subject { sex, ..hand }));
        }
        source(ui, sex.map(|(_, stated)| stated));
        ui.end_row();

        let view = study.view();
        ui.label(tr!("subject.view"));
        let views = [
            (None, tr!("subject.by_header")),
            (Some(View::Ap), tr!("subject.ap")),
            (Some(View::FrogLeg), tr!("subject.frog_leg")),
            (Some(View::Dunn), tr!("subject.dunn")),
            (Some(View::CrossTable), tr!("subject.cross_table")),
        ];
        let shown = views.iter().find(|(of, _)| *of == view.map(|(view, _)| view)).filter(|_| view.is_some());
        if let Some(view) = choose(
            ui,
            tr!("subject.view"),
            shown.map_or(tr!("subject.unknown"), |(_, words)| words),
            hand.view,
            &views,
        ) {
            intents.push(Intent::SetSubject(Subject { view, ..hand }));
        }
        source(ui, view.map(|(_, stated)| stated));
        ui.end_row();

        ui.label(tr!("subject.against"));
        let settings = study.settings();
        let lines: Vec<(Option<ReferenceLine>, &str)> = std::iter::once((None, tr!("subject.usual_lines")))
            .chain(ReferenceLine::ALL.map(|line| (Some(line), terms::line(line))))
            .collect();
        let shown = settings.reference.map_or(tr!("subject.usual_lines"), terms::line);
        if let Some(line) = choose(ui, tr!("subject.line"), shown, settings.reference, &lines) {
            intents.push(Intent::SetReference(line));
        }
        ui.end_row();

        // Only where something is judged by it.
        if study.assessment().findings.iter().any(|finding| finding.code == "CAM") {
            ui.label(tr!("subject.cam"));
            let sets = CamSet::ALL.map(|set| (set, cam(set)));
            if let Some(set) = choose(ui, tr!("subject.set"), cam(settings.cam_set), settings.cam_set, &sets)
            {
                intents.push(Intent::SetCamSet(set));
            }
            ui.end_row();
        }
    });
    if study.age_months().is_none() {
        ui.add(Label::new(theme::small(ui, tr!("subject.no_age"))).wrap());
    }
}

fn cam(set: CamSet) -> &'static str {
    match set {
        CamSet::S5_65 => tr!("cam.over65"),
        CamSet::Agricola60 => tr!("cam.from60"),
        CamSet::Over55 => tr!("cam.over55"),
    }
}

/// "header" or "by hand".
fn source(ui: &mut Ui, stated: Option<Stated>) {
    ui.label(theme::small(ui, stated.map_or(tr!("subject.not_stated"), terms::stated)));
}

fn choose<T: Copy + PartialEq>(
    ui: &mut Ui,
    name: &str,
    shown: &str,
    current: T,
    all: &[(T, &str)],
) -> Option<T> {
    let mut chosen = None;
    let combo = ComboBox::from_id_salt(name).width(FIELD).selected_text(shown).show_ui(ui, |ui| {
        for (value, words) in all {
            if ui.selectable_label(*value == current, *words).clicked() && *value != current {
                chosen = Some(*value);
            }
        }
    });
    combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, format!("{name}: {shown}")));
    chosen
}

/// Typed as people say it; empty goes back to the header.
fn age(ui: &mut Ui, study: &Study, hand: Subject, intents: &mut Vec<Intent>) {
    let key = Id::unique(("age typed", study.source().path.clone(), study.source().frame));
    let known = study.age_months().map(|(months, _)| words(months)).unwrap_or_default();
    let typed: Option<String> = ui.data(|data| data.get_temp(key));
    let mut text = typed.clone().unwrap_or_else(|| known.clone());
    let edit =
        ui.add(TextEdit::singleline(&mut text).desired_width(FIELD - 8.0).hint_text(tr!("subject.age_hint")));
    edit.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, tr!("subject.age_field")));
    if edit.changed() {
        ui.data_mut(|data| data.insert_temp(key, text.clone()));
    }
    if edit.lost_focus() {
        ui.data_mut(|data| data.remove_temp::<String>(key));
        let given_up = ui.input(|input| input.key_pressed(Key::Escape));
        if typed.is_some() && !given_up && text != known {
            match (text.trim(), months(&text)) {
                ("", _) => intents.push(Intent::SetSubject(Subject { age_months: None, ..hand })),
                (_, Some(age)) => intents.push(Intent::SetSubject(Subject { age_months: Some(age), ..hand })),
                // What cannot be understood is not taken; the field shows what is known again.
                _ => {}
            }
        }
    }
    edit.on_hover_text(tr!("subject.age_help"));
}

/// `9 m`, `2 y 3 m`, `18 months`, `3 weeks`, `12 years`, a bare number of months; in months.
fn months(text: &str) -> Option<f64> {
    let mut total = 0.0;
    let mut rest = text.trim().to_lowercase().replace(',', ".");
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..digits].parse().ok()?;
        let after = rest[digits..].trim_start().to_owned();
        let letters = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
        total += match &after[..letters] {
            "" | "m" | "mo" | "month" | "months" => number,
            "y" | "yr" | "year" | "years" => 12.0 * number,
            "w" | "week" | "weeks" => number * 7.0 / crate::measure::protocol::DAYS_PER_MONTH,
            "d" | "day" | "days" => number / crate::measure::protocol::DAYS_PER_MONTH,
            _ => return None,
        };
        rest = after[letters..].trim_start().to_owned();
    }
    (!text.trim().is_empty() && (0.0..=OLDEST).contains(&total)).then_some(total)
}

/// `9 m`, from two years on `2 y 3 m`, from sixteen on `16 y`, before two months in days.
fn words(months: f64) -> String {
    let whole = months.floor() as u32;
    match whole {
        0..2 => format!("{:.0} d", months * crate::measure::protocol::DAYS_PER_MONTH),
        2..24 => format!("{whole} m"),
        _ if whole.is_multiple_of(12) || whole >= 192 => format!("{} y", whole / 12),
        _ => format!("{} y {} m", whole / 12, whole % 12),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_understood_as_people_write_them() {
        for (text, age) in
            [("9 m", 9.0), ("9", 9.0), ("2y 3m", 27.0), ("18 Months", 18.0), ("1,5 years", 18.0)]
        {
            assert_eq!(months(text), Some(age), "{text}");
        }
        assert!(months("10 d").is_some_and(|age| (age - 0.3285).abs() < 1e-3));
        for text in ["", "old", "9 x", "-3", "999 y", "2y3"] {
            assert_eq!(months(text).filter(|_| text != "2y3"), None, "{text}");
        }
    }

    #[test]
    fn ages_read_back_as_they_were_written() {
        for text in ["9 m", "2 y 3 m", "2 y", "23 m", "40 y"] {
            assert_eq!(words(months(text).expect("an age")), text);
        }
    }
}
