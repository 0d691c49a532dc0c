//! The films that are analysed in the background: how far they are, what failed and why.

use crate::library::ItemState;
use crate::ui::batch::Batch;
use crate::ui::intent::Intent;
use crate::ui::lang::{said, tr};
use crate::ui::theme::{self, size};
use egui::{Frame, Label, Margin, Panel, ProgressBar, RichText, ScrollArea, Ui};

pub fn show(ui: &mut Ui, batch: &Batch, intents: &mut Vec<Intent>) {
    let queue = batch.queue();
    if queue.items().is_empty() {
        return;
    }
    let counts = queue.counts();
    let palette = theme::palette(ui);
    let frame = Frame::new().inner_margin(Margin { top: 8, ..Margin::ZERO });
    Panel::bottom("queue").frame(frame).show(ui, |ui| {
        let all = queue.items().len() - counts.cancelled;
        let done = counts.done + counts.failed;
        let words = if queue.is_idle() {
            tr!("batch.over", done = counts.done, all = queue.items().len())
        } else {
            tr!("batch.running", done = done, all = all)
        };
        ui.label(theme::bold(words, size::TEXT));
        let bar = ProgressBar::new(queue.fraction()).desired_height(8.0);
        ui.add(bar.fill(palette.accent.gamma_multiply(0.7)));
        let running = queue.items().iter().find_map(|item| match &item.state {
            ItemState::Running { stage, .. } => Some(format!("{}: {}", item.work.name, said(stage))),
            _ => None,
        });
        if let Some(words) = running {
            ui.add(Label::new(theme::small(ui, words)).truncate());
        }
        ScrollArea::vertical().max_height(150.0).show(ui, |ui| {
            for (item, reason) in queue.failures() {
                let words = format!("{}: {}", item.work.name, said(reason));
                let failed = RichText::new(&words).size(size::SMALL).color(palette.alert);
                ui.add(Label::new(failed).wrap()).on_hover_text(&words);
                ui.horizontal(|ui| {
                    if ui.small_button(tr!("batch.retry")).clicked() {
                        intents.push(Intent::Retry(Some(item.id)));
                    }
                    if ui.small_button(tr!("batch.look")).clicked() {
                        intents.push(Intent::Show(item.work.film));
                    }
                });
            }
        });
        ui.horizontal(|ui| {
            if !queue.is_idle() {
                if ui.button(tr!("batch.cancel")).clicked() {
                    intents.push(Intent::CancelBatch);
                }
            } else if ui.button(tr!("batch.close")).clicked() {
                intents.push(Intent::ClearBatch);
            }
            if counts.failed > 1 && ui.button(tr!("batch.retry_all", count = counts.failed)).clicked() {
                intents.push(Intent::Retry(None));
            }
        });
    });
}
