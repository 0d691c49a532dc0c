//! Which norm tables there are, which may judge, who stands for them; and the place to sign one.

use crate::measure::norms::{Evidence, NormTable};
use crate::ui::app::Workbench;
use crate::ui::intent::Intent;
use crate::ui::lang::tr;
use crate::ui::theme::{self, size};
use egui::{Align2, CollapsingHeader, Id, Label, RichText, ScrollArea, Ui, Window};

/// "signed by Dr. A on 2026-11-22".
pub fn standing(table: &NormTable) -> String {
    match (&table.signature, table.evidence) {
        (Some(signature), _) => tr!("norms.signed", name = signature.name, date = signature.date),
        (None, Evidence::Confirmed) => tr!("norms.confirmed").to_owned(),
        (None, Evidence::Verify) => tr!("norms.unsigned").to_owned(),
    }
}

pub fn show(ui: &mut Ui, workbench: &mut Workbench, intents: &mut Vec<Intent>) {
    let mut open = workbench.dialogs.norms;
    if !open {
        return;
    }
    let window = Window::new(tr!("action.Norms")).open(&mut open).collapsible(false).resizable(false);
    window.anchor(Align2::CENTER_CENTER, [0.0, 0.0]).show(ui.ctx(), |ui| {
        ui.set_width(560.0);
        let height = ui.ctx().content_rect().height() - 200.0;
        ScrollArea::vertical().max_height(height).min_scrolled_height(height).show(ui, |ui| {
            for table in workbench.norms.iter() {
                ui.label(theme::bold(&table.title, size::TEXT));
                let colour = if table.is_valid() { theme::palette(ui).text } else { theme::palette(ui).dim };
                ui.label(RichText::new(standing(table)).color(colour));
                let words = format!("{}/{} · {}", table.id, table.version, table.source);
                ui.add(Label::new(theme::small(ui, words)).wrap());
                if !table.is_valid() {
                    sign(ui, table, workbench.preferences.user.trim(), intents);
                }
                ui.add_space(6.0);
            }
            for fault in &workbench.norm_faults {
                let colour = theme::palette(ui).alert;
                ui.add(Label::new(RichText::new(tr!("norms.fault", reason = fault)).color(colour)).wrap());
            }
            ui.add(Label::new(theme::small(ui, tr!("norms.hint"))).wrap());
        });
    });
    workbench.dialogs.norms = open;
}

/// Two clicks: the first shows what is signed, the second signs.
fn sign(ui: &mut Ui, table: &NormTable, user: &str, intents: &mut Vec<Intent>) {
    let opened = Id::unique(("to be signed", &table.id));
    CollapsingHeader::new(tr!("norms.check")).id_salt(opened).show(ui, |ui| {
        for row in &table.rows {
            ui.add(Label::new(theme::small(ui, format!("{}: {}", row.measurement, row.words()))).wrap());
        }
        if user.is_empty() {
            ui.label(RichText::new(tr!("norms.nameless")).color(theme::palette(ui).alert));
        } else if ui.button(tr!("norms.sign", name = user)).clicked() {
            intents.push(Intent::SignNorms(table.id.clone()));
        }
    });
}
