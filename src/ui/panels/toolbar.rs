//! The toolbar: one button an action, and the button that every other panel uses for actions too.

use crate::ui::action::{Action, Group};
use crate::ui::app::Workbench;
use crate::ui::canvas::choices;
use crate::ui::intent::Intent;
use crate::ui::keymap::Keymap;
use crate::ui::lang::tr;
use crate::ui::theme;
use egui::{Align, Button, Context, Frame, Id, Layout, Margin, Panel, Response, Role, Ui, WidgetInfo};
use egui_material_icons::icons::ICON_MENU;

const HEIGHT: f32 = 42.0;
/// Narrower windows have icons without words, but for what everybody does with every film.
const WIDE: f32 = 1480.0;
/// Still narrower ones have no words at all.
const NARROW: f32 = 1200.0;
/// Longer names of windows are cut on the button; the menu has them whole.
const NAME: usize = 14;

pub fn show(ui: &mut Ui, workbench: &Workbench, intents: &mut Vec<Intent>) {
    let frame = Frame::new().fill(theme::palette(ui).panel).inner_margin(Margin::symmetric(8, 0));
    Panel::top("toolbar").exact_size(HEIGHT).frame(frame).show(ui, |ui| {
        let button = |ui: &mut Ui, intents: &mut Vec<Intent>, action: Action, label: Label| {
            let on = workbench.is_on(action);
            let response = action_button(ui, action, label, workbench.can(action), on);
            if response.clicked() {
                intents.push(Intent::Do(action));
            }
            response
        };
        // On a narrow window the icons must do; what has no room is still in the palette and on the keys.
        let wide = ui.available_width() >= WIDE;
        let words = if wide { Label::Text } else { Label::Icon };
        let always = if ui.available_width() >= NARROW { Label::Text } else { Label::Icon };
        ui.horizontal_centered(|ui| {
            let first = main_menu(ui, workbench, intents);
            remember_first(ui.ctx(), first.id);
            button(ui, intents, Action::Open, words);
            button(ui, intents, Action::Analyse, always);
            ui.separator();
            for action in [Action::Undo, Action::Redo] {
                button(ui, intents, action, Label::Icon);
            }
            ui.separator();
            for action in [Action::Fit, Action::ActualSize, Action::Invert, Action::ResetWindow] {
                button(ui, intents, action, Label::Icon);
            }
            windows(ui, workbench, intents);
            for action in [Action::CycleOverlay, Action::ToggleGraphics] {
                button(ui, intents, action, Label::Icon);
            }
            ui.separator();
            menu(ui, workbench, intents, tr!("toolbar.measure"), &FIGURES);
            menu(ui, workbench, intents, tr!("toolbar.calibration"), &CALIBRATION);
            button(ui, intents, Action::Deidentify, Label::Icon);
            if wide {
                ui.separator();
                for action in [Action::One, Action::Two, Action::Four] {
                    button(ui, intents, action, Label::Icon);
                }
                ui.separator();
                for action in [Action::PreviousStudy, Action::NextStudy] {
                    button(ui, intents, action, Label::Icon);
                }
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                for action in [Action::Settings, Action::Keys, Action::Palette, Action::ToggleTheme] {
                    button(ui, intents, action, Label::Icon);
                }
                for action in [Action::ToggleFindings, Action::ToggleStudies] {
                    button(ui, intents, action, Label::Icon);
                }
                ui.separator();
                button(ui, intents, Action::ExportAs, Label::Icon);
                button(ui, intents, Action::Export, words);
            });
        });
    });
}

/// Every deed there is, by kind.
fn main_menu(ui: &mut Ui, workbench: &Workbench, intents: &mut Vec<Intent>) -> Response {
    let icon = ICON_MENU.rich_text().size(18.0);
    let menu = ui.menu_button(icon, |ui| {
        for group in Group::ALL {
            ui.menu_button(group.text(), |ui| items(ui, workbench, intents, group.actions()));
        }
    });
    menu.response.widget_info(|| WidgetInfo::labeled(Role::Button, true, tr!("toolbar.menu")));
    menu.response.on_hover_text(tr!("toolbar.menu"))
}

/// A line of a menu for each action: icon, name, key, and whether it is on.
fn items(ui: &mut Ui, workbench: &Workbench, intents: &mut Vec<Intent>, actions: &[Action]) {
    ui.set_min_width(260.0);
    for action in actions {
        let enabled = workbench.can(*action);
        let button = Button::new((action.icon().rich_text().size(18.0), action.text()))
            .shortcut_text(Keymap::first(ui.ctx(), *action))
            .selected(workbench.is_on(*action))
            .frame_when_inactive(workbench.is_on(*action))
            .min_size(egui::vec2(ui.available_width(), 0.0));
        let response = ui.add_enabled(enabled, button);
        response.widget_info(|| WidgetInfo::labeled(Role::MenuItem, enabled, action.text()));
        if response.on_hover_text(action.tooltip()).clicked() {
            intents.push(Intent::Do(*action));
            ui.close();
        }
    }
}

/// Free measurements.
const FIGURES: [Action; 5] =
    [Action::Length, Action::Angle, Action::Cobb, Action::Circle, Action::RemoveFigures];

/// Ways to millimetres.
const CALIBRATION: [Action; 4] =
    [Action::CalibrateSphere, Action::CalibrateLine, Action::CalibrateMagnification, Action::Uncalibrate];

/// The windows of the file by name, and presets.
fn windows(ui: &mut Ui, workbench: &Workbench, intents: &mut Vec<Intent>) {
    let film = workbench.films.current();
    let Some((film, opened)) = film.and_then(|film| Some((film, film.opened()?))) else { return };
    let name = film.view.grey_name(opened);
    let short = if name.chars().count() > NAME {
        name.chars().take(NAME - 1).chain(['…']).collect()
    } else {
        name.clone()
    };
    let menu = ui.menu_button(short, |ui| {
        ui.set_min_width(180.0);
        for (name, grey) in choices(opened) {
            if ui.selectable_label(film.view.grey == grey, name).clicked() {
                intents.push(Intent::Look(grey));
                ui.close();
            }
        }
    });
    menu.response.widget_info(|| WidgetInfo::labeled(Role::Button, true, tr!("toolbar.window", name = name)));
    menu.response.on_hover_text(tr!("toolbar.windows"));
}

fn menu(ui: &mut Ui, workbench: &Workbench, intents: &mut Vec<Intent>, name: &str, actions: &[Action]) {
    ui.menu_button(name, |ui| items(ui, workbench, intents, actions));
}

/// What stands on a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    Icon,
    Text,
}

/// A button of an action, with its tooltip, its key, and a name for screen readers.
pub fn action_button(ui: &mut Ui, action: Action, label: Label, enabled: bool, selected: bool) -> Response {
    let icon = action.icon().rich_text().size(18.0);
    let button = match label {
        Label::Icon => Button::new(icon),
        Label::Text => Button::new((icon, action.text())),
    };
    let response = ui.add_enabled(
        enabled,
        button.selected(selected).frame_when_inactive(selected || label == Label::Text),
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, action.text()));
    let key = Keymap::first(ui.ctx(), action);
    let key = if key.is_empty() { key } else { format!("  ({key})") };
    let words = format!("{}{key}\n{}", action.text(), action.tooltip());
    response.on_hover_text(&words).on_disabled_hover_text(words)
}

fn first_key() -> Id {
    Id::unique("first button of the toolbar")
}

fn remember_first(context: &Context, id: Id) {
    context.data_mut(|data| data.insert_temp(first_key(), id));
}

/// Where the keyboard goes when it leaves the film.
pub fn first(context: &Context) -> Option<Id> {
    context.data(|data| data.get_temp(first_key()))
}
