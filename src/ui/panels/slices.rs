//! The line below a stack: which slice it is, and a slider to any other.

use super::toolbar::{Label as On, action_button};
use crate::library::Preferences;
use crate::ui::action::Action;
use crate::ui::app::Workbench;
use crate::ui::intent::Intent;
use crate::ui::lang::tr;
use crate::ui::theme::{self, size};
use egui::{DragValue, Frame, Margin, Panel, Role, Slider, Ui, WidgetInfo};

const HEIGHT: f32 = 32.0;

pub fn show(ui: &mut Ui, workbench: &Workbench, intents: &mut Vec<Intent>) {
    let Some(film) = workbench.films.current().filter(|film| film.stack.scrolls()) else { return };
    let stack = &film.stack;
    let (shown, count) = (stack.shown(), stack.len());
    let frame = Frame::new().fill(theme::palette(ui).panel).inner_margin(Margin::symmetric(10, 0));
    Panel::bottom("slices").exact_size(HEIGHT).frame(frame).show(ui, |ui| {
        ui.horizontal_centered(|ui| {
            let playing = workbench.is_on(Action::Cine);
            if action_button(ui, Action::Cine, On::Icon, true, playing).clicked() {
                intents.push(Intent::Do(Action::Cine));
            }
            let mut rate = workbench.preferences.frame_rate;
            let drag =
                DragValue::new(&mut rate).range(Preferences::RATES).speed(0.2).max_decimals(0).suffix("/s");
            let drag = ui.add(drag).on_hover_text(tr!("slices.rate"));
            drag.widget_info(|| WidgetInfo::labeled(Role::SpinButton, true, tr!("slices.rate")));
            if drag.changed() {
                intents.push(Intent::FrameRate(rate));
            }
            ui.add_space(6.0);
            let what = if stack.plane.is_some() { tr!("slices.slice") } else { tr!("slices.frame") };
            ui.label(theme::bold(
                tr!("slices.place", what = what, at = shown + 1, count = count),
                size::TEXT,
            ));
            let plane = stack.plane_name().unwrap_or_default();
            let position = stack.slice(shown).and_then(|slice| slice.position);
            let place = position.map(|mm| format!("{mm:.1} mm")).unwrap_or_default();
            let middle =
                if stack.plane.is_some() && shown == stack.middle() { tr!("slices.middle") } else { "" };
            let words: Vec<&str> =
                [plane, &place, middle].into_iter().filter(|words| !words.is_empty()).collect();
            ui.label(theme::small(ui, words.join(" · ")));
            let mut wanted = stack.wanted() + 1;
            ui.spacing_mut().slider_width = (ui.available_width() - 16.0).max(80.0);
            let slider = ui.add(Slider::new(&mut wanted, 1..=count).show_value(false));
            slider.widget_info(|| WidgetInfo::labeled(Role::Slider, true, tr!("slices.slider", what = what)));
            if slider.changed() {
                intents.push(Intent::Scroll(wanted - 1));
            }
        });
    });
}
