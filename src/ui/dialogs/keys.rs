//! All keys at a glance, and the place to change them: press the key that an action shall have.

use crate::ui::action::{Action, Group};
use crate::ui::app::Workbench;
use crate::ui::keymap::{Keymap, Refusal, shown};
use crate::ui::lang::tr;
use crate::ui::theme::{self, size};
use egui::{
    Align2, Button, Event, Grid, Key, KeyboardShortcut, RichText, Role, ScrollArea, Ui, WidgetInfo, Window,
};

/// Width of a button with keys, points: that of the longest, so that the columns of all groups stand below each other.
const KEYS: f32 = 140.0;

/// The key list, and the action that waits for a key.
#[derive(Debug, Default)]
pub struct KeysState {
    pub open: bool,
    waiting: Option<Action>,
    /// A key that another action has: asked once more before it is taken away.
    contested: Option<(Action, KeyboardShortcut, Refusal)>,
}

impl KeysState {
    /// The next press is the key of an action: nobody else must have it.
    pub fn listens(&self) -> bool {
        self.open && self.waiting.is_some()
    }
}

pub fn show(ui: &mut Ui, workbench: &mut Workbench) {
    let mut state = std::mem::take(&mut workbench.dialogs.keys);
    if !state.open {
        workbench.dialogs.keys = state;
        return;
    }
    let mut map = (*Keymap::of_window(ui.ctx())).clone();
    let before = map.clone();
    if let Some(action) = state.waiting {
        listen(ui, &mut state, &mut map, action);
    }
    let mut open = true;
    let window = Window::new(tr!("action.Keys")).open(&mut open).collapsible(false).resizable(false);
    window.anchor(Align2::CENTER_CENTER, [0.0, 0.0]).show(ui.ctx(), |ui| {
        ui.horizontal(|ui| {
            ui.label(theme::small(ui, tr!("keys.hint")));
            let changed = !map.changed().is_empty();
            if ui.add_enabled(changed, Button::new(tr!("keys.reset_all"))).clicked() {
                map = Keymap::default();
                state.contested = None;
            }
        });
        contest(ui, &mut state, &mut map);
        ui.separator();
        let height = ui.ctx().content_rect().height() - 220.0;
        // As tall as the window lets it be: the keys are to be seen at a glance.
        ScrollArea::vertical().max_height(height).min_scrolled_height(height).show(ui, |ui| {
            ui.spacing_mut().interact_size.y = 20.0;
            ui.horizontal_top(|ui| {
                for groups in [&Group::ALL[..3], &Group::ALL[3..6]] {
                    ui.vertical(|ui| groups.iter().for_each(|group| table(ui, *group, &mut state, &mut map)));
                    ui.add_space(20.0);
                }
                ui.vertical(|ui| {
                    Group::ALL[6..].iter().for_each(|group| table(ui, *group, &mut state, &mut map));
                    gestures(ui);
                });
            });
        });
    });
    state.open = open;
    if !open {
        state.waiting = None;
        state.contested = None;
    }
    if map != before {
        workbench.preferences.keys = map.changed();
        workbench.keep_preferences();
        map.install(ui.ctx());
    }
    workbench.dialogs.keys = state;
}

/// Takes the next key that is pressed. Escape lets the action keep its own.
fn listen(ui: &Ui, state: &mut KeysState, map: &mut Keymap, action: Action) {
    let pressed = ui.input_mut(|input| {
        let at = input.events.iter().position(|event| matches!(event, Event::Key { pressed: true, .. }))?;
        match input.events.remove(at) {
            Event::Key { key, modifiers, .. } => {
                // The system's own form of Ctrl and Command is one modifier of the table.
                let command =
                    if modifiers.command { egui::Modifiers::COMMAND } else { egui::Modifiers::NONE };
                let others = egui::Modifiers { alt: modifiers.alt, shift: modifiers.shift, ..command };
                Some(KeyboardShortcut::new(others, key))
            }
            _ => None,
        }
    });
    let Some(key) = pressed else { return };
    state.waiting = None;
    if key.logical_key == Key::Escape && key.modifiers.is_none() {
        return;
    }
    match map.objection(action, &key) {
        None => map.set(action, key),
        Some(refusal) => state.contested = Some((action, key, refusal)),
    }
}

/// What stands against the key that was pressed, and whether it is taken all the same.
fn contest(ui: &mut Ui, state: &mut KeysState, map: &mut Keymap) {
    let Some((action, key, refusal)) = state.contested else { return };
    let name = shown(ui.ctx(), &key);
    ui.horizontal(|ui| {
        let colour = theme::palette(ui).alert;
        match refusal {
            Refusal::OfTheFilm => {
                ui.label(RichText::new(tr!("keys.of_the_film", key = name)).color(colour));
            }
            Refusal::Taken(other) => {
                ui.label(RichText::new(tr!("keys.taken", key = name, other = other.text())).color(colour));
                if ui.button(tr!("keys.take", action = action.text())).clicked() {
                    map.set(action, key);
                    state.contested = None;
                }
            }
        }
        if ui.button(tr!("keys.leave")).clicked() {
            state.contested = None;
        }
    });
}

fn table(ui: &mut Ui, group: Group, state: &mut KeysState, map: &mut Keymap) {
    ui.add_space(4.0);
    ui.label(theme::bold(group.text(), size::TEXT).color(theme::palette(ui).accent));
    Grid::new(group.text()).num_columns(3).spacing([10.0, 2.0]).show(ui, |ui| {
        for action in group.actions() {
            line(ui, *action, state, map);
            ui.end_row();
        }
    });
}

fn line(ui: &mut Ui, action: Action, state: &mut KeysState, map: &mut Keymap) {
    let keys: Vec<String> = map.of(action).iter().map(|key| shown(ui.ctx(), key)).collect();
    let waits = state.waiting == Some(action);
    let words = match (waits, keys.is_empty()) {
        (true, _) => tr!("keys.press").to_owned(),
        (false, true) => "–".to_owned(),
        (false, false) => keys.join(", "),
    };
    let button = Button::new(RichText::new(&words).size(size::SMALL + 1.0)).selected(waits);
    let response = ui.add_enabled(!action.belongs_to_canvas(), button.min_size(egui::vec2(KEYS, 20.0)));
    let spoken = tr!("keys.change", action = action.text(), keys = words);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &spoken));
    if response.clicked() {
        state.waiting = Some(action);
        state.contested = None;
    }
    if response.secondary_clicked() {
        map.clear(action);
    }
    response.on_hover_text(tr!("keys.button_help"));
    ui.label(action.text()).on_hover_text(action.tooltip());
    if map.is_default(action) {
        ui.label("");
    } else {
        let reset = ui.small_button(tr!("keys.reset"));
        let spoken = tr!("keys.reset_of", action = action.text());
        reset.widget_info(|| WidgetInfo::labeled(Role::Button, true, &spoken));
        if reset.clicked() {
            map.reset(action);
        }
    }
}

/// What the hand does on the film; no action of its own.
pub const GESTURES: [&str; 12] = [
    "drag_point",
    "drag",
    "wheel",
    "zoom",
    "pan",
    "double_click",
    "space",
    "arrows",
    "shift_arrows",
    "alt_arrows",
    "figure",
    "beside",
];

/// What the hand does, and what comes of it.
pub fn gesture(name: &str) -> (&'static str, &'static str) {
    let words = |part: &str| crate::ui::lang::find(&format!("gesture.{name}_{part}")).unwrap_or_default();
    (words("hand"), words("does"))
}

fn gestures(ui: &mut Ui) {
    ui.add_space(4.0);
    ui.label(theme::bold(tr!("keys.gestures"), size::TEXT).color(theme::palette(ui).accent));
    Grid::new("gestures").num_columns(2).spacing([10.0, 2.0]).show(ui, |ui| {
        for (hand, does) in GESTURES.map(gesture) {
            ui.label(theme::bold(hand, size::SMALL + 1.0));
            ui.label(does);
            ui.end_row();
        }
    });
}
