//! The line below a stack: which slice it is, and a slider to any other.

use crate::ui::app::Workbench;
use crate::ui::intent::Intent;
use crate::ui::theme::{self, size};
use egui::{Frame, Margin, Panel, Role, Slider, Ui, WidgetInfo};

const HEIGHT: f32 = 32.0;

pub fn show(ui: &mut Ui, workbench: &Workbench, intents: &mut Vec<Intent>) {
    let Some(film) = workbench.films.current().filter(|film| film.stack.scrolls()) else { return };
    let stack = &film.stack;
    let (shown, count) = (stack.shown(), stack.len());
    let frame = Frame::new().fill(theme::palette(ui).panel).inner_margin(Margin::symmetric(10, 0));
    Panel::bottom("slices").exact_size(HEIGHT).frame(frame).show(ui, |ui| {
        ui.horizontal_centered(|ui| {
            let what = if stack.plane.is_some() { "Slice" } else { "Frame" };
            ui.label(theme::bold(format!("{what} {} of {count}", shown + 1), size::TEXT));
            let plane = stack.plane_name().unwrap_or_default();
            let position = stack.slice(shown).and_then(|slice| slice.position);
            let place = position.map(|mm| format!("{mm:.1} mm")).unwrap_or_default();
            let middle = if stack.plane.is_some() && shown == stack.middle() { "middle" } else { "" };
            let words: Vec<&str> =
                [plane, &place, middle].into_iter().filter(|words| !words.is_empty()).collect();
            ui.label(theme::small(ui, words.join(" · ")));
            let mut wanted = stack.wanted() + 1;
            ui.spacing_mut().slider_width = (ui.available_width() - 16.0).max(80.0);
            let slider = ui.add(Slider::new(&mut wanted, 1..=count).show_value(false));
            slider.widget_info(|| WidgetInfo::labeled(Role::Slider, true, format!("{what} on the screen")));
            if slider.changed() {
                intents.push(Intent::Scroll(wanted - 1));
            }
        });
    });
}
