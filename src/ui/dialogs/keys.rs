//! All keys at a glance.

use crate::ui::action::Action;
use crate::ui::app::Workbench;
use crate::ui::theme;
use egui::{Align2, Grid, ScrollArea, Ui, Window};

/// What the hand does on the film; no action of its own.
const GESTURES: [(&str, &str); 10] = [
    ("Drag a point", "move it"),
    ("Drag elsewhere", "sideways width, up and down level"),
    ("Wheel", "slices of a stack; zoom of a film"),
    ("Ctrl + wheel, right drag", "zoom"),
    ("Middle drag, Space + drag", "pan"),
    ("Double-click", "fit"),
    ("Hold Space", "bare film"),
    ("Arrows", "nudge the point by one pixel"),
    ("Shift + arrows", "by ten pixels"),
    ("Alt + arrows", "by a tenth of a pixel"),
];

pub fn show(ui: &mut Ui, workbench: &mut Workbench) {
    let mut open = workbench.dialogs.keys;
    if !open {
        return;
    }
    let window = Window::new("Keys").open(&mut open).collapsible(false).resizable(false);
    window.anchor(Align2::CENTER_CENTER, [0.0, 0.0]).show(ui.ctx(), |ui| {
        ScrollArea::vertical().max_height(ui.ctx().content_rect().height() - 160.0).show(ui, |ui| {
            ui.spacing_mut().interact_size.y = 18.0;
            ui.horizontal_top(|ui| {
                let with_keys: Vec<_> =
                    Action::ALL.iter().filter(|action| !action.shortcuts().is_empty()).collect();
                for (column, actions) in with_keys.chunks(with_keys.len().div_ceil(2)).enumerate() {
                    table(ui, &format!("actions {column}"), |ui| {
                        for action in actions {
                            let keys: Vec<String> =
                                action.shortcuts().iter().map(|key| ui.ctx().format_shortcut(key)).collect();
                            line(ui, &keys.join(", "), action.text());
                        }
                    });
                    ui.add_space(20.0);
                }
                table(ui, "gestures", |ui| {
                    for (hand, does) in GESTURES {
                        line(ui, hand, does);
                    }
                });
            });
        });
    });
    workbench.dialogs.keys = open;
}

fn table(ui: &mut Ui, name: &str, rows: impl FnOnce(&mut Ui)) {
    ui.vertical(|ui| Grid::new(name).num_columns(2).spacing([16.0, 3.0]).show(ui, rows));
}

fn line(ui: &mut Ui, key: &str, does: &str) {
    ui.label(theme::bold(key, theme::size::TEXT));
    ui.label(does);
    ui.end_row();
}
