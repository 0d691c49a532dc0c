//! What a person settles once: language, size and theme, colours over the film, network and device, thresholds, site, user
//! and screen. Every change holds at once and is kept.

use crate::library::{Device, Greys, Preferences};
use crate::measure::construction::Role as LineRole;
use crate::measure::protocol::CamSet;
use crate::ui::action::Action;
use crate::ui::app::Workbench;
use crate::ui::intent::Intent;
use crate::ui::lang::{Language, tr};
use crate::ui::services::Choice;
use crate::ui::theme::{self, size};
use egui::{
    Align2, Color32, ComboBox, DragValue, Grid, Label, Role, ScrollArea, Sense, Slider, Stroke, TextEdit, Ui,
    WidgetInfo, Window, vec2,
};
use std::path::PathBuf;

/// Length of the bar that is held against a ruler, points.
const BAR: f32 = 300.0;
const FIELD: f32 = 312.0;

/// What is open, and what was found when it was opened.
#[derive(Debug, Default)]
pub struct SettingsState {
    pub open: bool,
    models: Option<Vec<Choice>>,
    /// As typed; a path is taken when it is whole.
    logo: Option<String>,
}

pub fn show(ui: &mut Ui, workbench: &mut Workbench, intents: &mut Vec<Intent>) {
    if !workbench.dialogs.settings.open {
        return;
    }
    let before = workbench.preferences.clone();
    let mut preferences = before.clone();
    let services = &workbench.services;
    let state = &mut workbench.dialogs.settings;
    let drawn_by = drawn_by(workbench.canvas.gpu.is_some(), workbench.card.name());
    let models = state.models.get_or_insert_with(|| services.models()).clone();
    let mut open = true;
    let window = Window::new(tr!("action.Settings")).open(&mut open).collapsible(false).resizable(false);
    window.anchor(Align2::CENTER_CENTER, [0.0, 0.0]).show(ui.ctx(), |ui| {
        ui.set_width(560.0);
        let height = ui.ctx().content_rect().height() - 110.0;
        ScrollArea::vertical().max_height(height).min_scrolled_height(height).show(ui, |ui| {
            part(ui, tr!("settings.window"), |ui| appearance(ui, &mut preferences));
            part(ui, tr!("settings.film"), |ui| {
                colours(ui, &mut preferences);
                greys(ui, &mut preferences, &drawn_by);
                screen(ui, &mut preferences);
            });
            part(ui, tr!("settings.reading"), |ui| reading(ui, &mut preferences, &models));
            part(ui, tr!("settings.people"), |ui| people(ui, &mut preferences, &mut state.logo));
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                for action in [Action::Keys, Action::Norms] {
                    if ui.button(action.text()).on_hover_text(action.tooltip()).clicked() {
                        intents.push(Intent::Do(action));
                    }
                }
                if ui.button(tr!("settings.reset")).on_hover_text(tr!("settings.reset_help")).clicked() {
                    let Preferences { keys, layout, site, user, .. } = preferences.clone();
                    preferences = Preferences { keys, layout, site, user, ..Preferences::default() };
                }
            });
        });
    });
    state.open = open;
    if !open {
        state.models = None;
        state.logo = None;
    }
    if preferences != before {
        intents.push(Intent::Prefer(Box::new(preferences)));
    }
}

fn part(ui: &mut Ui, title: &str, rows: impl FnOnce(&mut Ui)) {
    ui.add_space(8.0);
    ui.label(theme::bold(title, size::TEXT).color(theme::palette(ui).accent));
    Grid::new(title).num_columns(2).min_col_width(150.0).spacing([14.0, 6.0]).show(ui, rows);
}

/// One of several, with a name for screen readers.
fn choose<T: Copy + PartialEq>(ui: &mut Ui, name: &str, value: &mut T, all: &[(T, &str)]) {
    ui.label(name);
    let shown = all.iter().find(|(of, _)| of == value).map_or("", |(_, words)| words);
    let combo = ComboBox::from_id_salt(name).width(FIELD).selected_text(shown).show_ui(ui, |ui| {
        for (of, words) in all {
            ui.selectable_value(value, *of, *words);
        }
    });
    combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, format!("{name}: {shown}")));
    ui.end_row();
}

fn text(ui: &mut Ui, name: &str, value: &mut String) -> egui::Response {
    ui.label(name);
    let edit = ui.add(TextEdit::singleline(value).desired_width(FIELD));
    edit.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, name));
    ui.end_row();
    edit
}

fn appearance(ui: &mut Ui, preferences: &mut Preferences) {
    let languages = Language::ALL.map(|language| (language, language.name()));
    choose(ui, tr!("settings.language"), &mut preferences.language, &languages);
    let themes = [(false, tr!("settings.dark")), (true, tr!("settings.light"))];
    choose(ui, tr!("settings.theme"), &mut preferences.light, &themes);
    let name = tr!("settings.scale");
    ui.label(name);
    let mut percent = (100.0 * preferences.scale).round();
    let range = 100.0 * Preferences::SCALES.start()..=100.0 * Preferences::SCALES.end();
    let drag = ui.add(DragValue::new(&mut percent).range(range).speed(1.0).suffix(" %"));
    drag.widget_info(|| WidgetInfo::labeled(Role::SpinButton, true, name));
    // While it is dragged the window would grow under the hand.
    if drag.changed() && !drag.dragged() || drag.drag_stopped() {
        preferences.scale = percent / 100.0;
    }
    ui.end_row();
    ui.label(tr!("slices.rate"));
    let slider = Slider::new(&mut preferences.frame_rate, Preferences::RATES).integer();
    ui.add(slider).widget_info(|| WidgetInfo::labeled(Role::Slider, true, tr!("slices.rate")));
    ui.end_row();
}

/// The lines of the construction by name, to be coloured.
const LINES: [LineRole; 5] =
    [LineRole::Hilgenreiner, LineRole::Perkin, LineRole::Roof, LineRole::AngleArc, LineRole::DLine];

fn colours(ui: &mut Ui, preferences: &mut Preferences) {
    for role in LINES {
        let key = theme::role_key(role);
        let name = crate::ui::lang::find(&format!("colour.{key}")).unwrap_or(key);
        ui.label(name);
        ui.horizontal(|ui| {
            let mut colour = theme::LineColours::of(&preferences.colours).role(role);
            let button = ui.color_edit_button_srgba(&mut colour);
            button.widget_info(|| WidgetInfo::labeled(Role::ColorWell, true, name));
            if button.changed() {
                preferences.colours.insert(key.to_owned(), hex(colour));
            }
            if preferences.colours.contains_key(key) && ui.small_button(tr!("settings.own_colour")).clicked()
            {
                preferences.colours.remove(key);
            }
        });
        ui.end_row();
    }
}

fn hex(colour: Color32) -> String {
    format!("#{:02X}{:02X}{:02X}", colour.r(), colour.g(), colour.b())
}

/// Who computes greys now; empty without a window.
fn drawn_by(gpu: bool, name: &str) -> String {
    match (gpu, name) {
        (_, "") => String::new(),
        (true, name) => tr!("settings.greys_by_gpu", name = name),
        (false, name) => tr!("settings.greys_by_cpu", name = name),
    }
}

fn greys(ui: &mut Ui, preferences: &mut Preferences, drawn_by: &str) {
    let all = [
        (Greys::Auto, tr!("settings.greys_auto")),
        (Greys::Gpu, tr!("settings.greys_gpu")),
        (Greys::Cpu, tr!("settings.greys_cpu")),
    ];
    choose(ui, tr!("settings.greys"), &mut preferences.greys, &all);
    if !drawn_by.is_empty() {
        ui.label("");
        ui.add(Label::new(theme::small(ui, drawn_by)).wrap());
        ui.end_row();
    }
}

/// A bar to hold a ruler against: what its length says of the screen.
fn screen(ui: &mut Ui, preferences: &mut Preferences) {
    ui.label(tr!("settings.screen")).on_hover_text(tr!("settings.screen_help"));
    ui.vertical(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(BAR, 12.0), Sense::hover());
        let stroke = Stroke::new(1.5, theme::palette(ui).text);
        ui.painter().line_segment([rect.left_center(), rect.right_center()], stroke);
        for end in [rect.left(), rect.right()] {
            ui.painter().vline(end, rect.y_range(), stroke);
        }
        ui.horizontal(|ui| {
            let mut mm = preferences.screen_mm.map_or(0.0, |mm| mm * f64::from(BAR));
            let drag = ui.add(DragValue::new(&mut mm).range(0.0..=600.0).speed(0.1).suffix(" mm"));
            drag.widget_info(|| WidgetInfo::labeled(Role::SpinButton, true, tr!("settings.screen")));
            if drag.changed() {
                preferences.screen_mm = (mm > 0.0).then(|| mm / f64::from(BAR));
            }
            ui.add(Label::new(theme::small(ui, tr!("settings.screen_hint"))).wrap());
        });
    });
    ui.end_row();
}

fn reading(ui: &mut Ui, preferences: &mut Preferences, models: &[Choice]) {
    let own = tr!("settings.own_model");
    let mut chosen = preferences.model.as_deref();
    let mut all: Vec<(Option<&str>, &str)> = vec![(None, own)];
    all.extend(models.iter().map(|model| (Some(model.id.as_str()), model.title.as_str())));
    choose(ui, tr!("settings.model"), &mut chosen, &all);
    let chosen = chosen.map(str::to_owned);
    preferences.model = chosen;
    let devices = [
        (Device::Auto, tr!("settings.device_auto")),
        (Device::Cpu, tr!("settings.device_cpu")),
        (Device::Cuda, tr!("settings.device_cuda")),
    ];
    choose(ui, tr!("settings.device"), &mut preferences.device, &devices);
    let sets = [
        (CamSet::S5_65, tr!("cam.over65")),
        (CamSet::Agricola60, tr!("cam.from60")),
        (CamSet::Over55, tr!("cam.over55")),
    ];
    choose(ui, tr!("settings.cam"), &mut preferences.cam_set, &sets);
}

fn people(ui: &mut Ui, preferences: &mut Preferences, logo: &mut Option<String>) {
    text(ui, tr!("settings.user"), &mut preferences.user).on_hover_text(tr!("settings.user_help"));
    text(ui, tr!("settings.site"), &mut preferences.site.name);
    let kept = || preferences.site.logo.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    let typed = logo.get_or_insert_with(kept);
    if text(ui, tr!("settings.logo"), typed).changed() {
        let path = PathBuf::from(typed.trim());
        preferences.site.logo = (!typed.trim().is_empty()).then_some(path);
    }
    if let Some(path) = preferences.site.logo.as_ref().filter(|path| !path.is_file()) {
        ui.label("");
        let words = tr!("settings.no_logo", path = path.display());
        let colour = theme::palette(ui).alert;
        ui.label(egui::RichText::new(words).size(size::SMALL).color(colour));
        ui.end_row();
    }
}
