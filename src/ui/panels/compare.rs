//! What changed since the film beside, or since a saved version of this one: each number then and now, and whether the
//! change exceeds the error of measuring.

use super::findings::section;
use crate::measure::change::{Change, compare};
use crate::study::Study;
use crate::ui::films::Film;
use crate::ui::headings::date;
use crate::ui::lang::tr;
use crate::ui::terms;
use crate::ui::theme::{self, size};
use egui::{Grid, Label, RichText, Role, Ui, WidgetInfo};

/// Since the film beside.
pub fn since(ui: &mut Ui, beside: &Film, study: &Study) {
    let Some(before) = &beside.study else { return };
    section(ui, tr!("compare.title"));
    let when = date(&before.source().identity.study_date);
    let of = if when.is_empty() { beside.name() } else { when };
    let same = before.source().identity.patient_id.trim() == study.source().identity.patient_id.trim()
        && !study.source().identity.patient_id.trim().is_empty();
    ui.add(Label::new(theme::small(ui, tr!("compare.since", film = of))).wrap());
    if !same {
        let colour = theme::palette(ui).alert;
        ui.add(
            Label::new(RichText::new(tr!("compare.other_patient")).size(size::SMALL).color(colour)).wrap(),
        );
    }
    table(ui, before, study);
}

/// Since the version on the screen, up to what stands today.
pub fn from_version(ui: &mut Ui, version: u32, old: &Study, today: &Study) {
    section(ui, tr!("compare.title"));
    ui.add(Label::new(theme::small(ui, tr!("compare.version", number = version))).wrap());
    table(ui, old, today);
}

fn table(ui: &mut Ui, before: &Study, study: &Study) {
    let all = compare(before.assessment(), study.assessment());
    let known: Vec<_> =
        all.iter().filter_map(|row| Some((row.code, row.side, row.change.as_ref().ok()?))).collect();
    if known.is_empty() {
        ui.add(Label::new(theme::small(ui, tr!("compare.nothing"))).wrap());
        return;
    }
    Grid::new("changes").num_columns(4).spacing([12.0, 3.0]).show(ui, |ui| {
        for (code, side, change) in known {
            let side = side.map_or(tr!("side.pelvis"), terms::side);
            ui.label(format!("{} {side}", super::values::short(code))).on_hover_text(terms::measure(code));
            let unit = change.unit.suffix();
            ui.label(theme::small(ui, format!("{:.1} › {:.1}{unit}", change.before, change.after)));
            let words = format!("{:+.1}{unit}", change.difference);
            let label = ui.label(theme::bold(words.replace('-', "–"), size::TEXT));
            let spoken = format!("{code} {side} {words}, {}", verdict(change));
            label.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
            ui.label(theme::small(ui, verdict(change))).on_hover_text(tr!("compare.help"));
            ui.end_row();
        }
    });
}

/// Whether the change is more than the error of measuring explains.
fn verdict(change: &Change) -> &'static str {
    match change.is_real() {
        Some(true) => tr!("compare.real"),
        Some(false) => tr!("compare.within"),
        None => tr!("compare.unknown"),
    }
}
