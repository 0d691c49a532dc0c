//! The audit trail of a film: who did what, when, and how far each point went.

use crate::library::AuditEntry;
use crate::measure::Spacing;
use crate::study::Study;
use crate::ui::app::Workbench;
use crate::ui::lang::{said, tr};
use crate::ui::terms;
use crate::ui::theme::{self, size};
use egui::{Align2, Grid, Label, RichText, ScrollArea, Ui, Window};

/// Width of what was done, points.
const WHAT: f32 = 280.0;

type Trail = Result<(Vec<AuditEntry>, Vec<String>), String>;

#[derive(Debug, Default)]
pub struct AuditState {
    pub open: bool,
    /// `None` while it is read.
    trail: Option<Trail>,
    changes_only: bool,
}

impl AuditState {
    pub fn read(&mut self, trail: Trail) {
        self.trail = Some(trail);
    }
}

pub fn show(ui: &mut Ui, workbench: &mut Workbench) {
    if !workbench.dialogs.audit.open {
        return;
    }
    let study = workbench.films.current().and_then(|film| film.study.as_ref());
    let spacing = study.map(Study::spacing);
    let state = &mut workbench.dialogs.audit;
    let mut open = true;
    let window = Window::new(tr!("action.Audit")).open(&mut open).collapsible(false).resizable(false);
    window.anchor(Align2::CENTER_CENTER, [0.0, 0.0]).show(ui.ctx(), |ui| {
        ui.set_width(640.0);
        match &state.trail {
            None => {
                ui.spinner();
            }
            Some(Err(reason)) => alert(ui, reason),
            Some(Ok((entries, faults))) => {
                if faults.is_empty() {
                    ui.label(theme::small(ui, tr!("audit.whole")));
                }
                faults.iter().for_each(|fault| alert(ui, fault));
                ui.checkbox(&mut state.changes_only, tr!("audit.changes_only"));
                ui.separator();
                let wanted = entries.iter().rev().filter(|entry| entry.changed || !state.changes_only);
                table(ui, wanted, spacing.as_ref());
            }
        }
    });
    state.open = open;
    if !open {
        state.trail = None;
    }
}

fn alert(ui: &mut Ui, words: &str) {
    let colour = theme::palette(ui).alert;
    ui.add(Label::new(RichText::new(words).color(colour)).wrap());
}

fn table<'a>(ui: &mut Ui, entries: impl Iterator<Item = &'a AuditEntry>, spacing: Option<&Spacing>) {
    let height = ui.ctx().content_rect().height() - 260.0;
    ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show(ui, |ui| {
        Grid::new("trail").num_columns(4).striped(true).spacing([16.0, 4.0]).show(ui, |ui| {
            let titles = [tr!("audit.when"), tr!("audit.who"), tr!("audit.what"), tr!("audit.far")];
            for title in titles {
                ui.label(theme::bold(title, size::SMALL + 1.0));
            }
            ui.end_row();
            for entry in entries {
                ui.label(theme::small(ui, terms::time(&entry.stamp)));
                ui.label(terms::by(&entry.stamp));
                super::cell(ui, WHAT, said(&entry.words));
                ui.label(distance(entry, spacing));
                ui.end_row();
            }
        });
    });
}

/// "2.41 mm", or pixels where the film has no millimetres; empty where no point went anywhere.
fn distance(entry: &AuditEntry, spacing: Option<&Spacing>) -> String {
    let Some((from, to)) = entry.from.zip(entry.to).filter(|(from, to)| from != to) else {
        return String::new();
    };
    match spacing.filter(|spacing| spacing.has_millimetres()) {
        Some(spacing) => {
            let (x, y) = ((to.x - from.x) * spacing.column, (to.y - from.y) * spacing.row);
            format!("{:.2} mm", x.hypot(y))
        }
        None => format!("{:.1} px", from.distance(to)),
    }
}
