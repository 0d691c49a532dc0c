//! The exercise in the place of the findings: which point comes next, and at the end how far each is off.

use crate::measure::Unit;
use crate::study::Study;
use crate::ui::canvas::points;
use crate::ui::films::Film;
use crate::ui::intent::{Intent, TraineeDeed};
use crate::ui::lang::tr;
use crate::ui::terms;
use crate::ui::theme::{self, size};
use crate::ui::trainee::{Outcome, Trainee, Verdict};
use egui::{Button, Grid, Label, RichText, Role, ScrollArea, Ui, WidgetInfo};

pub fn show(ui: &mut Ui, film: &Film, study: &Study, trainee: &Trainee, intents: &mut Vec<Intent>) {
    ui.label(theme::bold(tr!("action.Trainee"), size::VALUE));
    let mut deed = |ui: &mut Ui, words: &str, enabled: bool, deed: TraineeDeed| {
        if ui.add_enabled(enabled, Button::new(words)).clicked() {
            intents.push(Intent::Trainee(deed));
        }
    };
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        match &trainee.outcome {
            None => {
                let (done, count) = trainee.progress();
                match trainee.next() {
                    Some(id) => {
                        ui.add(Label::new(points::place_next(&id, done + 1, count)).wrap());
                    }
                    None => {
                        ui.label(tr!("trainee.all_placed"));
                    }
                }
                ui.add_space(6.0);
                ui.horizontal_wrapped(|ui| {
                    deed(ui, tr!("action.MarkAbsent"), trainee.next().is_some(), TraineeDeed::MarkAbsent);
                    deed(ui, tr!("trainee.take_back"), done > 0, TraineeDeed::TakeBack);
                });
                ui.add_space(6.0);
                let predicted = study.annotations().prediction.is_some();
                ui.horizontal_wrapped(|ui| {
                    deed(ui, tr!("trainee.score"), predicted && done > 0, TraineeDeed::Score);
                    deed(ui, tr!("trainee.score_file"), done > 0, TraineeDeed::ScoreFile);
                });
                if !predicted {
                    let words = if film.is_analysing() {
                        tr!("trainee.analysing")
                    } else {
                        tr!("trainee.no_prediction")
                    };
                    ui.add(Label::new(theme::small(ui, words)).wrap());
                }
                ui.add(Label::new(theme::small(ui, tr!("trainee.hidden"))).wrap());
            }
            Some(outcome) => scores(ui, outcome),
        }
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            deed(ui, tr!("trainee.again"), true, TraineeDeed::Again);
            deed(ui, tr!("trainee.close"), true, TraineeDeed::Close);
        });
    });
}

fn scores(ui: &mut Ui, outcome: &Outcome) {
    let unit = if outcome.millimetres { "mm" } else { "px" };
    ui.add(Label::new(theme::small(ui, tr!("trainee.against", what = outcome.against))).wrap());
    let summary = [
        outcome
            .mean()
            .map(|(mean, count)| tr!("trainee.mean", mean = format!("{mean:.1} {unit}"), count = count)),
        outcome
            .mean_degrees()
            .map(|(mean, count)| tr!("trainee.mean_degrees", mean = format!("{mean:.1}°"), count = count)),
    ];
    for words in summary.into_iter().flatten() {
        ui.add(Label::new(theme::bold(words, size::TEXT)).wrap());
    }
    ui.add_space(6.0);
    Grid::new("scores of points").num_columns(2).spacing([14.0, 3.0]).show(ui, |ui| {
        for score in &outcome.points {
            let (words, poor) = match score.verdict {
                Verdict::Apart(distance) => (format!("{distance:.1} {unit}"), false),
                Verdict::BothAbsent => (tr!("trainee.both_absent").to_owned(), false),
                Verdict::Invented => (tr!("trainee.invented").to_owned(), true),
                Verdict::Missed => (tr!("trainee.missed").to_owned(), true),
            };
            line(ui, &points::name(&score.id), &words, poor);
        }
    });
    ui.add_space(6.0);
    Grid::new("scores of numbers").num_columns(2).spacing([14.0, 3.0]).show(ui, |ui| {
        // Lengths follow from the points; angles are what a reader is judged by.
        for number in outcome.numbers.iter().filter(|number| number.unit == Unit::Degree) {
            let side = number.side.map_or(tr!("side.pelvis"), terms::side);
            let unit = number.unit.suffix();
            let words = tr!(
                "trainee.number",
                own = format!("{:.1}{unit}", number.own),
                reference = format!("{:.1}{unit}", number.reference),
                off = format!("{:+.1}{unit}", number.own - number.reference).replace('-', "–")
            );
            line(ui, &format!("{} {side}", super::values::short(number.code)), &words, false);
        }
    });
}

fn line(ui: &mut Ui, name: &str, words: &str, poor: bool) {
    let palette = theme::palette(ui);
    ui.label(name);
    let label = ui.label(RichText::new(words).color(if poor { palette.alert } else { palette.text }));
    label.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name} {words}")));
    ui.end_row();
}
