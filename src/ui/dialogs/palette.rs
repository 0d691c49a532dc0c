//! Find a command by name.

use crate::ui::action::Action;
use crate::ui::app::Workbench;
use crate::ui::intent::Intent;
use crate::ui::keymap::Keymap;
use crate::ui::lang::tr;
use crate::ui::theme;
use egui::{Align2, Button, Key, TextEdit, Ui, Window};

#[derive(Debug, Default)]
pub struct PaletteState {
    text: String,
    /// Place in the list of matches.
    at: usize,
    /// It has had the focus.
    opened: bool,
}

/// Those whose name or description holds every word, names first.
fn matches(text: &str) -> Vec<Action> {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let holds = |line: &str| {
        let line = line.to_lowercase();
        words.iter().all(|word| line.contains(word))
    };
    let (by_name, others): (Vec<Action>, Vec<Action>) = Action::ALL
        .iter()
        .copied()
        .filter(|action| *action != Action::Palette)
        .filter(|action| holds(&format!("{} {} {}", action.group().text(), action.text(), action.tooltip())))
        .partition(|action| holds(action.text()));
    by_name.into_iter().chain(others).collect()
}

pub fn show(ui: &mut Ui, workbench: &mut Workbench, intents: &mut Vec<Intent>) {
    let Some(mut state) = workbench.dialogs.palette.take() else { return };
    let mut chosen = None;
    let window = Window::new(tr!("action.Palette"))
        .collapsible(false)
        .resizable(false)
        .anchor(Align2::CENTER_TOP, [0.0, 90.0]);
    window.show(ui.ctx(), |ui| {
        ui.set_width(420.0);
        let down = ui.input_mut(|input| input.count_and_consume_key(egui::Modifiers::NONE, Key::ArrowDown));
        let up = ui.input_mut(|input| input.count_and_consume_key(egui::Modifiers::NONE, Key::ArrowUp));
        let edit = ui.add(
            TextEdit::singleline(&mut state.text).hint_text(tr!("palette.hint")).desired_width(f32::INFINITY),
        );
        edit.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SearchInput, true, tr!("palette.field")));
        if !std::mem::replace(&mut state.opened, true) {
            edit.request_focus();
        }
        if edit.changed() {
            state.at = 0;
        }
        let matches = matches(&state.text);
        state.at = (state.at + down).saturating_sub(up).min(matches.len().saturating_sub(1));
        let entered = edit.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        egui::ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
            for (index, action) in matches.iter().enumerate() {
                let enabled = workbench.can(*action);
                // Of everything there is, the kinds stand over their deeds.
                let above = index.checked_sub(1).and_then(|above| matches.get(above));
                let kind = action.group();
                if state.text.trim().is_empty() && above.is_none_or(|above| above.group() != kind) {
                    ui.add_space(4.0);
                    ui.label(theme::small(ui, kind.text()));
                }
                let key = Keymap::first(ui.ctx(), *action);
                let button = Button::new((action.icon().rich_text(), action.text()))
                    .shortcut_text(key)
                    // What Enter would do must be seen.
                    .selected(index == state.at)
                    .frame_when_inactive(index == state.at)
                    .min_size(egui::vec2(ui.available_width(), 0.0));
                let response = ui.add_enabled(enabled, button);
                response.widget_info(|| {
                    egui::WidgetInfo::labeled(
                        egui::Role::ListItem,
                        enabled,
                        tr!("palette.command", name = action.text()),
                    )
                });
                if index == state.at && (down > 0 || up > 0) {
                    response.scroll_to_me(None);
                }
                if response.on_hover_text(action.tooltip()).clicked()
                    || (entered && enabled && index == state.at)
                {
                    chosen = Some(*action);
                }
            }
        });
    });
    match chosen {
        Some(action) => intents.push(Intent::Do(action)),
        None => workbench.dialogs.palette = Some(state),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_by_parts_of_their_names() {
        assert_eq!(matches("undo").first(), Some(&Action::Undo));
        assert_eq!(matches("abs mark").first(), Some(&Action::MarkAbsent));
        assert!(matches("zzz").is_empty());
        assert_eq!(matches("").len(), Action::ALL.len() - 1);
    }
}
